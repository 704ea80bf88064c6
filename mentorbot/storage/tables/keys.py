"""What every table is made with: the metadata, keys that lead with the tenant, part indexes."""

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, MetaData, String, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def key(name: str, length: int = 40) -> Column[Any]:
    """A column of the primary key; a table's first is `workspace_id`."""
    return Column(name, String(length), primary_key=True)


def where(condition: str, name: str, *columns: str) -> Index:
    """An index of only those rows for which a condition holds."""
    rows = text(condition)
    return Index(name, *columns, sqlite_where=rows, postgresql_where=rows)


def within(columns: str, target: str) -> ForeignKeyConstraint:
    """A reference to a row of the same workspace, by some columns, such as "programme_id"."""
    names = ["workspace_id", *columns.split()]
    return ForeignKeyConstraint(names, [f"{target}.{name}" for name in names])
