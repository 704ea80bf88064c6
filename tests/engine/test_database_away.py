"""A database that fails, goes away or only reads: nothing is lost, said twice or half done."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from mentorbot.storage import migration
from mentorbot.storage.store import open_engine
from tests.postgres import APP, Database, Server
from tests.world import AMARA, SOFIA, ZOE, World, world_at

FAILS_ONCE = """
CREATE SEQUENCE failures;
GRANT USAGE ON SEQUENCE failures TO PUBLIC;
CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('failures') = 1 THEN
        RAISE EXCEPTION 'going away' USING ERRCODE = 'admin_shutdown';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail_once BEFORE UPDATE ON message
    FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION fail_once();
"""
PATIENCE_SECONDS = 40


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def world(postgres: Database, tmp_path: Path) -> Iterator[World]:
    """A world on PostgreSQL."""
    with world_at(tmp_path, database=postgres) as made:
        made.sandbox.answer_timeout_seconds = 1.0
        made.sandbox.retry_delays_seconds = (0.5,) * 20
        yield made


def superuser(postgres: Database, statements: str) -> None:
    """Do something to the database behind the bot's back."""
    writing = "-c default_transaction_read_only=off"
    with psycopg.connect(postgres.superuser_url, autocommit=True, options=writing) as connection:
        connection.execute(statements.encode())


def test_what_slack_took_is_not_said_again_when_its_outcome_could_not_be_saved(
    world: World, postgres: Database
) -> None:
    sofia = world.person(SOFIA)
    superuser(postgres, FAILS_ONCE)
    sofia.hands.join_workspace()
    world.sandbox.wait_until_idle()
    world.running.heartbeat.beat()
    wait_for(lambda: len(sofia.dms()) == 1)
    world.clock.advance(timedelta(minutes=30))
    time.sleep(1.1)
    world.settle()
    assert len(sofia.dms()) == 1


def test_a_database_that_goes_away_in_mid_run_is_waited_for(
    world: World, postgres_server: Server
) -> None:
    amara, zoe, sofia = world.person(AMARA), world.person(ZOE), world.person(SOFIA)
    world.running.start()
    amara.join("mentor")
    zoe.fill_role_form("mentee")
    postgres_server.stop()
    try:
        world.sandbox.answer_timeout_seconds = 10.0
        zoe.hands.submit()
        world.sandbox.answer_timeout_seconds = 1.0
        sofia.hands.join_workspace()
        world.running.heartbeat.beat()
    finally:
        postgres_server.start()
    assert "Something went wrong" in str(zoe.hands.modal)
    wait_for(lambda: len(sofia.dms()) == 1)
    zoe.hands.close_modal()
    zoe.join("mentee")
    wait_for(lambda: zoe.partners() == {AMARA})
    assert len(sofia.dms()) == 1


def test_a_worker_waits_for_its_database_and_for_the_owner_to_migrate_it(
    postgres_server: Server, postgres: Database, tmp_path: Path
) -> None:
    environment = os.environ | {
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SLACK_BOT_TOKEN": "xoxb-0",
        "MENTORBOT_DATABASE_URL": postgres.url,
        "MENTORBOT_ENGINE": "procrastinate",
    }
    told = tmp_path / "log"
    postgres_server.stop()
    with told.open("w") as log:
        command = [sys.executable, "-m", "mentorbot", "work"]
        worker = subprocess.Popen(command, env=environment, stderr=log)
    try:
        wait_for(lambda: "database.away" in told.read_text())
        assert worker.poll() is None
    finally:
        postgres_server.start()
    try:
        wait_for(lambda: "database.not_migrated" in told.read_text())
        owner = open_engine(postgres.owner_url)
        migration.upgrade(owner, APP)
        owner.dispose()
        wait_for(lambda: "running" in told.read_text())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
    finally:
        worker.kill()
        worker.wait()
    assert "Traceback" not in told.read_text()


def test_after_a_failover_no_connection_to_the_old_primary_is_kept(
    world: World, postgres: Database
) -> None:
    name = postgres.url.split("?")[0].rsplit("/", 1)[1]
    superuser(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    world.bot.store.close()
    sofia = world.person(SOFIA)
    sofia.hands.join_workspace()
    world.running.heartbeat.beat()
    assert sofia.dms() == []
    superuser(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = off")
    world.running.start()
    wait_for(lambda: len(sofia.dms()) == 1)
