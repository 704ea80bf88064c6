"""The sandbox's clock: stands still or flows, and moves forward when told."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta


class VirtualClock:
    """Callable that answers the sandbox's instant, aware and in UTC.

    A flowing clock adds the real seconds that pass; a still one moves only by `set` and `advance`.
    It never goes backwards.
    """

    def __init__(self, start: datetime, *, flowing: bool = False) -> None:
        if start.utcoffset() != timedelta(0):
            raise ValueError("the clock starts at an aware instant in UTC")
        self._lock = threading.Lock()
        self._base = start
        self._flowing = flowing
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now()

    def set(self, at: datetime) -> None:
        """Move to an aware instant; an earlier one is ignored."""
        with self._lock:
            if at > self._now():
                self._move(at)

    def advance(self, by: timedelta) -> None:
        """Move forward; a negative span is ignored."""
        with self._lock:
            if by > timedelta(0):
                self._move(self._now() + by)

    def _now(self) -> datetime:
        if not self._flowing:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def _move(self, at: datetime) -> None:
        self._base = at
        self._since = time.monotonic()
