"""The HTTP side of the workspace: the Web API, uploads and downloads, and `response_url`."""

from __future__ import annotations

import base64
import binascii
import json
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from mentorbot.sandbox.calls import ApiCall
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.faults import Fault
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.reply_urls import reply
from mentorbot.sandbox.transport import drop_connection
from mentorbot.sandbox.web_api import METHODS, Call, Method

if TYPE_CHECKING:
    from mentorbot.sandbox.server import Sandbox


class Wire:
    """Answers the app's requests; what went through is kept in `sandbox.calls`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/{method}", self.api, methods=["GET", "POST"]),
            Route("/upload/v1/{file_id}", self.upload, methods=["POST"]),
            Route("/files-pri/{team_and_file}/{name:path}", self.download),
            Route("/actions/{team}/{ticket}", self.response_url, methods=["POST"]),
            Route("/commands/{team}/{ticket}", self.response_url, methods=["POST"]),
            Route("/oauth/v2/authorize", self.authorize),
        ]

    async def api(self, request: Request) -> Response:
        """Serve one Web API method; by its `Date`, it is what the workspace's clock says."""
        name = request.path_params["method"]
        arguments = await _arguments(request)
        token = _token(request, arguments)
        home = self._home(token, arguments)
        answer = await (self if home is self._sandbox else Wire(home))._serve(
            request, name, arguments, token
        )
        answer.headers["Date"] = format_datetime(home.clock(), usegmt=True)
        if (scope := home.state.grants.scope_of(token)) is not None:
            answer.headers["X-OAuth-Scopes"] = scope
        return answer

    async def authorize(self, request: Request) -> Response:
        """The consent page: whoever comes here agrees, or cancels, at once."""
        asked = request.query_params
        try:
            back = self._sandbox.state.grants.consent(
                asked.get("client_id", ""),
                asked.get("scope", ""),
                asked.get("state", ""),
                asked.get("redirect_uri", ""),
            )
        except ApiError as refusal:
            return PlainTextResponse(refusal.error, status_code=400)
        return RedirectResponse(back, status_code=302)

    async def _serve(self, request: Request, name: str, arguments: Json, token: str) -> Response:
        fault = self._sandbox.faults.take(name)
        if fault is not None and not fault.does_it:
            return self._fault(name, arguments, fault)
        wait_seconds = self._sandbox.wait_seconds(name, arguments)
        if wait_seconds:
            return self._rate_limited(name, arguments, wait_seconds)
        answer = self._answer(name, arguments, token)
        self._keep(name, arguments, answer)
        if fault is not None:
            return await _instead_of_the_answer(request, fault)
        return JSONResponse(answer)

    async def upload(self, request: Request) -> Response:
        """Take the content of a file, raw or as a form."""
        file = self._sandbox.state.files.get(request.path_params["file_id"])
        if file is None or file.completed:
            return PlainTextResponse("not found", status_code=404)
        fault = self._sandbox.faults.take("upload")
        if fault is not None and not fault.does_it:
            return PlainTextResponse("", status_code=fault.status or 500)
        content = await _content(request)
        with self._sandbox.state.change():
            file.content, file.size, file.uploaded = content, len(content), True
        if fault is not None:
            return await _instead_of_the_answer(request, fault)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """Give the app a file by its `url_private`."""
        try:
            self._sandbox.state.grants.check(_token(request, {}))
        except ApiError:
            return PlainTextResponse("", status_code=403)
        file_id = request.path_params["team_and_file"].rpartition("-")[2]
        file = self._sandbox.state.files.get(file_id)
        if file is None:
            return PlainTextResponse("", status_code=404)
        fault = self._sandbox.faults.take("download")
        if fault is not None:
            return PlainTextResponse("", status_code=fault.status or 500)
        return Response(file.content, media_type="application/octet-stream")

    async def response_url(self, request: Request) -> Response:
        """Take an answer to an interaction."""
        arguments = await _arguments(request)
        fault = self._sandbox.faults.take("response_url")
        if fault is not None and not fault.does_it:
            return self._fault("response_url", arguments, fault)
        try:
            with self._sandbox.state.change():
                reply(self._sandbox.state, request.path_params["ticket"], arguments)
        except ApiError as refusal:
            self._keep("response_url", arguments, refusal.response(), status=404)
            return JSONResponse(refusal.response(), status_code=404)
        self._keep("response_url", arguments, {"ok": True})
        if fault is not None:
            return await _instead_of_the_answer(request, fault)
        return PlainTextResponse("ok")

    def _home(self, token: str, arguments: Json) -> Sandbox:
        """The workspace that a call is about: whose token it carries, or the one it names."""
        served = [self._sandbox, *self._sandbox.neighbours]
        code, refresh = str(arguments.get("code")), str(arguments.get("refresh_token"))
        holder = next(
            (it for it in served if it.state.grants.knows(token, code, refresh)), self._sandbox
        )
        if not holder.state.grants.is_org_wide:
            return holder
        named = arguments.get("team_id", holder.workspace_id)
        return next((it for it in served if it.workspace_id == named), holder)

    def _answer(self, name: str, arguments: Json, token: str) -> Json:
        method = METHODS.get(name)
        try:
            if method is None:
                raise ApiError("unknown_method", req_method=name)
            self._check_token(method, token)
            return self._run(method, arguments)
        except ApiError as refusal:
            return refusal.response()

    def _run(self, method: Method, arguments: Json) -> Json:
        sandbox = self._sandbox
        call = Call(
            sandbox.state,
            dict(arguments),
            sandbox.url,
            sandbox.trigger_lifetime_seconds,
            sandbox.socket_mode.issue_ticket,
        )
        held = sandbox.state.change() if method.writes else sandbox.state.lock
        with held:
            # A copy, since the answer is written out after the lock is given back.
            answer: Json = json.loads(json.dumps(method(call)))
        return answer

    def _check_token(self, method: Method, token: str) -> None:
        if method.caller == "anybody":
            return
        if not token:
            raise ApiError("not_authed")
        is_app = token == self._sandbox.app_token
        if not is_app:
            self._sandbox.state.grants.check(token)
        if is_app != (method.caller == "app"):
            raise ApiError("not_allowed_token_type")

    def _fault(self, name: str, arguments: Json, fault: Fault) -> Response:
        if fault.retry_after_seconds is not None:
            return self._rate_limited(name, arguments, fault.retry_after_seconds)
        if fault.status is not None:
            self._keep(name, arguments, {}, status=fault.status)
            return PlainTextResponse("", status_code=fault.status)
        answer = {"ok": False, "error": fault.error}
        self._keep(name, arguments, answer)
        return JSONResponse(answer)

    def _rate_limited(self, name: str, arguments: Json, wait_seconds: int) -> Response:
        answer = {"ok": False, "error": "ratelimited"}
        self._keep(name, arguments, answer, status=429, retry_after_seconds=wait_seconds)
        headers = {"Retry-After": str(wait_seconds)}
        return JSONResponse(answer, status_code=429, headers=headers)

    def _keep(
        self,
        name: str,
        arguments: Json,
        answer: Json,
        *,
        status: int = 200,
        retry_after_seconds: int | None = None,
    ) -> None:
        at = self._sandbox.clock()
        self._sandbox.calls.keep(ApiCall(name, arguments, answer, at, status, retry_after_seconds))


async def _instead_of_the_answer(request: Request, fault: Fault) -> Response:
    if fault.loses_answer:
        return await drop_connection(request)
    return PlainTextResponse("", status_code=fault.status or 500)


async def _arguments(request: Request) -> Json:
    arguments: Json = dict(request.query_params) | _client(request)
    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith("application/json"):
            body = await request.body()
            parsed: Any = json.loads(body) if body else {}
            return arguments | (parsed if isinstance(parsed, dict) else {})
        await request.body()  # kept by the request, for whoever reads it once more
        async with request.form() as form:
            return arguments | {key: value for key, value in form.items() if isinstance(value, str)}
    except (ValueError, ClientDisconnect):
        return arguments


async def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for value in form.values():
            if not isinstance(value, str):
                return await value.read()
    return b""


def _client(request: Request) -> Json:
    """The app's own id and secret, which come as a name and a password."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, client_secret = base64.b64decode(encoded).decode().partition(":")
    except (ValueError, binascii.Error):
        return {}
    return {"client_id": client_id, "client_secret": client_secret}


def _token(request: Request, arguments: Json) -> str:
    given = str(arguments.pop("token", "") or "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else given
