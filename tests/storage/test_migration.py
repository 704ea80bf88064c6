"""A migrated database is the one that the code describes, down to its partial indexes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from mentorbot.storage import migration, tables
from mentorbot.storage.store import open_engine


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    migration.upgrade(engine)
    yield engine
    engine.dispose()


def indexes(engine: Engine) -> dict[str, str]:
    """Every index of ours that was made by name, as it was made."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_%'"
    with engine.connect() as connection:
        return {row.name: " ".join(row.sql.split()) for row in connection.execute(text(query))}


def test_indexes_and_their_conditions_are_those_of_the_code(
    migrated: Engine, tmp_path: Path
) -> None:
    described = open_engine(f"sqlite:///{tmp_path / 'described.db'}")
    tables.metadata.create_all(described)
    assert indexes(migrated) == indexes(described)
    assert any(" WHERE " in made for made in indexes(migrated).values())
    described.dispose()


def test_planner_is_told_about_every_index(migrated: Engine) -> None:
    with migrated.connect() as connection:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"
        ours = set(tables.metadata.tables)
        made = {row.name for row in connection.execute(text(query)) if row.tbl_name in ours}
        told = dict(connection.execute(text("SELECT idx, stat FROM sqlite_stat1")).all())
    assert set(told) == made
    for figures in told.values():
        numbers = [int(number) for number in figures.split()]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] >= 1


def test_upgrade_again_changes_nothing(migrated: Engine) -> None:
    before = indexes(migrated)
    migration.upgrade(migrated)
    assert migration.is_current(migrated)
    assert indexes(migrated) == before
