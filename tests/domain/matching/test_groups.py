"""A mentor with a floor has as many mentees or none, and what that costs is bounded."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from mentorbot.domain.matching.best import solve
from mentorbot.domain.matching.certificate import Unproven, verify
from mentorbot.domain.matching.problem import (
    ArrayScores,
    BadProblem,
    Matching,
    Pair,
    Problem,
    Reason,
    Stage,
)
from tests.domain.matching.instances import brute_force, problems


def assignment(matching: Matching) -> frozenset[Pair]:
    return frozenset(Pair(*it[:2]) for it in matching.pairs)


@settings(deadline=None, max_examples=30)
@given(problem=problems(floors=True))
def test_no_other_choice_of_groups_is_better(problem: Problem) -> None:
    best = brute_force(problem)
    if best is None:
        with pytest.raises(BadProblem, match="floor_out_of_reach"):
            solve(problem)
        return
    found = solve(problem, candidates=1)
    assert assignment(found) == best
    verify(problem, found)


def two_groups() -> Problem:
    """Seven mentees; two groups of at least four are too many, though a few like each."""
    scores = np.full((7, 2), 300, dtype=np.int16)
    scores[:3, 0], scores[3:6, 1] = 900, 800
    mentees = [f"e{it}" for it in range(7)]
    return Problem.of(mentees, ["mia", "noa"], ArrayScores(scores), ceilings=6, floors=4)


def test_a_group_closes_and_its_cost_is_bounded() -> None:
    found = solve(two_groups())
    assert found.closed == ("noa",)
    assert len(found.pairs) == 6
    assert [it.reason for it in found.unmatched] == [Reason.ALL_TAKEN]
    assert found.without_floors is not None
    assert found.without_floors.stages[0].value == 7
    verify(two_groups(), found)


def many_groups(mentees: int) -> Problem:
    """More pairs than are decided exactly, and floors that cannot all be reached."""
    rng = np.random.default_rng(4)
    scores = (rng.random((mentees, mentees // 4)) * 1000).astype(np.int16)
    people = [f"e{it}" for it in range(mentees)]
    mentors = [f"o{it}" for it in range(mentees // 4)]
    return Problem.of(
        people, mentors, ArrayScores(scores), ceilings=6, floors=5, locks=[("e0", "o0")]
    )


def test_large_programmes_close_groups_until_none_is_too_small() -> None:
    problem = many_groups(140)
    found = solve(problem)
    sizes = {it: [pair.mentor_id for pair in found.pairs].count(it) for it in problem.mentor_ids}
    assert all(size == 0 or 5 <= size <= 6 for size in sizes.values())
    assert sizes["o0"] >= 5
    assert found.closed == tuple(sorted(it for it, size in sizes.items() if size == 0))
    assert len(found.pairs) == 140
    verify(problem, found)


@settings(deadline=None, max_examples=30)
@given(problem=problems(floors=True))
def test_floors_hold_and_locks_too_where_groups_close_by_least_loss(problem: Problem) -> None:
    best = brute_force(problem)
    if best is None:
        with pytest.raises(BadProblem, match="floor_out_of_reach"):
            solve(problem, exact_pairs=0)
        return
    verify(problem, solve(problem, exact_pairs=0))


@pytest.mark.parametrize("exact_pairs", [4000, 0])
def test_a_locked_group_that_nobody_can_fill_is_named(exact_pairs: int) -> None:
    problem = Problem.of(
        "abc",
        ["mia", "noa"],
        ArrayScores([[5, 5], [-1, 5], [-1, 5]]),
        ceilings=3,
        floors={"mia": 2},
        locks=[("a", "mia")],
    )
    with pytest.raises(BadProblem) as refused:
        solve(problem, exact_pairs=exact_pairs)
    assert refused.value.faults[0][:2] == ("floor_out_of_reach", ("mia",))


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (lambda it: replace(it, closed=()), "fewer_than_the_floor"),
        (lambda it: replace(it, closed=("mia", "noa")), "pair_not_allowed"),
        (lambda it: replace(it, closed=("noa", "zoe")), "closed_not_as_told"),
        (
            lambda it: replace(it, without_floors=replace(it.without_floors, proofs=())),
            "proof_missing",
        ),
    ],
)
def test_groups_told_wrongly_are_refused(broken: object, what: str) -> None:
    found = solve(two_groups())
    with pytest.raises(Unproven) as refused:
        verify(two_groups(), broken(found))  # type: ignore[operator]
    assert refused.value.what == what


def test_someone_whose_only_group_closed_is_told_so() -> None:
    problem = Problem.of("ab", ["mia"], ArrayScores([[5], [-1]]), ceilings=3, floors=2)
    found = solve(problem)
    assert {it.mentee_id: it.reason for it in found.unmatched} == {
        "a": Reason.GROUPS_CLOSED,
        "b": Reason.NOBODY_ALLOWED,
    }
    assert found.stages[0].stage is Stage.PLACES
