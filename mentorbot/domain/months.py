"""What is asked of people in each month, such as a meeting or a workshop, and what they kept."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple


class Month(NamedTuple):
    """A month of a programme: its first day, what somebody came to, how much was asked of
    them, and whether it is over.
    """

    first_on: date
    came: int
    asked: int
    is_over: bool


def months_of(
    each_month: int, came_on: Sequence[date], from_on: date, until_on: date, today: date
) -> list[Month]:
    """How somebody has kept to so many in each month, in those that have begun."""
    first_on, found = from_on.replace(day=1), []
    while first_on <= min(until_on, today):
        after = (first_on + timedelta(days=31)).replace(day=1)
        count = sum(first_on <= on < after for on in came_on)
        found.append(Month(first_on, count, each_month, after <= today))
        first_on = after
    return found
