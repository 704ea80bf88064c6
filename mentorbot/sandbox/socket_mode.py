"""Socket Mode: the WebSocket connections over which the app is reached."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from mentorbot.sandbox.deliveries import Answer, EnvelopeKind, Retry
from mentorbot.sandbox.records import Json


@dataclass(eq=False)
class Connection:
    """One WebSocket of the app and the envelopes it has not acknowledged."""

    websocket: WebSocket
    waiting: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)


class SocketMode:
    """Shares envelopes among the app's connections and matches their acknowledgements."""

    def __init__(self, app_id: str, on_connected: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._on_connected = on_connected
        self._tickets: set[str] = set()
        self._connections: deque[Connection] = deque()

    def issue_ticket(self) -> str:
        """A ticket that opens one connection, once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one connection until it ends."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await websocket.close(code=4003)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        connection = Connection(websocket)
        self._connections.append(connection)
        try:
            await websocket.send_text(json.dumps(self._hello()))
            self._on_connected(True)
            while True:
                self._read(connection, await websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            # Starlette answers RuntimeError when the peer vanished between two calls.
            pass
        finally:
            self._forget(connection)

    async def deliver(
        self, kind: EnvelopeKind, payload: Json, retry: Retry | None, timeout_seconds: float
    ) -> Answer:
        """Send one envelope over the next connection and wait for its acknowledgement."""
        if not self._connections:
            return Answer(False, reason="connection_failed")
        connection = self._connections[0]
        self._connections.rotate(-1)
        envelope_id = str(uuid.uuid4())
        envelope = _envelope(envelope_id, kind, payload, retry)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = waiting
        try:
            await connection.websocket.send_text(json.dumps(envelope))
            return await asyncio.wait_for(waiting, timeout_seconds)
        except TimeoutError:
            return Answer(False, reason="timeout")
        except (WebSocketDisconnect, RuntimeError):
            return Answer(False, reason="connection_failed")
        finally:
            connection.waiting.pop(envelope_id, None)

    async def hang_up(self, *, reconnect: bool) -> None:
        """End every connection, with Slack's request to connect anew or without."""
        frame = {"type": "disconnect", "reason": "warning", "debug_info": {"host": "sandbox"}}
        for connection in list(self._connections):
            if reconnect:
                await connection.websocket.send_text(json.dumps(frame))
            self._forget(connection)
            await connection.websocket.close()

    def _read(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        waiting = connection.waiting.get(str(frame.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(True, frame.get("payload")))

    def _forget(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        for waiting in connection.waiting.values():
            if not waiting.done():
                waiting.set_result(Answer(False, reason="connection_failed"))
        if not self._connections:
            self._on_connected(False)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app_id},
        }


def _envelope(envelope_id: str, kind: EnvelopeKind, payload: Json, retry: Retry | None) -> Json:
    takes_answer = kind == "slash_commands" or payload.get("type") == "view_submission"
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": kind,
        "accepts_response_payload": takes_answer,
        "payload": payload,
    }
    if kind == "events_api":
        envelope["retry_attempt"] = retry.attempt if retry else 0
        envelope["retry_reason"] = retry.reason if retry else ""
    return envelope
