"""What people answered becomes a score, the same for a pair alone as among all."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.best import solve
from mentorbot.domain.matching.criteria import (
    Hours,
    Kind,
    Level,
    Near,
    Region,
    Same,
    Shared,
    Weekly,
)
from mentorbot.domain.matching.free_text import Texts
from mentorbot.domain.matching.problem import NOT_ALLOWED, BadProblem, Problem
from mentorbot.domain.matching.scoring import CriteriaScores, Criterion, points_of

WINTER, SUMMER = date(2026, 1, 14), date(2026, 7, 15)
NINE_TO_TEN = ((540, 600),)
LEVELS = ("student", "resident", "attending")


def share(kind: Kind, mentee: Any, mentor: Any) -> int:
    """Thousandths that a kind gives two answers."""
    criterion = Criterion("only", kind, 1, "asked")
    return int(
        CriteriaScores([criterion], [{"asked": mentee}], [{"asked": mentor}]).rows(0, 1)[0, 0]
    )


@pytest.mark.parametrize(
    ("kind", "mentee", "mentor", "expected"),
    [
        (Shared(), ["Cardiology", "ethics"], ["cardiology "], 500),
        (Shared(), ["a", "b", "c", "d"], ["a", "b", "c"], 1000),
        (Shared(), ["a", "b", "c"], ["c"], 333),
        (Shared(), ["a"], ["b"], 0),
        (Shared(ignore=frozenset({"None yet"})), ["none yet", "a"], ["a"], 1000),
        (Shared(ignore=frozenset({"None yet"})), ["none yet"], ["a"], 500),
        (Shared(), "a", ["a", "b"], 1000),
        (Same(), "Online", "online", 1000),
        (Same(), "online", "here", 0),
        (Same(), None, "here", 500),
        (Same(), "", "here", 500),
        (Same(is_same=False), "radiology", "surgery", 1000),
        (Same(is_same=False), "surgery", "surgery", 0),
        (Near(Fraction(10)), 30, 30, 1000),
        (Near(Fraction(10)), "30", "32.5", 750),
        (Near(Fraction(10)), 30, 41, 0),
        (Near(Fraction(10)), 30, "many", 500),
        (Level(LEVELS), "student", "resident", 1000),
        (Level(LEVELS), "resident", "resident", 1000),
        (Level(LEVELS, above=1), "resident", "resident", 0),
        (Level(LEVELS), "attending", "student", 0),
        (Level(LEVELS), "visitor", "student", 500),
        (Region({"Paris": "Europe", "Rome": "Europe"}), "Paris", "paris", 1000),
        (Region({"Paris": "Europe", "Rome": "Europe"}), "Paris", "Rome", 500),
        (Region({"Paris": "Europe"}), "Paris", "Lagos", 0),
        (Texts(), "heart failure in children", "children and heart failure", None),
        (Texts(), "heart", "heart", 1000),
        (Texts(), "heart", "lung", 0),
        (Texts(), "", "lung", 500),
    ],
)
def test_a_pair_of_answers_counts_as_told(
    kind: Kind, mentee: Any, mentor: Any, expected: int | None
) -> None:
    found = share(kind, mentee, mentor)
    assert 500 < found < 1000 if expected is None else found == expected


@pytest.mark.parametrize(("on", "expected"), [(WINTER, 0), (SUMMER, 1000)])
def test_hours_overlap_as_clocks_stand_when_the_cycle_begins(on: date, expected: int) -> None:
    kind = Hours(60, on)
    london = Weekly("Europe/London", NINE_TO_TEN)
    assert share(kind, london, Weekly("Africa/Lagos", NINE_TO_TEN)) == expected
    assert (
        share(kind, london, Weekly("Asia/Kolkata", ((840, 900),))) == {WINTER: 500, SUMMER: 500}[on]
    )


def test_a_week_goes_round() -> None:
    sunday_late = Weekly("Europe/London", ((7 * 1440 - 60, 7 * 1440),))
    monday_early = Weekly("Asia/Kolkata", ((270, 330),))
    assert share(Hours(60, WINTER), sunday_late, monday_early) == 1000


@given(weights=st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_the_most_points_are_a_thousand_together(weights: list[int]) -> None:
    criteria = [Criterion(str(it), Same(), weight, "q") for it, weight in enumerate(weights)]
    points = points_of(criteria)
    assert sum(points.values()) == (1000 if any(weights) else 0)
    for criterion in criteria:
        exact = Fraction(1000 * criterion.weight, max(sum(weights), 1))
        assert abs(points[criterion.id] - exact) < 1


def test_criteria_that_contradict_each_other_are_refused() -> None:
    criteria = [Criterion("a", Same(), 1, "q"), Criterion("a", Same(), -1, "q")]
    with pytest.raises(BadProblem) as refused:
        CriteriaScores(criteria, [], [])
    assert [it.code for it in refused.value.faults] == ["criterion_twice", "weight_below_zero"]


def answers() -> st.SearchStrategy[dict[str, Any]]:
    spans = st.lists(st.sampled_from([(0, 90), (540, 615), (9000, 10080)]), unique=True)
    zones = st.sampled_from(["Europe/Paris", "Asia/Kathmandu", "America/St_Johns"])
    return st.fixed_dictionaries(
        {},
        optional={
            "topics": st.lists(st.sampled_from("abcdefg"), unique=True),
            "field": st.sampled_from(["x", "y"]),
            "years": st.integers(0, 20),
            "level": st.sampled_from(LEVELS),
            "place": st.sampled_from(["Paris", "Rome", "Lagos"]),
            "hours": st.builds(Weekly, zones, spans.map(tuple)),
            "goal": st.text("ab cd", max_size=20),
        },
    )


CRITERIA = (
    Criterion("topics", Shared(), 40, "topics"),
    Criterion("field", Same(), 20, "field", must=True),
    Criterion("years", Near(Fraction(10)), 10, "years"),
    Criterion("level", Level(LEVELS), 7, "level"),
    Criterion("place", Region({"Paris": "Europe", "Rome": "Europe"}), 5, "place"),
    Criterion("hours", Hours(120, SUMMER), 15, "hours"),
    Criterion("goal", Texts(), 9, "goal"),
)


@settings(deadline=None, max_examples=40)
@given(
    mentees=st.lists(answers(), min_size=1, max_size=5),
    mentors=st.lists(answers(), min_size=1, max_size=5),
    kept=st.booleans(),
)
def test_components_add_up_to_the_score(
    mentees: list[dict[str, Any]], mentors: list[dict[str, Any]], kept: bool
) -> None:
    scores = CriteriaScores(CRITERIA, mentees, mentors, kept_bytes=1000 if kept else 0)
    whole = scores.rows(0, len(mentees))
    for row in range(len(mentees)):
        assert (scores.rows(row, row + 1)[0] == whole[row]).all()
        for column in range(len(mentors)):
            components = scores.components(row, column)
            fields = (mentees[row].get("field"), mentors[column].get("field"))
            if None not in fields and fields[0] != fields[1]:
                assert whole[row, column] == NOT_ALLOWED
            else:
                assert sum(components.values()) == whole[row, column]
                assert 0 <= whole[row, column] <= 1000


def test_answers_that_differ_for_everybody_count_as_few_different_ones_do() -> None:
    rng = np.random.default_rng(3)
    named = [{"n": sorted({str(it) for it in rng.integers(0, 90, 4)})} for _ in range(2500)]
    criterion = Criterion("n", Shared(), 1, "n")
    among_many = CriteriaScores([criterion], named, named)
    alone = CriteriaScores([criterion], named[:2], named[:2])
    assert (among_many.rows(0, 2)[:, :2] == alone.rows(0, 2)).all()


def test_scores_from_answers_are_matched_by() -> None:
    criteria = [Criterion("topics", Shared(), 1, "wants", mentors_question="offers", must=True)]
    mentees = [{"wants": ["a", "b"]}, {"wants": ["a"]}, {"wants": ["z"]}]
    scores = CriteriaScores(criteria, mentees, [{"offers": ["a", "b"]}, {"offers": ["a"]}])
    found = solve(Problem.of(["both", "one", "none"], ["mia", "noa"], scores))
    assert [it[:3] for it in found.pairs] == [("both", "mia", 1000), ("one", "noa", 1000)]
    assert [it[:1] + it[3:] for it in found.unmatched] == [("none", "nobody_allowed")]
