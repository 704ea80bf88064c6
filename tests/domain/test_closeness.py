"""The number that ranks pairs is the weight of what they are told they share."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.matching.closeness import closeness, comparable, shared_answers

WEIGHTS = {"specialty": 4, "place": 2, "languages": 1}
TEXT = st.sampled_from(["Leeds", "leeds ", "York", " ", ""])
SEVERAL = st.lists(st.sampled_from(["English", "Arabic", "French"]), max_size=4)
ANSWERS = st.dictionaries(st.sampled_from([*WEIGHTS, "hopes"]), TEXT | SEVERAL | st.none())


def weight_of(reason: dict[str, Any]) -> int:
    shared = reason["shared"]
    return WEIGHTS[reason["question"]] * (min(len(shared), 2) if isinstance(shared, list) else 1)


@given(one=ANSWERS, other=ANSWERS)
def test_people_are_as_close_as_what_they_share_weighs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    found = closeness(comparable(one, WEIGHTS), comparable(other, WEIGHTS), WEIGHTS)
    assert found == sum(weight_of(reason) for reason in shared_answers(one, other, WEIGHTS))


def test_third_shared_language_brings_nobody_closer() -> None:
    polyglot = comparable({"languages": ["English", "Arabic", "French"]}, WEIGHTS)
    assert closeness(polyglot, polyglot, WEIGHTS) == 2
