"""The clock that replicas share: the database's, whatever their own say, and while it is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Engine

from mentorbot.storage.clock import ASK_AGAIN_SECONDS, DatabaseClock
from mentorbot.storage.store import DATABASE_AWAY, open_engine
from tests.postgres import Database

TOLERANCE = timedelta(seconds=5)


class Seconds:
    """Monotonic seconds, counted by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(postgres: Database) -> Iterator[Engine]:
    made = open_engine(postgres.url)
    yield made
    made.dispose()


@contextmanager
def nobody_let_in(database: Database, engine: Engine) -> Iterator[None]:
    """The database takes no new connection of the bot's, and the old ones are gone."""
    with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
        superuser.execute(f"ALTER ROLE {engine.url.username} NOLOGIN".encode())
        engine.dispose()
        yield
        superuser.execute(f"ALTER ROLE {engine.url.username} LOGIN".encode())


def test_time_is_the_databases_and_counted_on_by_seconds_that_nobody_can_set(
    engine: Engine,
) -> None:
    seconds = Seconds()
    clock = DatabaseClock(engine, seconds)
    first = clock()
    assert first.utcoffset() == timedelta(0)
    assert abs(first - datetime.now(UTC)) < TOLERANCE
    seconds.now += ASK_AGAIN_SECONDS - 1
    assert clock() - first == timedelta(seconds=ASK_AGAIN_SECONDS - 1)


def test_database_is_asked_again_so_that_no_replica_drifts_away(engine: Engine) -> None:
    seconds = Seconds()
    clock = DatabaseClock(engine, seconds)
    first = clock()
    seconds.now += 86_400
    assert abs(clock() - first) < TOLERANCE


def test_time_goes_on_while_the_database_is_away(engine: Engine, postgres: Database) -> None:
    seconds = Seconds()
    clock = DatabaseClock(engine, seconds)
    first = clock()
    with nobody_let_in(postgres, engine):
        seconds.now += 3600
        assert clock() - first == timedelta(hours=1)
    seconds.now += ASK_AGAIN_SECONDS
    assert abs(clock() - first) < TOLERANCE


def test_database_that_was_never_reached_is_no_clock(engine: Engine, postgres: Database) -> None:
    clock = DatabaseClock(engine)
    with nobody_let_in(postgres, engine), pytest.raises(DATABASE_AWAY):
        clock()
    assert abs(clock() - datetime.now(UTC)) < TOLERANCE
