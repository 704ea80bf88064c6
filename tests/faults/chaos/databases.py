"""The database of a run: a file, or a PostgreSQL server of its own that can be crashed."""

import random
import time
from pathlib import Path
from typing import Any, Protocol

from tests.postgres import Database, Server

AWAY_SECONDS = 1.0


class Home(Protocol):
    """Where the outbox lives."""

    settings: dict[str, Any]

    def crash(self, rng: random.Random) -> None:
        """Stop at once, stay away for a moment, start again."""

    def close(self) -> None:
        """Give everything back."""


class OnSqlite:
    """A file; it has no server that could crash."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "mentorbot.db"
        self.settings = {"mentorbot_database_url": f"sqlite:///{self.path}"}

    def crash(self, rng: random.Random) -> None:
        """Not possible."""
        raise NotImplementedError("a file does not crash")

    def close(self) -> None:
        """Nothing is held."""


class OnPostgres:
    """A database on a server, the run's own or one that is lent."""

    def __init__(self, server: Server | None = None) -> None:
        self._is_ours = server is None
        self._server = server or Server()
        self._database: Database = self._server.new_database()
        self.settings = {
            "mentorbot_database_url": self._database.url,
            "mentorbot_database_owner_url": self._database.owner_url,
        }

    def crash(self, rng: random.Random) -> None:
        """`pg_ctl stop -m immediate`, up to a second of nothing, and a start with recovery."""
        self._server.stop("immediate")
        time.sleep(rng.uniform(0, AWAY_SECONDS))
        self._server.start()

    def close(self) -> None:
        """Remove the server where it is ours."""
        if self._is_ours:
            self._server.remove()
