"""Transactions: one writer at a time, readers see what is committed, failures leave nothing."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, InternalError, StatementError

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Cycle, Person, Workspace
from mentorbot.storage import migration, people, tables
from mentorbot.storage.store import Store
from tests.storage.conftest import opened
from tests.storage.told import TEAM, has_team
from tests.world import MONDAY


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite alone."""
    store = opened(f"sqlite:///{tmp_path / 'one.db'}")
    migration.upgrade(store.engine)
    yield store
    store.close()


@pytest.fixture
def store(any_store: Store) -> Store:
    """A store that knows one workspace."""
    has_team(any_store)
    return any_store


def names(store: Store) -> list[str]:
    with store.read(TEAM) as tx:
        return sorted(tx.session.scalars(select(tables.people.c.name)))


def test_what_is_committed_is_seen_by_the_next_reader(store: Store) -> None:
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Zoë"))
        assert names(store) == []
    assert names(store) == ["Zoë"]


def test_failure_leaves_nothing_behind(store: Store) -> None:
    def fail_in_the_middle() -> None:
        with store.begin(TEAM) as tx:
            tx.add(Person(TEAM, "U1", "Zoë"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    assert names(store) == []


def test_refused_row_leaves_nothing_behind_of_the_others(store: Store) -> None:
    def add_one_that_is_refused() -> None:
        with store.begin(TEAM) as tx:
            tx.add(Person(TEAM, "U1", "Zoë"))
            tx.add(Cycle(TEAM, "elsewhere", 1, date(2026, 11, 23), date(2026, 12, 21), MONDAY))

    with pytest.raises(IntegrityError):
        add_one_that_is_refused()
    assert names(store) == []


@pytest.mark.parametrize("flushes", [False, True])
def test_reading_changes_nothing(store: Store, flushes: bool) -> None:
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Zoë"))
    with suppress(InternalError), store.read(TEAM) as tx:
        found = people.person(tx, "U1")
        assert found is not None
        found.name = "Somebody else"
        if flushes:
            tx.session.flush()  # PostgreSQL refuses, SQLite forgets
    assert names(store) == ["Zoë"]


def test_reader_is_not_held_up_by_a_writer(store: Store) -> None:
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Zoë"))
        tx.session.flush()
        read = threading.Thread(target=names, args=(store,))
        read.start()
        read.join(10)
        assert not read.is_alive()


def test_second_writer_waits_and_sees_what_the_first_wrote(store: Store) -> None:
    """Both count and add one: without the wait both would count nought."""
    ready = threading.Barrier(4)

    def add_the_next() -> None:
        ready.wait(10)
        for _ in range(5):
            with store.begin(TEAM) as tx:
                count = tx.session.scalar(select(func.count()).select_from(tables.people))
                tx.add(Person(TEAM, f"U{count}", f"Number {count}"))

    writers = [threading.Thread(target=add_the_next) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert len(names(store)) == 20


def test_writer_begins_by_taking_the_lock(file_store: Store) -> None:
    """Also one that has only read so far: it must not find out later that it may not write."""
    with file_store.begin(TEAM) as tx:
        assert people.workspace(tx) is None
        assert _tries_to_write(str(file_store.engine.url.database)) == "database is locked"
    with file_store.read(TEAM) as tx:
        assert people.workspace(tx) is None
        assert _tries_to_write(str(file_store.engine.url.database)) == "went through"


def _tries_to_write(path: str) -> str:
    connection = sqlite3.connect(path, timeout=0.05)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return str(error)
    finally:
        connection.close()
    return "went through"


def test_every_connection_is_durable_and_checks_its_keys(file_store: Store) -> None:
    meant = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    for _ in range(2):
        with file_store.engine.connect() as connection:
            found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in meant}
        assert found == meant


def test_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 11, 23, 10)  # noqa: DTZ001  # that is what is refused
    with pytest.raises((StatementError, ValueError), match="time zone"), store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Zoë", seen_at=naive))
    with pytest.raises((StatementError, ValueError), match="time zone"), store.read(TEAM) as tx:
        tx.session.scalar(select(tables.people.c.name).where(tables.people.c.seen_at < naive))


def test_instant_comes_back_in_utc_and_to_the_microsecond(store: Store) -> None:
    at = datetime(2026, 11, 23, 10, 0, 0, 123456, timezone(timedelta(hours=5.5)))
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Zoë", seen_at=at))
    with store.read(TEAM) as tx:
        found = people.person(tx, "U1")
    assert found is not None
    assert found.seen_at == at
    assert found.seen_at is not None
    assert found.seen_at.tzinfo is UTC


def test_instants_are_compared_as_instants(store: Store) -> None:
    early = datetime(2026, 11, 23, 11, tzinfo=timezone(timedelta(hours=5)))
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Early", seen_at=early))
        tx.add(Person(TEAM, "U2", "Late", seen_at=datetime(2026, 11, 23, 10, tzinfo=UTC)))
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    with store.read(TEAM) as tx:
        column = tables.people.c
        found = tx.session.scalars(select(column.name).where(column.seen_at < nine)).all()
    assert found == ["Early"]


def test_word_outside_its_list_is_refused(store: Store) -> None:
    column = tables.outbox.c.kind
    with pytest.raises((StatementError, ValueError)), store.read(TEAM) as tx:
        tx.session.scalars(select(column).where(column == "gossip")).all()
    with store.read(TEAM) as tx:
        assert tx.session.scalars(select(column).where(column == MessageKind.STARTER)).all() == []


def test_row_of_an_unknown_workspace_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin("T0NOWHERE0") as tx:
        tx.add(Person("T0NOWHERE0", "U1", "Zoë"))


def test_every_workspace_is_listed(store: Store) -> None:
    with store.begin("T0SECOND00") as tx:
        tx.add(Workspace("T0SECOND00", "Second", "U0BOT", MONDAY))
    assert sorted(store.workspace_ids()) == ["T0SECOND00", TEAM]
