"""What SQLite's planner is told about the tables, so that every query finds its rows by an index.

Every index leads with the workspace, and without statistics SQLite takes that column to be nearly
as telling as the next: it would rather go through all pairings of a workspace than look up one
person's. These figures never change, so neither do its plans. Source: SQLite, "The ANALYZE
command", on the table sqlite_stat1. PostgreSQL gathers its own.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Connection, Index, Table, text

from mentorbot.storage import tables

ROWS, ROWS_OF_PARTIAL = 100_000, 1_000
VALUES = {"workspace_id": 10, "programme_id": 1, "state": 2, "priority": 2, "role": 2, "number": 10}
"""How many different values a column has in a database of the size above, where they are few."""
VALUES |= {"cycle_number": 10, "occurrence": 10, "version": 10}
MANY = 1_000


def seed(connection: Connection) -> None:
    """Write the figures in place of what is there."""
    connection.execute(text("ANALYZE"))  # creates the table of the figures
    connection.execute(text("DELETE FROM sqlite_stat1"))
    insert = text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:table, :index, :figures)")
    for table in tables.metadata.sorted_tables:
        for index, figures in _figures(connection, table):
            names = {"table": table.name, "index": index, "figures": figures}
            connection.execute(insert, names)
    connection.execute(text("ANALYZE sqlite_schema"))  # has the figures read again


def _figures(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """Each index of a table: its rows, then how many share its first column, its first two, …"""
    partial = {str(index.name): _is_partial(index) for index in table.indexes}
    for row in connection.execute(text(f'PRAGMA index_list("{table.name}")')).mappings():
        name, is_unique = str(row["name"]), bool(row["unique"])
        columns = [
            table.c[found["name"]]
            for found in connection.execute(text(f'PRAGMA index_info("{name}")')).mappings()
        ]
        rows = ROWS_OF_PARTIAL if partial.get(name) else ROWS
        yield name, " ".join(map(str, [rows, *_shared(columns, rows, is_unique=is_unique)]))


def _is_partial(index: Index) -> bool:
    return index.dialect_options["sqlite"]["where"] is not None


def _shared(columns: Sequence[Column[object]], rows: int, *, is_unique: bool) -> list[int]:
    found, left = [], rows
    for column in columns:
        left = max(1, left // VALUES.get(column.name, MANY))
        found.append(left)
    return [*found[:-1], 1] if is_unique else found
