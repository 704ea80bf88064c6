"""Upgrading without stopping: messages are drained while the database moves on beneath."""

import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mentorbot.bootstrap import real_clock
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.sandbox.population import Population, Resident
from mentorbot.storage import migration, tables
from mentorbot.storage.migration import Version
from mentorbot.usecases.messages import enqueue
from tests.engine.test_replicas import wait_for
from tests.postgres import Database
from tests.test_docs import ROOT
from tests.upgrading import next_version, running_it
from tests.world import World, world_at

READERS = [f"U0READER{number:02}" for number in range(12)]
SECTION = re.compile(r"^## Upgrading without stopping\n(.*?)^## ", re.DOTALL | re.MULTILINE)


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workspace with many readers, today; nobody works yet."""
    own = Population.read()
    people = tuple(Resident(who, f"Reader {who}") for who in READERS)
    population = replace(own, people=(*own.people, *people))
    database: Database | None = None
    if request.param == "postgres":
        database = replace(request.getfixturevalue("postgres"), engine="procrastinate")
    with world_at(tmp_path, real_clock(), database, population=population) as made:
        yield made


def environment(world: World) -> dict[str, str]:
    """What the commands of either version are told."""
    settings = world.bot.settings
    return {
        **running_it(ROOT),
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "MENTORBOT_DATABASE_URL": settings.mentorbot_database_url,
        "MENTORBOT_DATABASE_OWNER_URL": settings.mentorbot_database_owner_url,
        "MENTORBOT_ENGINE": settings.mentorbot_engine,
        "MENTORBOT_HEARTBEAT_SECONDS": "0.5",
        "MENTORBOT_MESSAGES_PER_MINUTE": "0",
    }


@contextmanager
def worker(world: World, folder: Path, **version: str) -> Iterator[None]:
    """`mentorbot work` of a version, which begins, and ends well when it is told to."""
    words = [sys.executable, "-m", "mentorbot", "work"]
    told = environment(world) | version
    log = Path(tempfile.mkstemp(dir=folder)[1])
    with log.open("w") as err, subprocess.Popen(words, cwd=folder, env=told, stderr=err) as it:
        try:
            wait_for(lambda: "running" in log.read_text())
            yield
            it.terminate()
            assert it.wait(30) == 0, log.read_text()
        finally:
            it.kill()


def write(world: World, subject: str) -> None:
    """Put a welcome for each reader into the outbox, each in a transaction of its own."""
    for who in READERS:
        with world.bot.store.begin(world.running.workspace_id) as tx:
            enqueue(
                tx,
                MessageKind.WELCOME,
                [who],
                programme_id="img",
                subject=subject,
                now=real_clock(),
            )


def arrived(world: World) -> Counter[str]:
    """How often each message stands in Slack, by its key."""
    found: Counter[str] = Counter()
    for who in READERS:
        for message in world.person(who).dms():
            found[message["metadata"]["event_payload"]["key"]] += 1
    return found


def unsettled(world: World) -> int:
    """How many messages are still to be sent."""
    waiting = tables.outbox.c.state.in_([MessageState.PENDING, MessageState.SENDING])
    with world.bot.store.read(world.running.workspace_id) as tx:
        count = select(func.count()).select_from(tables.outbox).where(waiting)
        return tx.session.scalar(count) or 0


def commands() -> list[list[str]]:
    """What the operator's page has one type, in its order."""
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = SECTION.search(page)
    assert section is not None
    typed = re.findall(r"^\.venv/bin/mentorbot (.+)$", section[1], re.MULTILINE)
    return [line.split() for line in typed]


def follow_the_page(world: World, folder: Path, done: Callable[[], None]) -> None:
    """Type everything, as the version to come."""
    for words in commands():
        ended = subprocess.run(
            [sys.executable, "-m", "mentorbot", *words],
            cwd=folder,
            env=environment(world) | running_it(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    done()


def test_an_upgrade_in_mid_drain_loses_and_repeats_nothing(world: World, tmp_path: Path) -> None:
    assert ["db", "upgrade"] in commands()
    after, engine = next_version(tmp_path / "next"), world.bot.store.engine
    upgraded = threading.Event()
    upgrading = threading.Thread(target=follow_the_page, args=(world, after, upgraded.set))
    with worker(world, tmp_path):
        write(world, "before")
        wait_for(lambda: sum(arrived(world).values()) > 5)
        upgrading.start()
        rounds = 0
        while upgrading.is_alive():
            rounds += 1
            write(world, f"meanwhile {rounds}")
            upgrading.join(1)
        assert upgraded.is_set()
        assert migration.version(engine) is Version.NEWER
        write(world, "afterwards, by the old one")
        with worker(world, after, **running_it(after)), worker(world, tmp_path):
            write(world, "side by side")
            wait_for(lambda: unsettled(world) == 0)
    expected = len(READERS) * (rounds + 3)
    assert len(arrived(world)) == expected
    assert set(arrived(world).values()) == {1}
