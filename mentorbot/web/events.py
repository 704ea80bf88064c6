"""Slack's requests over HTTP: events, clicks and commands, verified and answered late.

The answer follows the listener's commit; a listener that fails answers 500, and Slack sends the
event again.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mentorbot.slack import envelopes

log = structlog.get_logger(__name__)

PATH = "/slack/events"
MOST_BYTES = 1_048_576
"""Slack's largest payloads, a view with all its state, stay far below."""

FORM = "application/x-www-form-urlencoded"
MOST_DIGITS = 12
"""The seconds of a time; Python refuses to read numbers of thousands of digits."""


def events_route(app: App, signing_secret: str) -> Route:
    """The one address for everything that Slack sends.

    What is not signed is refused before it is read: Bolt reads a body first and verifies it then,
    and a stranger's may take a second to read. Raises ValueError without a secret.
    """
    verifier = SignatureVerifier(signing_secret)

    async def receive(request: Request) -> Response:
        try:
            body = await _body(request)
            text = None if body is None else body.decode()
        except (ClientDisconnect, UnicodeDecodeError):
            return _refused("unreadable", 400)
        if text is None:
            return _refused("too_large", 413)
        if not _is_from_slack(verifier, request, text):
            return _refused("not_from_slack", 401)
        return await run_in_threadpool(_dispatch, app, request, text)

    return Route(PATH, receive, methods=["POST"])


def _is_from_slack(verifier: SignatureVerifier, request: Request, body: str) -> bool:
    at = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (at.isdecimal() and len(at) <= MOST_DIGITS and signature.isascii()):
        return False
    return verifier.is_valid(body, at, signature)


async def _body(request: Request) -> bytes | None:
    """The request's body, None as soon as it is longer than anything Slack sends."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > MOST_BYTES:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _dispatch(app: App, request: Request, text: str) -> Response:
    """Have Bolt answer what was verified here, and so need not be once more."""
    try:
        body = _payload(text, request.headers.get("content-type", ""))
    except (ValueError, RecursionError):
        return _refused("unreadable", 400)
    if (fault := envelopes.fault(body)) is not None:
        return _refused("malformed", 400, fault=fault)
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    answer = app.dispatch(BoltRequest(body=body, headers=headers, mode="socket_mode"))
    if answer.status == 401:
        return _refused("not_from_slack", 401)
    return to_starlette_response(answer)


def _payload(text: str, content_type: str) -> Any:
    """What a body holds: JSON, a form with JSON in its field `payload`, or a form that is it.

    Raises ValueError where it holds neither, or a field twice.
    """
    if content_type.partition(";")[0].strip() != FORM:
        return json.loads(text)
    fields = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    form = dict(fields)
    if len(form) != len(fields):
        raise ValueError("a field stands twice")
    return json.loads(form["payload"]) if "payload" in form else form


def _refused(reason: str, status: int, **more: str) -> Response:
    log.warning("request.refused", reason=reason, status=status, **more)
    return PlainTextResponse(reason, status_code=status)
