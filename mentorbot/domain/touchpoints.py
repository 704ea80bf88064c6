"""What time causes in a pairing: which touchpoint, on which date, at which instant for whom."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count

from whenever import PlainDateTime

from mentorbot.domain.pace import Amendment
from mentorbot.domain.programme import Rhythm, TouchpointRules
from mentorbot.domain.recurrence import Step


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
def plan(
    rules: TouchpointRules,
    starts_on: date,
    ends_on: date,
    amendments: tuple[Amendment, ...] = (),
) -> tuple[Touchpoint, ...]:
    """Everything that time causes in a pairing between two dates, in order.

    Check-ins and tips stop three days before the closing, which asks enough; a starter that would
    follow the closing is left out. An amendment changes nothing up to its day, and what follows
    goes on counting, so that a step and an occurrence mean the same before and after it.
    """
    if not amendments:
        return _plain(rules, starts_on, ends_on, None)
    last_days = [*(it.was_ends_on for it in amendments), ends_on]
    points: list[Touchpoint] = []
    rhythm: tuple[date, Step] | None = None
    for number, last_day in enumerate(last_days):
        if number and (every := amendments[number - 1].every) is not None:
            rhythm = (amendments[number - 1].from_on, every)
        after = amendments[number - 1].from_on if number else date.min
        until = amendments[number].from_on if number < len(amendments) else date.max
        found = _plain(rules, starts_on, last_day, rhythm)
        points += [it for it in found if after < it.on <= until]
    return _counted(points)


def _counted(points: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    """Each kind counted from 1, in order."""
    so_far: Counter[Kind] = Counter()
    found = []
    for it in sorted(points, key=_order):
        so_far[it.kind] += 1
        found.append(Touchpoint(it.kind, it.on, so_far[it.kind]))
    return tuple(found)


def _plain(
    rules: TouchpointRules, starts_on: date, ends_on: date, rhythm: tuple[date, Step] | None
) -> tuple[Touchpoint, ...]:
    """A plan as it would be from the beginning; `rhythm` is a pair's own, and since when."""
    closing_on = ends_on - timedelta(days=rules.closing.days_before_end)
    points = []
    starter_on = starts_on + timedelta(days=rules.starter_day)
    if starter_on < closing_on:
        points.append(Touchpoint(Kind.STARTER, starter_on, 1))
    last_on = closing_on - QUIET_BEFORE_CLOSING
    check_in = _dates_of(rules.check_in, starts_on) if rhythm is None else _steps_from(*rhythm)
    points += _again_and_again(Kind.CHECK_IN, check_in, last_on)
    if rules.tip is not None:
        points += _again_and_again(Kind.TIP, _dates_of(rules.tip, starts_on), last_on)
    points.append(Touchpoint(Kind.CLOSING, closing_on, 1))
    for number, days in enumerate(rules.closing.reminder_days, start=1):
        points.append(Touchpoint(Kind.REMINDER, closing_on + timedelta(days=days), number))
    return tuple(sorted(points, key=_order))


def _order(point: Touchpoint) -> tuple[date, Kind, int]:
    return (point.on, point.kind, point.occurrence)


def _dates_of(rules: Rhythm, starts_on: date) -> Iterator[date]:
    """The dates of a rhythm of the file, in a pairing that began on a date; without end."""
    return (rules.on(starts_on, occurrence) for occurrence in count(1))


def _steps_from(from_on: date, step: Step) -> Iterator[date]:
    """The dates one step after another from a date on, without it and without end."""
    return (step.after(from_on, from_on.day, times) for times in count(1))


def _again_and_again(kind: Kind, dates: Iterator[date], last_on: date) -> Iterator[Touchpoint]:
    for occurrence, on in enumerate(dates, start=1):
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
