"""Every zone through ten years of changed clocks and ends of months: nothing missed or doubled."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from mentorbot.domain.course import CycleRules
from mentorbot.domain.programme import ClosingRules, Rhythm, TouchpointRules
from mentorbot.domain.recurrence import anchor_day_of
from mentorbot.domain.touchpoints import first_due_at, local_instant, plan

ZONES = sorted(available_timezones())
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = time(4), time(22)
HOURS = (EARLIEST, time(21, 30), LATEST)
"""The first and the last hour that a programme may choose; Easter Island changes its clocks at ten
in the evening, so that there one does not exist on a day of spring and another comes twice."""


def weekly(at: time) -> TouchpointRules:
    """The rules of four weeks."""
    return TouchpointRules(
        at=at,
        starter_day=2,
        check_in=Rhythm(first_day=4, every_days=7),
        closing=ClosingRules(days_before_end=7),
    )


def daily(at: time) -> TouchpointRules:
    """Something each day, so that no change of clocks is passed by."""
    return TouchpointRules(
        at=at,
        starter_day=1,
        check_in=Rhythm(first_day=1, every_days=1),
        closing=ClosingRules(days_before_end=4, reminder_days=(1, 2, 3)),
    )


def monthly(at: time) -> TouchpointRules:
    """A check-in each month."""
    return TouchpointRules(
        at=at,
        starter_day=2,
        check_in=Rhythm(first_day=1, every_months=1),
        closing=ClosingRules(days_before_end=14),
    )


@cache
def shifts(name: str) -> tuple[date, ...]:
    """The local dates on which a zone's clocks change within the ten years."""
    zone, found, at = ZoneInfo(name), [], FIRST
    while at < LAST:
        before, at = at, at + timedelta(days=7)
        if before.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
            while at - before > timedelta(minutes=1):
                middle = before + (at - before) / 2
                same = before.astimezone(zone).utcoffset() == middle.astimezone(zone).utcoffset()
                before, at = (middle, at) if same else (before, middle)
            found.append(at.astimezone(zone).date())
    return tuple(found)


def check_pairing(rules: TouchpointRules, starts_on: date, ends_on: date, name: str) -> int:
    """Each touchpoint comes once, in order, at its hour for its reader, and is looked for before.

    Returns how many there were.
    """
    points, zone = plan(rules, starts_on, ends_on), ZoneInfo(name)
    assert len({(point.kind, point.occurrence) for point in points}) == len(points)
    comes = [local_instant(point.on, rules.at, name) for point in points]
    for step, (point, at) in enumerate(zip(points, comes, strict=True)):
        check_hour(at, datetime.combine(point.on, rules.at), zone)
        assert first_due_at(points, step, rules.at, [name, "UTC", "Pacific/Kiritimati"]) <= at
    assert all(at < then for at, then in pairwise(sorted(set(comes))))
    dates = {point.on for point in points}
    assert len(set(comes)) == len(dates), "two dates fell on one instant"
    return len(points)


def check_hour(at: datetime, wall: datetime, zone: ZoneInfo) -> None:
    """An instant shows the hour that was meant, the first of two; or the next that exists."""
    shown = at.astimezone(zone)
    assert shown.fold == 0
    assert shown.time() >= EARLIEST
    if shown.replace(tzinfo=None) != wall:
        before = wall.replace(tzinfo=zone)
        assert before.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall
        assert timedelta() < shown.replace(tzinfo=None) - wall <= timedelta(hours=1)
        assert shown.date() == wall.date()


@pytest.mark.parametrize(("rules", "days"), [(weekly, 28), (daily, 10)])
def test_no_change_of_clocks_in_any_zone_moves_drops_or_doubles_a_touchpoint(
    rules: Callable[[time], TouchpointRules], days: int
) -> None:
    """Pairings that begin some days before each change."""
    checked = 0
    for at in HOURS:
        made = rules(at)
        for name in ZONES:
            for on in shifts(name):
                starts_on = on - timedelta(days=4)
                checked += check_pairing(made, starts_on, starts_on + timedelta(days=days), name)
    assert checked > 80_000


def test_an_hour_that_a_zone_leaves_out_comes_later_and_one_that_comes_twice_comes_once() -> None:
    assert local_instant(date(2024, 9, 7), LATEST, "Pacific/Easter") == datetime(
        2024, 9, 8, 4, tzinfo=UTC
    )
    assert local_instant(date(2024, 4, 6), time(21, 30), "Pacific/Easter") == datetime(
        2024, 4, 7, 2, 30, tzinfo=UTC
    )


def test_each_month_of_ten_years_has_its_check_in_in_every_zone() -> None:
    """From the 31st: in each month on that day or its last, also where clocks change then."""
    first_on, ends_on = date(2024, 1, 31), date(2033, 12, 31)
    rules = monthly(EARLIEST)
    dates = [rules.check_in.on(first_on - timedelta(days=1), number) for number in range(1, 120)]
    assert [(on.year, on.month) for on in dates] == [
        (year, month) for year in range(2024, 2034) for month in range(1, 13)
    ][:-1]
    for on in dates:
        assert on.day == 31 or (on + timedelta(days=1)).day == 1
    for name in ZONES:
        assert check_pairing(rules, first_on - timedelta(days=1), ends_on, name) > 115


def cycle_ends(rules: CycleRules, starts_on: date) -> Iterator[date]:
    """The ends of one cycle after another, as each is found from the one before."""
    on, anchor_day = starts_on, starts_on.day
    while True:
        on, anchor_day = rules.end(on, anchor_day), anchor_day_of(on, anchor_day)
        yield on


@pytest.mark.parametrize(
    "rules",
    [
        CycleRules(days=28, join_until_day=14),
        CycleRules(months=1, join_until_day=14),
        CycleRules(months=9, join_until_day=60),
    ],
    ids=["28 days", "a month", "nine months"],
)
@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_cycles_of_ten_years_follow_each_other_in_every_zone(rules: CycleRules, day: int) -> None:
    starts_on = date(2024, 1, day)
    ends = [on for on, _ in zip(cycle_ends(rules, starts_on), range(130), strict=False)]
    ends = [on for on in ends if on < LAST.date()]
    if rules.months:
        meant = [(24288 + number * rules.months) for number in range(1, len(ends) + 1)]
        assert [on.year * 12 + on.month - 1 for on in ends] == meant
        assert all(on.day == day or (on + timedelta(days=1)).day == 1 for on in ends)
    for name in ZONES:
        instants = [local_instant(on, EARLIEST, name) for on in ends]
        assert all(one < other for one, other in pairwise(instants))
        for at, on in zip(instants, ends, strict=True):
            check_hour(at, datetime.combine(on, EARLIEST), ZoneInfo(name))


def test_pause_of_any_length_ends_once_at_its_hour_in_every_zone() -> None:
    """Pauses that end the day before a change of clocks, on it, and the day after."""
    checked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for on in shifts(name):
            days = [on + timedelta(days=number) for number in (-1, 0, 1)]
            instants = [local_instant(day, LATEST, name) for day in days]
            for at, day in zip(instants, days, strict=True):
                check_hour(at, datetime.combine(day, LATEST), zone)
            assert instants[0] < instants[1] < instants[2]
            checked += 1
    assert checked > 2_000
