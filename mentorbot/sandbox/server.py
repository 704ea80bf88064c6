"""The simulated workspace as a server: started in a thread, spoken to over the wire."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute

from mentorbot.sandbox import events
from mentorbot.sandbox.calls import Calls
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.deliveries import Deliveries, EnvelopeKind, Transport
from mentorbot.sandbox.errors import NoAnswer
from mentorbot.sandbox.faults import Faults
from mentorbot.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from mentorbot.sandbox.http_events import HttpEvents
from mentorbot.sandbox.page import page_routes
from mentorbot.sandbox.people import Person
from mentorbot.sandbox.persistence import load, save
from mentorbot.sandbox.population import Population
from mentorbot.sandbox.ratelimits import RateLimits
from mentorbot.sandbox.records import Json, User
from mentorbot.sandbox.socket_mode import SocketMode
from mentorbot.sandbox.state import State
from mentorbot.sandbox.transport import DroppableProtocol, LoopbackOnly
from mentorbot.sandbox.wire import Wire
from mentorbot.web.server import listen

BOT_TOKEN = "xoxb-sandbox-0000000000-mentorbot"  # noqa: S105 - opens nothing but the sandbox
APP_TOKEN = "xapp-sandbox-0000000000-mentorbot"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105
SAVE_DELAY_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Controls(Protocol):
    """What moves the workspace's time; whoever joins it with an app may do more at each step."""

    def advance(self, step: str) -> str:
        """Move by a `"day"`, a `"week"` or to the `"next"` thing; what happened, in a sentence."""
        ...

    def progress(self) -> dict[str, Any] | None:
        """How far the app's programmes have come, a label and fraction each, and what is next."""
        ...


class ClockControls:
    """Controls that know of nothing but the clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def advance(self, step: str) -> str:
        self._clock.advance(timedelta(weeks=1) if step == "week" else timedelta(days=1))
        return f"It is now {self._clock():%A %d %B %Y, %H:%M} UTC."

    def progress(self) -> dict[str, Any] | None:
        return None


class Sandbox:
    """A Slack workspace for one app, on a loopback address.

    `retry_delays_seconds`, `answer_timeout_seconds` and `trigger_lifetime_seconds` are Slack's
    own unless set otherwise; `duplicate_events = n` has the next n events delivered twice.
    `neighbours` are other workspaces whose calls may come to this address too, as the calls of all
    come to Slack's one.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state_path: Path | None = None,
        population: Population | None = None,
        controls: Controls | None = None,
        rate_limits: bool = False,
        events_url: str | None = None,
    ) -> None:
        self.clock = clock
        self.population = population or Population.read()
        self.state = State(self.population, clock, BOT_TOKEN)
        self.neighbours: list[Sandbox] = []
        self.controls: Controls = controls or ClockControls(clock)
        self.faults = Faults()
        self.calls = Calls()
        self.deliveries = Deliveries()
        self.socket_mode = SocketMode(self.population.app_id, self.deliveries.set_connected)
        self.trigger_lifetime_seconds = 3.0
        self.duplicate_events = 0
        self.bot_token, self.app_token = BOT_TOKEN, APP_TOKEN
        self.signing_secret = SIGNING_SECRET
        self.client_id, self.client_secret = CLIENT_ID, CLIENT_SECRET
        self._host, self._port = host, port
        self._state_path = state_path
        self._rate_limits = RateLimits() if rate_limits else None
        self._http_events = HttpEvents(events_url, SIGNING_SECRET) if events_url else None
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._watchers: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self.state.on_change(self._wake)
        if state_path is not None and state_path.exists():
            load(self.state, clock, state_path)

    @property
    def workspace_id(self) -> str:
        return self.population.workspace_id

    @property
    def bot_user_id(self) -> str:
        return self.population.bot_user_id

    @property
    def app_id(self) -> str:
        return self.population.app_id

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """The consent page, where installing begins."""
        return f"{self.url}/oauth/v2/authorize"

    @property
    def version(self) -> int:
        """Grows whenever anything in the workspace changes."""
        return self.state.version

    @property
    def is_connected(self) -> bool:
        """Whether the app can be reached."""
        return self.deliveries.connected

    @property
    def answer_timeout_seconds(self) -> float:
        return self.deliveries.answer_timeout_seconds

    @answer_timeout_seconds.setter
    def answer_timeout_seconds(self, seconds: float) -> None:
        self.deliveries.answer_timeout_seconds = seconds

    @property
    def retry_delays_seconds(self) -> tuple[float, ...]:
        return self.deliveries.retry_delays_seconds

    @retry_delays_seconds.setter
    def retry_delays_seconds(self, delays: tuple[float, ...]) -> None:
        self.deliveries.retry_delays_seconds = delays

    def start(self) -> None:
        """Serve from a thread of its own; returns when requests are answered."""
        listener = listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listener, started), name="sandbox", daemon=True
        )
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Close every connection, end the thread and save the workspace."""
        if self._thread is None or self._server is None:
            return
        self._stopping = True
        self._server.should_exit = True
        self._wake()
        self._thread.join()
        self._thread = None
        if self._http_events is not None:
            self._http_events.close()
        if self._state_path is not None:
            save(self.state, self._state_path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def person(self, slack_user_id: str) -> Person:
        """The hands and eyes of one person; raises `KeyError` for an unknown id."""
        if self.state.users[slack_user_id].is_bot:
            raise KeyError(slack_user_id)
        return Person(self, slack_user_id)

    def people(self) -> list[User]:
        """Everybody who can be played, also those who have not joined yet."""
        return [user for user in self.state.users.values() if not user.is_bot]

    def wait_until_connected(self, timeout_seconds: float = 10) -> None:
        """Until the app can be reached; raises `TimeoutError`."""
        self.deliveries.wait_until_connected(timeout_seconds)

    def wait_until_idle(self, timeout_seconds: float = 10) -> None:
        """Until everything delivered has been answered or given up; raises `TimeoutError`."""
        self.deliveries.wait_until_idle(timeout_seconds)

    def hang_up(self, *, reconnect: bool = False) -> None:
        """End the app's Socket Mode connections; with `reconnect`, as Slack refreshes them.

        An app that is about to close does so at once after this, and otherwise within seconds.
        """
        if self._loop is not None:
            ending = self.socket_mode.hang_up(reconnect=reconnect)
            asyncio.run_coroutine_threadsafe(ending, self._loop).result()

    async def changes(self) -> AsyncIterator[int]:
        """The version now, and each time it has grown, until the server stops."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while not self._stopping:
                changed.clear()
                yield self.version
                await changed.wait()
        finally:
            self._watchers.discard(changed)

    def emit(self, event: Json) -> threading.Event:
        """Send an event; what is returned is set when the first attempt is over."""
        if self.duplicate_events > 0:
            self.duplicate_events -= 1
            self.deliveries.emit(event)
        return self.deliveries.emit(event)

    def interact(self, kind: EnvelopeKind, payload: Json) -> Json | None:
        """Send an interaction and wait for the payload of its answer; raises `NoAnswer`."""
        try:
            return self.deliveries.interact(kind, payload)
        finally:
            self._wake()

    def notify(self, payload: Json) -> None:
        """Send an interaction whose answer nobody sees, such as a closed view."""
        try:
            self.interact("interactive", payload)
        except NoAnswer:
            return

    def uninstall(self) -> None:
        """Remove the app from the workspace: its tokens end, and it is told."""
        with self.state.change():
            self.state.grants.end("account_inactive")
            news = [events.tokens_revoked(self.state), events.app_uninstalled(self.state)]
        for event in news:
            self.emit(event)

    def revoke_tokens(self) -> None:
        """End the app's tokens alone, as auth.revoke does; it is told."""
        with self.state.change():
            self.state.grants.end("token_revoked")
            event = events.tokens_revoked(self.state)
        self.emit(event)

    def response_url(self, kind: str, ticket: str) -> str:
        return f"{self.url}/{kind}/{self.workspace_id}/{ticket}"

    def wait_seconds(self, method: str, arguments: Json) -> int:
        """How long a call must wait by Slack's rate limits; 0 when it may go ahead."""
        if self._rate_limits is None:
            return 0
        return self._rate_limits.wait_seconds(method, arguments)

    def _run(self, listener: socket.socket, started: threading.Event) -> None:
        asyncio.run(self._serve(listener, started))

    async def _serve(self, listener: socket.socket, started: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(),
                http=DroppableProtocol,
                ws="websockets-sansio",
                lifespan="off",
                proxy_headers=False,
                date_header=False,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=2,
            )
        )
        transport: Transport = self._http_events or self.socket_mode
        self.deliveries.open(loop, transport)
        if self._http_events is not None:
            self.deliveries.set_connected(True)
        saving = loop.create_task(self._keep_saved())
        loop.call_soon(started.set)
        await self._server.serve(sockets=[listener])
        saving.cancel()
        self.deliveries.close()
        self._loop = None
        listener.close()

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                WebSocketRoute("/link/", self.socket_mode.endpoint),
                *page_routes(self),
                *Wire(self).routes(),
            ],
            middleware=[Middleware(LoopbackOnly)],
        )

    async def _keep_saved(self) -> None:
        if self._state_path is None:
            return
        async for _ in self.changes():
            await asyncio.sleep(SAVE_DELAY_SECONDS)
            try:
                await asyncio.to_thread(save, self.state, self._state_path)
            except OSError as error:  # a full disk: the next change tries again
                _log.warning("the workspace could not be saved: %s", error)

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_watchers)

    def _wake_watchers(self) -> None:
        for changed in list(self._watchers):
            changed.set()
