"""A database that is read-only, slow to commit or out of connections: all saved once, all sent."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, QueuePool, event

from mentorbot.domain.messages import MessageState
from mentorbot.storage import soundness
from mentorbot.storage.store import DATABASE_AWAY
from tests.faults.office import Office
from tests.postgres import Database
from tests.world import SOFIA, World, on_both_databases

COMMIT_SECONDS = 0.8
SLOW_COMMITS = f"""
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep({COMMIT_SECONDS}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON handled_payload
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE CONSTRAINT TRIGGER dawdle AFTER UPDATE ON message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
"""What is deferred is done at the commit, before it is written."""


@pytest.fixture
def impatient(world: World) -> World:
    """A Slack that waits half a second for an answer, and sends an event again many times."""
    world.sandbox.answer_timeout_seconds = 0.5
    world.sandbox.retry_delays_seconds = (0.2,) * 60
    return world


def times_heard_again(world: World) -> float:
    """How many payloads came to the bot that had had their effect."""
    collected = world.bot.metrics.registry.collect()
    samples = (sample for metric in collected for sample in metric.samples)
    return sum(
        sample.value
        for sample in samples
        if sample.name.endswith("_count") and sample.labels.get("outcome") == "repeated"
    )


def is_postgres(world: World) -> bool:
    return world.bot.store.is_postgresql


def superuser(database: Database, statements: str) -> None:
    """Do something to the database behind the bot's back."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(statements.encode())


@contextmanager
def no_connection_is_left(world: World) -> Iterator[None]:
    """Somebody holds every connection that the pool may open."""
    pool = world.bot.store.engine.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0.5
    with ExitStack() as stack:
        for _place in range(pool.size() + pool._max_overflow):
            stack.enter_context(world.bot.store.engine.connect())
        yield


@contextmanager
def nothing_can_be_written(world: World) -> Iterator[None]:
    """Every transaction is for reading only, as on a standby or a disk that is mounted so."""
    engine, forbidden = world.bot.store.engine, [True]

    def forbid(connection: Connection) -> None:
        if not is_postgres(world):
            connection.exec_driver_sql(f"PRAGMA query_only = {forbidden[0]}")
        elif forbidden[0]:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    event.listen(engine, "begin", forbid)
    yield
    forbidden[0] = False


@on_both_databases
@pytest.mark.parametrize(
    ("trouble", "said"),
    [(no_connection_is_left, "QueuePool limit"), (nothing_can_be_written, "read.?only")],
)
def test_what_could_not_be_saved_comes_again_and_has_its_effect_once(
    impatient: World, trouble: Callable[[World], AbstractContextManager[None]], said: str
) -> None:
    world, sofia = impatient, impatient.person(SOFIA)
    with trouble(world):
        sofia.hands.join_workspace()
        world.running.heartbeat.beat()
        with pytest.raises(DATABASE_AWAY, match=said):
            soundness.write(world.bot.store)
        assert world.bot.store.trouble
    world.settle()
    soundness.write(world.bot.store)
    assert world.bot.store.trouble == ""
    assert len(sofia.dms()) == 1


def let_commits_dawdle(world: World, request: pytest.FixtureRequest) -> None:
    """Each commit takes its time, as on a disk that is overwhelmed; others wait for it."""
    if is_postgres(world):
        superuser(request.getfixturevalue("postgres"), SLOW_COMMITS)
    else:
        event.listen(world.bot.store.engine, "commit", lambda _: time.sleep(COMMIT_SECONDS))


@on_both_databases
def test_commit_that_outlasts_slacks_patience_has_one_effect_however_often_slack_asks(
    impatient: World, request: pytest.FixtureRequest
) -> None:
    world, sofia = impatient, impatient.person(SOFIA)
    let_commits_dawdle(world, request)
    sofia.hands.join_workspace()
    world.settle()
    assert len(sofia.dms()) == 1
    assert times_heard_again(world) > 0


def test_sender_whose_claim_took_longer_than_its_lease_calls_nobody(office: Office) -> None:
    """The disk holds its commit up, and another has taken over and sent the message meanwhile."""
    one, pool = office.write(), office.bot.store.engine.pool
    second, has_acted = office.another("second"), []

    def stand_still(*_connection: object) -> None:
        if not has_acted:
            has_acted.append(False)
            if office.stored(one).state is MessageState.SENDING:
                office.wait(3600)
                assert second.drain() == 1
                has_acted.append(True)
            else:
                has_acted.clear()

    event.listen(pool, "checkin", stand_still)
    before = office.calls("chat.postMessage")
    office.delivery.drain()
    event.remove(pool, "checkin", stand_still)
    assert has_acted == [False, True]
    assert office.calls("chat.postMessage") == before + 1
    assert office.is_settled(one)
