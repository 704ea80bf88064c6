"""What the app has asked of the Web API, kept for tests and for the curious."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mentorbot.sandbox.records import Json

MOST_KEPT = 5_000


@dataclass(frozen=True)
class ApiCall:
    """One call: its arguments without the token, its answer, and the sandbox's instant."""

    method: str
    arguments: Json
    response: Json
    at: datetime
    status: int = 200
    retry_after_seconds: int | None = None


class Calls(list[ApiCall]):
    """The calls, oldest first; the oldest are forgotten when there are too many."""

    def keep(self, call: ApiCall) -> None:
        self.append(call)
        if len(self) > MOST_KEPT:
            del self[: len(self) - MOST_KEPT]
