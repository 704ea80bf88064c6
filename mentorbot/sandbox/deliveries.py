"""Events and interactions on their way to the app: waited for, redelivered, counted."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Literal, Protocol

from mentorbot.sandbox.errors import NoAnswer
from mentorbot.sandbox.records import Json

EnvelopeKind = Literal["events_api", "interactive", "slash_commands"]


@dataclass(frozen=True)
class Retry:
    """Which redelivery of an event this is, from 1, and why."""

    attempt: int
    reason: str


@dataclass(frozen=True)
class Answer:
    """What came back from the app; `reason` says why it does not count as an answer."""

    ok: bool
    payload: Json | None = None
    reason: str = ""


class Transport(Protocol):
    """Socket Mode or HTTP: one way to reach the app."""

    async def deliver(
        self, kind: EnvelopeKind, payload: Json, retry: Retry | None, timeout_seconds: float
    ) -> Answer: ...


class Deliveries:
    """Hands events and interactions to the app on the server's event loop.

    Events wait until the app is connected and are sent again when it does not answer;
    interactions are sent once and only when it is there.
    """

    def __init__(self) -> None:
        self.answer_timeout_seconds = 3.0
        self.retry_delays_seconds: tuple[float, ...] = (0.0, 1.0, 5.0)
        self.undelivered: list[Json] = []
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: Transport | None = None
        self._backlog: list[tuple[Json, threading.Event]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._reachable: asyncio.Event | None = None
        self._under_way = 0
        self._connected = False

    def open(self, loop: asyncio.AbstractEventLoop, transport: Transport) -> None:
        """Start delivering; called on the event loop."""
        self._loop, self._transport = loop, transport
        self._reachable = asyncio.Event()
        with self._changed:
            backlog, self._backlog = self._backlog, []
        for event, tried in backlog:
            self._take_up(event, tried)

    def close(self) -> None:
        """Stop delivering; called on the event loop."""
        for task in self._tasks:
            task.cancel()
        with self._changed:
            self._loop = None
            self._connected = False

    @property
    def connected(self) -> bool:
        return self._connected

    def set_connected(self, connected: bool) -> None:
        """The app can or cannot be reached; called on the event loop."""
        if self._reachable is None:
            return
        with self._changed:
            self._connected = connected
            self._changed.notify_all()
        if connected:
            self._reachable.set()
        else:
            self._reachable.clear()

    def emit(self, event: Json) -> threading.Event:
        """Send an `event_callback` payload, from any thread; what is returned is set when the
        first attempt is over, or at once when no app is connected."""
        tried = threading.Event()
        with self._changed:
            self._under_way += 1
            if not self._connected:
                tried.set()
            if self._loop is None:
                self._backlog.append((event, tried))
            else:
                self._loop.call_soon_threadsafe(self._take_up, event, tried)
        return tried

    def interact(self, kind: EnvelopeKind, payload: Json) -> Json | None:
        """Send an interaction and wait; the payload of the answer. Raises `NoAnswer`."""
        with self._changed:
            loop = self._loop
            if loop is None or not self._connected:
                raise NoAnswer("the app is not connected")
            self._under_way += 1
        try:
            answer = asyncio.run_coroutine_threadsafe(self._send(kind, payload), loop).result()
        except CancelledError:
            raise NoAnswer("the sandbox is stopping") from None
        finally:
            self._settle()
        if not answer.ok:
            raise NoAnswer(f"the app did not answer: {answer.reason}")
        return answer.payload

    def wait_until_connected(self, timeout_seconds: float) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._connected, timeout_seconds):
                raise TimeoutError("no app has connected to the sandbox")

    def wait_until_idle(self, timeout_seconds: float) -> None:
        """Until everything delivered is answered; what waits for an app to connect is not."""
        with self._changed:
            if not self._changed.wait_for(self._is_idle, timeout_seconds):
                raise TimeoutError(f"{self._under_way} deliveries are still unanswered")

    def _is_idle(self) -> bool:
        return self._under_way == 0 or not self._connected

    async def _send(self, kind: EnvelopeKind, payload: Json, retry: Retry | None = None) -> Answer:
        if self._transport is None:
            return Answer(False, reason="connection_failed")
        return await self._transport.deliver(kind, payload, retry, self.answer_timeout_seconds)

    def _take_up(self, event: Json, tried: threading.Event) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(event, tried))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: Json, tried: threading.Event) -> None:
        retry: Retry | None = None
        try:
            for attempt in range(len(self.retry_delays_seconds) + 1):
                if self._reachable is not None:
                    await self._reachable.wait()
                answer = await self._send("events_api", event, retry)
                tried.set()
                if answer.ok:
                    return
                if attempt < len(self.retry_delays_seconds):
                    await asyncio.sleep(self.retry_delays_seconds[attempt])
                retry = Retry(attempt + 1, answer.reason)
            self.undelivered.append(event)
        finally:
            self._settle()

    def _settle(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
