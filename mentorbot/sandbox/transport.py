"""How the workspace meets TCP: loopback guests only, and answers that can be lost."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import ClassVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class DroppableProtocol(H11Protocol):
    """HTTP/1.1 whose connections can be cut before an answer leaves."""

    open_transports: ClassVar[WeakValueDictionary[tuple[str, int], asyncio.Transport]] = (
        WeakValueDictionary()
    )

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it too
        super().connection_made(transport)
        self._peer = transport.get_extra_info("peername")[:2]
        self.open_transports[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_transports.pop(self._peer, None)
        super().connection_lost(exc)


class Dropped(Response):
    """No answer at all: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, _: Send) -> None:
        transport = DroppableProtocol.open_transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


async def drop_connection(request: Request) -> Response:
    """A response that never leaves."""
    await request.body()
    return Dropped()


class LoopbackOnly:
    """Refuses requests whose Host or Origin is not this machine, against DNS rebinding."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        trusted = _is_loopback(f"//{headers.get('host', '')}") and (
            origin is None or _is_loopback(origin)
        )
        if trusted:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("Only this machine may ask.", 403)(scope, receive, send)


def _is_loopback(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
