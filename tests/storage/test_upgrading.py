"""Two versions over one database: the older goes on working, or says that it cannot."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from mentorbot.storage import migration
from mentorbot.storage.migration import Version
from mentorbot.storage.store import open_engine
from tests.postgres import APP, Database
from tests.upgrading import CONTRACTING, next_version, running_it

PATIENCE_SECONDS = 30


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the owner finds a migrated database of this version."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shared.db'}"
        engine = open_engine(url)
        migration.upgrade(engine)
        engine.dispose()
        return url
    database: Database = request.getfixturevalue("migrated")
    return database.owner_url


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """The owner's view of it."""
    opened = open_engine(address)
    yield opened
    opened.dispose()


def mentorbot(
    folder: Path, address: str, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command of this version's, or in the environment of another."""
    return subprocess.run(
        [sys.executable, "-m", "mentorbot", *words],
        cwd=folder,
        env={**os.environ, "MENTORBOT_DATABASE_URL": address, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def upgrade_to(next_one: Path, address: str) -> None:
    """`mentorbot db upgrade`, as the next version does it."""
    done = mentorbot(next_one, address, "db", "upgrade", **running_it(next_one))
    assert done.returncode == 0, done.stderr


def test_a_database_that_was_only_added_to_serves_the_version_before(
    engine: Engine, address: str, tmp_path: Path
) -> None:
    upgrade_to(next_version(tmp_path / "next"), address)
    assert migration.version(engine) is Version.NEWER
    assert migration.version(engine).is_usable
    migration.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "next"


def test_a_database_that_lost_what_this_version_needs_is_refused(
    engine: Engine, address: str, tmp_path: Path
) -> None:
    upgrade_to(next_version(tmp_path / "next", CONTRACTING, contracts="next"), address)
    assert migration.version(engine) is Version.TOO_NEW
    refused = mentorbot(tmp_path, address, "work")
    assert refused.returncode == 2
    assert "The database is of a newer MentorBot" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_lost_what_only_older_versions_need_serves_this_one(
    engine: Engine, address: str, tmp_path: Path
) -> None:
    newest = migration.newest()
    upgrade_to(next_version(tmp_path / "next", CONTRACTING, contracts=newest), address)
    assert migration.version(engine) is Version.NEWER
    with engine.connect() as connection:
        named = set(connection.scalars(text("SELECT revision FROM supported_version")))
    assert named == {newest, "next"}


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def test_an_upgrade_steps_aside_for_a_replica_that_holds_what_it_needs(
    migrated: Database,
) -> None:
    owner = open_engine(migrated.owner_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE person NO FORCE ROW LEVEL SECURITY"))
    upgrading = threading.Thread(target=migration.upgrade, args=(owner, APP))
    with psycopg.connect(migrated.superuser_url) as replica:
        replica.execute("LOCK TABLE message IN ROW EXCLUSIVE MODE")
        upgrading.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with owner.connect() as looking:
            wait_for(lambda: bool(looking.scalar(waiting)))
        replica.execute("SET deadlock_timeout = '100s'")
        replica.execute("SET lock_timeout = '10s'")
        replica.execute("LOCK TABLE attempt IN ROW EXCLUSIVE MODE")
    upgrading.join(PATIENCE_SECONDS)
    assert not upgrading.is_alive()
    with owner.connect() as connection:
        forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'person'"
        assert connection.scalar(text(forced))
    owner.dispose()
