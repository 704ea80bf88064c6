"""The schema can be spread over machines by workspace: every key of it says whose row it is."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.postgres import Database

Schema = psycopg.Connection[tuple[Any, ...]]
TENANT = "workspace_id"
SHARED = {
    "alembic_version",
    "supported_version",
    "slack_bots",
    "slack_installations",
    "slack_oauth_states",
}
"""What belongs to no workspace: versions, and tokens, which are looked up to find one."""
KEYS = """
SELECT c.conrelid::regclass::text, c.contype::text, c.conname,
       (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]),
       (SELECT attname FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = c.confkey[1])
FROM pg_constraint c
WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f', 'x')
"""
INDEXES = """
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
       (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace
"""


@pytest.fixture
def schema(migrated: Database) -> Iterator[Schema]:
    """A connection to a migrated database, past row-level security."""
    with psycopg.connect(migrated.superuser_url) as connection:
        yield connection


def is_ours(table: str) -> bool:
    return table not in SHARED and not table.startswith("procrastinate_")


def test_every_table_names_its_workspace_apart_from_those_that_belong_to_none(
    schema: Schema,
) -> None:
    tables = schema.execute(
        "SELECT t.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid"
        " AND a.attname = 'workspace_id' AND a.attnotnull AND a.attnum > 0) FROM pg_class t"
        " WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')"
    ).fetchall()
    assert len(tables) > len(SHARED)
    assert {name for name, _is_tenants in tables} >= SHARED
    assert [name for name, is_tenants in tables if is_ours(name) != is_tenants] == []


def test_every_key_leads_with_the_workspace_at_both_its_ends(
    schema: Schema,
) -> None:
    found = [key for key in schema.execute(KEYS.encode()) if is_ours(key[0])]
    kinds = {kind for _table, kind, *_rest in found}
    assert kinds == {"p", "u", "f"}
    assert [key for key in found if key[3] != TENANT] == []
    assert [key for key in found if key[1] == "f" and key[4] != TENANT] == []
    tables = {table for table, kind, *_rest in found if kind == "p"}
    assert tables == {table for table, *_rest in found}


def test_every_index_leads_with_the_workspace(
    schema: Schema,
) -> None:
    found = [index for index in schema.execute(INDEXES.encode()) if is_ours(index[0])]
    assert len(found) > 20
    assert [index for index in found if index[2] != TENANT] == []
