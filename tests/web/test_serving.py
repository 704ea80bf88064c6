"""`mentorbot serve`: the whole process, and the sentences with which it refuses to start."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from mentorbot.web.server import listen
from tests.world import MONDAY

NOTHING = dict.fromkeys(
    (
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CLIENT_ID",
        "SLACK_CLIENT_SECRET",
        "MENTORBOT_PUBLIC_URL",
    ),
    "",
)
LINKED = {"SLACK_SIGNING_SECRET": "s", "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "c"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET is not set"),
        ({"SLACK_SIGNING_SECRET": "s"}, "Set SLACK_BOT_TOKEN for one workspace"),
        ({**LINKED, "SLACK_CLIENT_SECRET": ""}, "Set SLACK_BOT_TOKEN for one workspace"),
        (LINKED, "MENTORBOT_PUBLIC_URL is not set"),
    ],
)
def test_serving_is_refused_in_a_sentence(
    settings: dict[str, str], missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["serve"], env={**NOTHING, **settings})
    assert done.exit_code == 2
    assert missing in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    taken = listen("127.0.0.1", 0)
    taken.listen()
    port = str(taken.getsockname()[1])
    done = subprocess.run(
        [sys.executable, "-m", "mentorbot", "serve", "--port", port],
        cwd=tmp_path,
        env={**os.environ, **NOTHING, **LINKED, "MENTORBOT_PUBLIC_URL": "https://bot.example.org"},
        capture_output=True,
        text=True,
        check=False,
    )
    taken.close()
    assert done.returncode == 2
    assert f"could not serve on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_process_serves_until_it_is_terminated(tmp_path: Path) -> None:
    port = free_port()
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        env = {
            **os.environ,
            **NOTHING,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_SIGNING_SECRET": sandbox.signing_secret,
            "SLACK_API_URL": sandbox.api_url,
            "MENTORBOT_LOG_FORMAT": "json",
        }
        serving = subprocess.Popen(
            [sys.executable, "-m", "mentorbot", "serve", "--port", str(port)],
            cwd=tmp_path,
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert answers(f"http://127.0.0.1:{port}/readyz") == 200
        finally:
            serving.send_signal(signal.SIGTERM)
            _out, err = serving.communicate(timeout=20)
    assert serving.returncode == 0, err
    assert '"event": "stopping"' in err
    assert sandbox.bot_token not in err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return httpx.get(url).status_code
        except httpx.TransportError:
            time.sleep(0.1)
    return 0
