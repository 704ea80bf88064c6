"""Pairs found again after one was changed by hand: what was decided holds, and few others move."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from mentorbot.domain.matching.instant import Candidate, Pair
from mentorbot.usecases.best_matching import propose_best
from mentorbot.usecases.rearranging import Arrangement, Wanted, rearrange
from tests.usecases.test_best_matching import WEIGHTS, random_one, someone

BOTH = ("one", "two")


def pairs(found: Arrangement) -> set[Pair]:
    return {(it.mentor_id, it.mentee_id) for it in found.proposals}


def wanted(drawn: Sequence[Pair], change: Pair, *, together: bool) -> Wanted:
    here, none = frozenset([change]), frozenset[Pair]()
    held, apart = (here, none) if together else (none, here)
    return Wanted(frozenset(drawn), held, apart, change)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("together", [True, False])
def test_change_holds_within_everybodys_places_and_all_may_move_for_more(
    seed: int, together: bool
) -> None:
    chance = Random(seed)
    mentors = [random_one(chance, f"mentor{it}", places=chance.randint(1, 2)) for it in range(4)]
    mentees = [random_one(chance, f"mentee{it}") for it in range(6)]
    drawn = [(it.mentor_id, it.mentee_id) for it in propose_best(mentors, mentees, (), WEIGHTS, ())]
    taken = chance.choice(drawn)
    change = (chance.choice(mentors).participant_id, taken[1]) if together else taken
    found = rearrange(mentors, mentees, (), WEIGHTS, (), wanted(drawn, change, together=together))
    assert found is not None
    for arrangement in (found.few, found.free):
        made = pairs(arrangement)
        assert (change in made) is together
        load = Counter(mentor for mentor, _mentee in made)
        assert all(load[it.participant_id] <= it.open_places for it in mentors)
        assert len({mentee for _mentor, mentee in made}) == len(made)
    assert len(found.free.proposals) >= len(found.few.proposals)
    untouched = {it for it in drawn if change[0] != it[0] and change[1] != it[1]}
    assert untouched <= pairs(found.few)


def test_kept_apart_with_few_changes_leaves_two_alone_and_freely_nobody() -> None:
    mentors, mentees = ([someone(f"{who} {it}") for it in BOTH] for who in ("mentor", "mentee"))
    drawn = [(f"mentor {it}", f"mentee {it}") for it in BOTH]
    found = rearrange(mentors, mentees, (), WEIGHTS, (), wanted(drawn, drawn[0], together=False))
    assert found is not None
    assert pairs(found.few) == {drawn[1]}
    assert pairs(found.free) == {("mentor one", "mentee two"), ("mentor two", "mentee one")}


def test_past_partners_are_put_together_where_somebody_asks_for_it() -> None:
    mentors, mentees = ([someone(f"{who} {it}") for it in BOTH] for who in ("mentor", "mentee"))
    drawn = [("mentor one", "mentee two"), ("mentor two", "mentee one")]
    past = ("mentor one", "mentee one")
    found = rearrange(mentors, mentees, [past], WEIGHTS, (), wanted(drawn, past, together=True))
    assert found is not None
    assert pairs(found.few) == {past, ("mentor two", "mentee two")}
    assert any(it.is_repeat for it in found.few.proposals)


def test_two_without_a_track_in_common_cannot_be_put_together() -> None:
    mentor, mentee = (
        replace(someone(it), tracks=frozenset([it])) for it in ("academia", "industry")
    )
    asked = wanted([], ("academia", "industry"), together=True)
    assert rearrange([mentor], [mentee], (), WEIGHTS, (), asked) is None


def test_somebody_who_left_meanwhile_goes_and_their_partner_is_matched_anew() -> None:
    mentors: list[Candidate] = [someone("mentor one"), someone("mentor two")]
    drawn = [("mentor one", "gone"), ("mentor two", "mentee")]
    found = rearrange(
        mentors, [someone("mentee")], (), WEIGHTS, (), wanted(drawn, drawn[1], together=False)
    )
    assert found is not None
    assert pairs(found.few) == pairs(found.free) == {("mentor one", "mentee")}
