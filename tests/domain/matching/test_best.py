"""The best matching is the best there is, the same for everybody who asks, and proves it."""

from hypothesis import given, settings

from mentorbot.domain.matching.best import solve
from mentorbot.domain.matching.certificate import verify
from mentorbot.domain.matching.problem import Matching, Pair, Problem
from tests.domain.matching.instances import brute_force, problems


def assignment(matching: Matching) -> frozenset[Pair]:
    return frozenset(Pair(*it[:2]) for it in matching.pairs)


@settings(deadline=None, max_examples=250)
@given(problem=problems())
def test_no_other_assignment_is_better_in_any_stage(problem: Problem) -> None:
    found = solve(problem, candidates=1)
    assert assignment(found) == brute_force(problem)
    verify(problem, found)
