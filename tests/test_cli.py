"""The command line: what it says, what it refuses with a sentence, what it leaves behind."""

import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.programmes import presets
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from tests.world import MONDAY, words

Run = Callable[..., Result]
IDS = ("--workspace", "T0SANDBOX0", "--channel", "C0IMGMENTR", "--coordinator", "U0HANNAH00")
INSTALL = ("programme", "install", "img", *IDS)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `mentorbot …` in an empty folder, with nothing set in the environment.

    What a process sets for itself, its signals and its log, is as before afterwards.
    """
    log, levels, sinks = structlog.get_config(), _levels(), list(logging.getLogger().handlers)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for name in list(os.environ):
        if name.startswith(("SLACK_", "MENTORBOT_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield lambda *words, **more: CliRunner().invoke(app, list(words), **more)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    structlog.configure(**log)
    logging.getLogger().handlers[:] = sinks
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _levels() -> dict[str, int]:
    names = ("", "slack_bolt", "slack_sdk", "apscheduler", "uvicorn")
    return {name: logging.getLogger(name).level for name in names}


def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "var" / "mentorbot.db")


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    connection = database(folder)
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()


def test_help_names_every_command_with_a_sentence(run: Run) -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f" {name} " in shown.output
        assert run(name, "--help").exit_code == 0
    for group in ("programme", "db", "outbox", "people", "team"):
        assert f" {group} " in shown.output
        assert run(group, "--help").exit_code == 0


def test_version_is_the_installed_one(run: Run) -> None:
    assert run("version").output == f"MentorBot {version('mentorbot')}\n"


def test_the_module_and_the_command_are_the_same() -> None:
    done = [sys.executable, "-m", "mentorbot", "version"]
    said = subprocess.run(done, capture_output=True, text=True, check=True).stdout
    assert said == f"MentorBot {version('mentorbot')}\n"


def test_a_wrong_word_is_refused_by_name(run: Run) -> None:
    for wrong in (("dance",), ("run", "--fast"), ("db", "downgrade"), ("tick", "--now")):
        refused = run(*wrong)
        assert refused.exit_code == 2
        assert wrong[-1] in refused.output
        assert "Traceback" not in refused.output


def test_every_preset_is_listed(run: Run) -> None:
    listed = run("programme", "list").output
    assert [line.split()[0] for line in listed.splitlines()] == list(presets())
    assert "IMG Mentorship Programme" in listed


def test_a_programme_is_set_up_once_and_then_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    first = run(*INSTALL)
    assert first.exit_code == 0, first.output
    assert "is set up in C0IMGMENTR" in first.output
    again = run(*INSTALL[:-1], "U0ANOTHER0")
    assert again.exit_code == 0, again.output
    assert "runs already; its file is up to date" in again.output
    assert len(rows(tmp_path, "programme")) == 1
    assert len(rows(tmp_path, "message")) == 1
    assert {row[2] for row in rows(tmp_path, "coordinator")} == {"U0HANNAH00", "U0ANOTHER0"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--workspace", "C0IMGMENTR"),
        ("--workspace", "T"),
        ("--workspace", ""),
        ("--channel", "#img-mentorship"),
        ("--channel", "c0imgmentr"),
        ("--channel", "U0HANNAH00"),
        ("--coordinator", "@hannah"),
        ("--coordinator", "U0HANNAH00,U0AMARA000"),
        ("--coordinator", "hannah@example.org"),
    ],
)
def test_what_is_not_a_slack_id_is_refused_before_anything_is_written(
    run: Run, tmp_path: Path, option: str, value: str
) -> None:
    given = list(INSTALL)
    given[given.index(option) + 1] = value
    refused = run(*given)
    assert refused.exit_code == 2
    assert f"{value!r} is not a Slack id for {option}" in refused.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("name", ["xyz", "", "IMG"])
def test_an_unknown_preset_is_refused_with_the_known_ones(run: Run, name: str) -> None:
    refused = run("programme", "install", name, *IDS)
    assert refused.exit_code == 2
    assert f"There is no preset {name!r}; known: " in refused.stderr
    assert "img" in refused.stderr.partition("known")[2]


@pytest.mark.parametrize("instant", ["tomorrow", "", "2026-13-01T10:00Z", "10:00", "1e9"])
def test_a_tick_at_nonsense_is_refused_with_an_example(run: Run, instant: str) -> None:
    refused = run("tick", "--now", instant)
    assert refused.exit_code == 2
    assert "is not an instant such as 2026-12-20T10:00Z" in refused.stderr


@pytest.mark.parametrize("instant", ["2026-12-20T10:00", "2026-12-20", "2026-12-20 10:00:00"])
def test_a_tick_without_a_zone_is_refused(run: Run, instant: str) -> None:
    refused = run("tick", "--now", instant)
    assert refused.exit_code == 2
    assert "needs its zone" in refused.stderr


def test_a_tick_as_of_an_instant_delivers_what_is_due_and_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        monkeypatch.setenv("SLACK_API_URL", sandbox.api_url.rstrip("/"))
        monkeypatch.setenv("SLACK_BOT_TOKEN", sandbox.bot_token)
        assert run(*INSTALL).exit_code == 0
        ticked = run("tick", "--now", "2999-01-01T11:00+01:00")
        assert ticked.exit_code == 0, ticked.output
        assert "0 things were due, 1 messages were taken up." in ticked.output
        assert "0 messages" in run("tick", "--now", "2999-01-02T10:00Z").output
        shown = sandbox.person("U0HANNAH00").messages("C0IMGMENTR")
        assert "Choose your role" in words(shown[-1])


def test_a_database_is_upgraded_twice_without_harm(run: Run, tmp_path: Path) -> None:
    for _time in range(2):
        upgraded = run("db", "upgrade")
        assert upgraded.exit_code == 0
        assert "The database is up to date: var/mentorbot.db" in upgraded.output
    assert len(rows(tmp_path, "alembic_version")) == 1


def test_running_without_tokens_says_which_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for given, missing in (({}, "BOT"), ({"SLACK_BOT_TOKEN": "xoxb-1"}, "APP")):
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        refused = run("run")
        assert refused.exit_code == 2
        assert f"SLACK_{missing}_TOKEN is not set" in refused.stderr
        assert "Traceback" not in refused.output
    assert not (tmp_path / "var").exists()


def test_running_with_tokens_that_slack_refuses_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        monkeypatch.setenv("SLACK_API_URL", sandbox.api_url)
        monkeypatch.setenv("SLACK_APP_TOKEN", sandbox.app_token)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-stolen")
        refused = run("run")
        assert refused.exit_code == 2
        assert "Slack refused SLACK_BOT_TOKEN: invalid_auth." in refused.output
        assert "stolen" not in refused.output


def test_tokens_in_a_file_are_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-1\n", encoding="utf-8")
    assert "SLACK_APP_TOKEN is not set" in run("run").stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_API_URL", "slack.com/api"),
        ("MENTORBOT_HEARTBEAT_SECONDS", "0"),
        ("MENTORBOT_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = run("db", "upgrade")
    assert refused.exit_code == 2
    assert name in refused.stderr
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MENTORBOT_DATABASE_URL", "mysql://mentorbot@db.example.org/mentorbot"),
        ("MENTORBOT_DATABASE_URL", "sqlite://"),
        ("MENTORBOT_DATABASE_URL", "var/mentorbot.db"),
        ("MENTORBOT_DATABASE_OWNER_URL", "db.example.org"),
        ("MENTORBOT_ENGINE", "procrastinate"),
    ],
)
def test_a_database_that_mentorbot_cannot_use_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = run("run")
    assert refused.exit_code == 2
    assert refused.output.startswith(f"{name}: ")
    assert "postgresql" in refused.output.lower()


def test_a_folder_that_cannot_be_made_for_the_database_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'file' / 'bot.db'}")
    refused = run("db", "upgrade")
    assert refused.exit_code == 2
    assert refused.output.startswith(f"There can be no database in {tmp_path / 'file'}: ")


def test_serving_without_a_signing_secret_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "  ")
    refused = run("serve")
    assert refused.exit_code == 2
    assert refused.output.startswith("SLACK_SIGNING_SECRET is not set.")


def test_the_demo_refuses_a_taken_port_in_a_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("demo", "--port", port, "--no-browser")
    assert refused.exit_code == 2
    assert "The demo could not start" in refused.stderr
    assert "try --port" in refused.stderr
    assert "Traceback" not in refused.output


def test_the_demo_ignores_real_tokens(tmp_path: Path) -> None:
    real = "SLACK_BOT_TOKEN=xoxb-real\nSLACK_APP_TOKEN=xapp-real\n"
    wrong = "SLACK_API_URL=http://127.0.0.1:1/\nMENTORBOT_DATABASE_URL=sqlite:///real.db\n"
    (tmp_path / ".env").write_text(real + wrong, encoding="utf-8")
    environment = {
        **os.environ,
        "SLACK_BOT_TOKEN": "xoxb-real",
        "SLACK_API_URL": "https://x.invalid/",
    }
    command = [sys.executable, "-u", "-m", "mentorbot", "demo", "--port", "0", "--no-browser"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        first = demo.stdout.readline()
        demo.terminate()
        _rest, complaints = demo.communicate(timeout=20)
    assert first.startswith("MentorBot demo: http://127.0.0.1:")
    assert demo.returncode == 0
    assert "Traceback" not in complaints
    assert "real" not in complaints
    assert (tmp_path / "var" / "demo" / "mentorbot.db").exists()
    assert not (tmp_path / "real.db").exists()
