"""Bringing a database to the version of the tables, from a checkout or an installed wheel.

While replicas are replaced one by one, those of the version before work on a database that is ahead
of them. A revision only adds; one that takes something away names in `CONTRACTS` the oldest
revision whose code does without it. Each upgrade therefore writes down for which versions the
database is good, so that an older one, which cannot know what was done, can read it there.
"""

import time
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select, text
from sqlalchemy.exc import OperationalError

import mentorbot
from mentorbot.domain.errors import DatabaseRefused
from mentorbot.storage import jobs, security, statistics

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('mentorbot.migration', 0))")
_STEP_ASIDE = text("SELECT set_config('lock_timeout', '400ms', true)")
"""Less than PostgreSQL takes to break a deadlock: then it is the upgrade that begins again."""
_IN_THE_WAY = ("LockNotAvailable", "DeadlockDetected")
PATIENCE_SECONDS = 120
supported = Table("supported_version", MetaData(), Column("revision", String(32), primary_key=True))
"""The versions that can work with the database."""
OWN_TABLES = ("alembic_version", supported.name)
"""Tables that say what the database is, and hold nobody's data."""


def alembic_config() -> Config:
    """How Alembic finds the revisions, in a checkout or in a wheel."""
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
    `app_role` use them, where that is not the owner. Replicas go on working: where one stands in
    the way, the upgrade is taken back and tried again. Raises DatabaseRefused for a database that
    is too new; one that is only newer stays as it is.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not _is_done(engine, app_role):
        try:
            with engine.begin() as connection:
                _upgrade(connection, app_role)
            return
        except OperationalError as error:
            if type(error.orig).__name__ not in _IN_THE_WAY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.2)


def _is_done(engine: Engine, app_role: str | None) -> bool:
    found = version(engine)
    if found is Version.TOO_NEW:
        raise DatabaseRefused(
            "The database is of a newer MentorBot, and this version cannot work with it."
            " Install that version again, or restore a backup from before."
        )
    return found is Version.NEWER or (found is Version.CURRENT and _is_set_up(engine, app_role))


def _upgrade(connection: Connection, app_role: str | None) -> None:
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.execute(_LOCK)
        if _version(connection) in (Version.NEWER, Version.TOO_NEW):
            return  # a replica of that version was before us
        connection.execute(_STEP_ASIDE)
        security.suspend(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _write_down_supported(connection)
    if is_postgresql:
        jobs.set_up(connection)
        security.secure(connection, app_role)
    else:
        statistics.seed(connection)


def _write_down_supported(connection: Connection) -> None:
    supported.create(connection, checkfirst=True)
    connection.execute(supported.delete())
    connection.execute(supported.insert(), [{"revision": name} for name in supported_revisions()])


def supported_revisions() -> list[str]:
    """The versions whose code works with a database of the newest, oldest first."""
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())[::-1]
    names = [script.revision for script in scripts]
    oldest = [getattr(script.module, "CONTRACTS", names[0]) for script in scripts]
    return names[max(map(names.index, oldest)) :]


def is_current(engine: Engine) -> bool:
    """Whether the database has every migration."""
    with engine.connect() as connection:
        return _revision(connection) == newest()


class Version(StrEnum):
    """How a database's version compares with this code's; a newer one's may work with it or not."""

    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"
    TOO_NEW = "too_new"

    @property
    def is_usable(self) -> bool:
        """Whether this code can work with it as it is."""
        return self in (Version.CURRENT, Version.NEWER)


def version(engine: Engine) -> Version:
    """Which version a database is of; one without tables is older."""
    with engine.connect() as connection:
        return _version(connection)


def _version(connection: Connection) -> Version:
    revision = _revision(connection)
    if revision == newest():
        return Version.CURRENT
    if revision is None or is_known(revision):
        return Version.OLDER
    return Version.NEWER if _is_supported(connection) else Version.TOO_NEW


def _is_supported(connection: Connection) -> bool:
    mine = select(supported).where(supported.c.revision == newest())
    is_written = inspect(connection).has_table(supported.name)
    return is_written and connection.execute(mine).first() is not None


def is_known(revision: str) -> bool:
    """Whether this code knows a version; a newer one's it does not."""
    return any(
        script.revision == revision
        for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
    )


def newest() -> str | None:
    """The version that this code works with."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_set_up(engine: Engine, app_role: str | None) -> bool:
    if engine.dialect.name != "postgresql":
        return True
    with engine.connect() as connection:
        return jobs.is_set_up(connection) and security.is_secured(connection, app_role)
