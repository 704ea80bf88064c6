"""The operator's page, followed literally: each command that needs no real Slack, as it stands."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mentorbot.programmes import source
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from tests.operating.conftest import Run
from tests.postgres import Database, Server
from tests.world import MONDAY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ELSEWHERE = re.compile(r".venv/bin/mentorbot (run$|doctor$|applications |lists |programme new )")
"""Tests of their own type these, in this folder, in `tests/journeys/` and `tests/test_*.py`."""
IDS = {"T0123456789": "T0SANDBOX0", "C0123456789": "C0IMGMENTR", "U0123456789": "U0HANNAH00"}
BOT = ".venv/bin/mentorbot"
ERASE = f"{BOT} people erase U0123456789 --workspace T0123456789"
INSTALL = (
    f"{BOT} programme install img"
    " --workspace T0123456789 --channel C0123456789 --coordinator U0123456789"
)
TEAM, WORKSPACE = f"{BOT} team", "--workspace T0123456789"
DUMP = 'pg_dump --clean --if-exists --file backup.sql "$SUPERUSER_URL"'
LOAD = 'psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --file backup.sql "$SUPERUSER_URL"'


def commands() -> list[str]:
    """Every line of the page's blocks that runs MentorBot or a database's own program."""
    blocks = re.findall(r"^ *```\n(.*?)\n *```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [it for it in lines if it.startswith((".venv/bin/mentorbot ", "pg_dump ", "psql "))]


class Operator:
    """Types the page's commands in an empty folder."""

    def __init__(self, run: Run, programs: str = "") -> None:
        self._run = run
        self._programs = programs
        self.typed: set[str] = set()

    def type(self, command: str, answer: str = "", message: str = "") -> str:
        """Type a command of the page, with what is blank filled in; its output."""
        assert command in commands(), command
        self.typed.add(command)
        for blank, value in {**IDS, "MESSAGE": message}.items():
            command = command.replace(blank, value)
        if command.startswith(BOT):
            done = self._run(*shlex.split(command)[1:], input=answer)
            assert done.exit_code == 0, f"{command}\n{done.output}"
            return done.stdout
        return self._in_shell(command)

    def _in_shell(self, command: str) -> str:
        path = f"{self._programs}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", command],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def slack(alone: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A simulated workspace, and its tokens in the environment."""
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        monkeypatch.setenv("SLACK_API_URL", sandbox.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", sandbox.bot_token)
        yield sandbox


def test_page_is_followed_on_sqlite(slack: Sandbox, alone: Run, tmp_path: Path) -> None:
    operator = Operator(alone)
    operator.type(f"{BOT} db upgrade")
    operator.type(INSTALL)
    slack.faults.fail("chat.postMessage", "not_in_channel")
    operator.type(f"{BOT} tick")
    dead = operator.type(f"{BOT} outbox list --state dead").splitlines()[1].split()[0]
    assert dead in operator.type(f"{BOT} outbox list")
    assert "not_in_channel" in operator.type(f"{BOT} outbox show MESSAGE", message=dead)
    operator.type(f"{BOT} outbox retry MESSAGE", message=dead)
    slack.faults.fail("chat.postMessage", "not_in_channel")
    operator.type(f"{BOT} tick")
    operator.type(f"{BOT} db backup backup.db")
    operator.type(f"{BOT} outbox retry MESSAGE --look-again", message=dead)
    operator.type(f"{BOT} tick")
    assert slack.person(IDS["U0123456789"]).messages(IDS["C0123456789"])
    operator.type(f"{TEAM} add U0123456789 reviewer {WORKSPACE}")
    assert "reviewer  img" in operator.type(f"{TEAM} list {WORKSPACE}")
    operator.type(f"{TEAM} remove U0123456789 reviewer {WORKSPACE}")
    operator.type(ERASE, answer="y\n")
    assert "Erased again" in operator.type(f"{BOT} db restore backup.db")
    operator.type(f'{BOT} outbox drop MESSAGE --reason "told in person"', message=dead)
    nobody = operator.type(f"{BOT} outbox list --to U0123456789 --state sent --state pending")
    assert nobody == "No message is sent or pending.\n"
    operator.type(f"{BOT} tick --now 2026-12-20T10:00Z")
    (tmp_path / "mine.yml").write_text(source("img"), encoding="utf-8")
    assert "can be run" in operator.type(f"{BOT} programme check mine.yml")
    operator.type(f"{BOT} programme diff mine.yml {WORKSPACE}")
    for file in tmp_path.glob("var/mentorbot.*"):
        assert IDS["U0123456789"].encode() not in file.read_bytes() or "before" in file.name
    untyped = {it for it in commands() if not ELSEWHERE.match(it)} - operator.typed
    assert untyped == {DUMP, LOAD, f"{BOT} outbox recover"}


@pytest.mark.usefixtures("slack")
def test_page_is_followed_on_postgresql(
    alone: Run, postgres: Database, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", postgres.url)
    monkeypatch.setenv("MENTORBOT_DATABASE_OWNER_URL", postgres.owner_url)
    monkeypatch.setenv("SUPERUSER_URL", postgres.superuser_url)
    operator = Operator(alone, str(postgres_server.programs))
    operator.type(f"{BOT} db upgrade")
    operator.type(INSTALL)
    operator.type(DUMP)
    operator.type(ERASE, answer="y\n")
    operator.type(LOAD)
    assert people(postgres) == [IDS["U0123456789"]]
    operator.type(f"{BOT} db upgrade")
    assert people(postgres) == []
    assert "workspaces: 1" in operator.type(f"{BOT} outbox recover")
    operator.type(f"{BOT} tick")
    operator.type(f"{BOT} outbox list")


def people(database: Database) -> list[str]:
    with psycopg.connect(database.superuser_url) as connection:
        return [row[0] for row in connection.execute("SELECT slack_user_id FROM person")]
