"""Backing an SQLite database up, and restoring it, while the bot runs."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mentorbot.domain.errors import DatabaseRefused
from mentorbot.storage import migration

BUSY_SECONDS = 30.0


def back_up(database: Path, target: Path) -> int:
    """Copy a database as it is at one instant into one plain file; returns its bytes.

    Raises DatabaseRefused where there is no database, or the target exists already.
    """
    if not database.is_file():
        raise DatabaseRefused(f"There is no database at {database}.")
    if target.exists():
        raise DatabaseRefused(f"{target} exists already; nothing was overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    _copy(database, partial)
    with closing(sqlite3.connect(partial)) as copied:
        copied.execute("PRAGMA journal_mode = DELETE")
    partial.rename(target)
    return target.stat().st_size


def restore(database: Path, source: Path, make_ready: Callable[[Path], object]) -> Path | None:
    """Put a backup in place of the database, in one transaction; processes at work go on with it.

    `make_ready` is given a copy of the backup first, and changes what must not be seen as it was.
    Returns where what was there before has been kept, None where there was nothing. Raises
    DatabaseRefused for a file that is no whole backup, or of a newer version than this one's.
    """
    _check(source)
    database.parent.mkdir(parents=True, exist_ok=True)
    staged = database.with_name(f"{database.name}.restoring")
    _remove(staged)
    try:
        _copy(source, staged)
        make_ready(staged)
        kept = None
        if database.is_file():
            kept = _free_name(database)
            back_up(database, kept)
        _copy(staged, database)
    finally:
        _remove(staged)
    return kept


def rewrite(database: Path) -> None:
    """Write the file anew, so that nothing of what was deleted is left in it or in its log.

    The bot may run meanwhile. Raises DatabaseRefused where others did not let go of it.
    """
    try:
        with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as opened:
            opened.execute("VACUUM")
            (is_busy, *_rest) = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise DatabaseRefused(f"{database} could not be written anew: {error}.") from None
    if is_busy:
        raise DatabaseRefused(f"{database} could not be written anew: its log is in use.")


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        database.with_name(f"{database.name}{suffix}").unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as reading,
        closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as writing,
    ):
        reading.backup(writing)


def _check(source: Path) -> None:
    if not source.is_file():
        raise DatabaseRefused(f"There is no backup at {source}.")
    try:
        with closing(sqlite3.connect(source)) as opened:
            (state,) = opened.execute("PRAGMA integrity_check").fetchone()
            (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        raise DatabaseRefused(f"{source} is not a backup of MentorBot's database.") from None
    if state != "ok":
        raise DatabaseRefused(f"{source} is damaged: {state}.")
    if not migration.is_known(revision):
        raise DatabaseRefused(f"{source} is of a newer MentorBot; upgrade MentorBot first.")


def _free_name(database: Path) -> Path:
    number = 1
    while (kept := database.with_name(f"{database.name}.before-restore-{number}")).exists():
        number += 1
    return kept
