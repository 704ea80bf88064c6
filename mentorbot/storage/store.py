"""The database: how it is opened, and the transactions that everything happens in.

One workspace has one writer at a time, on both databases: SQLite's write lock, or on PostgreSQL an
advisory lock held to the end of the transaction. What a transaction reads after it has begun is
therefore true until it commits, and no rule needs a lock of its own.
"""

import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Select,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    exc,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.pool import ConnectionPoolEntry

from mentorbot.domain.messages import Message
from mentorbot.storage import tables
from mentorbot.storage.rows import add_new, of_each
from mentorbot.storage.sealing import Vault

Entity = TypeVar("Entity")
PATIENCE_SECONDS = 30
"""How long SQLite's one writer is waited for."""
READ_ONLY = "mentorbot_read_only"
CONNECT_SECONDS = 5
REST_SECONDS = 1.0
PREPARED_AFTER = 5
"""How often a connection asks the same before PostgreSQL keeps it parsed."""
_USELESS = ("ReadOnlySqlTransaction", "FeatureNotSupported")
_RESTS_SINCE = "mentorbot_rests_since"
DATABASE_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
"""What a database raises that is down, starting, read-only or overwhelmed; try again later."""

_ENTER = (
    "SELECT set_config('mentorbot.workspace_id', %(workspace_id)s, true),"
    " set_config('transaction_read_only', 'on', true)"
)
_ENTER_ALONE = (
    "SELECT set_config('mentorbot.workspace_id', %(workspace_id)s, true),"
    " set_config('lock_timeout', '15s', true),"
    " set_config('idle_in_transaction_session_timeout', '30s', true),"
    " pg_advisory_xact_lock(hashtextextended(%(workspace_id)s, 0))"
)
"""Each transaction begins so; in the driver's own words, which SQLAlchemy need not look at.

A process that was frozen in its transaction loses it, so that the others can go on.
"""
_EVERYWHERE = text("SELECT set_config('mentorbot.every_workspace', 'on', true)")


class Transaction:
    """An open transaction of one workspace; every query of `storage` takes one.

    `vault` seals what is sensitive. `has_news` is set once it holds a new message, so that somebody
    must look. `meant` finds the programme that whoever acts in it means; without it, it is the
    workspace's first.
    """

    def __init__(
        self,
        session: Session,
        workspace_id: str,
        new_id: Callable[[], str],
        vault: Vault,
        public_url: str = "",
    ) -> None:
        self.session = session
        self.vault = vault
        self.public_url = public_url
        self.workspace_id = workspace_id
        self.new_id = new_id
        self.has_news = False
        self.meant: Callable[[Transaction], str | None] | None = None

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
        connection = self.session.connection()
        count = add_new(connection, table, self.workspace_id, rows) if rows else 0
        self.has_news = self.has_news or (count > 0 and table is tables.outbox)
        return count

    def of_each(
        self, table: Table, words: str, rows: Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any] | None:
        """Execute SQL in which `given` are rows of the table, and `:workspace` is this workspace.

        The places `{table}`, `{columns}` and `{given}` are filled in. All rows name the same
        columns. Without rows there is nothing to do, and no result.
        """
        if not rows:
            return None
        return of_each(self.session.connection(), table, self.workspace_id, words, rows)

    def get(self, kind: type[Entity], *key: Any) -> Entity | None:
        """The entity of a kind under a key within this workspace, or None."""
        mapper, names = inspect(kind), (self.workspace_id, *key)
        if mapper.identity_key_from_primary_key(names) in self.session.identity_map:
            return self.session.get(kind, names)
        columns = (column.name for column in mapper.primary_key)
        return self.session.scalars(_by_key(mapper), dict(zip(columns, names, strict=True))).first()


@lru_cache
def _by_key(mapper: Mapper[Any]) -> Select[Any]:
    """Made once, a statement is not compared with others again, which takes a quarter of a read."""
    key = (column == bindparam(column.name) for column in mapper.primary_key)
    return select(mapper).where(*key)


def among(tx: Transaction, column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column holds one of many values, which are given as one."""
    if tx.session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(None, list(values), ARRAY(column.type)))


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
        vault: Vault | None = None,
        public_url: str = "",
    ) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._reading = engine.execution_options(**{READ_ONLY: True})
        self._new_id = new_id
        self._tell = tell
        self.vault = vault or Vault()
        self._public_url = public_url
        self._turn = threading.Lock()
        self.trouble = ""

    @contextmanager
    def begin(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction that may write: committed at the end, rolled back on an exception.

        It is the workspace's only writer (on SQLite the database's), so keep it short.
        """
        try:
            with (
                self._in_line(),
                Session(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                self._enter(session, _ENTER_ALONE, workspace_id)
                tx = self._transaction(session, workspace_id)
                yield tx
                if tx.has_news and self._tell is not None:
                    self._tell(tx)
        except DATABASE_AWAY as error:
            self.trouble = reason(error)
            raise

    @contextmanager
    def read(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction for reading only; what is changed in it is thrown away, or refused."""
        with Session(self._reading, expire_on_commit=False) as session:
            self._enter(session, _ENTER, workspace_id)
            yield self._transaction(session, workspace_id)
            self._end_reading(session)

    def _transaction(self, session: Session, workspace_id: str) -> Transaction:
        return Transaction(session, workspace_id, self._new_id, self.vault, self._public_url)

    def _end_reading(self, session: Session) -> None:
        """A rollback would have the driver forget what PostgreSQL has prepared."""
        if self.is_postgresql:
            session.expunge_all()
            session.commit()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """On SQLite, wait for the threads ahead; who asks the file now and then is slower."""
        has_turn = not self.is_postgresql and self._turn.acquire(timeout=PATIENCE_SECONDS)
        try:
            yield
        finally:
            if has_turn:
                self._turn.release()

    def workspace_ids(self) -> list[str]:
        """Every workspace; the one query that crosses tenants.

        Row-level security lets it through because it says so, and only to this one table.
        """
        with Session(self._reading) as session:
            if self.is_postgresql:
                session.execute(_EVERYWHERE)
            found = list(session.scalars(select(tables.workspaces.c.workspace_id)))
            self._end_reading(session)
            return found

    def close(self) -> None:
        """Close the connections; one that a thread still uses, as soon as it is given back."""
        event.listen(self.engine.pool, "checkin", _close_for_good)
        self.engine.dispose()

    def _enter(self, session: Session, words: str, workspace_id: str) -> None:
        """Tell row-level security whose transaction this is; it forgets at the end."""
        if self.is_postgresql:
            session.connection().exec_driver_sql(words, {"workspace_id": workspace_id})


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
        connect_args={"timeout": PATIENCE_SECONDS},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_postgresql(url: URL) -> Engine:
    """Behind a PgBouncer that pools by transaction nothing is kept in a session.

    The pool is wide enough for every listener thread; a listener waits for a place no longer than
    Slack waits for the listener.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=20,
        max_overflow=0,  # a new connection costs the server more than some clicks
        pool_use_lifo=True,  # the connection that asked last still has its plans
        pool_timeout=CONNECT_SECONDS,
        connect_args={"prepare_threshold": None, "connect_timeout": CONNECT_SECONDS},
    )
    event.listen(engine, "connect", _prepare_where_alone)
    event.listen(engine, "handle_error", _drop_if_useless)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_look_after_rest, engine.dialect))
    return engine


def is_ours_alone(connection: Any) -> bool:
    """Whether a driver's connection leads to one session of the server's, and to no other.

    A pooler such as PgBouncer tells each client of a process that is not the one that answers.
    """
    (answers,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    return bool(answers == connection.info.backend_pid)


def _prepare_where_alone(connection: Any, _record: object) -> None:
    """A statement that is asked again and again is parsed once, in a session of our own."""
    connection.autocommit = True
    if is_ours_alone(connection):
        connection.prepare_threshold = PREPARED_AFTER
    connection.autocommit = False


def _close_for_good(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


def _look_after_rest(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _user: object
) -> None:
    """See whether a connection that nobody used for a while still leads anywhere."""
    rested_seconds = time.monotonic() - record.info.get(_RESTS_SINCE, math.inf)
    if rested_seconds < REST_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise exc.InvalidatePoolError from error


def _drop_if_useless(context: ExceptionContext) -> None:
    """Connect anew where the connection cannot serve any more.

    After a failover the old primary answers, but refuses to write. After a column has got another
    type, what a session has prepared does not fit.
    """
    if type(context.original_exception).__name__ in _USELESS:
        context.is_disconnect = True


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions; we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}").close()
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _use_wal(connection: Any) -> None:
    """Switch to WAL; SQLite does not wait for another process that is switching, so we do."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
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
