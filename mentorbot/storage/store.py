"""The database: how it is opened, and the transactions that everything happens in.

One workspace has one writer at a time, on both databases: SQLite's write lock, or on PostgreSQL an
advisory lock held to the end of the transaction. What a transaction reads after it has begun is
therefore true until it commits, and no rule needs a lock of its own.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    TextClause,
    any_,
    bindparam,
    create_engine,
    event,
    exc,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.orm import Session

from mentorbot.domain.messages import Message
from mentorbot.storage import tables

Entity = TypeVar("Entity")
WAL_PATIENCE_SECONDS = 30
READ_ONLY = "mentorbot_read_only"
CONNECT_SECONDS = 5
DATABASE_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
"""What a database raises that is down, starting, read-only or overwhelmed; try again later."""

_ENTER = text("SELECT set_config('mentorbot.workspace_id', :workspace_id, true)")
_ENTER_ALONE = text(
    "SELECT set_config('mentorbot.workspace_id', :workspace_id, true),"
    " set_config('lock_timeout', '15s', true),"
    " set_config('idle_in_transaction_session_timeout', '30s', true),"
    " pg_advisory_xact_lock(hashtextextended(:workspace_id, 0))"
)
"""A process that was frozen in its transaction loses it, so that the others can go on."""
_EVERYWHERE = text("SELECT set_config('mentorbot.every_workspace', 'on', true)")


class Transaction:
    """An open transaction of one workspace; every query of `storage` takes one.

    `has_news` is set once it holds a new message, so that somebody must look.
    """

    def __init__(self, session: Session, workspace_id: str, new_id: Callable[[], str]) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.new_id = new_id
        self.has_news = False

    def add(self, entity: Entity) -> Entity:
        """Store a new entity, so that queries in this transaction find it at once."""
        self.session.add(entity)
        self.session.flush()
        self.has_news = self.has_news or isinstance(entity, Message)
        return entity

    def add_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Store rows of this workspace in bulk, apart from those whose key is there already.

        All rows name the same columns. Returns how many were new.
        """
        if not rows:
            return 0
        connection = self.session.connection()
        given = [{"workspace_id": self.workspace_id, **row} for row in rows]
        if connection.dialect.name == "sqlite":
            statement = sqlite.insert(table).on_conflict_do_nothing()
            new = connection.execute(statement, given).rowcount
        else:
            in_one = json.dumps(given, default=datetime.isoformat)
            new = connection.execute(_insert_in_one(table, given[0]), {"rows": in_one}).rowcount
        self.has_news = self.has_news or (new > 0 and table is tables.outbox)
        return new

    def get(self, kind: type[Entity], *key: Any) -> Entity | None:
        """The entity of a kind under a key within this workspace, or None."""
        return self.session.get(kind, (self.workspace_id, *key))


def among(tx: Transaction, column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column holds one of many values; PostgreSQL takes them as one array."""
    if tx.session.get_bind().dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(bindparam(None, list(values), ARRAY(column.type)))


def _insert_in_one(table: Table, columns: Iterable[str]) -> TextClause:
    """PostgreSQL takes many rows as one value much faster than as many values."""
    names = ", ".join(columns)
    return text(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM"  # noqa: S608 (our own names)
        f" json_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS json))"
        " ON CONFLICT DO NOTHING"
    )


class Store:
    """Opens transactions over one database, SQLite or PostgreSQL.

    `tell` is called in a transaction that holds news, just before its commit. `trouble` is why the
    database did not save what it was given, until `soundness.write` finds that it saves again.
    """

    def __init__(
        self,
        engine: Engine,
        new_id: Callable[[], str],
        tell: Callable[[Transaction], None] | None = None,
    ) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._reading = engine.execution_options(**{READ_ONLY: True})
        self._new_id = new_id
        self._tell = tell
        self.trouble = ""

    @contextmanager
    def begin(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction that may write: committed at the end, rolled back on an exception.

        It is the workspace's only writer (on SQLite the database's), so keep it short.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                self._enter(session, _ENTER_ALONE, workspace_id)
                tx = Transaction(session, workspace_id, self._new_id)
                yield tx
                if tx.has_news and self._tell is not None:
                    self._tell(tx)
        except DATABASE_AWAY as error:
            self.trouble = reason(error)
            raise

    @contextmanager
    def read(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction for reading only; what is changed in it is thrown away."""
        with Session(self._reading, expire_on_commit=False) as session:
            self._enter(session, _ENTER, workspace_id)
            yield Transaction(session, workspace_id, self._new_id)

    def workspace_ids(self) -> list[str]:
        """Every workspace; the one query that crosses tenants.

        Row-level security lets it through because it says so, and only to this one table.
        """
        with Session(self._reading) as session:
            if self.is_postgresql:
                session.execute(_EVERYWHERE)
            return list(session.scalars(select(tables.workspaces.c.workspace_id)))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _enter(self, session: Session, words: TextClause, workspace_id: str) -> None:
        """Tell row-level security whose transaction this is; it forgets at the end."""
        if self.is_postgresql:
            session.execute(words, {"workspace_id": workspace_id})


def reason(error: Exception) -> str:
    """The first line of what the database says."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def open_engine(database_url: str) -> Engine:
    """An engine for a database URL such as `sqlite:///var/mentorbot.db` or `postgresql://…`."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_use_lifo=True,  # the connection that wrote last still holds its pages
        pool_timeout=CONNECT_SECONDS,
        connect_args={"timeout": 30},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_postgresql(url: URL) -> Engine:
    """Nothing is kept in a session, so PgBouncer may pool by transaction: no prepared statements.

    The pool is wide enough for every listener thread; a listener waits for a place no longer than
    Slack waits for the listener.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=CONNECT_SECONDS,
        connect_args={"prepare_threshold": None, "connect_timeout": CONNECT_SECONDS},
    )
    event.listen(engine, "handle_error", _drop_if_read_only)
    return engine


def _drop_if_read_only(context: ExceptionContext) -> None:
    """After a failover the old primary answers, but refuses to write: connect anew instead."""
    if type(context.original_exception).__name__ == "ReadOnlySqlTransaction":
        context.is_disconnect = True


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions; we say BEGIN ourselves
    connection.execute("PRAGMA busy_timeout=30000").close()
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _use_wal(connection: Any) -> None:
    """Switch to WAL; SQLite does not wait for another process that is switching, so we do."""
    give_up_at = time.monotonic() + WAL_PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
