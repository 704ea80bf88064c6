"""Databases for the tests of storage: each kind, migrated and empty."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorbot.storage import migration
from mentorbot.storage.store import Store, open_engine
from tests.postgres import APP, Database


def opened(url: str) -> Store:
    """A store over a migrated database."""
    return Store(open_engine(url), lambda: f"{random.getrandbits(80):020x}")


@pytest.fixture
def migrated(postgres: Database) -> Database:
    """An empty PostgreSQL database with every table, whose bot does not own them."""
    owner = open_engine(postgres.owner_url)
    migration.upgrade(owner, APP)
    owner.dispose()
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        store = opened(f"sqlite:///{tmp_path / 'any.db'}")
        migration.upgrade(store.engine)
    else:
        store = opened(request.getfixturevalue("migrated").url)
    yield store
    store.close()
