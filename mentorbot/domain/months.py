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


LEAST_DAYS = 14
"""A month of which fewer days than these are somebody's own counts only where it was kept."""


def months_of(
    each_month: int,
    came_on: Sequence[date],
    from_on: date,
    until_on: date,
    today: date,
    offered_on: Sequence[date] | None = None,
) -> list[Month]:
    """How somebody has kept to so many in each month, in those that have begun.

    Dates are inclusive. `offered_on` are the days on which they could come to something, None where
    they choose their own: no more is asked of a month than it offers. A month that asks for
    nothing is left out, and one that is over and was hardly theirs, unless they kept it.
    """
    first_on, found = from_on.replace(day=1), []
    while first_on <= min(until_on, today):
        after = (first_on + timedelta(days=31)).replace(day=1)
        asked = each_month
        if offered_on is not None:
            asked = min(asked, sum(first_on <= on < after for on in offered_on))
        days = (min(until_on + timedelta(days=1), after) - max(from_on, first_on)).days
        came, is_over = sum(first_on <= on < after for on in came_on), after <= today
        if asked and (came >= asked or days >= LEAST_DAYS or not is_over):
            found.append(Month(first_on, came, asked, is_over))
        first_on = after
    return found
