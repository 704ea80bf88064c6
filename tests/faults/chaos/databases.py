"""The database of a run: a file, or a PostgreSQL server of its own that can be crashed."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from mentorbot import operating
from mentorbot.bootstrap import MentorBot
from mentorbot.storage import lanes
from tests.postgres import OWNER, Database, Server

AWAY_SECONDS = 1.0


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interruption wait until what began is whole; other threads are never interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    former = {
        number: signal.signal(number, lambda number, _frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


class Home(Protocol):
    """Where the outbox lives."""

    settings: dict[str, Any]

    def crash(self, rng: random.Random) -> None:
        """Stop at once, stay away for a moment, start again."""

    def back_up(self, bot: MentorBot) -> None:
        """Keep a copy of everything as it is now."""

    def restore(self, bot: MentorBot) -> None:
        """Put the copy in place of what is there now, as operators are told to."""

    def close(self) -> None:
        """Give everything back."""


class OnSqlite:
    """A file; it has no server that could crash."""

    def __init__(self, folder: Path) -> None:
        self.copy = folder / "backup.db"
        self.settings = {"mentorbot_database_url": f"sqlite:///{folder / 'mentorbot.db'}"}

    def crash(self, rng: random.Random) -> None:
        """Not possible."""
        raise NotImplementedError("a file does not crash")

    def back_up(self, bot: MentorBot) -> None:
        """As `mentorbot db backup` does."""
        operating.back_up_database(bot.settings, self.copy)

    def restore(self, bot: MentorBot) -> None:
        """As `mentorbot db restore` does."""
        operating.restore_database(bot.settings, self.copy, bot.clock)

    def close(self) -> None:
        """Nothing is held."""


class OnPostgres:
    """A database on a server, the run's own or one that is lent."""

    def __init__(self, server: Server | None = None) -> None:
        self._is_ours = server is None
        self._server = server or Server()
        self._database: Database = self._server.new_database()
        self._name = make_url(self._database.url).database
        self._copy = f"{self._name}_copy"
        self.settings = {
            "mentorbot_database_url": self._database.url,
            "mentorbot_database_owner_url": self._database.owner_url,
        }

    def crash(self, rng: random.Random) -> None:
        """`pg_ctl stop -m immediate`, up to a second of nothing, and a start with recovery."""
        with undisturbed():
            self._server.stop("immediate")
            time.sleep(rng.uniform(0, AWAY_SECONDS))
            self._server.start()

    def back_up(self, bot: MentorBot) -> None:
        """As a dump taken at this instant; nobody may be connected."""
        bot.store.close()
        self._server.run(f"CREATE DATABASE {self._copy} TEMPLATE {self._name}")

    def restore(self, bot: MentorBot) -> None:
        """Put the copy back, then `mentorbot outbox recover`; nobody may be connected."""
        bot.store.close()
        self._server.run(f"DROP DATABASE {self._name}")
        self._server.run(f"CREATE DATABASE {self._name} TEMPLATE {self._copy} OWNER {OWNER}")
        for workspace_id in bot.store.workspace_ids():
            with bot.store.begin(workspace_id) as tx:
                lanes.recover(tx, bot.clock())

    def close(self) -> None:
        """Remove the server where it is ours."""
        if self._is_ours:
            self._server.remove()
