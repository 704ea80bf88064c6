"""`mentorbot lists`: membership lists are read from files, replaced as a whole or added to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import ApplicationState
from tests.applications import TEAM, Desk, desk_at, programme_file
from tests.operating.conftest import Run

At = Callable[[], Desk]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """Opens a programme for the members of a society, in a database that the commands find."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    with ExitStack() as stack:
        file = programme_file(
            lists={"members": "Members of the society"},
            eligibility={"mentee": {"listed_in": "members"}},
        )
        yield lambda: stack.enter_context(desk_at(tmp_path, file))


def read_in(run: Run, path: Path, content: str, *more: str, list_id: str = "members") -> Any:
    path.write_text(content, encoding="utf-8")
    return run("lists", "import", list_id, str(path), "--workspace", TEAM, *more)


def counted(run: Run) -> str:
    return " ".join(run("lists", "list", "--workspace", TEAM).output.split())


@pytest.mark.phrase("MICCAI-01")
def test_member_on_the_list_is_eligible_when_they_apply_in_slack(
    desk: At, run: Run, tmp_path: Path
) -> None:
    it = desk()
    found = read_in(run, tmp_path / "list.csv", "Name,E-mail\nZoe,Zoe@Example.org\n")
    assert "1 added, 0 taken off; 1 are on members now." in found.output
    assert it.apply("U1", email="zoe@example.org").state is ApplicationState.IN_REVIEW
    assert it.apply("U2", email="omar@example.org").state is ApplicationState.DECLINED


def test_list_replaces_the_one_before_or_is_added_to_it(desk: At, run: Run, tmp_path: Path) -> None:
    desk()
    path = tmp_path / "list.csv"
    read_in(run, path, "a@example.org\nb@example.org\n")
    added = read_in(run, path, "b@example.org\nc@example.org\n", "--add")
    assert "1 added, 0 taken off; 3 are on members now." in added.output
    replaced = read_in(run, path, "c@example.org\nd@example.org\n")
    assert "2 added, 3 taken off; 2 are on members now." in replaced.output
    assert counted(run) == "members 2 Members of the society"


def test_lines_without_an_address_are_told_and_the_others_count(
    desk: At, run: Run, tmp_path: Path
) -> None:
    desk()
    found = read_in(run, tmp_path / "list.csv", "E-mail\na@example.org\nnobody\n=1+1\n")
    assert found.exit_code == 1
    assert "2 lines hold no address, such as: 3, 4." in found.output
    assert "1 are on members now" in found.output


@pytest.mark.parametrize(
    ("content", "list_id", "said"),
    [
        ("E-mail\nnobody\n", "members", "There is nothing in the file."),
        ("Name,Age\nZoe,30\n", "members", "No column holds e-mail addresses."),
        ("", "members", "There is nothing in the file."),
        ("a@example.org\n", "alumni", "keeps no list alumni. Its lists: members."),
    ],
)
def test_refused_file_leaves_the_list_as_it_was(
    desk: At, run: Run, tmp_path: Path, content: str, list_id: str, said: str
) -> None:
    desk()
    read_in(run, tmp_path / "first.csv", "a@example.org\n")
    found = read_in(run, tmp_path / "list.csv", content, list_id=list_id)
    assert found.exit_code == 2
    assert said in found.output
    assert counted(run).startswith("members 1 ")
