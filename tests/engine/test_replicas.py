"""Several replicas over one PostgreSQL: everything is said once, whoever says it."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from mentorbot.bootstrap import build, real_clock
from mentorbot.domain.messages import MessageKind
from mentorbot.running import AtWork, sender_name
from mentorbot.storage import jobs
from mentorbot.usecases.messages import enqueue
from tests.postgres import Database
from tests.world import AMARA, ZOE, World, words, world_at

PATIENCE_SECONDS = 30


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def replicated(postgres: Database, tmp_path: Path) -> Iterator[World]:
    """A world whose work is done by jobs, today, as other processes' clocks are; nobody works."""
    database = replace(postgres, engine="procrastinate")
    with world_at(tmp_path, real_clock(), database) as world:
        yield world


def write(world: World, *subjects: str) -> None:
    """Put welcomes for Zoë in the outbox, each in a transaction of its own."""
    for subject in subjects:
        with world.bot.store.begin(world.running.workspace_id) as tx:
            enqueue(
                tx,
                MessageKind.WELCOME,
                [ZOE],
                programme_id="img",
                subject=subject,
                now=world.clock(),
            )


def arrived(world: World) -> Counter[str]:
    """How often each message stands in Zoë's DM, by its key."""
    return Counter(m["metadata"]["event_payload"]["key"] for m in world.person(ZOE).dms())


def test_a_person_is_answered_by_whoever_works_without_waiting_for_a_beat(
    replicated: World,
) -> None:
    amara, zoe = replicated.person(AMARA), replicated.person(ZOE)
    replicated.running.engine.start()
    amara.join("mentor")
    zoe.join("mentee")
    wait_for(lambda: len(zoe.groups()) == 1)
    wait_for(lambda: bool(zoe.hands.messages(zoe.groups()[0]["id"])))
    assert "Your first meeting" in words(zoe.hands.messages(zoe.groups()[0]["id"])[0])


def test_two_replicas_send_each_message_once(replicated: World) -> None:
    settings, clock = replicated.bot.settings, replicated.clock
    other = AtWork(build(settings, clock=clock, rng=random.Random(8)))
    for replica in (replicated.running, other):
        replica.start()
    subjects = [f"s{number}" for number in range(30)]
    write(replicated, *subjects)
    wait_for(lambda: len(arrived(replicated)) == len(subjects))
    other.stop()
    assert set(arrived(replicated).values()) == {1}


def test_a_killed_worker_process_leaves_nothing_unsaid(replicated: World) -> None:
    settings = replicated.bot.settings
    environment = os.environ | {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "MENTORBOT_DATABASE_URL": settings.mentorbot_database_url,
        "MENTORBOT_ENGINE": "procrastinate",
        "MENTORBOT_HEARTBEAT_SECONDS": "0.5",
        "MENTORBOT_MESSAGES_PER_MINUTE": "0",
    }
    subjects = [f"s{number}" for number in range(40)]
    write(replicated, *subjects)
    worker = subprocess.Popen(
        [sys.executable, "-m", "mentorbot", "work"], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: len(arrived(replicated)) >= 3)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert len(arrived(replicated)) < len(subjects)
    jobs.free_dead_lanes(replicated.bot.store.engine, stalled_seconds=0)
    replicated.clock.advance(timedelta(minutes=1))
    replicated.running.start()
    wait_for(lambda: len(arrived(replicated)) == len(subjects))
    assert set(arrived(replicated).values()) == {1}


def test_a_waiting_job_is_not_taken_before_its_cause_is_committed(replicated: World) -> None:
    store, workspace_id = replicated.bot.store, replicated.running.workspace_id
    write(replicated, "first")
    with store.begin(workspace_id) as tx:
        jobs.ask_for_drain(tx)
        with store.engine.connect() as worker:
            fetched = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
            assert worker.scalar(fetched) is None
    with store.engine.connect() as worker:
        assert worker.scalar(fetched) is not None


def test_a_job_is_asked_for_only_if_its_cause_is_committed(replicated: World) -> None:
    store, workspace_id = replicated.bot.store, replicated.running.workspace_id
    count = text("SELECT count(*) FROM procrastinate_jobs")
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    with store.begin(workspace_id) as tx:
        jobs.ask_for_drain(tx)
        tx.session.rollback()
    with store.engine.connect() as connection:
        assert connection.scalar(count) == 0
    write(replicated, "first", "second", "third")
    with store.engine.connect() as connection:
        assert connection.scalar(count) == 1


def test_a_job_that_another_adds_at_the_same_moment_costs_nothing(
    replicated: World, postgres: Database
) -> None:
    store, workspace_id = replicated.bot.store, replicated.running.workspace_id
    writer = threading.Thread(target=write, args=(replicated, "first"))
    with psycopg.connect(postgres.superuser_url) as other:
        other.execute("DELETE FROM procrastinate_jobs")
        other.commit()
        other.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock)"
            " VALUES ('lanes', 'drain', %(lane)s, %(lane)s)",
            {"lane": workspace_id},
        )
        writer.start()
        is_waiting = text("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
        with store.engine.connect() as looking:
            wait_for(lambda: bool(looking.scalar(is_waiting)))
        other.commit()
        writer.join(PATIENCE_SECONDS)
        assert other.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)
        found = other.execute("SELECT count(*) FROM message WHERE dedupe_key LIKE 'first:%'")
        assert found.fetchone() == (1,)


def test_no_two_processes_share_a_name_in_leases() -> None:
    assert len({sender_name() for _process in range(10)}) == 10
    assert len(sender_name()) <= 40
