"""What time causes in a pairing: which touchpoint, on which date, at which instant for whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count

from whenever import PlainDateTime

from mentorbot.domain.programme import Rhythm, TouchpointRules


class Kind(StrEnum):
    """The kinds of touchpoint, in the words of their messages."""

    STARTER = "starter"
    CHECK_IN = "check_in"
    TIP = "tip"
    CLOSING = "closing"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Touchpoint:
    """One touchpoint of a pairing; `occurrence` counts its kind from 1 and never changes."""

    kind: Kind
    on: date
    occurrence: int


QUIET_BEFORE_CLOSING = timedelta(days=3)
"""No check-in or tip comes closer to the closing than this."""


@lru_cache(maxsize=4096)
def plan(rules: TouchpointRules, starts_on: date, ends_on: date) -> tuple[Touchpoint, ...]:
    """Everything that time causes in a pairing between two dates, in order.

    Check-ins and tips stop three days before the closing, which asks enough; a starter that would
    follow the closing is left out.
    """
    closing_on = ends_on - timedelta(days=rules.closing.days_before_end)
    points = []
    starter_on = starts_on + timedelta(days=rules.starter_day)
    if starter_on < closing_on:
        points.append(Touchpoint(Kind.STARTER, starter_on, 1))
    last_on = closing_on - QUIET_BEFORE_CLOSING
    points += _again_and_again(Kind.CHECK_IN, rules.check_in, starts_on, last_on)
    if rules.tip is not None:
        points += _again_and_again(Kind.TIP, rules.tip, starts_on, last_on)
    points.append(Touchpoint(Kind.CLOSING, closing_on, 1))
    for number, days in enumerate(rules.closing.reminder_days, start=1):
        points.append(Touchpoint(Kind.REMINDER, closing_on + timedelta(days=days), number))
    return tuple(sorted(points, key=lambda point: (point.on, point.kind, point.occurrence)))


def _again_and_again(
    kind: Kind, rhythm: Rhythm, starts_on: date, last_on: date
) -> Iterator[Touchpoint]:
    for occurrence in count(1):
        on = rhythm.on(starts_on, occurrence)
        if on > last_on:
            return
        yield Touchpoint(kind, on, occurrence)


@lru_cache(maxsize=65536)
def local_instant(on: date, at: time, zone_name: str) -> datetime:
    """The UTC instant of a wall-clock time; a DST gap moves it later, a fold takes the first."""
    local = PlainDateTime(on.year, on.month, on.day, at.hour, at.minute)
    zoned = local.assume_tz(zone_name, disambiguation="compatible")
    return zoned.to_instant().to_stdlib().astimezone(UTC)


def first_due_at(
    points: Sequence[Touchpoint], step: int, at: time, zone_names: Iterable[str]
) -> datetime | None:
    """When the first of the readers is due for a step of the plan; None past its end."""
    if step >= len(points):
        return None
    return min(local_instant(points[step].on, at, zone) for zone in zone_names)
