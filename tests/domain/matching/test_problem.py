"""A problem of matching says what it means, or is told what is wrong with it."""

import subprocess
import sys
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.problem import ArrayScores, BadProblem, Fault, Matching, Problem

TWO_BY_TWO = ArrayScores([[10, 20], [-1, 30]])


def problem(**given: Any) -> Problem:
    """Two mentees and two mentors; the second mentee may not have the first mentor."""
    given = {"mentee_ids": ["ada", "ben"], "mentor_ids": ["mia", "noa"], **given}
    return Problem.of(given.pop("mentee_ids"), given.pop("mentor_ids"), TWO_BY_TWO, **given)


@pytest.mark.parametrize(
    ("given", "code", "entries"),
    [
        ({"mentee_ids": ["ada", "ada"]}, "mentee_twice", ["ada"]),
        ({"mentor_ids": ["mia", ""]}, "mentor_id_missing", ["''"]),
        ({"mentee_ids": ["ada"]}, "scores_of_others", ["(2, 2) (1, 2)"]),
        ({"ceilings": {"mia": -1}}, "ceilings_below_zero", ["mia"]),
        ({"ceilings": {"zoe": 1}}, "ceilings_of_unknown", ["zoe"]),
        ({"wants": {"ada": 1.5}}, "wants_not_whole", ["ada"]),
        ({"wants": {"ada": float("nan")}}, "wants_not_whole", ["ada"]),
        ({"floors": {"mia": 3}, "ceilings": 2}, "floor_above_ceiling", ["mia"]),
        ({"least_acceptable": 1001}, "least_acceptable_not_in_range", ["1001"]),
        ({"locks": [("ada", "zoe")]}, "lock_of_unknown", ["zoe"]),
        ({"forbidden": [("zoe", "mia")]}, "forbidden_of_unknown", ["zoe"]),
        ({"locks": [("ben", "mia")]}, "lock_not_allowed", ["ben:mia"]),
        (
            {"locks": [("ada", "mia")], "forbidden": [("ada", "mia")]},
            "lock_forbidden",
            ["ada:mia"],
        ),
        (
            {"locks": [("ada", "noa"), ("ben", "noa")]},
            "more_locks_than_places",
            ["ada:noa", "ben:noa"],
        ),
        (
            {"locks": [("ada", "mia"), ("ada", "noa")]},
            "more_locks_than_wanted",
            ["ada:mia", "ada:noa"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_entries(
    given: dict[str, Any], code: str, entries: list[str]
) -> None:
    with pytest.raises(BadProblem) as refused:
        problem(**given)
    assert refused.value.faults[0] == (code, tuple(entries), len(entries))


@pytest.mark.parametrize("score", [-2, 1001, 0.5, float("nan"), float("inf")])
def test_only_whole_scores_within_range_are_taken(score: float) -> None:
    with pytest.raises(BadProblem) as refused:
        ArrayScores([[1.0, 2.0], [3.0, score]])
    assert refused.value.faults[0][:2] == ("score_not_in_range", ("2:2",))


def test_the_fewest_locks_to_take_back_are_named() -> None:
    locks = [("a", "x"), ("a", "y"), ("b", "x"), ("c", "z"), ("c", "x")]
    with pytest.raises(BadProblem) as refused:
        Problem.of("abc", "xyz", ArrayScores([[1, 1, 1]] * 3), locks=locks)
    assert refused.value.faults[-1] == ("locks_to_take_back", ("a:x", "c:x"), 2)


@settings(deadline=None, max_examples=60)
@given(
    locks=st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=7),
    wants=st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)),
    ceilings=st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3)),
)
def test_no_fewer_locks_would_do(
    locks: set[tuple[str, str]], wants: dict[str, int], ceilings: dict[str, int]
) -> None:
    def refused(kept: set[tuple[str, str]]) -> tuple[Fault, ...]:
        try:
            scores = ArrayScores([[1, 1, 1]] * 3)
            Problem.of("abc", "xyz", scores, locks=kept, wants=wants, ceilings=ceilings)
        except BadProblem as bad:
            return bad.faults
        return ()

    if faults := refused(locks):
        told = {(it[0], it[2]) for it in faults[-1].entries}
        assert not refused(locks - told)
        smaller = combinations(locks, len(locks) - len(told) + 1)
        assert all(refused(set(kept)) for kept in smaller)


def test_a_draft_may_name_people_who_have_left() -> None:
    assert problem(draft=[("zoe", "mia"), ("ada", "noa")]).places_of([("ada", "noa")])[1] == [1]


def test_the_hash_of_an_assignment_knows_no_order() -> None:
    pairs = [("ada", "noa", 20), ("ben", "mia", 30)]
    one, other = (Matching(tuple(it), (), (), ()) for it in (pairs, pairs[::-1]))  # type: ignore[arg-type]
    assert one.assignment_hash == other.assignment_hash
    assert len(one.assignment_hash) == 64


def test_commands_load_neither_arrays_nor_solver() -> None:
    seen = "import sys, mentorbot.cli; print({'numpy', 'ortools'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
