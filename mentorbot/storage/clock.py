"""The time that replicas share: their database's, whatever the machines around it say.

A message that one replica's clock calls due must not be early by another's, and a lease that one
has given must not have run out for the others.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine, text

from mentorbot.storage.store import DATABASE_AWAY, reason

log = structlog.get_logger(__name__)
ASK_AGAIN_SECONDS = 10.0
_ASK = text("SELECT clock_timestamp()")


class DatabaseClock:
    """A PostgreSQL database's time: asked every few seconds, counted on by monotonic ones between.

    While the database is away it is counted on for as long as that lasts. Raises what a database
    raises that is away, where it was never reached.
    """

    def __init__(self, engine: Engine, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._asking = threading.Lock()
        self._answer: tuple[datetime, float] | None = None
        self._ask_at = 0.0

    def __call__(self) -> datetime:
        """The present instant, aware and in UTC."""
        answered_at, counted_from = self._known()
        return answered_at + timedelta(seconds=self._monotonic() - counted_from)

    def _known(self) -> tuple[datetime, float]:
        """The last answer and when it came; one thread asks anew while the others go on."""
        known = self._answer
        if known is None:
            with self._asking:
                return self._answer or self._ask()
        if self._monotonic() >= self._ask_at and self._asking.acquire(blocking=False):
            try:
                return self._ask()
            except DATABASE_AWAY as error:
                log.warning("clock.not_asked", error=reason(error))
            finally:
                self._asking.release()
        return known

    def _ask(self) -> tuple[datetime, float]:
        self._ask_at = self._monotonic() + ASK_AGAIN_SECONDS
        with self._engine.connect() as connection:
            said: datetime = connection.execute(_ASK).scalar_one()
        self._answer = said.astimezone(UTC), self._monotonic()
        return self._answer
