"""Messages claimed, sent nowhere and settled, per second, against one no-op job for each message.

MentorBot's workers make the storage calls of delivery: in one commit the slice before is settled,
the lane held, and a slice claimed with its intents. Procrastinate's workers run a task that does
nothing. Both have two processes on one PostgreSQL server, and as many at once in each; beside them
stands the one process that SQLite is for. Every commit reaches the disk.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import func, insert, select, text

from benchmarks import stage
from benchmarks.measure import fsync_ms, publish, scratch, seconds, verdict
from benchmarks.outbox_worker import QUEUE
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.storage import tables
from mentorbot.storage.store import open_engine
from tests.postgres import Database

WORKERS = 2
AT_ONCE = 4
"""Threads of a worker of ours, jobs at once in a worker of procrastinate's."""
LEAST = {"postgresql": 4.0, "sqlite": 8.0}
WORKSPACES = [f"T{number:09d}" for number in range(WORKERS * AT_ONCE)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the three in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=4000, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(arguments)
    with scratch() as folder, stage.durable_postgres() as server, ExitStack() as open_things:
        postgres, jobs = server.new_database(), server.new_database()
        runs: dict[str, Callable[[int], float]] = {
            "sqlite": Messages(folder, None, open_things, workers=1),
            "procrastinate": Jobs(jobs.owner_url, open_things),
            "postgresql": Messages(folder, postgres, open_things, workers=WORKERS),
        }
        per_second: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(asked.rounds):
            for name in runs if number % 2 == 0 else reversed(list(runs)):
                per_second[name].append(asked.messages / runs[name](asked.messages))
        disk_ms = fsync_ms(folder)
    _publish(asked, {name: statistics.median(it) for name, it in per_second.items()}, disk_ms)


class Messages:
    """Due messages in several workspaces of one database, and the workers that settle them."""

    def __init__(
        self, folder: Path, database: Database | None, open_things: ExitStack, workers: int
    ) -> None:
        settings = stage.settings_for(folder, database=database)
        self._url = settings.mentorbot_database_url
        self._workers = workers
        self._made = 0
        self._bot = stage.prepared_bot(settings, WORKSPACES[0])
        open_things.callback(self._bot.store.close)
        for workspace_id in WORKSPACES[1:]:
            stage.set_up(self._bot, workspace_id)
        for workspace_id in WORKSPACES:
            with self._bot.store.begin(workspace_id) as tx:
                tx.session.execute(tables.outbox.delete())

    def __call__(self, how_many: int) -> float:
        """How many seconds it takes to settle so many."""
        each = how_many // len(WORKSPACES)
        for workspace_id in WORKSPACES:
            self._add(workspace_id, each)
        shares = [WORKSPACES[number :: self._workers] for number in range(self._workers)]
        words = [
            ["messages", self._url, f"worker{number}", str(AT_ONCE), ",".join(share)]
            for number, share in enumerate(shares)
        ]
        took = _together(words)
        self._check_all_settled()
        return took * how_many / (each * len(WORKSPACES))

    def _add(self, workspace_id: str, how_many: int) -> None:
        now = datetime.now(UTC)
        begin, self._made = self._made, self._made + how_many
        with self._bot.store.begin(workspace_id) as tx:
            rows = [_message(workspace_id, number, now) for number in range(begin, self._made)]
            tx.session.execute(insert(tables.outbox), rows)

    def _check_all_settled(self) -> None:
        for workspace_id in WORKSPACES:
            column = tables.outbox.c
            with self._bot.store.read(workspace_id) as tx:
                left = tx.session.scalar(
                    select(func.count()).where(
                        column.workspace_id == workspace_id, column.state != MessageState.SENT
                    )
                )
            if left:
                raise RuntimeError(f"{left} messages were not settled")


class Jobs:
    """Jobs that do nothing, and the workers that run them."""

    def __init__(self, url: str, open_things: ExitStack) -> None:
        self._url = url
        self._engine = open_engine(url)
        open_things.callback(self._engine.dispose)
        with self._engine.begin() as connection:
            connection.connection.cursor().execute(SchemaManager.get_schema())

    def __call__(self, how_many: int) -> float:
        """How many seconds it takes to run so many."""
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT :queue,"
                    " 'nothing', jsonb_build_object('number', n) FROM generate_series(1, :most) n"
                ),
                {"queue": QUEUE, "most": how_many},
            )
        took = _together([["jobs", self._url, str(AT_ONCE)]] * WORKERS)
        with self._engine.connect() as connection:
            left = connection.scalar(
                text("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'")
            )
        if left:
            raise RuntimeError(f"{left} jobs were not run")
        return took


def _together(words: list[list[str]]) -> float:
    """Let workers begin at one moment; how many seconds until the last is done."""
    command = [sys.executable, "-m", "benchmarks.outbox_worker"]
    with ExitStack() as open_ones:
        workers = [
            open_ones.enter_context(
                subprocess.Popen(
                    [*command, *each], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for each in words
        ]
        _wait_for(workers, "ready")
        return seconds(lambda: _work(workers))


def _work(workers: list["subprocess.Popen[str]"]) -> None:
    for worker in workers:
        if worker.stdin is not None:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    _wait_for(workers, "done")


def _wait_for(workers: list["subprocess.Popen[str]"], word: str) -> None:
    for worker in workers:
        if worker.stdout is None or worker.stdout.readline() != f"{word}\n":
            raise RuntimeError(f"a worker was not {word}")


def _message(workspace_id: str, number: int, now: datetime) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "message_id": f"{number:020x}",
        "dedupe_key": f"benchmark:{number}",
        "kind": MessageKind.CHECK_IN,
        "recipients": [stage.user_id(number)],
        "programme_id": "img",
        "created_at": now,
        "not_before_at": now,
        "params": {},
        "priority": 10,
        "state": MessageState.PENDING,
        "attempt_count": 0,
    }


def _publish(asked: argparse.Namespace, per_second: dict[str, float], disk_ms: float) -> None:
    ratios = {name: per_second[name] / per_second["procrastinate"] for name in LEAST}
    lines = [
        f"  {name}: {per_second[name]:.0f} a second, ratio {ratios[name]:.1f};"
        f" target at least {least:g}: {verdict(ratios[name] >= least)}"
        for name, least in LEAST.items()
    ]
    publish(
        "throughput",
        {
            "messages": asked.messages,
            "rounds": asked.rounds,
            "workers": WORKERS,
            "at_once": AT_ONCE,
            "per_second": per_second,
            "ratio": ratios["postgresql"],
            "sqlite_ratio": ratios["sqlite"],
            "fsync_ms": disk_ms,
        },
        f"ratio {ratios['postgresql']:.1f} to procrastinate's"
        f" {per_second['procrastinate']:.0f} no-op jobs a second\n"
        + "\n".join(lines)
        + f"\n  one fsync takes {disk_ms:.2f} ms",
    )


if __name__ == "__main__":
    main()
