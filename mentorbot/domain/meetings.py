"""Meetings of a pair: what is taken down of them, what a file asks for, and how people say it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from mentorbot.domain.errors import UnclearMeeting
from mentorbot.domain.months import Month, months_of
from mentorbot.domain.parts import Part
from mentorbot.domain.questions import Problem

LEAST_MINUTES, MOST_HOURS = 5, 12
"""A meeting is no shorter, and all that two people meet on one day is no longer."""
NEXT_WITHIN = timedelta(days=366)


class Format(StrEnum):
    """How people met."""

    VIDEO = "video"
    IN_PERSON = "in_person"
    PHONE = "phone"
    CHAT = "chat"


class MeetingRules(Part):
    """Meetings that pairs take down: the day, the length, the format and the next date, no more.

    `least_hours` is what a pair is asked for in all; nothing ends or is refused past it. A meeting
    counts from `least_minutes_each` on, and `each_month` so many of them are asked for; no month
    counts as missed of which fewer than 14 days are theirs.
    `usual_minutes` is the length that one tap logs, and `formats` are those on offer: `video`,
    `in_person`, `phone` and `chat`.
    """

    least_hours: int | None = Field(default=None, ge=1, le=500)
    each_month: int | None = Field(default=None, ge=1, le=8)
    least_minutes_each: int = Field(default=LEAST_MINUTES, ge=LEAST_MINUTES, le=480)
    usual_minutes: int = Field(default=60, ge=LEAST_MINUTES, le=480)
    formats: tuple[Format, ...] = Field(default=tuple(Format), min_length=1, max_length=4)

    @model_validator(mode="after")
    def _one_tap_counts(self) -> Self:
        if self.usual_minutes < self.least_minutes_each:
            raise ValueError("usual_minutes is below least_minutes_each: one tap would not count")
        if len(set(self.formats)) < len(self.formats):
            raise ValueError("a format is named twice")
        return self


@dataclass
class Meeting:
    """A meeting of a pairing, the only one on its day; `version` counts from 1 how often it was
    written down. `logged_by` is the participant who did so last.
    """

    workspace_id: str
    meeting_id: str
    pairing_id: str
    met_on: date
    minutes: int
    format: Format
    next_on: date | None
    logged_by: str
    logged_at: datetime
    version: int = 1


class Told(NamedTuple):
    """What somebody says of a meeting."""

    met_on: date
    minutes: int
    format: Format
    next_on: date | None = None


class Progress(NamedTuple):
    """What a pair has met: how often, the minutes that count, when next, and the last entry.

    `too_short` is how many of the meetings do not count, `months` are those that have begun, where
    meetings are asked for in each.
    """

    times: int
    minutes: int
    next_on: date | None
    last: Meeting | None
    too_short: int
    months: tuple[Month, ...] = ()


def months_met(
    rules: MeetingRules, meetings: Sequence[Meeting], from_on: date, until_on: date, today: date
) -> tuple[Month, ...]:
    """In which months of theirs a pair met as often as is asked; none where nothing is."""
    if rules.each_month is None:
        return ()
    met_on = [it.met_on for it in meetings if it.minutes >= rules.least_minutes_each]
    return tuple(months_of(rules.each_month, met_on, from_on, until_on, today))


def progress(rules: MeetingRules, meetings: Sequence[Meeting], today: date) -> Progress:
    """What comes of a pair's meetings, oldest first, on a day of the reader's."""
    last = meetings[-1] if meetings else None
    next_on = last.next_on if last and last.next_on and last.next_on >= today else None
    minutes = minutes_counted(rules, meetings)
    too_short = sum(it.minutes < rules.least_minutes_each for it in meetings)
    return Progress(len(meetings), minutes, next_on, last, too_short)


def minutes_counted(rules: MeetingRules, meetings: Iterable[Meeting]) -> int:
    """The minutes of those meetings that are long enough to count."""
    return sum(it.minutes for it in meetings if it.minutes >= rules.least_minutes_each)


def problems(
    rules: MeetingRules, told: Told, began_on: date, today: date, before: Meeting | None = None
) -> dict[str, Problem]:
    """What cannot be so in what somebody says, by field; `began_on` is the pair's first day.

    What stands in the entry `before` may stay, whatever has become of the rules.
    """
    found: dict[str, Problem] = {}
    if told.minutes > MOST_HOURS * 60:
        found["minutes"] = ("meeting.too_long", {"most": MOST_HOURS})
    elif told.minutes < LEAST_MINUTES:
        found["minutes"] = ("meeting.too_short", {"least": LEAST_MINUTES})
    if told.met_on > today:
        found["met_on"] = ("meeting.in_future", {})
    elif told.met_on < began_on:
        found["met_on"] = ("meeting.too_early", {})
    if told.format not in rules.formats and (before is None or told.format is not before.format):
        found["format"] = ("meeting.other_format", {})
    is_new = before is None or told.next_on != before.next_on
    if is_new and told.next_on and not today <= told.next_on <= today + NEXT_WITHIN:
        found["next_on"] = ("meeting.next_not_so", {})
    return found


_LENGTH = re.compile(
    r"\b(?:(?P<h>\d{1,4})\s*(?:h|:)\s*(?P<m>\d{1,2})\s*(?:m|min)?"
    r"|(?P<hours>\d{1,4}(?:[.,]\d{1,2})?)\s*(?:h|hrs?|hours?)"
    r"|(?P<minutes>\d{1,5})\s*(?:m|mins?|minutes?)?)(?![\w.,:-])"
)
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_DAYS = {"today": 0, "yesterday": 1}
_WORDS = {
    Format.VIDEO: r"by video|video|online|teleconference",
    Format.IN_PERSON: r"in[ -]person|face to face",
    Format.PHONE: r"by (?:tele)?phone|(?:tele)?phone",
    Format.CHAT: r"by chat|chat|in slack",
}


def read_meeting(text: str, usual: Format, today: date) -> Told:
    """What is said after `met`, such as "45", "1h video yesterday", "1h30 in person 2026-01-31".

    Raises UnclearMeeting for anything else. A day is today where none is named.
    """
    rest = f" {text.lower()} "
    met_on, rest = _read_day(rest, today)
    found_format = usual
    for each, words in _WORDS.items():
        rest, count = re.subn(rf"(?<!\w)(?:{words})(?!\w)", " ", rest)
        found_format = each if count else found_format
    length = _LENGTH.search(rest)
    if length is None:
        raise UnclearMeeting
    left = f"{rest[: length.start()]} {rest[length.end() :]}"
    if set(left.split()) - {"on", "for", "about", ","}:
        raise UnclearMeeting
    return Told(met_on, _minutes(length), found_format)


def _read_day(text: str, today: date) -> tuple[date, str]:
    if found := _DATE.search(text):
        try:
            return date.fromisoformat(found[1]), text.replace(found[0], " ", 1)
        except ValueError as error:
            raise UnclearMeeting from error
    for word, days in _DAYS.items():
        if re.search(rf"\b{word}\b", text):
            return today - timedelta(days=days), re.sub(rf"\b{word}\b", " ", text)
    return today, text


def _minutes(length: re.Match[str]) -> int:
    if length["hours"]:
        return round(float(length["hours"].replace(",", ".")) * 60)
    if length["h"]:
        return int(length["h"]) * 60 + int(length["m"])
    return int(length["minutes"])
