"""Fixtures that many tests share."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import Database, Server
from tests.world import World, world_at

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One PostgreSQL server for all tests; a test that stops it starts it again."""
    server = Server()
    yield server
    server.remove()


@pytest.fixture
def postgres(postgres_server: Server) -> Database:
    """An empty PostgreSQL database."""
    return postgres_server.new_database()


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workspace on a Monday morning, the IMG programme in its channel, nobody enrolled yet.

    A story that is told `on_both_databases` is told on PostgreSQL too.
    """
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    is_postgres = getattr(request, "param", "sqlite") == "postgres"
    database = request.getfixturevalue("postgres") if is_postgres else None
    with world_at(tmp_path, database=database) as made:
        yield made
