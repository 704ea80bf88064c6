"""When those who wait for a partner are matched: at once, on a date, some other day, or no more."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from mentorbot.domain.attending import milestone_id
from mentorbot.domain.milestones import id_of
from mentorbot.domain.model import Cycle, MilestoneKind
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.voting import OpenedBallot
from mentorbot.storage import match_drafts, milestones, pairings, sessions, votes
from mentorbot.storage.store import Transaction


class How(StrEnum):
    """What somebody who waits may hope for; `LATER` has no date yet, `OVER` is for good.

    `REVIEWED` is on a date, too, and people look at the pairs then; `IN_REVIEW` is while they do.
    `BALLOT` is a matching by choices, for which coordinators open a ballot some day; `ON_REQUEST`
    is none at all: mentees ask mentors themselves.
    """

    AT_ONCE = "at_once"
    ON_DATE = "on_date"
    REVIEWED = "reviewed"
    IN_REVIEW = "in_review"
    BALLOT = "ballot"
    LATER = "later"
    ON_REQUEST = "on_request"
    OVER = "over"


@dataclass(frozen=True)
class Outlook:
    """When people are matched; `on`, local to the programme, where that is on a date."""

    how: How
    on: date | None = None

    @property
    def is_at_once(self) -> bool:
        """Whether people are matched the moment somebody is free."""
        return self.how is How.AT_ONCE

    def told(self) -> dict[str, Any]:
        """What a message says of it; the date in ISO format, or None."""
        return {"how": str(self.how), "on": self.on.isoformat() if self.on else None}


AT_ONCE = Outlook(How.AT_ONCE)


def outlook(tx: Transaction, file: ProgrammeFile, now: datetime) -> Outlook:
    """When a programme matches those who wait now."""
    if file.cycle.is_once and _is_past_joining(tx, file, now):
        return Outlook(How.OVER)
    if file.matching.mode == "request":
        return Outlook(How.ON_REQUEST)
    if file.matching.on is None and file.matching.ballot is None:
        return AT_ONCE
    reviewed = file.matching.review is not None
    if reviewed and match_drafts.open_of(tx, file.id) is not None:
        return Outlook(How.IN_REVIEW)
    if (on := _planned_on(tx, file)) is not None:
        return Outlook(How.REVIEWED if reviewed else How.ON_DATE, on)
    if file.matching.ballot is not None and ballot_of_round(tx, file) is None:
        return Outlook(How.BALLOT)
    return AT_ONCE if file.matching.late == "instant" else Outlook(How.LATER)


def _planned_on(tx: Transaction, file: ProgrammeFile) -> date | None:
    """The date of the next matching of all: that of the file, and once a ballot has closed."""
    found = []
    if file.matching.on is not None:
        planned = milestones.milestone(tx, id_of(file.id, MilestoneKind.MATCHING, file.matching.on))
        found += [file.matching.on] if planned is not None and planned.done_at is None else []
    if file.matching.ballot is not None and (closes_at := ballot_closes_at(tx, file)):
        found.append(closes_at.astimezone(file.zone).date())
    return max(found, default=None)


def ballot_closes_at(tx: Transaction, file: ProgrammeFile) -> datetime | None:
    """When the ballot closes that is open, or is opened on a date; None once it is matched."""
    opened = ballot_of_round(tx, file)
    if opened is not None:
        return opened.closes_at if opened.matched_at is None else None
    opens_at = ballot_opens_at(tx, file)
    return file.matching.ballot.closes_at(opens_at) if file.matching.ballot and opens_at else None


def ballot_opens_at(tx: Transaction, file: ProgrammeFile) -> datetime | None:
    """When the ballot opens by itself, where nobody has opened it and its date is to come."""
    rules = file.matching.ballot
    if rules is None or ballot_of_round(tx, file) is not None:
        return None
    if rules.opens_on is None:
        return _session_ends_at(tx, file)
    opens = milestones.milestone(tx, id_of(file.id, MilestoneKind.BALLOT_OPENS, rules.opens_on))
    return opens.due_at if opens is not None and opens.done_at is None else None


def _session_ends_at(tx: Transaction, file: ProgrammeFile) -> datetime | None:
    """The end of the session that opens the ballot, where it is still to come."""
    opening = [it.id for it in file.sessions if it.opens_ballot]
    for held in sessions.of_offer(tx, file.id, opening[0]) if opening else ():
        over = milestones.milestone(tx, milestone_id(held, MilestoneKind.SESSION_OVER))
        if over is not None and over.done_at is None:
            return held.ends_at
    return None


def ballot_of_round(tx: Transaction, file: ProgrammeFile) -> OpenedBallot | None:
    """The newest ballot of a programme, as long as the cycle that came of it is not over."""
    newest = votes.newest(tx, file.id)
    return newest if newest is not None and newest.over_at is None else None


def cohort_of(file: ProgrammeFile) -> int:
    """The round of people that a programme is for now."""
    return file.application.cohort if file.application else 1


def cycle_of_round(tx: Transaction, file: ProgrammeFile) -> Cycle | None:
    """The one cycle of the round of people that a programme is for now, once it is opened."""
    newest = pairings.newest_cycle(tx, file.id)
    return newest if newest is not None and newest.cohort == cohort_of(file) else None


def has_ended(tx: Transaction, file: ProgrammeFile) -> bool:
    """Whether a programme that runs once has come to its end."""
    cycle = cycle_of_round(tx, file) if file.cycle.is_once else None
    return cycle is not None and cycle.closed_at is not None


def _is_past_joining(tx: Transaction, file: ProgrammeFile, now: datetime) -> bool:
    today, cycle = now.astimezone(file.zone).date(), cycle_of_round(tx, file)
    if cycle is not None:
        is_joined = file.cycle.joins(cycle.starts_on, today)
        return cycle.closed_at is not None or now >= cycle.ends_at or not is_joined
    return file.cycle.starts_on is not None and not file.cycle.joins(file.cycle.starts_on, today)
