"""Faults that tests ask of the wire: errors, statuses, rate limits and lost answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass
class Fault:
    """What happens to the next calls of one method, `times` times after the first `after`."""

    method: str
    times: int
    after: int = 0
    error: str | None = None
    status: int | None = None
    retry_after_seconds: int | None = None
    loses_answer: bool = False
    does_it: bool = False


class Faults:
    """A queue of faults per method; `"*"` stands for every method.

    `"upload"` names the POST of a file's content, `"download"` its GET, `"response_url"` the POST
    of an answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def fail(self, method: str, error: str, *, times: int = 1, after: int = 0) -> None:
        """Answer `{"ok": false, "error": error}`; nothing happens in the workspace."""
        self._add(Fault(method, times, after, error=error))

    def status(
        self, method: str, status: int, *, times: int = 1, after: int = 0, does_it: bool = False
    ) -> None:
        """Answer with an HTTP status such as 500 or 503.

        Nothing happens in the workspace; with `does_it` what is asked is done first.
        """
        self._add(Fault(method, times, after, status=status, does_it=does_it))

    def ratelimit(
        self, method: str, retry_after_seconds: int, *, times: int = 1, after: int = 0
    ) -> None:
        """Answer HTTP 429 with `Retry-After`; nothing happens in the workspace."""
        self._add(Fault(method, times, after, retry_after_seconds=retry_after_seconds))

    def lose_answer(self, method: str, *, times: int = 1, after: int = 0) -> None:
        """Do what is asked, then drop the connection before the answer leaves."""
        self._add(Fault(method, times, after, loses_answer=True, does_it=True))

    @property
    def are_pending(self) -> bool:
        """Whether a fault still waits for its call."""
        return bool(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that befalls this call of `method`, used up by it."""
        with self._lock:
            for fault in self._waiting:
                if fault.method not in (method, "*"):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
            return None

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)
