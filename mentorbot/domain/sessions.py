"""Sessions of a programme as its file offers them: what, for whom, on which dates."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Annotated, Self

from dateutil.rrule import rrulestr
from pydantic import Field, StringConstraints, field_validator, model_validator

from mentorbot.domain.ballots import Ballot
from mentorbot.domain.content import Link
from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Line, Part, Place, Prose

MOST_TIMES = 60
"""A recurring session takes place at most so often."""
LONGEST = timedelta(days=5 * 366)
_DAY, _ORDINAL = r"(?:MO|TU|WE|TH|FR|SA|SU)", r"[+-]?[1-5]"
_WHOLE = {
    "INTERVAL": r"[1-9]\d?",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "WKST": _DAY,
    "BYDAY": rf"(?:{_ORDINAL})?{_DAY}",
    "BYMONTHDAY": r"-?(?:[12]?[1-9]|[123]0|31)",
    "BYMONTH": r"[1-9]|1[0-2]",
    "BYSETPOS": _ORDINAL,
}
_ANY = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
_WORDS = {
    "DAILY": _ANY,
    "WEEKLY": _ANY | {"BYDAY"},
    "MONTHLY": _ANY | {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": _ANY | {"BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH"},
}
"""The words of RFC 5545's rules that are taken, by how often something comes."""
Rule = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=200)]


class SessionKind(StrEnum):
    """What a session is."""

    INFORMATION = "information"
    TRAINING = "training"
    WORKSHOP = "workshop"
    NETWORKING = "networking"
    PANEL = "panel"
    SUPPORT_GROUP = "support_group"
    OFFICE_HOURS = "office_hours"
    SHADOWING = "shadowing"


class Audience(StrEnum):
    """Whom a session is for; everybody includes those who have not applied yet."""

    EVERYBODY = "everybody"
    PARTICIPANTS = "participants"
    MENTORS = "mentors"
    MENTEES = "mentees"

    def includes(self, role: Role | None) -> bool:
        """Whether it is for somebody in a role, or without one."""
        if self is Audience.EVERYBODY:
            return True
        by_role = {Role.MENTOR: Audience.MENTORS, Role.MENTEE: Audience.MENTEES}
        return role is not None and self in (Audience.PARTICIPANTS, by_role[role])


class Presence(StrEnum):
    """How much somebody is expected to come."""

    OPTIONAL = "optional"
    RECOMMENDED = "recommended"
    REQUIRED = "required"


class SessionOffer(Part):
    """A session, once or again and again: people say whether they come, and are reminded.

    It begins `on` a date `at` a time in the programme's zone, and takes so many `minutes`.
    `repeats` is a rule of RFC 5545 that begins on that date and ends, such as
    FREQ=MONTHLY;BYDAY=1WE;COUNT=4. It is online (`link`, which only those read who come), at a
    `place`, or both. With `places` there is a waiting list. It is `open_to` everybody (also before
    they apply), or to participants, mentors or mentees. `invite_days` before it those it is for
    hear of it: each by DM, or everybody in the channel. Whoever said yes is reminded
    `reminder_hours` before it, and of a required session whoever has not answered, too. Who missed
    a required session reads in `make_up` what to do instead. `opens_ballot` opens the ballot at its
    end.
    """

    id: Identifier
    title: Line
    kind: SessionKind
    about: Prose | None = None
    on: date
    at: time
    minutes: int = Field(default=60, ge=10, le=720)
    repeats: Rule | None = None
    link: Link | None = None
    place: Line | None = None
    open_to: Audience = Audience.PARTICIPANTS
    places: int | None = Field(default=None, ge=1, le=10000)
    presence: Presence = Presence.OPTIONAL
    invite_days: int | None = Field(default=14, ge=1, le=60)
    reminder_hours: tuple[Annotated[int, Field(ge=1, le=336)], ...] = Field((24,), max_length=3)
    make_up: Prose | None = None
    opens_ballot: bool = False

    @field_validator("at")
    @classmethod
    def _without_a_zone(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError("a session begins in the programme's zone: write 15:00, with no zone")
        return at

    @property
    def dates(self) -> list[date]:
        """Every date on which it begins, in the programme's zone."""
        return list(_dates(self.repeats, self.on)) if self.repeats else [self.on]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.link is None and self.place is None:
            raise ValueError("a session needs a link, a place, or both")
        if self.repeats is not None:
            times = list(_dates(self.repeats, self.on))
            if not times or times[0] != self.on:
                raise ValueError(f"repeats does not come to {self.on}, the date of the first one")
            if len(times) > MOST_TIMES:
                raise ValueError(f"a session takes place {MOST_TIMES} times at most")
        if self.make_up is not None and self.presence is not Presence.REQUIRED:
            raise ValueError("make_up is for a session that is required")
        if self.opens_ballot and self.repeats is not None:
            raise ValueError("a ballot opens once: a session that opens it does not repeat")
        if len(set(self.reminder_hours)) < len(self.reminder_hours):
            raise ValueError("a reminder is named twice")
        return self


def _dates(rule: str, first_on: date) -> Iterator[date]:
    """The dates of a rule, one more than there can be at most.

    Raises ValueError for what is no rule of days, or has no end. Source: RFC 5545, 3.3.10.
    """
    parts = _parts(rule)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise ValueError("repeats needs one end: COUNT=4, or UNTIL=20260630")
    first = datetime.combine(first_on, time())
    until = first + LONGEST
    if "UNTIL" in parts:
        until = min(until, datetime.strptime(parts.pop("UNTIL"), "%Y%m%d"))  # noqa: DTZ007  # a date
    most = int(parts.pop("COUNT", MOST_TIMES + 1))
    bounded = ";".join(f"{name}={value}" for name, value in parts.items())
    found = rrulestr(f"{bounded};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=first)
    return (at.date() for at in islice(found, min(most, MOST_TIMES + 1)))


def _parts(rule: str) -> dict[str, str]:
    """The words of a rule; raises ValueError for those that no rule of days has."""
    pairs = [part.partition("=")[::2] for part in rule.split(";")]
    parts = dict(pairs)
    how_often = parts.pop("FREQ", "")
    known = _WORDS.get(how_often, set())
    fits = all(
        name in known and all(re.fullmatch(_WHOLE[name], one) for one in value.split(","))
        for name, value in parts.items()
    )
    counts_weeks = how_often == "WEEKLY" and re.search(r"\d", parts.get("BYDAY", ""))
    if not known or not fits or counts_weeks or len(dict(pairs)) < len(pairs):
        example = "FREQ=MONTHLY;BYDAY=1WE;COUNT=4"
        raise ValueError(f"repeats is a rule of RFC 5545 that comes to days, such as {example}")
    return dict(pairs)


class MonthlyAttendance(Part):
    """How many sessions of some kinds people come to in each month of their programme.

    No month asks for more than it offers, and none counts as missed of which fewer than 14 days
    are theirs, because they have just joined or the cycle ends.
    """

    each_month: int = Field(default=1, ge=1, le=8)
    kinds: tuple[SessionKind, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = Field(default=(Role.MENTEE,), min_length=1)


def session_faults(
    offers: Sequence[SessionOffer],
    monthly: MonthlyAttendance | None,
    *,
    ballot: Ballot | None,
    is_evergreen: bool,
) -> Iterator[tuple[Place, str]]:
    """Sessions that share an id, ballots that cannot open, and months that nothing can fill."""
    opening = [it.id for it in offers if it.opens_ballot]
    for number, offer in enumerate(offers):
        if offer.id in {it.id for it in offers[:number]}:
            yield ("sessions", number, "id"), f"two sessions share the id {offer.id}"
        if offer.opens_ballot and ballot is None:
            yield ("sessions", number, "opens_ballot"), "matching has no ballot to open"
        elif offer.opens_ballot and ballot and ballot.opens_on:
            yield ("sessions", number, "opens_ballot"), "the ballot opens on a date: opens_on"
        elif offer.opens_ballot and offer.id != opening[0]:
            yield ("sessions", number, "opens_ballot"), "one session opens the ballot"
    offered = {offer.kind for offer in offers}
    if monthly is not None and not offered.intersection(monthly.kinds):
        yield ("attendance", "kinds"), "the file has no session of these kinds"
    if monthly is not None and is_evergreen:
        yield ("attendance",), "months are counted in a cycle that all share: evergreen has none"
