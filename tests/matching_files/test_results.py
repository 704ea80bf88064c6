"""Results of every mode: they verify, nothing else passes for them, and they can be compared."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching.why import Against, Move
from mentorbot.matching_files.comparing import Difference, compare
from mentorbot.matching_files.explaining import explained, with_pair
from mentorbot.matching_files.instance import problem_of
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.reading import read_result
from mentorbot.matching_files.result_file import ResultFile, written
from mentorbot.matching_files.solving import solve
from mentorbot.matching_files.verifying import verify


def problem(**said: Any) -> ProblemFile:
    return ProblemFile.model_validate_json(json.dumps(said))


BEST = problem(
    mentees=[{"id": "ana"}, {"id": "bo", "waiting_class": 1}, {"id": "cem", "group": "x"}],
    mentors=[{"id": "max"}, {"id": "noa"}],
    scores=[[900, 500], [800, 100], [700, 400]],
)
GROUPS = problem(
    mentees=[{"id": it} for it in "abcd"],
    mentors=[{"id": "circle", "ceiling": 4, "floor": 3}, {"id": "noa", "ceiling": 2, "floor": 2}],
    scores=[[900, 500], [800, 100], [-1, 400], [-1, 300]],
)
BALLOTS = problem(
    mode="ranked",
    mentees=[
        {"id": "ana", "choices": ["max", "noa"]},
        {"id": "bo", "choices": ["max"]},
        {"id": "cem"},
    ],
    mentors=[{"id": "max"}, {"id": "noa"}, {"id": "ole"}],
    scores=[[100, 200, 300], [100, 200, 300], [100, 200, 300]],
)
LISTS = problem(
    mode="two_sided",
    mentees=[{"id": "ana", "choices": ["max", "noa"]}, {"id": "bo", "choices": ["max"]}],
    mentors=[{"id": "max", "choices": [["ana", "bo"]]}, {"id": "noa", "choices": ["ana"]}],
)
SHORT = problem(mode="ranked", mentees=[{"id": "ana"}], mentors=[{"id": "max"}])
ALL = [BEST, GROUPS, BALLOTS, LISTS]


@st.composite
def problems(draw: st.DrawFn) -> ProblemFile:
    mode = draw(st.sampled_from(["best", "ranked", "two_sided"]))
    mentees = [f"a{it}" for it in range(draw(st.integers(1, 4)))]
    mentors = [f"m{it}" for it in range(draw(st.integers(1, 3)))]
    said: dict[str, Any] = {"mode": mode, "mentees": [], "mentors": []}
    for one in mentees:
        said["mentees"].append({"id": one})
        if mode != "best":
            said["mentees"][-1]["choices"] = draw(st.permutations(mentors))[
                : draw(st.integers(0, 3))
            ]
        if mode != "two_sided":
            said["mentees"][-1] |= {
                "wants": draw(st.integers(0, 2)),
                "waiting_class": draw(st.integers(0, 1)),
            }
    for one in mentors:
        ceiling = draw(st.integers(0, 3))
        said["mentors"].append({"id": one, "ceiling": ceiling})
        if mode == "two_sided":
            said["mentors"][-1]["choices"] = draw(st.permutations(mentees))[
                : draw(st.integers(0, 4))
            ]
        elif draw(st.booleans()):
            said["mentors"][-1]["floor"] = draw(st.integers(0, ceiling))
    if mode == "best" or (mode == "ranked" and draw(st.booleans())):
        row = st.lists(st.integers(-1, 5), min_size=len(mentors), max_size=len(mentors))
        said["scores"] = [draw(row) for _ in mentees]
    return problem(**said)


@settings(deadline=None, max_examples=40)
@given(problems())
def test_every_result_survives_its_file_and_verifies(file: ProblemFile) -> None:
    result = solve(file)
    again = read_result(written(explained(result)))
    assert again.model_copy(update={"explanation": None}) == result
    verdict = verify(again, file)
    assert verdict.mistakes == ()
    if file.mode != "ranked" or all(it.floor < 2 for it in file.mentors):
        assert verdict.holds


@settings(deadline=None, max_examples=40)
@given(problems(), st.data())
def test_a_result_with_other_pairs_is_refused(file: ProblemFile, data: st.DataObject) -> None:
    told = json.loads(written(solve(file)))
    every = list(product([it.id for it in file.mentees], [it.id for it in file.mentors]))
    mentee, mentor = data.draw(st.sampled_from(every))
    same = [it for it in told["pairs"] if (it["mentee"], it["mentor"]) == (mentee, mentor)]
    if same:
        told["pairs"].remove(same[0])
    else:
        told["pairs"].append({"mentee": mentee, "mentor": mentor, "by": "score", "score": 1})
    assert verify(read_result(json.dumps(told))).mistakes


def spoilt(result: ResultFile, *path: str | int, to: Any) -> ResultFile:
    told = json.loads(written(result))
    inner: Any = told
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return read_result(json.dumps(told))


@pytest.mark.parametrize(
    ("file", "path", "to"),
    [
        (BEST, ("assignment",), "0" * 64),
        (BEST, ("pairs", 0, "score"), 901),
        (BEST, ("pairs", 0, "by"), "lock"),
        (BEST, ("pairs", 0, "rank"), 1),
        (BEST, ("unmatched", 0, "reason"), "nobody_allowed"),
        (BEST, ("unmatched", 0, "reason"), "bad_luck"),
        (BEST, ("unmatched",), []),
        (BEST, ("parts", 0, "reached", 2, "value"), 1),
        (BEST, ("parts", 0, "prices", 2, "mentees"), {}),
        (BEST, ("parts", 0, "prices", 0, "name"), "luck"),
        (BEST, ("parts",), []),
        (BEST, ("problem", "scores", 0, 1), 1),
        (BEST, ("problem", "forbidden"), [["ana", "noa"]]),
        (BEST, ("problem", "locks"), [["bo", "max"]]),
        (BEST, ("problem", "mentors", 0, "ceiling"), 0),
        (BEST, ("problem", "mentees", 0, "wants"), 0),
        (GROUPS, ("parts", 0, "without_floors", "reached", 0, "value"), 1),
        (GROUPS, ("parts", 0, "closed"), []),
        (BEST, ("parts", 0, "prices", 2, "mentees"), {"ana": 1 << 70}),
        (BALLOTS, ("pairs", 0, "rank"), 1),
        (BALLOTS, ("parts", 0, "reached", 0, "value"), 0),
        (BALLOTS, ("parts", 0, "prices", 0, "end"), 5),
        (BALLOTS, ("problem", "order"), "rank_maximal"),
        (LISTS, ("parts", 0, "promoted"), []),
        (LISTS, ("parts", 0, "reached", 0, "value"), 1),
        (LISTS, ("pairs", 0, "mentor_rank"), 2),
        (SHORT, ("unmatched", 0, "reason"), "all_taken"),
        (LISTS, ("unmatched",), [{"mentee": "ana", "has": 0, "wants": 1, "reason": "all_taken"}]),
    ],
)
def test_a_spoilt_result_is_refused(file: ProblemFile, path: tuple[Any, ...], to: Any) -> None:
    result = solve(file)
    assert verify(result).mistakes == ()
    assert verify(spoilt(result, *path, to=to)).mistakes


def test_a_result_of_another_problem_is_refused() -> None:
    assert verify(solve(BEST), GROUPS).mistakes == ("The result is that of another problem.",)


@pytest.mark.parametrize("file", ALL)
def test_results_keep_to_their_schema(file: ProblemFile) -> None:
    told = json.loads(written(explained(solve(file))))
    Draft202012Validator(ResultFile.model_json_schema()).validate(told)


def test_those_whom_ballots_leave_out_are_placed_by_score_and_say_so() -> None:
    told = {(it.mentee, it.mentor): (it.by, it.rank) for it in solve(BALLOTS).pairs}
    assert told == {
        ("ana", "noa"): ("choice", 2),
        ("bo", "max"): ("choice", 1),
        ("cem", "ole"): ("score", None),
    }


def test_what_it_costs_to_put_two_together_is_told_with_who_moves() -> None:
    result = solve(BEST)
    assert result.couples == (("ana", "noa"), ("cem", "max"))
    forced = with_pair(result, "ana", "max")
    assert isinstance(forced, ResultFile)
    found = compare(result, forced)
    assert found.asked == ("locks",)
    assert found.moves == (Move("ana", ("noa",), ("max",)), Move("cem", ("max",), ("noa",)))
    assert Difference("score", "worst", 0, 500, 400) in found.measures
    assert Difference("score", "total", 0, 1200, 1300) in found.measures
    assert with_pair(result, "ana", "noa") is result
    assert compare(result, result).is_same


def test_the_cost_is_that_of_the_best_matching_with_the_pair() -> None:
    """Against all matchings of two: nobody does better with bo and max together."""
    forced = with_pair(solve(BEST), "bo", "max")
    assert isinstance(forced, ResultFile)
    scores = problem_of(BEST).scores.rows(0, 3)
    best = max(int(scores[1, 0] + scores[it, 1]) for it in (0, 2))
    reached = {it.name: it.value for it in forced.parts[0].reached}
    assert reached["total"] == best


@pytest.mark.parametrize(
    ("mentee", "mentor", "reason"),
    [
        ("bo", "noa", Against.NOT_CHOSEN_BY_MENTEE),
        ("ana", "max", Against.MENTOR_AT_LEAST_AS_WELL),
    ],
)
def test_lists_say_what_keeps_two_apart(mentee: str, mentor: str, reason: Against) -> None:
    assert with_pair(solve(LISTS), mentee, mentor) is reason


def test_lists_name_each_other_obstacle() -> None:
    file = problem(
        mode="two_sided",
        mentees=[{"id": "ana", "choices": ["max", "noa"]}, {"id": "bo", "choices": ["ole", "noa"]}],
        mentors=[
            {"id": "max", "choices": ["ana"]},
            {"id": "noa", "choices": ["ana", "bo"]},
            {"id": "ole"},
        ],
        forbidden=[["ana", "ole"]],
    )
    result = solve(file)
    assert with_pair(result, "ana", "noa") is Against.MENTEE_AT_LEAST_AS_WELL
    assert with_pair(result, "bo", "ole") is Against.NOT_CHOSEN_BY_MENTOR
    assert with_pair(result, "ana", "ole") is Against.FORBIDDEN
    assert with_pair(result, "ana", "max") is result


@pytest.mark.parametrize(("mentee", "mentor"), [("ana", "zoe"), ("zoe", "max")])
def test_strangers_cannot_be_put_together(mentee: str, mentor: str) -> None:
    with pytest.raises(InvalidMatchingFile, match="not people of this problem"):
        with_pair(solve(BEST), mentee, mentor)


def test_a_pair_that_a_rule_excludes_cannot_be_put_together() -> None:
    with pytest.raises(InvalidMatchingFile, match="lock_not_allowed"):
        with_pair(solve(GROUPS), "c", "circle")


@pytest.mark.parametrize("mode", ["best", "ranked"])
def test_a_locked_pair_whose_group_cannot_be_filled_is_named(mode: str) -> None:
    said: dict[str, Any] = {"scores": [[500]]} if mode == "best" else {}
    file = problem(
        mode=mode,
        mentees=[{"id": "ana"}],
        mentors=[{"id": "max", "floor": 2, "ceiling": 3}],
        locks=[["ana", "max"]],
        **said,
    )
    with pytest.raises(InvalidMatchingFile, match="lower that number: ana:max"):
        solve(file)


@pytest.mark.parametrize(
    ("said", "remedy", "mentors"),
    [
        ({"scores": [[5], [3]]}, "more_places", ("max",)),
        ({"scores": [[5], [-1]]}, "fewer_rules", ()),
        ({"scores": [[5], [3]], "least_acceptable": 4}, "lower_limit", ("max",)),
        ({"scores": [[5], [3]], "locks": [["ana", "max"]]}, "fewer_locks", ("max",)),
        ({"mode": "ranked"}, "more_choices", ()),
    ],
)
def test_whoever_is_without_reads_what_would_help(
    said: dict[str, Any], remedy: str, mentors: tuple[str, ...]
) -> None:
    ana = {"id": "ana"} | ({"choices": ["max"]} if "mode" in said else {})
    file = problem(mentees=[ana, {"id": "bo"}], mentors=[{"id": "max"}], **said)
    explanation = explained(solve(file)).explanation
    assert explanation is not None
    told = {it.mentee: (it.remedy, it.mentors) for it in explanation.unmatched}
    assert told == {"bo": (remedy, mentors)}


def test_a_file_that_is_no_result_is_refused_on_its_line(tmp_path: Path) -> None:
    text = written(solve(BEST)).replace('"by": "score"', '"by": "chance"', 1)
    with pytest.raises(
        InvalidMatchingFile, match=r"line 5, column \d+: pairs.0.by: found 'chance'"
    ):
        read_result(text)


def test_a_result_whose_problem_contradicts_itself_is_refused_on_its_line() -> None:
    told = json.loads(written(solve(BEST)))
    told["problem"]["locks"] = [["ana", "max"], ["bo", "max"]]
    with pytest.raises(InvalidMatchingFile, match=r"problem.locks.1: bo:max: more locks than"):
        read_result(json.dumps(told))
