"""Many rows handed to a database at once, in the shape that it takes fastest."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, CursorResult, Table, TextClause, text

from mentorbot.storage.columns import Instant, Word

_GIVEN = {
    "sqlite": "(SELECT {fields} FROM json_each(:rows)) AS given",
    "postgresql": "json_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS json)) AS given",
}
_ADD_NEW = (
    "INSERT INTO {table} ({columns}) SELECT {columns} FROM {given} WHERE true"
    " ON CONFLICT DO NOTHING"
)
_ADD_NEW_TO_SQLITE = "INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING"


def add_new(
    connection: Connection, table: Table, workspace_id: str, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Store rows of a workspace, apart from those whose key is there already.

    There is one row at least, and all name the same columns. Returns how many were new.
    """
    if connection.dialect.name == "sqlite":
        words = _adding_to_sqlite(table.name, ("workspace_id", *rows[0]))
        in_columns = _as_sqlite_holds(table, rows)
        each = list(zip(repeat(workspace_id), *in_columns, strict=False))
        return connection.exec_driver_sql(words, each).rowcount
    return of_each(connection, table, workspace_id, _ADD_NEW, rows).rowcount


def of_each(
    connection: Connection,
    table: Table,
    workspace_id: str,
    words: str,
    rows: Sequence[Mapping[str, Any]],
) -> CursorResult[Any]:
    """Execute SQL in which `given` are rows of the table, and `:workspace` is their workspace.

    The places `{table}`, `{columns}` and `{given}` are filled in. There is one row at least, and
    all name the same columns. Many rows are one value: that is much faster than as many values.
    """
    dialect, columns = connection.dialect.name, ("workspace_id", *rows[0])
    mine = [{"workspace_id": workspace_id, **row} for row in rows]
    if dialect == "sqlite":
        cells = list(map(itemgetter(*columns), mine))
        given = json.dumps(cells, default=_instant_in_sqlite)
    else:
        given = to_json(mine).decode()
    in_one = {"rows": given, "workspace": workspace_id}
    return connection.execute(_with_given(dialect, words, table.name, columns), in_one)


@lru_cache
def _with_given(dialect: str, words: str, table: str, columns: tuple[str, ...]) -> TextClause:
    fields = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
    given = _GIVEN[dialect].format(fields=fields, table=table)
    return text(words.format(table=table, columns=", ".join(columns), given=given))


@lru_cache
def _adding_to_sqlite(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    return _ADD_NEW_TO_SQLITE.format(table=table, columns=", ".join(columns), places=places)


def _as_sqlite_holds(table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[Iterable[Any]]:
    """The rows column by column, each value as SQLite's driver takes it."""
    for name in rows[0]:
        values = map(itemgetter(name), rows)
        held = _HELD.get(type(table.c[name].type))
        yield map(held, values) if held else values


@lru_cache(maxsize=4096)
def _instant_in_sqlite(at: datetime) -> str:
    """Without the zone, which is always UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_HELD: dict[type, Callable[[Any], str | None]] = {
    Instant: lambda at: None if at is None else _instant_in_sqlite(at),
    JSON: lambda value: None if value is None else to_json(value).decode(),
    Word: lambda word: None if word is None else str(word),
}
"""What SQLite's columns hold, by their type; of all others, what they are given."""
