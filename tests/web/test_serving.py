"""`mentorbot serve`: the whole process, and the sentences with which it refuses to start."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from mentorbot.web.server import listen
from tests.web.stage import signed_post
from tests.world import MONDAY, ZOE

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
COMMAND = urlencode(
    {
        "command": "/mentorbot",
        "text": "help",
        "team_id": "T0SANDBOX0",
        "user_id": ZOE,
        "channel_id": "C0IMGMENTR",
        "trigger_id": "1.2.3",
    }
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
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


@pytest.mark.parametrize("single", [True, False], ids=["one token", "installed from a link"])
def test_the_process_serves_until_it_is_terminated(tmp_path: Path, single: bool) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with Sandbox(VirtualClock(MONDAY)) as sandbox, process(tmp_path, sandbox, url, single) as it:
        assert answer(f"{url}/readyz").status_code == 200
        status = answer(f"{url}/slack/install").status_code
        assert status == (404 if single else 302)
        said = signed_post(url, COMMAND, sandbox.signing_secret, **FORM)
        assert said.status_code == 200
        assert ("not installed here" in said.text) is not single
        it.send_signal(signal.SIGTERM)
        _out, err = it.communicate(timeout=20)
    assert it.returncode == 0, err
    assert '"event": "stopping"' in err
    for secret in (sandbox.bot_token, sandbox.signing_secret, sandbox.client_secret):
        assert secret not in err


@contextmanager
def process(
    folder: Path, sandbox: Sandbox, url: str, single: bool
) -> Iterator[subprocess.Popen[str]]:
    """`mentorbot serve` as operators run it, every setting in its environment."""
    env = {
        **os.environ,
        **NOTHING,
        "SLACK_BOT_TOKEN": sandbox.bot_token if single else "",
        "SLACK_CLIENT_ID": sandbox.client_id,
        "SLACK_CLIENT_SECRET": sandbox.client_secret,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.api_url,
        "MENTORBOT_PUBLIC_URL": url,
        "MENTORBOT_PORT": url.rpartition(":")[2],
        "MENTORBOT_LOG_FORMAT": "json",
        "HOME": str(folder),
    }
    words = [sys.executable, "-m", "mentorbot", "serve"]
    with subprocess.Popen(words, cwd=folder, env=env, stderr=subprocess.PIPE, text=True) as it:
        try:
            yield it
        finally:
            it.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str) -> httpx.Response:
    """What is answered once somebody listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_an_answer_is_not_held_back_until_the_one_before_is_acknowledged() -> None:
    """An answer leaves in two small pieces; the second waited 40 ms for news of the first."""

    async def delays_of_an_accepted_connection(open_socket: socket.socket) -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=open_socket):
            _reader, writer = await asyncio.open_connection(*open_socket.getsockname())
            is_sent_at_once = await accepted
            writer.close()
            await writer.wait_closed()
            return is_sent_at_once

    assert asyncio.run(delays_of_an_accepted_connection(listen("127.0.0.1", 0))) == 1
