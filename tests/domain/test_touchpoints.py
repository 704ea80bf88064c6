"""What time causes in a pairing, and when it is ten o'clock for whom."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.pace import CADENCES, Amendment
from mentorbot.domain.programme import ClosingRules, Rhythm, TouchpointRules
from mentorbot.domain.recurrence import Step
from mentorbot.domain.touchpoints import Kind, first_due_at, local_instant, plan
from mentorbot.programmes import preset

TEN = time(10)
START = date(2026, 11, 23)


def test_four_weeks_have_their_touchpoints_on_their_days() -> None:
    file = preset("img")
    points = plan(file.touchpoints, START, START + timedelta(days=28))
    assert [((point.on - START).days, point.kind, point.occurrence) for point in points] == [
        (2, Kind.STARTER, 1),
        (4, Kind.CHECK_IN, 1),
        (11, Kind.CHECK_IN, 2),
        (18, Kind.CHECK_IN, 3),
        (21, Kind.CLOSING, 1),
        (23, Kind.REMINDER, 1),
        (26, Kind.REMINDER, 2),
    ]


def test_who_joins_late_has_fewer_touchpoints_and_the_same_closing() -> None:
    points = plan(preset("img").touchpoints, START + timedelta(days=14), START + timedelta(days=28))
    days = [((point.on - START).days, point.kind) for point in points]
    assert days == [
        (16, Kind.STARTER),
        (18, Kind.CHECK_IN),
        (21, Kind.CLOSING),
        (23, Kind.REMINDER),
        (26, Kind.REMINDER),
    ]


@st.composite
def rules(draw: st.DrawFn) -> TouchpointRules:
    days_before_end = draw(st.integers(1, 30))
    reminders = draw(st.sets(st.integers(1, days_before_end), max_size=4))
    return TouchpointRules(
        at=TEN,
        starter_day=draw(st.integers(1, 60)),
        check_in=Rhythm(first_day=draw(st.integers(1, 40)), every_days=draw(st.integers(1, 30))),
        closing=ClosingRules(
            days_before_end=days_before_end,
            reminder_days=tuple(sorted(reminders - {days_before_end})),
        ),
    )


@given(rules(), st.integers(0, 366))
def test_every_plan_is_in_order_within_its_pairing_and_says_nothing_twice(
    rules: TouchpointRules, days: int
) -> None:
    ends_on = START + timedelta(days=days + rules.closing.days_before_end)
    points = plan(rules, START, ends_on)
    assert all(one.on <= other.on for one, other in pairwise(points))
    assert len({(point.kind, point.occurrence) for point in points}) == len(points)
    assert all(START <= point.on < ends_on for point in points)
    (closing,) = (point for point in points if point.kind is Kind.CLOSING)
    for point in points:
        is_after = point.kind is Kind.REMINDER
        assert point.on > closing.on if is_after else point.on <= closing.on


@given(rules(), st.integers(0, 366))
def test_occurrences_of_a_kind_count_from_one_without_gaps(
    rules: TouchpointRules, days: int
) -> None:
    ends_on = START + timedelta(days=days + rules.closing.days_before_end)
    for kind in Kind:
        numbers = [p.occurrence for p in plan(rules, START, ends_on) if p.kind is kind]
        assert numbers == list(range(1, len(numbers) + 1))


@given(rules(), st.integers(0, 200), st.integers(1, 100))
def test_longer_cycle_keeps_the_numbers_of_what_came_before(
    rules: TouchpointRules, days: int, more: int
) -> None:
    ends_on = START + timedelta(days=days + rules.closing.days_before_end)
    before = plan(rules, START, ends_on)
    after = plan(rules, START, ends_on + timedelta(days=more))
    kept = (Kind.STARTER, Kind.CHECK_IN)
    assert {p for p in before if p.kind in kept} <= set(after)


def _shifts(zone: ZoneInfo, year: int) -> list[datetime]:
    """The UTC days of a year on which a zone's offset changes."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(367)]
    return [
        day
        for day, following in pairwise(days)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset()
    ]


@pytest.mark.parametrize("year", [2011, 2026])
def test_every_shift_of_every_zone_gives_one_instant_for_every_half_hour(year: int) -> None:
    """A wall-clock time that exists is met; one in a gap comes later the same day or the next."""
    checked = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for shift in _shifts(zone, year):
            on = shift.astimezone(zone).date()
            for day in (on, on + timedelta(days=1)):
                for half_hours in range(48):
                    at = time(half_hours // 2, half_hours % 2 * 30)
                    _check(local_instant(day, at, name), datetime.combine(day, at), zone)
                    checked += 1
    assert checked > 10_000


def _check(instant: datetime, wall: datetime, zone: ZoneInfo) -> None:
    assert instant.utcoffset() == timedelta(0)
    shown = instant.astimezone(zone)
    first = wall.replace(tzinfo=zone, fold=0)
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    if exists:
        assert shown.replace(tzinfo=None) == wall
        assert shown.fold == 0
    else:
        assert shown.replace(tzinfo=None) > wall
        assert shown.replace(tzinfo=None) - wall <= timedelta(days=1)


def test_gap_moves_later_and_a_fold_takes_the_first_of_two() -> None:
    gap = local_instant(date(2026, 3, 29), time(1, 30), "Europe/London")
    assert gap == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    fold = local_instant(date(2026, 10, 25), time(1, 30), "Europe/London")
    assert fold == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_day_that_a_zone_leaves_out_gives_an_instant_on_the_next() -> None:
    assert local_instant(date(2011, 12, 30), TEN, "Pacific/Apia") == datetime(
        2011, 12, 30, 20, tzinfo=UTC
    )


@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.sampled_from(sorted(available_timezones())),
)
def test_successive_days_are_in_order_in_every_zone(on: date, zone: str) -> None:
    assert local_instant(on, TEN, zone) < local_instant(on + timedelta(days=1), TEN, zone)


def test_pairing_is_due_when_its_first_reader_is() -> None:
    points = plan(preset("img").touchpoints, START, START + timedelta(days=28))
    due = first_due_at(points, 1, TEN, ["Europe/London", "Asia/Kolkata", "America/New_York"])
    assert due == datetime(2026, 11, 27, 4, 30, tzinfo=UTC)


def test_nothing_is_due_after_the_last_touchpoint() -> None:
    points = plan(preset("img").touchpoints, START, START + timedelta(days=28))
    assert first_due_at(points, len(points), TEN, ["UTC"]) is None
    assert first_due_at((), 0, TEN, ["UTC"]) is None


@given(late_by=st.integers(0, 20))
def test_no_check_in_comes_within_three_days_of_the_closing(late_by: int) -> None:
    starts_on = date(2026, 11, 23) + timedelta(days=late_by)
    points = plan(preset("img").touchpoints, starts_on, date(2026, 12, 21))
    (closing,) = (point for point in points if point.kind is Kind.CLOSING)
    asked = [point.on for point in points if point.kind is Kind.CHECK_IN]
    assert all((closing.on - on).days >= 3 for on in asked)


@st.composite
def changes(draw: st.DrawFn) -> tuple[date, tuple[Amendment, ...]]:
    """The last day of a pairing, and what it changed on the way: its pace, or its end."""
    end, on, found = START + timedelta(days=draw(st.integers(20, 200))), START, []
    for _ in range(draw(st.integers(1, 4))):
        on = min(on + timedelta(days=draw(st.integers(0, 60))), end)
        every = draw(st.sampled_from([None, *CADENCES.values()]))
        found.append(Amendment(on, end, every))
        end += timedelta(days=draw(st.sampled_from([0, 31, 90])))
    return end, tuple(found)


@given(rules(), changes())
def test_what_a_pair_changes_leaves_the_past_as_it_was_and_counts_on(
    given_rules: TouchpointRules, changed: tuple[date, tuple[Amendment, ...]]
) -> None:
    ends_on, amendments = changed
    for number, amendment in enumerate(amendments):
        last = amendments[number + 1].was_ends_on if number + 1 < len(amendments) else ends_on
        before = plan(given_rules, START, amendment.was_ends_on, amendments[:number])
        after = plan(given_rules, START, last, amendments[: number + 1])
        past = [it for it in before if it.on <= amendment.from_on]
        assert list(after[: len(past)]) == past
        assert all(it.on > amendment.from_on for it in after[len(past) :])
        for kind in Kind:
            counted = [it.occurrence for it in after if it.kind is kind]
            assert counted == list(range(1, len(counted) + 1))
        if last > amendment.was_ends_on:
            closings = [it for it in after if it.kind is Kind.CLOSING]
            assert closings[-1].on > amendment.from_on
            assert closings[-1].on <= last


def test_an_own_pace_counts_from_the_day_on_which_it_was_set() -> None:
    file, ends_on = preset("img"), START + timedelta(days=100)
    set_on = START + timedelta(days=30)
    points = plan(file.touchpoints, START, ends_on, (Amendment(set_on, ends_on, Step(days=14)),))
    asked = [(it.on - START).days for it in points if it.kind is Kind.CHECK_IN]
    assert asked == [4, 11, 18, 25, 44, 58, 72, 86]
