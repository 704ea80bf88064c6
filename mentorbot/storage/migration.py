"""Bringing a database to the version of the tables, from a checkout or an installed wheel."""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

import mentorbot
from mentorbot.storage import jobs, security, statistics

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('mentorbot.migration', 0))")


def _config() -> Config:
    package = Path(mentorbot.__file__).parent
    inside = package / "migrations"
    config = Config()
    config.set_main_option(
        "script_location", str(inside if inside.is_dir() else package.parent / "migrations")
    )
    return config


def upgrade(engine: Engine, app_role: str | None = None) -> None:
    """Migrate to the newest version; safe to run again, and in many processes at once.

    One process migrates while the others wait: on SQLite for the write lock, on PostgreSQL for an
    advisory lock. There it also sets row-level security and the engine's own tables up, and lets
    `app_role` use them, where that is not the owner.
    """
    if is_current(engine) and _is_set_up(engine, app_role):
        return
    with engine.begin() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        if is_postgresql:
            connection.execute(_LOCK)
            security.suspend(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if is_postgresql:
            jobs.set_up(connection)
            security.secure(connection, app_role)
        else:
            statistics.seed(connection)


def is_current(engine: Engine) -> bool:
    """Whether the database has every migration."""
    with engine.connect() as connection:
        return _revision(connection) == newest()


class Version(StrEnum):
    """How a database's version compares with this code's."""

    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


def version(engine: Engine) -> Version:
    """Which version a database is of; one without tables is older."""
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == newest():
        return Version.CURRENT
    return Version.NEWER if revision and not is_known(revision) else Version.OLDER


def is_known(revision: str) -> bool:
    """Whether this code knows a version; a newer one's it does not."""
    return any(
        script.revision == revision
        for script in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def newest() -> str | None:
    """The version that this code works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_set_up(engine: Engine, app_role: str | None) -> bool:
    if engine.dialect.name != "postgresql":
        return True
    with engine.connect() as connection:
        return jobs.is_set_up(connection) and security.is_secured(connection, app_role)
