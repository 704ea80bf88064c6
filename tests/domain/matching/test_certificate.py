"""A certificate holds for the best matching, and for no other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.best import solve
from mentorbot.domain.matching.certificate import Unproven, verify
from mentorbot.domain.matching.problem import (
    ArrayScores,
    MatchedPair,
    Matching,
    Problem,
    Proof,
    Stage,
    StageValue,
)
from tests.domain.matching.instances import problems

PROBLEM = Problem.of(
    ["ada", "ben", "cem", "dee", "eli"],
    ["mia", "noa"],
    ArrayScores([[900, 100], [800, 300], [700, 650], [20, 10], [-1, 600]]),
    ceilings=2,
    waiting_class={"dee": 1},
    locks=[("ben", "noa")],
    draft=[("ada", "noa")],
)
FOUND = solve(PROBLEM)


def with_prices(number: int, change: Callable[[Proof], Proof]) -> Matching:
    proofs = list(FOUND.proofs)
    proofs[number] = change(proofs[number])
    return replace(FOUND, proofs=tuple(proofs))


def swapped() -> Matching:
    """Somebody has the place of somebody who could have no other."""
    one, other = (next(p for p in FOUND.pairs if p.mentee_id == it) for it in ("cem", "eli"))
    rest = [it for it in FOUND.pairs if it not in (one, other)]
    return replace(FOUND, pairs=tuple(sorted([*rest, MatchedPair("cem", other.mentor_id, 650)])))


def test_what_was_found_is_proven() -> None:
    verify(PROBLEM, FOUND)
    assert [it.stage for it in FOUND.proofs] == [
        Stage.PLACES,
        Stage.WORST,
        Stage.TOTAL,
        Stage.KEPT,
        Stage.CANONICAL,
    ]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (replace(FOUND, proofs=FOUND.proofs[:-1]), "proof_missing"),
        (replace(FOUND, proofs=(*FOUND.proofs, FOUND.proofs[0])), "proof_not_asked_for"),
        (replace(FOUND, proofs=(*FOUND.proofs, FOUND.proofs[-1])), "salt_not_next"),
        (replace(FOUND, pairs=FOUND.pairs[:-1]), "prices_do_not_fit"),
        (replace(FOUND, pairs=(*FOUND.pairs, FOUND.pairs[0])), "pair_twice"),
        (
            replace(FOUND, pairs=tuple(it for it in FOUND.pairs if not it.is_locked)),
            "lock_missing",
        ),
        (
            replace(FOUND, pairs=(*FOUND.pairs, MatchedPair("zoe", "mia", 1))),
            "unknown_person",
        ),
        (
            replace(FOUND, pairs=(*FOUND.pairs, MatchedPair("eli", "mia", 1))),
            "pair_not_allowed",
        ),
        (
            replace(FOUND, pairs=(*FOUND.pairs, MatchedPair("ada", "noa", 100))),
            "more_than_wanted",
        ),
        (replace(FOUND, pairs=(FOUND.pairs[0]._replace(score=1), *FOUND.pairs[1:])), "pairs_"),
        (
            replace(FOUND, stages=(*FOUND.stages[:-1], StageValue(Stage.KEPT, 9))),
            "stages_not_as_told",
        ),
        (replace(FOUND, unmatched=()), "unmatched_not_as_told"),
        (swapped(), "prices_do_not_fit"),
        (with_prices(0, lambda it: replace(it, mentee_prices=np.zeros(1, int))), "prices_of"),
        (
            with_prices(0, lambda it: replace(it, mentee_prices=it.mentee_prices + (1 << 60))),
            "price_too_large",
        ),
        (
            with_prices(1, lambda it: replace(it, mentee_prices=it.mentee_prices + 5)),
            "worst_could_be_better",
        ),
    ],
)
def test_a_broken_certificate_is_refused(broken: Matching, what: str) -> None:
    with pytest.raises(Unproven) as refused:
        verify(PROBLEM, broken)
    assert refused.value.what.startswith(what)


@pytest.mark.parametrize(
    ("change", "what"), [(1, "pair_too_dear"), (900, "pair_too_dear"), (-900, "pair_would_improve")]
)
def test_a_changed_price_of_the_total_is_refused(change: int, what: str) -> None:
    prices = FOUND.proofs[2].mentee_prices.copy()
    prices[PROBLEM.row_of["cem"]] += change
    with pytest.raises(Unproven) as refused:
        verify(PROBLEM, with_prices(2, lambda it: replace(it, mentee_prices=prices)))
    assert refused.value.what == what


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(problem=problems(), data=st.data())
def test_a_proof_does_not_hold_for_other_scores(problem: Problem, data: st.DataObject) -> None:
    found = solve(problem)
    free = [it for it in found.pairs if not it.is_locked]
    assume(free)
    pair = data.draw(st.sampled_from(free))
    row, column = problem.row_of[pair.mentee_id], problem.column_of[pair.mentor_id]
    scores = problem.scores.rows(0, len(problem.mentee_ids)).copy()
    scores[row, column] = data.draw(st.integers(0, 1000).filter(lambda it: it != pair.score))
    with pytest.raises(Unproven):
        verify(replace(problem, scores=ArrayScores(scores)), found)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(problem=problems(), data=st.data())
def test_a_proof_does_not_hold_without_one_of_its_pairs(
    problem: Problem, data: st.DataObject
) -> None:
    found = solve(problem)
    assume(found.pairs)
    gone = data.draw(st.sampled_from(found.pairs))
    with pytest.raises(Unproven):
        verify(problem, replace(found, pairs=tuple(it for it in found.pairs if it != gone)))
