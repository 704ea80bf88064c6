"""Moving from SQLite to PostgreSQL: table by table, verified, and resumed where it broke off."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Select,
    String,
    Table,
    event,
    func,
    select,
    text,
    union,
)

from mentorbot.domain.errors import DatabaseRefused
from mentorbot.storage import migration, tables
from mentorbot.storage.store import READ_ONLY

IN_BATCHES = {"yield_per": 500}
_marker = Table("copy_under_way", MetaData(), Column("source", String(64), primary_key=True))
_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('mentorbot.copy', 0))")
_EVERYWHERE = text("SELECT set_config('mentorbot.every_workspace', 'on', true)")
_ENTER = text("SELECT set_config('mentorbot.workspace_id', :workspace_id, true)")


@dataclass(frozen=True)
class Part:
    """The rows of a table that belong to one workspace, or all of a table without tenants."""

    table: Table
    workspace_id: str | None

    def rows(self) -> Select[Any]:
        """Its rows, in the order in which they are copied."""
        query = select(self.table).order_by(*self.table.primary_key.columns)
        if self.workspace_id is None:
            return query
        return query.where(self.table.c.workspace_id == self.workspace_id)

    def enter(self, connection: Connection) -> None:
        """Pass PostgreSQL's row-level security."""
        if connection.dialect.name == "postgresql" and self.workspace_id is not None:
            connection.execute(_ENTER, {"workspace_id": self.workspace_id})

    def count(self, connection: Connection) -> int:
        """How many rows there are."""
        self.enter(connection)
        found = connection.scalar(select(func.count()).select_from(self.rows().subquery()))
        return found or 0

    def digest(self, connection: Connection) -> tuple[int, int]:
        """How many rows there are, and a checksum of all they hold, in whatever order."""
        self.enter(connection)
        count = checksum = 0
        for row in connection.execute(self.rows(), execution_options=IN_BATCHES):
            told = json.dumps(list(row), sort_keys=True, default=str).encode()
            checksum ^= int.from_bytes(hashlib.sha256(told).digest(), "big")
            count += 1
        return count, checksum


def copy(source: Engine, target: Engine) -> int:
    """Copy everything; returns how many rows the target has then.

    Run again, it goes on where it broke off. Raises DatabaseRefused where the target holds
    anything else, where the source is written to meanwhile, or where the two differ at the end.
    """
    if (source.dialect.name, target.dialect.name) != ("sqlite", "postgresql"):
        raise DatabaseRefused("Databases are copied from SQLite to PostgreSQL.")
    if not migration.is_current(source):
        raise DatabaseRefused("The source is of another version; upgrade it first.")
    migration.upgrade(target)
    with _only_copy(target), _snapshot(source) as reading:
        parts = _parts(reading)
        _claim(target, _fingerprint(reading))
        for part in parts:
            _copy_part(part, reading, target)
        rows = _verify(parts, reading, target)
    with target.begin() as writing:
        _go_on_counting(writing, parts)
        _marker.drop(writing)
    return rows


@contextmanager
def _only_copy(target: Engine) -> Iterator[None]:
    with target.connect() as held:
        if not held.scalar(_LOCK):
            raise DatabaseRefused("Another copy into this database is under way.")
        try:
            yield
        finally:
            held.invalidate()  # its end is what gives the lock back


@contextmanager
def _snapshot(source: Engine) -> Iterator[Connection]:
    """The source as it is at one instant; raises DatabaseRefused if it then moves on."""
    with source.execution_options(**{READ_ONLY: True}).connect() as reading:
        before = reading.exec_driver_sql("PRAGMA data_version").scalar()
        yield reading
        reading.rollback()
        if reading.exec_driver_sql("PRAGMA data_version").scalar() != before:
            raise DatabaseRefused(
                "The source was written to while it was copied. Stop MentorBot,"
                " empty the target and copy again."
            )


def _parts(reading: Connection) -> list[Part]:
    """What there is to copy, referenced tables first."""
    tenants = [table for table in tables.metadata.sorted_tables if "workspace_id" in table.c]
    everyone = union(*(select(table.c.workspace_id) for table in tenants))
    workspace_ids = sorted(reading.scalars(everyone))
    parts = [Part(table, found) for found in workspace_ids for table in tenants]
    return parts + [Part(table, None) for table in _without_tenants(reading)]


def _without_tenants(reading: Connection) -> list[Table]:
    """Tables that libraries brought along; their types are read from the database."""
    found = MetaData()

    @event.listens_for(found, "column_reflect")
    def make_portable(_inspector: object, _table: object, column: dict[str, Any]) -> None:
        column["type"] = column["type"].as_generic()

    found.reflect(
        reading, only=lambda name, _: name not in (*tables.metadata.tables, *migration.OWN_TABLES)
    )
    return found.sorted_tables


def _fingerprint(reading: Connection) -> str:
    """Names a source by its workspaces and when they began."""
    known = tables.workspaces.c
    query = select(known.workspace_id, known.installed_at).order_by(known.workspace_id)
    told = json.dumps([list(row) for row in reading.execute(query)], default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _claim(target: Engine, source: str) -> None:
    """Mark the target as this source's copy; raises DatabaseRefused if it is anything else."""
    with target.begin() as writing:
        if writing.dialect.has_table(writing, _marker.name):
            if writing.scalar(select(_marker.c.source)) != source:
                raise DatabaseRefused("The target is a half-done copy of another database.")
            return
        writing.execute(_EVERYWHERE)
        if writing.scalar(select(func.count()).select_from(tables.workspaces)):
            raise DatabaseRefused("The target is not empty, and not a half-done copy.")
        _marker.create(writing)
        writing.execute(_marker.insert().values(source=source))


def _copy_part(part: Part, reading: Connection, target: Engine) -> None:
    """Copy the rows that are not there yet: each batch is whole, and they come in order."""
    with target.connect() as looking:
        done = part.count(looking)
    rest = reading.execute(part.rows().offset(done), execution_options=IN_BATCHES)
    for batch in rest.mappings().partitions():
        with target.begin() as writing:
            part.enter(writing)
            writing.execute(part.table.insert(), [dict(row) for row in batch])


def _verify(parts: list[Part], reading: Connection, target: Engine) -> int:
    rows = 0
    for part in parts:
        count, checksum = part.digest(reading)
        with target.connect() as looking:
            if part.digest(looking) != (count, checksum):
                raise DatabaseRefused(
                    f"The copy of {part.table.name} differs from its source."
                    " Empty the target and copy again."
                )
        rows += count
    return rows


def _go_on_counting(writing: Connection, parts: list[Part]) -> None:
    """Let numbered rows that come later be numbered after the copied ones."""
    for table in (part.table for part in parts if part.workspace_id is None):
        for key in table.primary_key.columns:
            newest = select(func.max(key)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            writing.execute(select(func.setval(sequence, newest)).where(newest.is_not(None)))
