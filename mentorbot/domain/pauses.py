"""How long a pause is, in a person's own words."""

import re

from mentorbot.domain.errors import BadPause

MOST_WEEKS = 26
_LENGTH = re.compile(r"(\d{1,3})\s*(day|week|month)s?|(a|one)\s+(day|week|month)")
_DAYS = {"day": 1, "week": 7, "month": 30}


def read_length(text: str) -> int:
    """The days in a text such as "2 weeks", "10 days" or "a month".

    Raises BadPause for anything else, for nothing, and past half a year.
    """
    found = _LENGTH.fullmatch(text.strip().lower().removeprefix("for ").strip())
    if found is None:
        raise BadPause(most_weeks=MOST_WEEKS)
    number = int(found[1]) if found[1] else 1
    days = number * _DAYS[found[2] or found[4]]
    if not 1 <= days <= MOST_WEEKS * 7:
        raise BadPause(most_weeks=MOST_WEEKS)
    return days
