"""Months count from their anchor, whatever lies between."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.recurrence import Step, anchor_day_of

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
months = st.integers(1, 24)


def test_months_from_31_january_end_on_the_28th_the_31st_and_the_30th() -> None:
    found = [Step(months=1).after(date(2027, 1, 31), 31, times) for times in range(5)]
    assert [(on.month, on.day) for on in found] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]
    assert Step(months=1).after(date(2028, 1, 31), 31) == date(2028, 2, 29)


def test_months_go_over_the_turn_of_the_year() -> None:
    assert Step(months=9).after(date(2026, 9, 15), 15) == date(2027, 6, 15)
    assert Step(months=1).after(date(2026, 12, 31), 31) == date(2027, 1, 31)


@given(days, months, st.integers(1, 30))
def test_one_step_after_another_leads_where_all_at_once_do(
    anchor: date, months: int, times: int
) -> None:
    on = anchor
    for _time in range(times):
        on = Step(months=months).after(on, anchor_day_of(on, anchor.day))
    assert on == Step(months=months).after(anchor, anchor.day, times)


@given(days, months)
def test_each_month_is_met_once_on_the_day_that_was_meant_or_its_last(
    anchor: date, months: int
) -> None:
    found = [Step(months=months).after(anchor, anchor.day, times) for times in range(40)]
    for one, other in pairwise(found):
        assert (other.year - one.year) * 12 + other.month - one.month == months
    for on in found:
        is_last = (on + timedelta(days=1)).month != on.month
        assert on.day == anchor.day or (on.day < anchor.day and is_last)


@given(days, st.integers(1, 366), st.integers(0, 30), st.integers(1, 31))
def test_days_take_no_notice_of_an_anchor(on: date, step: int, times: int, anchor: int) -> None:
    assert Step(days=step).after(on, anchor, times) == on + timedelta(days=step * times)


@pytest.mark.parametrize(
    ("on", "meant", "found"),
    [
        (date(2027, 2, 28), 31, 31),
        (date(2027, 2, 28), 28, 28),
        (date(2027, 3, 31), 31, 31),
        (date(2027, 3, 15), 31, 15),
        (date(2028, 2, 28), 31, 28),
    ],
)
def test_date_that_is_not_the_anchors_begins_a_new_row(on: date, meant: int, found: int) -> None:
    assert anchor_day_of(on, meant) == found
