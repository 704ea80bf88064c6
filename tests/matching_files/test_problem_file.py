"""Problem files: what is wrong is told on its line, and nothing is taken and then ignored."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.reading import read_problem

BEST: dict[str, Any] = {
    "mentees": [{"id": "ana"}, {"id": "bo"}],
    "mentors": [{"id": "max"}, {"id": "noa", "ceiling": 2}],
    "scores": [[500, 300], [400, -1]],
}
RANKED: dict[str, Any] = {
    "mode": "ranked",
    "mentees": [
        {"id": "ana", "choices": ["max", "noa"]},
        {"id": "bo", "choices": [["max", "noa"]]},
    ],
    "mentors": [{"id": "max"}, {"id": "noa"}],
}
TWO_SIDED: dict[str, Any] = {
    "mode": "two_sided",
    "mentees": [{"id": "ana", "choices": ["max"]}],
    "mentors": [{"id": "max", "choices": [["ana"]]}],
}


def mistakes(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "problem.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidMatchingFile) as refused:
        read_problem(file)
    return list(refused.value.mistakes)


def changed(problem: dict[str, Any], *path: str | int, to: Any) -> str:
    """A problem with one value changed or added, a line for each entry."""
    copy: Any = json.loads(json.dumps(problem))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(copy, indent=1)


@pytest.mark.parametrize("problem", [BEST, RANKED, TWO_SIDED])
def test_a_problem_is_read_as_it_is_written(tmp_path: Path, problem: dict[str, Any]) -> None:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem), encoding="utf-8-sig")
    read = read_problem(file)
    Draft202012Validator(ProblemFile.model_json_schema()).validate(problem)
    told = json.loads(read.model_dump_json(exclude_defaults=True))
    assert told == problem


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "this is not JSON"),
        ('{"mentees": [],\n "mentors": [}', 2, "this is not JSON"),
        ("[]", 1, "has to be an object"),
        ('{"mentees": NaN}', 0, "NaN is no number"),
        ('{"mode": "best",\n "mode": "ranked"}', 0, "'mode' stands twice"),
        ("[" * 100_000, 0, "nested too deeply"),
        ("{}", 1, "missing: mentees is needed here"),
    ],
)
def test_what_is_no_problem_is_refused_with_its_place(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    told = mistakes(tmp_path, text)
    assert what in told[0]
    assert told[0].startswith(f"line {line}") == (line > 0)


MALFORMED = [
    (BEST, ("mentees", 0, "wnats"), 1, 5, "unknown word 'wnats'; did you mean 'wants'?"),
    (BEST, ("mentees", 1, "id"), "ana", 4, "'ana' stands 2 times"),
    (BEST, ("mentees", 1, "id"), "", 7, "should match pattern"),
    (BEST, ("mentees", 1, "id"), "a:b", 7, "should match pattern"),
    (BEST, ("mentees", 0, "wants"), -1, 5, "greater than or equal to 0"),
    (BEST, ("mentors", 1, "ceiling"), 2.5, 16, "found 2.5"),
    (BEST, ("mentors", 1, "floor"), 3, 17, "the least number is above the ceiling"),
    (BEST, ("mentors", 0, "ceiling"), True, 13, "valid integer"),
    (BEST, ("scores", 0, 0), 1001, 21, "less than or equal to 1000"),
    (BEST, ("scores", 0, 0), 0.5, 21, "found 0.5"),
    (BEST, ("scores", 0), [1], 20, "1 scores for 2 mentors"),
    (BEST, ("scores",), [[1, 2]], 19, "1 rows for 2 mentees"),
    (BEST, ("scores",), None, 19, "needs scores"),
    (BEST, ("mentees", 0, "choices"), ["max"], 5, "the mode best does not ask the mentees"),
    (BEST, ("order",), "generous", 29, "only the mode ranked has an order"),
    (BEST, ("locks",), [["ana", "zoe"]], 30, "nobody among the mentors has the id 'zoe'"),
    (BEST, ("forbidden",), [["zoe", "max"]], 30, "nobody among the mentees has the id 'zoe'"),
    (BEST, ("locks",), [["ana", "max"], ["bo", "max"]], 30, "more locks than this mentor has"),
    (BEST, ("locks",), [["bo", "noa"]], 30, "its score says that it is not allowed"),
    (BEST, ("mode",), "fair", 29, "allowed: best, ranked, two_sided"),
    (RANKED, ("mentees", 0, "choices", 1), "zoe", 6, "'zoe': nobody among the mentors"),
    (RANKED, ("mentees", 0, "choices", 1), "max", 6, "'max': chosen more than once"),
    (RANKED, ("mentees", 0, "choices", 1), 7, 8, "found 7"),
    (RANKED, ("mentors", 0, "choices"), ["ana"], 24, "does not ask the mentors"),
    (RANKED, ("worst_first",), True, 29, "this is about scores"),
    (RANKED, ("least_acceptable",), 1, 29, "this is about scores"),
    (RANKED, ("mentees", 0, "group"), "x", 10, "groups are for the report on scores"),
    (RANKED, ("order",), "fair", 29, "allowed: greedy_maximum, generous"),
    (TWO_SIDED, ("mentees", 0, "wants"), 2, 9, "everybody wants exactly one mentor"),
    (TWO_SIDED, ("mentors", 0, "floor"), 2, 19, "no least number can be promised"),
    (TWO_SIDED, ("draft",), [["ana", "max"]], 21, "goes by the lists alone"),
    (TWO_SIDED, ("scores",), [[1]], 21, "goes by the lists alone"),
]


@pytest.mark.parametrize(("problem", "path", "to", "line", "what"), MALFORMED)
def test_every_mistake_is_told_on_its_line(
    tmp_path: Path, problem: dict[str, Any], path: tuple[Any, ...], to: Any, line: int, what: str
) -> None:
    told = mistakes(tmp_path, changed(problem, *path, to=to))
    assert any(it.startswith(f"line {line}, ") and what in it for it in told), told


def test_the_fewest_locks_to_take_back_are_named(tmp_path: Path) -> None:
    """Of four locks that clash, one is enough to take back."""
    problem = {
        "mentees": [{"id": it} for it in ("ana", "bo", "cem")],
        "mentors": [{"id": "max"}, {"id": "noa"}],
        "scores": [[1, 1]] * 3,
        "locks": [["ana", "max"], ["bo", "noa"], ["cem", "max"]],
    }
    told = mistakes(tmp_path, json.dumps(problem, indent=1))
    assert len([it for it in told if "take this lock back" in it]) == 1


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    file.write_bytes(b'{\n"mentees": "\xff"}')
    with pytest.raises(InvalidMatchingFile, match="line 2: this is not text in UTF-8"):
        read_problem(file)
