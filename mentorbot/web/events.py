"""Slack's requests over HTTP: events, clicks and commands, verified by Bolt and answered late.

The answer follows the listener's commit; a listener that fails answers 500, and Slack sends the
event again.
"""

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

log = structlog.get_logger(__name__)

PATH = "/slack/events"
MOST_BYTES = 1_048_576
"""Slack's largest payloads, a view with all its state, stay far below."""


def events_route(app: App) -> Route:
    """The one address for everything that Slack sends."""

    async def receive(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _refused("too_large", 413)
        if not request.headers.get("x-slack-request-timestamp", "").isdecimal():
            return _refused("not_from_slack", 401)
        return await run_in_threadpool(_dispatch, app, request, body)

    return Route(PATH, receive, methods=["POST"])


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


def _dispatch(app: App, request: Request, body: bytes) -> Response:
    try:
        payload = BoltRequest(
            body=body.decode(),
            query=dict(request.query_params),
            headers=dict(request.headers),
        )
    except (ValueError, AttributeError, TypeError):  # Bolt takes every body for an object
        return _refused("unreadable", 400)
    answer = app.dispatch(payload)
    if answer.status == 401:
        return _refused("not_from_slack", 401)
    return to_starlette_response(answer)


def _refused(reason: str, status: int) -> Response:
    log.warning("request.refused", reason=reason, status=status)
    return PlainTextResponse(reason, status_code=status)
