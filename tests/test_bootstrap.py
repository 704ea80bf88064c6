"""Joining the parts: where ids come from."""

import random
from datetime import timedelta

from mentorbot.bootstrap import ids
from tests.world import MONDAY


def test_ids_made_later_lie_behind_those_made_before() -> None:
    chance = random.Random(1)
    instants = [MONDAY + timedelta(milliseconds=passed) for passed in range(200)]
    made = [ids(lambda at=at: at, chance)() for at in instants]  # type: ignore[misc]  # a default
    assert made == sorted(made)
    assert {len(one) for one in made} == {26}


def test_ids_of_one_instant_are_all_different() -> None:
    new_id = ids(lambda: MONDAY, random.Random(1))
    assert len({new_id() for _one in range(1000)}) == 1000
