"""The best matching is the best there is, the same for everybody who asks, and proves it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import csr_array

from mentorbot.domain.matching.best import solve
from mentorbot.domain.matching.certificate import verify
from mentorbot.domain.matching.problem import (
    NOT_ALLOWED,
    ArrayScores,
    Ints,
    Matching,
    Pair,
    Problem,
    Reason,
    Stage,
)
from mentorbot.domain.matching.transport import Network, min_cost_flow
from tests.domain.matching.instances import brute_force, problems


def assignment(matching: Matching) -> frozenset[Pair]:
    return frozenset(Pair(*it[:2]) for it in matching.pairs)


def values(matching: Matching) -> dict[Stage, int]:
    return {it.stage: it.value for it in matching.stages}


def linear_programme(network: Network) -> Ints:
    """The flow that another solver finds for the same network."""
    arcs = np.arange(len(network.tails))
    signs = np.repeat([1.0, -1.0], len(arcs))
    places = np.concatenate([network.tails, network.heads])
    conserved = csr_array(
        (signs, (places, np.tile(arcs, 2))), shape=(len(network.supplies), len(arcs))
    )
    scale = max(int(np.abs(network.costs).max(initial=1)), 1)
    found = linprog(
        network.costs / scale,
        A_eq=conserved,
        b_eq=network.supplies,
        bounds=np.stack([np.zeros(len(arcs)), network.capacities], axis=1),
        method="highs-ds",
    )
    assert found.status == 0
    return np.rint(found.x).astype(np.int64)


def tight_market(mentees: int, seed: int, levels: int = 1001) -> NDArray[np.int16]:
    """Scores of people who agree on whom they like: two mentees for each mentor."""
    rng = np.random.default_rng(seed)
    liked, alike = rng.normal(size=mentees // 2), rng.normal(size=(mentees, mentees // 2))
    ranked = liked + 0.5 * alike
    share = (ranked - ranked.min()) / (ranked.max() - ranked.min())
    return (np.floor(share * (levels - 1)) * (1000 // max(levels - 1, 1))).astype(np.int16)


def market(scores: NDArray[np.int16], **given: object) -> Problem:
    """Numbered mentees and mentors, two places each."""
    mentees = [f"e{it}" for it in range(scores.shape[0])]
    mentors = [f"o{it}" for it in range(scores.shape[1])]
    return Problem.of(mentees, mentors, ArrayScores(scores), **{"ceilings": 2, **given})  # type: ignore[arg-type]


@settings(deadline=None, max_examples=100)
@given(problem=problems())
def test_no_other_assignment_is_better_in_any_stage(problem: Problem) -> None:
    found = solve(problem, candidates=1)
    assert assignment(found) == brute_force(problem)
    verify(problem, found)


@settings(deadline=None, max_examples=30)
@given(problem=problems(), data=st.data())
def test_the_order_of_people_changes_nothing(problem: Problem, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(range(len(problem.mentee_ids))))
    columns = data.draw(st.permutations(range(len(problem.mentor_ids))))
    height, width = problem.scores.shape
    scores = problem.scores.rows(0, height)[rows][:, columns].reshape(height, width)
    turned = replace(
        problem,
        mentee_ids=tuple(problem.mentee_ids[it] for it in rows),
        mentor_ids=tuple(problem.mentor_ids[it] for it in columns),
        scores=ArrayScores(scores),
        ceilings=problem.ceilings[list(columns)],
        floors=problem.floors[list(columns)],
        wants=problem.wants[list(rows)],
        waiting_class=problem.waiting_class[list(rows)],
    )
    assert solve(turned).pairs == solve(problem).pairs


@settings(deadline=None, max_examples=30)
@given(problem=problems(), factor=st.integers(2, 30))
def test_scores_in_another_unit_change_nothing(problem: Problem, factor: int) -> None:
    scores = np.minimum(problem.scores.rows(0, len(problem.mentee_ids)), 1000 // factor)
    one = replace(problem, scores=ArrayScores(scores), least_acceptable=0)
    larger = np.where(scores < 0, NOT_ALLOWED, scores * factor)
    other = replace(one, scores=ArrayScores(larger))
    assert assignment(solve(one)) == assignment(solve(other))


@settings(deadline=None, max_examples=30)
@given(problem=problems())
def test_people_whom_nobody_can_have_change_nothing(problem: Problem) -> None:
    scores = np.pad(problem.scores.rows(0, len(problem.mentee_ids)), 1, constant_values=NOT_ALLOWED)
    around = replace(
        problem,
        mentee_ids=("first", *problem.mentee_ids, "last"),
        mentor_ids=("before", *problem.mentor_ids, "after"),
        scores=ArrayScores(scores),
        ceilings=np.pad(problem.ceilings, 1, constant_values=2),
        floors=np.pad(problem.floors, 1),
        wants=np.pad(problem.wants, 1, constant_values=1),
        waiting_class=np.pad(problem.waiting_class, 1),
    )
    assert assignment(solve(around)) == assignment(solve(problem))


@settings(deadline=None, max_examples=30)
@given(problem=problems())
def test_another_solver_within_finds_the_same(problem: Problem) -> None:
    assert solve(problem, inner=linear_programme).pairs == solve(problem).pairs


@pytest.mark.parametrize("levels", [1001, 4, 1])
def test_one_hash_however_many_candidates_it_begins_with(levels: int) -> None:
    problem = market(tight_market(120, 5, levels), worst_first=levels == 4)
    found = [solve(problem, candidates=it) for it in (1, 3, 12, 60)]
    assert len({it.assignment_hash for it in found}) == 1
    verify(problem, found[0])


@pytest.mark.parametrize("seed", range(4))
def test_the_total_is_that_of_a_solver_that_sees_every_pair(seed: int) -> None:
    scores = tight_market(300, seed)
    problem = market(scores, worst_first=False)
    found = solve(problem)
    both_places = np.repeat(scores, 2, axis=1)
    rows, columns = linear_sum_assignment(both_places, maximize=True)
    assert values(found)[Stage.TOTAL] == int(both_places[rows, columns].sum())
    verify(problem, found)


def test_nobody_is_stranded_because_all_like_the_same_mentors() -> None:
    scores = np.full((60, 30), 1, dtype=np.int16)
    scores[:, :2] = 1000
    found = solve(market(scores), candidates=2)
    assert values(found)[Stage.PLACES] == 60
    assert found.unmatched == ()


def test_three_thousand_people_stay_within_the_solvers_numbers() -> None:
    classes = {f"e{it}": it % 7 for it in range(3000)}
    problem = market(tight_market(3000, 8), waiting_class=classes, worst_first=False)
    found = solve(problem)
    assert values(found)[Stage.PLACES] == 3000
    verify(problem, found)


def test_the_solver_is_given_whole_numbers_alone() -> None:
    kinds = set()

    def watched(network: Network) -> Ints:
        parts = (network.tails, network.heads, network.capacities, network.costs, network.supplies)
        kinds.update(it.dtype for it in parts)
        return min_cost_flow(network)

    solve(market(tight_market(40, 1)), inner=watched)
    assert kinds == {np.dtype(np.int64)}


def test_costs_beyond_the_solvers_range_are_refused() -> None:
    nothing = np.zeros(1, dtype=np.int64)
    with pytest.raises(ArithmeticError, match="too large"):
        min_cost_flow(Network(nothing, nothing, nothing, nothing + (1 << 61), nothing))


def test_those_who_waited_longer_come_first_and_others_are_told() -> None:
    scores = ArrayScores([[1000], [1], [-1], [5]])
    problem = Problem.of(
        ["new", "old", "barred", "distant"],
        ["mia"],
        scores,
        waiting_class={"new": 1, "distant": 0},
        least_acceptable=1,
        forbidden=[("distant", "mia")],
    )
    found = solve(problem)
    assert assignment(found) == {("old", "mia")}
    assert {it.mentee_id: it.reason for it in found.unmatched} == {
        "new": Reason.LONGER_WAITS,
        "barred": Reason.NOBODY_ALLOWED,
        "distant": Reason.NOBODY_ALLOWED,
    }


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"least_acceptable": 700}, Reason.NOBODY_CLOSE),
        ({"ceilings": 0}, Reason.NO_PLACES),
        ({"locks": [("other", "mia")]}, Reason.LOCKED_PLACES),
        ({}, Reason.ALL_TAKEN),
    ],
)
def test_whoever_is_left_is_told_why(given_: dict[str, object], reason: Reason) -> None:
    scores = ArrayScores([[600], [999 if reason is not Reason.LOCKED_PLACES else 5]])
    found = solve(Problem.of(["left", "other"], ["mia"], scores, **given_))  # type: ignore[arg-type]
    assert {it.mentee_id: it.reason for it in found.unmatched}["left"] is reason


def test_everybody_has_a_first_mentor_before_anybody_has_a_second() -> None:
    problem = Problem.of(
        ["ada", "ben"],
        ["mia", "noa"],
        ArrayScores([[1000, 1000], [1, 1]]),
        wants={"ada": 2},
        waiting_class={"ben": 3},
    )
    found = solve(problem)
    assert {it.mentee_id for it in found.pairs} == {"ada", "ben"}
    assert [(it.mentee_id, it.has, it.wants) for it in found.unmatched] == [("ada", 1, 2)]


def test_a_draft_is_kept_where_that_costs_nothing() -> None:
    scores = ArrayScores([[5, 5], [5, 5]])
    for draft in ([("ada", "mia")], [("ada", "noa")]):
        found = solve(Problem.of(["ada", "ben"], ["mia", "noa"], scores, draft=draft))
        assert set(draft) <= assignment(found)
        assert values(found)[Stage.KEPT] == 1


def test_rounds_are_told_as_they_pass() -> None:
    told: list[Stage] = []
    found = solve(
        market(tight_market(40, 1)), progress=lambda stage, _number, _left: told.append(stage)
    )
    assert len(told) == found.rounds
    assert {Stage.PLACES, Stage.TOTAL, Stage.CANONICAL} <= set(told)
