"""PostgreSQL: one process migrates, nobody sees another's rows, nothing is left in a session."""

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, Engine, text
from sqlalchemy.exc import NotSupportedError, ProgrammingError
from sqlalchemy.pool import QueuePool

from mentorbot.domain.model import Person
from mentorbot.storage import migration, people, security
from mentorbot.storage.store import PREPARED_AFTER, Store, open_engine
from mentorbot.storage.tables import metadata
from mentorbot.usecases import admin
from tests.postgres import APP, Database
from tests.storage.conftest import opened
from tests.world import MONDAY

OTHERS = ("procrastinate_", "slack_", migration.supported.name)
"""Tables that are not of the domain."""


@pytest.fixture
def owner(migrated: Database) -> Iterator[Engine]:
    """The owner's view of a migrated database."""
    engine = open_engine(migrated.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(migrated: Database) -> Iterator[Store]:
    """The bot's own view of two workspaces, with one person in each."""
    opened_store = opened(migrated.url)
    for workspace_id in ("T1", "T2"):
        with opened_store.begin(workspace_id) as tx:
            admin.know_workspace(tx, workspace_id, "U0BOT", MONDAY)
            tx.add(Person(workspace_id, f"U{workspace_id}", "Somebody"))
    yield opened_store
    opened_store.close()


def names(url: str, statement: str, workspace_id: str | None = None) -> list[Any]:
    """What a role finds with a statement that filters nothing, in a workspace or in none."""
    with psycopg.connect(url) as connection:
        if workspace_id is not None:
            connection.execute(
                "SELECT set_config('mentorbot.workspace_id', %s, true)", (workspace_id,)
            )
        return [row[0] for row in connection.execute(statement.encode())]


def test_without_a_filter_only_the_own_workspace_is_seen(store: Store, migrated: Database) -> None:
    everyone = "SELECT slack_user_id FROM person ORDER BY slack_user_id"
    assert names(migrated.superuser_url, everyone) == ["UT1", "UT2"]
    for url in (migrated.url, migrated.owner_url):
        assert names(url, everyone, "T1") == ["UT1"]
        assert names(url, everyone) == []


def test_without_a_filter_nobody_else_is_changed(store: Store, migrated: Database) -> None:
    with store.begin("T1") as tx:
        assert tx.session.execute(text("UPDATE person SET name = 'Taken'")).rowcount == 1
        assert tx.session.execute(text("DELETE FROM person WHERE name <> 'Taken'")).rowcount == 0
    assert names(migrated.superuser_url, "SELECT name FROM person ORDER BY 1") == [
        "Somebody",
        "Taken",
    ]


def test_a_row_cannot_be_written_into_another_workspace(store: Store) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), store.begin("T1") as tx:
        tx.add(Person("T2", "UINTRUDER", "Intruder"))


def test_the_list_of_workspaces_crosses_tenants_and_nothing_else_does(
    store: Store, migrated: Database
) -> None:
    assert sorted(store.workspace_ids()) == ["T1", "T2"]
    with psycopg.connect(migrated.url) as connection:
        connection.execute("SELECT set_config('mentorbot.every_workspace', 'on', true)")
        assert connection.execute("SELECT count(*) FROM workspace").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)
        assert connection.execute("UPDATE workspace SET name = ''").rowcount == 0


def test_every_table_with_tenants_is_guarded_and_the_bot_cannot_unguard_it(
    migrated: Database,
) -> None:
    guarded = names(migrated.superuser_url, "SELECT tablename FROM pg_policies")
    tenants = {name for name, table in metadata.tables.items() if "workspace_id" in table.c}
    assert set(guarded) == tenants
    with (
        psycopg.connect(migrated.url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("ALTER TABLE person DISABLE ROW LEVEL SECURITY")


def test_a_table_that_comes_later_is_guarded_by_the_next_upgrade(
    owner: Engine, migrated: Database
) -> None:
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE later (workspace_id text, note text)"))
    with owner.connect() as connection:
        assert not security.is_secured(connection, APP)
    migration.upgrade(owner, APP)
    with owner.connect() as connection:
        assert security.is_secured(connection, APP)
    assert names(migrated.url, "SELECT note FROM later") == []


def test_a_transaction_leaves_nothing_in_its_session(store: Store) -> None:
    with store.begin("T1"):
        pass
    with store.engine.connect() as connection:
        for name in ("mentorbot.workspace_id", "mentorbot.every_workspace"):
            found = connection.scalar(text("SELECT current_setting(:name, true)"), {"name": name})
            assert not found
        assert connection.scalar(text("SHOW lock_timeout")) == "0"
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.scalar(text(held)) == 0


def ask_again_and_again(store: Store) -> None:
    """Enough for a session of one's own to keep the question."""
    for _time in range(PREPARED_AFTER + 1):
        with store.read("T1") as tx:
            assert people.name_and_locale(tx, "UT1") == ("Somebody", "en")


def test_a_session_of_ones_own_keeps_what_it_is_asked_again_and_again(store: Store) -> None:
    ask_again_and_again(store)
    with store.engine.connect() as connection:
        kept = list(connection.scalars(text("SELECT statement FROM pg_prepared_statements")))
    assert any("FROM person" in statement for statement in kept)


def test_a_column_that_gets_another_type_costs_one_try(store: Store, owner: Engine) -> None:
    ask_again_and_again(store)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE person ALTER COLUMN name TYPE text"))
    with pytest.raises(NotSupportedError, match="cached plan"), store.read("T1") as tx:
        people.name_and_locale(tx, "UT1")
    ask_again_and_again(store)


def test_a_crowd_opens_its_connections_once(store: Store) -> None:
    for _time in range(2):
        with ExitStack() as crowd:
            for _one in range(15):
                crowd.enter_context(store.read("T1"))
    assert isinstance(store.engine.pool, QueuePool)
    assert store.engine.pool.checkedin() == 15


def test_a_connection_in_use_while_the_store_closes_is_closed_when_it_comes_back(
    store: Store,
) -> None:
    with store.read("T1") as tx:
        people.person(tx, "UT1")
        driver = tx.session.connection().connection.driver_connection
        store.close()
        assert not driver.closed
    assert driver.closed


def _has_another_default(
    _context: object,
    _found_column: object,
    column: Column[Any],
    found: str | None,
    _meant: object,
    meant: str | None,
) -> bool | None:
    """PostgreSQL knows no equality of JSON; of other types Alembic asks the database."""
    if not isinstance(column.type, JSON) or found is None or meant is None:
        return None
    return found.removesuffix("::json").strip("'") != meant.strip("'")


def test_migrations_make_exactly_the_tables_of_the_code(owner: Engine) -> None:
    assert migration.is_current(owner)

    def is_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
        return kind != "table" or not str(name).startswith(OTHERS)

    with owner.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": _has_another_default,
            "include_object": is_ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def _upgrade(url: str, ready: Any, done: Any) -> None:
    """A replica that starts together with nine others."""
    engine = open_engine(url)
    ready.wait(60)
    try:
        migration.upgrade(engine)
        done.put("fine")
    except Exception as error:
        done.put(repr(error))
    engine.dispose()


def start_ten(url: str) -> list[str]:
    """What became of ten processes that migrated at once."""
    context = multiprocessing.get_context("fork")
    ready, done = context.Barrier(10), context.SimpleQueue()
    replicas = [context.Process(target=_upgrade, args=(url, ready, done)) for _ in range(10)]
    for replica in replicas:
        replica.start()
    outcomes = [done.get() for _ in replicas]
    for replica in replicas:
        replica.join(60)
    return outcomes


def test_ten_replicas_that_start_together_migrate_postgresql_once(postgres: Database) -> None:
    assert start_ten(postgres.owner_url) == ["fine"] * 10
    count = "SELECT count(*) FROM alembic_version"
    assert names(postgres.superuser_url, count) == [1]


def test_ten_replicas_that_start_together_migrate_sqlite_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ten.db'}"
    assert start_ten(url) == ["fine"] * 10
    engine = open_engine(url)
    assert migration.is_current(engine)
    engine.dispose()
