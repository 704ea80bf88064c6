"""How long a pause is, in a person's own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.errors import BadPause
from mentorbot.domain.pauses import MOST_WEEKS, read_length


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2 weeks", 14),
        ("1 week", 7),
        ("10 days", 10),
        ("a month", 30),
        ("one week", 7),
        ("A Day", 1),
        ("for 2 weeks", 14),
        ("For 3 days", 3),
        ("  6   months ", 180),
        ("3weeks", 21),
        (f"{MOST_WEEKS} weeks", 182),
        ("182 days", 182),
    ],
)
def test_length_is_read_as_people_write_it(text: str, days: int) -> None:
    assert read_length(text) == days


@pytest.mark.parametrize(
    "text",
    [
        *("", "for", "0 days", "soon", "2", "weeks", "-2 weeks", "1.5 weeks", "2 years"),
        *("183 days", "27 weeks", "7 months", "9999 days", "two weeks please", "a week or so"),
    ],
)
def test_anything_else_is_refused_with_the_longest_pause(text: str) -> None:
    with pytest.raises(BadPause) as refused:
        read_length(text)
    assert refused.value.values == {"most_weeks": MOST_WEEKS}


@given(st.text(max_size=30))
def test_no_text_gives_a_pause_of_more_than_half_a_year(text: str) -> None:
    try:
        days = read_length(text)
    except BadPause:
        return
    assert 1 <= days <= MOST_WEEKS * 7
