"""The database: how it is opened, and the transactions that everything happens in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from mentorbot.storage import tables

Entity = TypeVar("Entity")
READ_ONLY = "mentorbot_read_only"


class Transaction:
    """An open transaction of one workspace; every query of `storage` takes one."""

    def __init__(self, session: Session, workspace_id: str, new_id: Callable[[], str]) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.new_id = new_id

    def add(self, entity: Entity) -> Entity:
        """Store a new entity, so that queries in this transaction find it at once."""
        self.session.add(entity)
        self.session.flush()
        return entity

    def get(self, kind: type[Entity], *key: Any) -> Entity | None:
        """The entity of a kind under a key within this workspace, or None."""
        return self.session.get(kind, (self.workspace_id, *key))


class Store:
    """Opens transactions over one database, SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, new_id: Callable[[], str]) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**{READ_ONLY: True})
        self._new_id = new_id

    @contextmanager
    def begin(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction that may write: committed at the end, rolled back on an exception.

        On SQLite it takes the write lock at once, so keep it short.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield Transaction(session, workspace_id, self._new_id)

    @contextmanager
    def read(self, workspace_id: str) -> Iterator[Transaction]:
        """A transaction for reading only; what is changed in it is thrown away."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield Transaction(session, workspace_id, self._new_id)

    def workspace_ids(self) -> list[str]:
        """Every workspace; the one query that crosses tenants."""
        with Session(self._reading) as session:
            return list(session.scalars(select(tables.workspaces.c.workspace_id)))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_engine(database_url: str) -> Engine:
    """An engine for a database URL such as `sqlite:///var/mentorbot.db` or `postgresql://…`."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions; we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
