"""The processes of a run: the faulty Slack, and the nursery with its senders.

Both end when their standard input does, so that nothing outlives the run, however it ends.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.faults.chaos.clock import QuickClock
from tests.faults.chaos.record import Posting

ROOT = Path(__file__).parents[3]


class Process:
    """A Python process that answers each line of JSON with another."""

    def __init__(self, *words: str) -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._orders, self._answers = self._running.stdin, self._running.stdout

    def order(self, **order: Any) -> dict[str, Any]:
        """Say what to do; its answer."""
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """The next line. Raises RuntimeError where the process has died."""
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"{self._running.args!r} ended in the middle of the run")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def close(self) -> None:
        """Let it end, and wait until it has."""
        self._orders.close()
        self._running.wait(timeout=30)
        self._answers.close()


@dataclass(frozen=True)
class Progress:
    """How far Slack is: messages that stand, those deleted, calls by method, calls it failed."""

    taken: int
    taken_back: int
    calls: dict[str, int]
    faults: dict[str, int]

    @property
    def look_ups(self) -> int:
        """Calls that looked for an earlier try."""
        return self.calls.get("conversations.history", 0) + self.calls.get("files.info", 0)


class Slack(Process):
    """The faulty Slack."""

    def __init__(self, clock: QuickClock, seed: int) -> None:
        words = (str(clock.since), str(clock.speed), str(seed))
        super().__init__("tests.faults.chaos.faulty_slack", *words)
        self.api_url: str = self.hear()["api_url"]

    def behave(self, **how: Any) -> Progress:
        """Change how it fails (`share`, `is_down`, `refused`) or its `clock`; how far it is."""
        return Progress(**self.order(**how))

    def postings(self, folder: Path) -> list[Posting]:
        """Everything that it took, in order."""
        path = folder / "record.json"
        self.behave(write_to=str(path))
        return [Posting(**found) for found in json.loads(path.read_text(encoding="utf-8"))]

    def calls(self, folder: Path) -> list[dict[str, Any]]:
        """Every call that it heard: when, whose, about what, and how it failed."""
        path = folder / "calls.json"
        self.behave(calls_to=str(path))
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return found


class Senders(Process):
    """The senders of a run, by name; a death is made good. `clock` is that of those to come."""

    def __init__(self, work: str, how_many: int, job: dict[str, Any], clock: QuickClock) -> None:
        super().__init__("tests.faults.chaos.nursery", work)
        self.clock = clock
        self._job = job
        self._births = 0
        self.names: list[str] = []
        self.stopped: set[str] = set()
        self.failed = 0
        self._how_many = how_many

    def fill_up(self) -> None:
        """Bury those that died by themselves, and have as many senders as there should be."""
        for name in self.order(act="bury")["dead"]:
            self._forget(name)
            self.failed += 1
        while len(self.names) < self._how_many:
            self._births += 1
            name = f"sender-{self._births}"
            self.order(act="spawn", name=name, clock=asdict(self.clock), **self._job)
            self.names.append(name)

    def kill(self, name: str) -> None:
        """SIGKILL; the next `fill_up` puts another in its place."""
        self.order(act="SIGKILL", name=name)
        self._forget(name)

    def kill_all(self) -> None:
        """SIGKILL to everybody."""
        for name in list(self.names):
            self.kill(name)

    def stop(self, name: str) -> None:
        """SIGSTOP."""
        self.order(act="SIGSTOP", name=name)
        self.stopped.add(name)

    def go_on(self, name: str) -> None:
        """SIGCONT, where it still lives."""
        self.order(act="SIGCONT", name=name)
        self.stopped.discard(name)

    def _forget(self, name: str) -> None:
        self.names.remove(name)
        self.stopped.discard(name)
