"""`mentorbot serve` on a disk that fills up: nothing is acked unsaved, and all of it is sent."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from mentorbot.bootstrap import real_clock
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR
from mentorbot.sandbox.server import Sandbox
from tests.web.test_serving import NOTHING, free_port
from tests.world import AMARA, SOFIA, ZOE, World

PATIENCE_SECONDS = 60
MORE_THAN_AN_ANSWER = 8192
"""Bytes: every file of the process may be so long, and a database is longer."""


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


class LimitedFiles:
    """A disk on which no file can grow: writing fails with an input/output error."""

    says = "disk I/O error"

    def __init__(self, folder: Path) -> None:
        self.pid = 0

    def command(self, words: list[str]) -> list[str]:
        """How to start a process on this disk."""
        return words

    def fill(self) -> None:
        self._limit(MORE_THAN_AN_ANSWER)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class SmallDisk:
    """A disk of a few megabytes that only the process sees, filled from outside."""

    says = "database or disk is full"

    def __init__(self, folder: Path) -> None:
        self.pid = 0
        self._folder = folder
        tried = subprocess.run(self.command(["true"]), check=False, capture_output=True)
        if tried.returncode != 0:
            pytest.skip("needs unshare(1), and to be allowed to mount a tmpfs")

    def command(self, words: list[str]) -> list[str]:
        """How to start a process on this disk."""
        unshare = shutil.which("unshare") or "false"
        mount = f'mount -t tmpfs -o size=4m tmpfs {self._folder} && cd {self._folder} && exec "$@"'
        return [unshare, "-rm", "sh", "-ec", mount, "sh", *words]

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self.pid}/root{self._folder}/filler")

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()


class ServedWorld(World):
    """A workspace whose bot is another process."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox, self._url = sandbox, url
        self.log: list[dict[str, Any]] = []

    def settle(self) -> None:
        """The process does and sends what is due by itself."""

    def hear(self, said: IO[str]) -> None:
        """Read the log for as long as there is one; a pipe is no file, and never full."""
        for line in said:
            if line.startswith("{"):
                self.log.append(json.loads(line))

    def reasons(self) -> set[str]:
        """Why work was put off, by the log."""
        waits = ("database.away", "engine.interrupted")
        return {line["error"] for line in self.log if line["event"] in waits}

    def readiness(self) -> tuple[int, str]:
        """What `/readyz` answers, and says of the database; 0 while nobody listens."""
        try:
            answer = httpx.get(f"{self._url}/readyz", timeout=10)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.json()["database"]

    def measured(self, name: str) -> float:
        """A measure of the process."""
        lines = httpx.get(f"{self._url}/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def posted(self) -> int:
        """How many messages Slack was asked to post."""
        return sum(call.method == "chat.postMessage" for call in self.sandbox.calls)


INSTALLED_AND_SERVED = """
import sys
from mentorbot.cli import app
where = ["--workspace", sys.argv[1], "--channel", sys.argv[2], "--coordinator", sys.argv[3]]
app(["programme", "install", "img", *where], standalone_mode=False)
app(["serve"], standalone_mode=False)
"""


@contextmanager
def served(folder: Path, disk: LimitedFiles | SmallDisk) -> Iterator[ServedWorld]:
    """The IMG programme, served by a process on a disk."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Sandbox(VirtualClock(real_clock()), events_url=f"{url}/slack/events") as sandbox:
        sandbox.retry_delays_seconds = (0.3,) * 100
        env = {
            **os.environ,
            **NOTHING,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_SIGNING_SECRET": sandbox.signing_secret,
            "SLACK_API_URL": sandbox.api_url,
            "MENTORBOT_PORT": str(port),
            "MENTORBOT_LOG_FORMAT": "json",
            "MENTORBOT_HEARTBEAT_SECONDS": "0.3",
        }
        where = [sandbox.workspace_id, CHANNEL, COORDINATOR]
        words = disk.command([sys.executable, "-c", INSTALLED_AND_SERVED, *where])
        world = ServedWorld(sandbox, url)
        with subprocess.Popen(
            words, cwd=folder, env=env, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL
        ) as process:
            assert process.stderr is not None
            hearing = threading.Thread(target=world.hear, args=(process.stderr,))
            hearing.start()
            disk.pid = process.pid
            try:
                wait_for(lambda: world.readiness()[0] == 200)
                yield world
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0
            finally:
                process.kill()
                hearing.join()


@pytest.mark.parametrize("kind", [LimitedFiles, SmallDisk])
def test_what_comes_while_the_disk_is_full_is_not_acked_and_has_its_effect_afterwards(
    tmp_path: Path, kind: type[LimitedFiles | SmallDisk]
) -> None:
    disk = kind(tmp_path)
    with served(tmp_path, disk) as world:
        sofia, zoe = world.person(SOFIA), world.person(ZOE)
        wait_for(lambda: world.posted() == 1)
        zoe.fill_role_form("mentee")
        disk.fill()
        sofia.hands.join_workspace()
        zoe.hands.submit()
        assert "Something went wrong" in str(zoe.hands.modal)
        wait_for(lambda: world.readiness() == (503, kind.says))
        assert world.posted() == 1
        disk.free()
        wait_for(lambda: world.readiness() == (200, "ok"))
        world.sandbox.wait_until_idle()
        wait_for(lambda: len(sofia.dms()) == 1)
        zoe.hands.close_modal()
        zoe.join("mentee")
        world.person(AMARA).join("mentor")
        wait_for(lambda: zoe.partners() == {AMARA})
    assert len(sofia.dms()) == 1
    assert world.sandbox.deliveries.undelivered == []


@pytest.mark.parametrize("kind", [LimitedFiles, SmallDisk])
def test_what_is_due_while_the_disk_is_full_is_not_sent_before_its_intent_is_saved(
    tmp_path: Path, kind: type[LimitedFiles | SmallDisk]
) -> None:
    disk = kind(tmp_path)
    with served(tmp_path, disk) as world:
        wait_for(lambda: world.posted() == 1)
        world.sandbox.faults.ratelimit("chat.postMessage", 2)
        sofia = world.person(SOFIA)
        sofia.hands.join_workspace()
        wait_for(lambda: world.measured('mentorbot_sends_total{outcome="clean"}') == 1)
        disk.fill()
        wait_for(lambda: kind.says in world.reasons())
        assert world.readiness() == (503, kind.says)
        assert world.posted() == 2
        disk.free()
        wait_for(lambda: len(sofia.dms()) == 1)
        wait_for(lambda: world.readiness() == (200, "ok"))
    assert world.reasons() == {kind.says}
    assert world.posted() == 3
