"""Matching by the choices of a ballot: the best there is on these votes, and the rest by score."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.ballots import Order
from mentorbot.domain.matching.instant import Candidate, Proposal
from mentorbot.domain.partners import Matching
from mentorbot.usecases.ballot_matching import LEFT_OVER, NO_VOTE, propose_by_ballot
from mentorbot.usecases.best_matching import propose_best
from tests.world import MONDAY

WEIGHTS = {"specialty": 1}
DEEPEST = 3
Cast = Mapping[str, Sequence[str]]


class Vote(NamedTuple):
    """A small ballot: the places of each mentor, and whom everybody named."""

    places: Mapping[str, int]
    mentees: Sequence[str]
    cast: Cast


@st.composite
def small(draw: st.DrawFn, both_sides: bool = False) -> Vote:
    """Up to four mentees and three mentors, some of whom vote."""
    mentors = [f"mentor {it}" for it in range(draw(st.integers(1, 3)))]
    mentees = [f"mentee {it}" for it in range(draw(st.integers(1, 4)))]
    places = {it: draw(st.integers(1, 2)) for it in mentors}
    cast = {it: draw(_choices(mentors)) for it in mentees}
    if both_sides:
        cast |= {it: draw(_choices(mentees)) for it in mentors}
    return Vote(places, mentees, {who: named for who, named in cast.items() if named})


def _choices(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=DEEPEST)


def someone(name: str, places: int = 1) -> Candidate:
    since = MONDAY - timedelta(minutes=len(name))
    specialty = "Surgery" if name.endswith(("0", "2")) else "Cardiology"
    return Candidate(name, places, 0, False, since.date(), since, {"specialty": specialty})


def matched(vote: Vote, mode: str = "ranked", **ballot: Any) -> tuple[Proposal, ...]:
    rules = {"mode": mode, "ballot": {"choices": DEEPEST, "hours": 48} | ballot}
    return propose_by_ballot(
        [someone(it, places) for it, places in vote.places.items()],
        [someone(it) for it in vote.mentees],
        (),
        WEIGHTS,
        cast=vote.cast,
        rules=Matching.model_validate(rules),
        best=partial(propose_best, waited_longer=()),
    )


def label(found: Proposal) -> str:
    return str(next(it["shared"] for it in found.reasons if it["question"] == "ballot"))


def profile(ranks: Sequence[int], order: Order) -> tuple[int, ...]:
    """What is to be as large as can be, of the ranks of those who got a choice, by an order."""
    counts = [ranks.count(rank) for rank in range(1, DEEPEST + 1)]
    if order == "generous":
        return (len(ranks), *(-count for count in reversed(counts)))
    return (len(ranks), *counts) if order == "greedy_maximum" else tuple(counts)


def ways(vote: Vote) -> Iterator[dict[str, str]]:
    """Every way to give voters one of their choices, or none, within the mentors' places."""
    voters = [it for it in vote.mentees if it in vote.cast]
    for chosen in product(*([None, *vote.cast[it]] for it in voters)):
        given = {who: one for who, one in zip(voters, chosen, strict=True) if one}
        taken = list(given.values())
        if all(taken.count(one) <= vote.places[one] for one in taken):
            yield given


@pytest.mark.parametrize("order", ["greedy_maximum", "generous", "rank_maximal"])
@given(vote=small())
def test_choices_are_given_as_well_as_any_search_through_all_ways_finds(
    vote: Vote, order: Order
) -> None:
    made = matched(vote, order=order)
    reached = [int(label(it)) for it in made if label(it).isdigit()]
    by_hand = max(
        profile([list(vote.cast[who]).index(one) + 1 for who, one in way.items()], order)
        for way in ways(vote)
    )
    assert profile(reached, order) == by_hand


@given(vote=small())
def test_nobody_is_left_over_while_there_are_places_and_each_label_is_true(vote: Vote) -> None:
    made = matched(vote)
    assert len(made) == min(len(vote.mentees), sum(vote.places.values()))
    for it in made:
        named = list(vote.cast.get(it.mentee_id, ()))
        if it.mentor_id in named:
            assert label(it) == str(named.index(it.mentor_id) + 1)
        else:
            assert label(it) == (LEFT_OVER if named else NO_VOTE)


@given(vote=small(both_sides=True))
def test_of_both_sides_choices_no_two_would_rather_have_each_other(vote: Vote) -> None:
    mentor_of = {it.mentee_id: it.mentor_id for it in matched(vote, "two_sided")}
    for mentee in vote.mentees:
        named = list(vote.cast.get(mentee, ()))
        own = mentor_of.get(mentee)
        for mentor in named[: named.index(own)] if own in named else named:
            held = [it for it, one in mentor_of.items() if one == mentor]
            assert len(held) == vote.places[mentor]
            assert all(_rank(vote, mentor, it) <= _rank(vote, mentor, mentee) for it in held)


def _rank(vote: Vote, mentor: str, mentee: str) -> int:
    """How much a mentor likes a mentee: in the order of their vote, then all others alike."""
    named = list(vote.cast.get(mentor, ()))
    return named.index(mentee) if mentee in named else len(named)


@given(vote=small(both_sides=True), mode=st.sampled_from(["ranked", "two_sided"]))
def test_the_order_in_which_people_come_changes_nothing(vote: Vote, mode: str) -> None:
    turned = Vote(
        dict(reversed(vote.places.items())),
        list(reversed(vote.mentees)),
        dict(reversed(vote.cast.items())),
    )
    assert set(map(repr, matched(vote, mode))) == set(map(repr, matched(turned, mode)))


def test_past_partners_do_not_meet_again_by_a_vote() -> None:
    rules = {"mode": "ranked", "ballot": {"choices": 1, "hours": 48}}
    found = propose_by_ballot(
        [someone("mentor 0"), someone("mentor 1")],
        [someone("mentee 0")],
        [("mentor 0", "mentee 0")],
        WEIGHTS,
        cast={"mentee 0": ["mentor 0"]},
        rules=Matching.model_validate(rules),
        best=partial(propose_best, waited_longer=()),
    )
    assert [(it.mentor_id, label(it)) for it in found] == [("mentor 1", LEFT_OVER)]
