"""`mentorbot applications`: exports of forms come in by command, and nothing of them is lost."""

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.applications import GOALS, TEAM, Desk, desk_at, programme_file
from tests.operating.conftest import Run

HEADER = (
    "ID,Start time,Completion time,Email,Name,Your degree,Your year,Your goals,"
    "I will take part in all of it,Your field"
)
At = Callable[..., Desk]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """Opens a programme that takes applications from files, in a database the commands find."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    with ExitStack() as stack:

        def opened(**rules: Any) -> Desk:
            file = programme_file(**{"through": ["import"], **rules})
            return stack.enter_context(desk_at(tmp_path, file))

        yield opened


def export(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8-sig") -> str:
    path.write_text("\n".join([header, *rows, ""]), encoding=encoding)
    return str(path)


def row(number: int, name: str, degree: str = "PhD", goals: str = GOALS) -> str:
    when = "1/3/25 9:00:00,1/3/25 9:05:00"
    return f"{number},{when},{name}@Example.org,{name},{degree},3,{goals},Yes,Industry"


def imported(run: Run, path: str, *more: str, role: str = "mentee") -> Any:
    return run("applications", "import", path, "--workspace", TEAM, "--role", role, *more)


@pytest.mark.phrase("IMS-15")
def test_export_of_the_portal_comes_in_and_comes_in_again_without_harm(
    desk: At, run: Run, tmp_path: Path
) -> None:
    desk()
    path = export(tmp_path / "form.csv", row(1, "Zoe"), row(2, "Omar"))
    first = imported(run, path)
    assert first.exit_code == 0, first.output
    assert "This is an export of Microsoft Forms." in first.output
    assert "2 rows: 2 new, 0 changed, 0 known already, 0 rejected." in first.output
    again = imported(run, path)
    assert "2 rows: 0 new, 0 changed, 2 known already, 0 rejected." in again.output
    listed = run("applications", "list", "--workspace", TEAM)
    assert listed.output.split() == ["cohort", "1", "mentee", "in", "review", "2"]


@pytest.mark.phrase("IMS-15")
def test_bad_rows_are_told_with_their_lines_and_written_to_a_file(
    desk: At, run: Run, tmp_path: Path
) -> None:
    desk()
    bad = row(2, "Omar", "=1+1")
    found = imported(run, export(tmp_path / "form.csv", row(1, "Zoe"), bad, row(3, "Lina")))
    assert found.exit_code == 1
    assert "3 rows: 2 new, 0 changed, 0 known already, 1 rejected." in found.output
    assert "line 3: Your degree: Please choose from the list." in found.output
    with (tmp_path / "form-rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        header, rejected = list(csv.reader(file))
    assert header[:2] == ["Line", "Why"]
    assert header[2:] == HEADER.split(",")
    assert rejected[0] == "3"
    assert rejected[7] == "'=1+1"


def test_without_bad_rows_there_is_no_file_of_them(desk: At, run: Run, tmp_path: Path) -> None:
    desk()
    imported(run, export(tmp_path / "form.csv", row(1, "Zoe")))
    assert not (tmp_path / "form-rejects.csv").exists()


def test_dry_run_changes_nothing(desk: At, run: Run, tmp_path: Path) -> None:
    desk()
    found = imported(run, export(tmp_path / "form.csv", row(1, "Zoe")), "--dry-run")
    assert "Nothing was changed. This would happen:\n1 rows: 1 new" in found.output
    assert "none yet" in run("applications", "list", "--workspace", TEAM).output


def test_column_without_a_question_is_told_with_the_nearest_and_can_be_named(
    desk: At, run: Run, tmp_path: Path
) -> None:
    desk()
    header = HEADER.replace("Your goals", "Goals for the year").replace("Your field", "Your feeld")
    path = export(tmp_path / "form.csv", row(1, "Zoe"), header=header)
    refused = imported(run, path)
    assert refused.exit_code == 2
    assert "No column answers Your goals (goals), which is required." in refused.output
    named = ["--map", "Goals for the year=goals", "--map", "Your feeld=field"]
    assert imported(run, path, *named).exit_code == 0
    extra = HEADER.replace("Your field", "Your field,Feild of work,Nothing like it")
    path = export(tmp_path / "more.csv", row(2, "Omar") + ",,", header=extra)
    found = imported(run, path)
    assert "Column 'Nothing like it' answers no question and is not read." in found.output


def test_role_is_read_from_the_column_that_is_named(desk: At, run: Run, tmp_path: Path) -> None:
    desk()
    header = HEADER + ",I am,How many mentees"
    rows = [row(1, "Zoe") + ",a mentee,", row(2, "Amara") + ",a mentor,2"]
    path = export(tmp_path / "form.csv", *rows, header=header)
    assert imported(run, path, role="I am").exit_code == 0
    listed = run("applications", "list", "--workspace", TEAM).output
    assert "mentor" in listed
    assert "mentee" in listed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in the file."),
        (b"PK\x03\x04rest", "This is an Excel workbook."),
        (b"a,a\n1,2\n", "Two columns are called a."),
        (b"one,two\n1,2\n", "none of them is known here"),
        (HEADER.encode(), "There is nothing in the file."),
    ],
)
def test_file_that_cannot_be_imported_is_refused_in_a_sentence(
    desk: At, run: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    desk()
    (tmp_path / "form.csv").write_bytes(content)
    found = imported(run, str(tmp_path / "form.csv"))
    assert found.exit_code == 2
    assert said in found.output


def test_what_cannot_be_asked_is_refused_in_a_sentence(desk: At, run: Run, tmp_path: Path) -> None:
    desk()
    path = export(tmp_path / "form.csv", row(1, "Zoe"))
    assert "cannot be read" in imported(run, str(tmp_path / "none.csv")).output
    assert "is not of the form" in imported(run, path, "--map", "nonsense").output
    assert "There is no column" in imported(run, path, role="Which").output
    bad = imported(run, export(tmp_path / "bad.csv", row(1, "Zoe", "No")), "--rejects", "/no/where")
    assert "cannot be written" in bad.output
