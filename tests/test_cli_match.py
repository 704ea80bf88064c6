"""`mentorbot match`: from a file to pairs, checked and compared, without Slack or a database."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from mentorbot.cli import app

PROBLEM: dict[str, Any] = {
    "mentees": [{"id": "ana"}, {"id": "bo"}, {"id": "cem"}],
    "mentors": [{"id": "max"}, {"id": "noa"}],
    "scores": [[900, 500], [800, 100], [700, 400]],
}
BALLOTS = """\
# NUMBER ALTERNATIVES: 2
# ALTERNATIVE NAME 1: max
# ALTERNATIVE NAME 2: noa
2: 1,2
1: 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("problem.json").write_text(json.dumps(PROBLEM, indent=1), encoding="utf-8")
    Path("votes.soi").write_text(BALLOTS, encoding="utf-8")
    Path("places.csv").write_text("id,ceiling\nmax,1\nnoa,1\n", encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    """One command of `mentorbot match`."""
    return CliRunner().invoke(app, ["match", *words])


def test_a_problem_is_solved_and_the_result_holds(folder: Path) -> None:
    solved = run("solve", "problem.json", "-o", "result.json", "--explain")
    assert solved.exit_code == 0, solved.output
    assert solved.stdout.splitlines() == [
        "2 pairs, written to result.json.",
        "  mentors given to mentees: 2",
        "  the lowest score: 500",
        "  all scores together: 1300",
        "cem has 0 of 1: all places for them are taken",
    ]
    told = json.loads(Path("result.json").read_text(encoding="utf-8"))
    assert told["explanation"]["fairness"]["envious"] == 2
    verified = run("verify", "result.json", "problem.json")
    assert (verified.exit_code, verified.stdout) == (
        0,
        "The result holds: 2 pairs, and nothing better is there.\n",
    )


def test_without_a_file_for_it_the_result_goes_to_the_terminal(folder: Path) -> None:
    solved = run("solve", "problem.json")
    assert json.loads(solved.stdout)["pairs"][0]["mentee"] == "ana"
    assert "explanation" not in json.loads(solved.stdout)


def test_ballots_are_solved_with_their_places_beside_them(folder: Path) -> None:
    for order, counts in (("greedy_maximum", [1, 1]), ("rank_maximal", [1, 1])):
        solved = run("solve", "votes.soi", "places.csv", "--order", order, "-o", "result.json")
        assert solved.exit_code == 0, solved.output
        told = json.loads(Path("result.json").read_text(encoding="utf-8"))
        assert [it["value"] for it in told["parts"][0]["reached"][-2:]] == counts
        assert run("verify", "result.json", "votes.soi", "places.csv").exit_code == 0


def test_a_result_that_was_changed_does_not_hold(folder: Path) -> None:
    run("solve", "problem.json", "-o", "result.json")
    told = json.loads(Path("result.json").read_text(encoding="utf-8"))
    told["pairs"][0]["score"] = 1000
    Path("result.json").write_text(json.dumps(told), encoding="utf-8")
    verified = run("verify", "result.json")
    assert verified.exit_code == 1
    assert verified.stderr.startswith("The result does not hold.\nana:noa: its score")


def test_what_small_groups_leave_without_proof_is_solved_again_when_asked(folder: Path) -> None:
    Path("places.csv").write_text("id,ceiling,floor\nmax,2,2\nnoa,3,3\n", encoding="utf-8")
    Path("votes.soi").write_text(BALLOTS.replace("2: 1,2\n1: 1", "1: 1,2\n1: 2"), encoding="utf-8")
    run("solve", "votes.soi", "places.csv", "-o", "result.json")
    assert run("verify", "result.json").exit_code == 1
    assert run("verify", "result.json", "--again").exit_code == 0


def test_two_results_are_compared_measure_by_measure(folder: Path) -> None:
    run("solve", "problem.json", "-o", "a.json")
    other = PROBLEM | {"locks": [["cem", "max"]]}
    Path("problem.json").write_text(json.dumps(other), encoding="utf-8")
    run("solve", "problem.json", "-o", "b.json")
    assert run("compare", "a.json", "b.json").stdout.splitlines() == [
        "The two are not results of the same problem; what differs: locks.",
        "2 mentees move:",
        "bo: max → –",
        "cem: – → max",
        "  mentors given to mentees: 2, as before",
        "  the lowest score: 500, as before",
        "  all scores together: 1300 → 1200",
    ]
    assert run("compare", "a.json", "a.json").stdout.startswith("The same pairs.\n")


def test_why_not_is_answered_by_its_cost(folder: Path) -> None:
    run("solve", "problem.json", "-o", "a.json")
    told = run("why", "a.json", "ana", "max").stdout
    assert "ana: noa → max\nbo: max → –\ncem: – → noa\n" in told
    assert "the lowest score: 500 → 400" in told
    assert run("why", "a.json", "ana", "noa").stdout == "ana and noa are together already.\n"
    assert run("why", "a.json", "ana", "zoe").exit_code == 2


def test_why_not_by_lists_names_what_keeps_two_apart(folder: Path) -> None:
    lists = {
        "mode": "two_sided",
        "mentees": [{"id": "ana", "choices": ["max"]}, {"id": "bo"}],
        "mentors": [{"id": "max", "choices": ["ana"]}],
    }
    Path("problem.json").write_text(json.dumps(lists), encoding="utf-8")
    run("solve", "problem.json", "-o", "a.json")
    assert run("why", "a.json", "bo", "max").stdout == "bo has not chosen max.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("solve", "nowhere.json"), "nowhere.json cannot be read: No such file or directory."),
        (("solve", "votes.soi"), "votes.soi cannot be used:\nballots need a table of places"),
        (("solve", "problem.json", "places.csv"), "nothing goes beside it"),
        (("solve", "problem.json", "--order", "generous"), "nothing goes beside it"),
        (("solve", "votes.soi", "places.csv", "--order", "fair"), "allowed: greedy_maximum, gen"),
        (("solve", "problem.json", "-o", "no/where.json"), "no/where.json cannot be written: No"),
        (("verify", "problem.json"), "line 2, column 2: mentees: unknown word 'mentees'"),
        (("compare", "problem.json", "nowhere.json"), "problem.json cannot be used"),
    ],
)
def test_what_cannot_be_used_ends_with_a_sentence_and_status_2(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output


@pytest.mark.parametrize("words", [("schema",), ("schema", "--result")])
def test_the_schema_is_one(words: tuple[str, ...]) -> None:
    Draft202012Validator.check_schema(json.loads(run(*words).stdout))


def test_more_people_than_fit_are_counted(folder: Path) -> None:
    many = PROBLEM | {"mentees": [{"id": f"a{it:02}"} for it in range(30)]}
    many["scores"] = [[1, 1]] * 30
    Path("problem.json").write_text(json.dumps(many), encoding="utf-8")
    told = run("solve", "problem.json", "-o", "result.json").stdout.splitlines()
    assert told[-1] == "… and 8 more, in the file."
    assert len(told) == 25
