"""Where all who wait are matched together, the whole is as good as can be, not the first pair."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest

from mentorbot.domain.matching.instant import Candidate, Pair, propose
from mentorbot.usecases.best_matching import propose_best
from tests.world import MONDAY

WEIGHTS = {"specialty": 4, "languages": 2, "place": 1}


def someone(name: str, *, places: int = 1, **answers: Any) -> Candidate:
    since = MONDAY - timedelta(minutes=len(name))
    return Candidate(name, places, 0, False, since.date(), since, answers)


def pairs(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Sequence[Pair] = (),
    waited_longer: Sequence[str] = (),
) -> set[Pair]:
    found = propose_best(mentors, mentees, past, WEIGHTS, waited_longer)
    return {(one.mentor_id, one.mentee_id) for one in found}


def test_nobody_gets_the_best_partner_at_a_higher_cost_to_another() -> None:
    both = someone("both", specialty="Cardiology", place="Leeds")
    one = someone("one", specialty="Cardiology", place="York")
    likes_both = someone("picky", specialty="Cardiology", place="Leeds")
    likes_place = someone("leeds", specialty="Surgery", place="Leeds")
    assert pairs([both, one], [likes_both, likes_place]) == {("both", "leeds"), ("one", "picky")}


@pytest.mark.parametrize("seed", range(20))
def test_as_many_are_matched_as_at_once_and_no_order_changes_it(seed: int) -> None:
    chance = Random(seed)
    mentors = [random_one(chance, f"mentor{it}", places=chance.randint(0, 2)) for it in range(5)]
    mentees = [random_one(chance, f"mentee{it}") for it in range(chance.randint(1, 8))]
    past = [("mentor0", it.participant_id) for it in mentees if chance.random() < 0.4]
    together = propose_best(mentors, mentees, past, WEIGHTS, ())
    assert len(together) == len(propose(mentors, mentees, past, WEIGHTS))
    assert [one.is_repeat for one in together] == [
        (one.mentor_id, one.mentee_id) in past for one in together
    ]
    chance.shuffle(mentors)
    chance.shuffle(mentees)
    assert {*map(repr, propose_best(mentors, mentees, past, WEIGHTS, ()))} == {*map(repr, together)}


def random_one(chance: Random, name: str, places: int = 1) -> Candidate:
    answers: dict[str, Any] = {"languages": chance.sample(["Urdu", "Igbo", "Thai"], 2)}
    if chance.random() < 0.8:
        answers["specialty"] = chance.choice(["Cardiology", "Surgery"])
    return someone(name, places=places, **answers)


def test_whoever_was_left_over_before_has_a_place_first() -> None:
    mentor = someone("mentor", specialty="Cardiology")
    close, left_over = someone("close", specialty="Cardiology"), someone("left", place="York")
    assert pairs([mentor], [close, left_over]) == {("mentor", "close")}
    assert pairs([mentor], [close, left_over], waited_longer=["left"]) == {("mentor", "left")}


def test_past_partners_meet_again_only_where_both_would_be_left_over() -> None:
    mentors = [someone("a", specialty="Cardiology"), someone("b")]
    mentees = [someone("one", specialty="Cardiology"), someone("two")]
    assert pairs(mentors, mentees, past=[("a", "one")]) == {("a", "two"), ("b", "one")}
    (again,) = propose_best(mentors[:1], mentees[:1], [("a", "one")], WEIGHTS, ())
    assert again.is_repeat
    assert again.reasons == ({"question": "specialty", "shared": "Cardiology"},)


def test_a_mentor_has_as_many_as_there_are_places_and_the_same_ones_in_any_order() -> None:
    mentees = [someone(name) for name in ("one", "two", "three")]
    found = {
        frozenset(pairs([someone("mentor", places=2)], order)) for order in permutations(mentees)
    }
    assert len(found) == 1
    assert len(next(iter(found))) == 2


def test_nobody_is_matched_where_no_place_is_open() -> None:
    assert pairs([someone("mentor", places=0)], [someone("mentee")]) == set()
