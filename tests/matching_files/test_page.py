"""The page on matching files: its example is a problem, its Python runs, no word is left out."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from mentorbot.domain.matching.ranked import Order
from mentorbot.matching_files.criteria_file import AnyCriterion
from mentorbot.matching_files.opening import open_problem
from mentorbot.matching_files.problem_file import Mentee, Mentor, ProblemFile
from mentorbot.matching_files.result_file import MadePair, ResultFile

PAGE = (Path(__file__).parents[2] / "docs" / "matching-files.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_its_example_is_a_problem_by_the_schema(
    tmp_path: Path,
) -> None:
    told = json.loads(block("json"))
    Draft202012Validator(ProblemFile.model_json_schema()).validate(told)
    file = tmp_path / "problem.json"
    file.write_text(block("json"), encoding="utf-8")
    assert open_problem(file).order == "greedy_maximum"


def test_its_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("problem.json").write_text(block("json"), encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(block("python"), "page", "exec"), {})
    assert said.getvalue() == "(('ana', 'max'), ('bo', 'noa')) True\n"


def test_every_word_of_the_files_is_explained() -> None:
    kinds = get_args(get_args(AnyCriterion)[0])
    parts = (ProblemFile, Mentee, Mentor, ResultFile, MadePair, *kinds)
    words = {word for part in parts for word in part.model_fields} - {"format", "by"}
    words |= {kind for part in kinds for kind in get_args(part.model_fields["kind"].annotation)}
    words |= set(Order)
    missing = {it for it in words if not re.search(rf'[`"]{it}[`"]', PAGE)}
    assert missing <= {"mentee", "mentor"}
