"""The page of the simulated workspace: the routes it is served by and the JSON they speak."""

from __future__ import annotations

import asyncio
import json
import logging
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from mentorbot.sandbox.errors import BadAnswer, NoAnswer, NotPossible, SandboxError
from mentorbot.sandbox.inputs import interactive_elements

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mentorbot.sandbox.people import Person
    from mentorbot.sandbox.records import Json, User
    from mentorbot.sandbox.server import Sandbox

ASSETS = Path(__file__).parent / "page"
BODY_LIMIT_BYTES = 256 * 1024
UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024
BREATH_SECONDS = 0.05
STEPS = ("day", "week", "next")
SHOWN_IN_BROWSER = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_log = logging.getLogger(__name__)


def page_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Everything the page needs, to be mounted by the server."""
    page = _Page(sandbox)
    guarded = [Middleware(_Headers)]
    return [
        Route("/", page.index, middleware=guarded),
        Mount(
            "/_page",
            routes=[
                Route("/state", _answering(page.state)),
                Route("/messages", _answering(page.messages)),
                Route("/act", _answering(page.act), methods=["POST"]),
                Route("/clock", _answering(page.clock), methods=["POST"]),
                Route("/upload", _answering(page.upload), methods=["POST"]),
                Route("/file/{file_id}", _answering(page.file)),
                Route("/stream", page.stream),
                Mount("/assets", StaticFiles(directory=ASSETS)),
            ],
            middleware=guarded,
        ),
    ]


class _Page:
    """The handlers; whatever may wait for the app runs in a worker thread."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def index(self, _: Request) -> Response:
        return FileResponse(ASSETS / "index.html")

    async def state(self, request: Request) -> Response:
        if request.query_params.get("as"):
            person = self._person(request)
        else:
            person = self.sandbox.person(self.sandbox.people()[0].id)
        return JSONResponse(await run_in_threadpool(self._state_of, person))

    async def messages(self, request: Request) -> Response:
        person = self._person(request)
        conversation_id = request.query_params.get("conversation", "")
        found = await run_in_threadpool(_messages_in, person, conversation_id)
        return JSONResponse({"messages": found})

    async def act(self, request: Request) -> Response:
        person = self._person(request)
        wanted = await _posted(request)
        deed = DEEDS.get(str(wanted.get("do")))
        if deed is None:
            raise HTTPException(400, "The page asked for something that nobody can do here.")
        errors = await run_in_threadpool(deed, person, wanted)
        return JSONResponse({"ok": True, "errors": errors or {}})

    async def clock(self, request: Request) -> Response:
        step = (await _posted(request)).get("step")
        if step not in STEPS:
            raise HTTPException(400, "The clock moves by a day, by a week or to the next thing.")
        said = await run_in_threadpool(self.sandbox.controls.advance, str(step))
        return JSONResponse({"ok": True, "said": said})

    async def upload(self, request: Request) -> Response:
        person = self._person(request)
        name = request.query_params.get("name") or "file"
        content = await _body(request, "application/octet-stream", UPLOAD_LIMIT_BYTES)
        return JSONResponse({"ok": True, "file": person.upload(name, content)})

    async def file(self, request: Request) -> Response:
        person = self._person(request)
        file_id = request.path_params["file_id"]
        content = await run_in_threadpool(_content_of, person, file_id)
        file_name = self.sandbox.state.files[file_id].name
        kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        as_page = kind in SHOWN_IN_BROWSER and "download" not in request.query_params
        name = quote(file_name, safe="")
        place = "inline" if as_page else "attachment"
        return Response(
            content,
            media_type=kind if as_page else "application/octet-stream",
            headers={
                "Content-Disposition": f"{place}; filename*=UTF-8''{name}",
                # The browser's own viewer of PDFs does not open under the page's policy.
                "Content-Security-Policy": "frame-ancestors 'none'",
            },
        )

    async def stream(self, _: Request) -> Response:
        return StreamingResponse(self._versions(), media_type="text/event-stream")

    async def _versions(self) -> AsyncIterator[str]:
        async for version in self.sandbox.changes():
            yield f"data: {json.dumps({'version': version})}\n\n"
            await asyncio.sleep(BREATH_SECONDS)

    def _person(self, request: Request) -> Person:
        slack_user_id = request.query_params.get("as", "")
        try:
            return self.sandbox.person(slack_user_id)
        except KeyError:
            raise HTTPException(404, "There is no such person in this workspace.") from None

    def _state_of(self, person: Person) -> Json:
        sandbox = self.sandbox
        plan = sandbox.population
        return {
            "version": sandbox.version,
            "acting": person.slack_user_id,
            "workspace": {"id": plan.workspace_id, "name": plan.workspace_name},
            "now": sandbox.clock().isoformat(),
            "people": [self._card(user) for user in sandbox.people()],
            "conversations": person.conversations(),
            "home": person.home(),
            "modal": person.modal,
            "modal_errors": person.modal_errors,
            "modal_depth": person.modal_depth,
            "answers": plan.answers_of(person.slack_user_id),
            "progress": sandbox.controls.progress(),
            "bot": {
                "id": plan.bot_user_id,
                "name": plan.bot_name,
                "connected": sandbox.is_connected,
            },
        }

    def _card(self, user: User) -> Json:
        here = self.sandbox.clock().astimezone(ZoneInfo(user.time_zone))
        return {
            "id": user.id,
            "name": user.name,
            "about": user.about,
            "initials": _initials(user.name),
            "time_zone": user.time_zone,
            "local_time": here.strftime("%H:%M"),
            "joined": user.joined,
            "deactivated": user.deactivated,
            "unread": self.sandbox.person(user.id).unread(),
        }


def _initials(name: str) -> str:
    words = [word for word in name.split() if word.rstrip(".") not in ("Dr", "Prof", "Mr", "Ms")]
    letters = [word[0] for word in words]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"


def _visible(person: Person, conversation_id: str) -> str:
    if conversation_id not in {found["id"] for found in person.conversations()}:
        raise HTTPException(404, "There is no such conversation for this person.")
    return conversation_id


def _place(person: Person, wanted: Json) -> str:
    return _visible(person, str(wanted.get("conversation", "")))


def _messages_in(person: Person, conversation_id: str) -> list[Json]:
    return person.messages(_visible(person, conversation_id))


def _content_of(person: Person, file_id: str) -> bytes:
    try:
        return person.download(file_id)
    except NotPossible:
        raise HTTPException(404, "There is no such file for this person.") from None


def _container(person: Person, wanted: Json) -> Json | str:
    container = wanted.get("container")
    if not isinstance(container, dict):
        raise HTTPException(400, "The page did not say where that was pressed.")
    kind = container.get("kind")
    if kind in ("home", "modal"):
        return str(kind)
    conversation_id = _visible(person, str(container.get("conversation", "")))
    return {"channel": conversation_id, "ts": str(container.get("ts", ""))}


def _click(person: Person, wanted: Json) -> None:
    container = _container(person, wanted)
    if container == "modal":
        person.fill_in(_values(wanted))
    person.click(
        container,
        str(wanted.get("action_id", "")),
        value=wanted.get("value"),
        block_id=_block_id(person, container, wanted),
    )


def _block_id(person: Person, container: Json | str, wanted: Json) -> str | None:
    """The block meant; App Home is often published anew, with new ids for the same blocks."""
    view = person.home() if container == "home" else None
    blocks = [
        str(block["block_id"])
        for block, element in interactive_elements(view["blocks"] if view else [])
        if element["action_id"] == wanted.get("action_id")
    ]
    return blocks[0] if len(blocks) == 1 else wanted.get("block_id")


def _submit(person: Person, wanted: Json) -> dict[str, str]:
    person.fill_in(_values(wanted))
    return person.submit()


def _values(wanted: Json) -> Json:
    values = wanted.get("values", {})
    if not isinstance(values, dict):
        raise HTTPException(400, "The page sent a form that cannot be read.")
    return values


def _command(person: Person, wanted: Json) -> None:
    place, text = _place(person, wanted), str(wanted.get("text", ""))
    if wanted.get("command") == "/invite":
        person.invite(place, text)
    else:
        person.command(str(wanted.get("command", "")), text, place)


def _say(person: Person, wanted: Json) -> None:
    person.say(_place(person, wanted), str(wanted.get("text", "")))


DEEDS: dict[str, Callable[[Person, Json], dict[str, str] | None]] = {
    "click": _click,
    "command": _command,
    "submit": _submit,
    "say": _say,
    "set_input": lambda person, it: person.fill_in({str(it.get("block_id")): it.get("value")}),
    "close_modal": lambda person, it: person.close_modal(all=bool(it.get("all"))),
    "open_home": lambda person, _: person.open_home() and None,
    "join_workspace": lambda person, _: person.join_workspace(),
    "deactivate": lambda person, _: person.deactivate(),
    "join_channel": lambda person, it: person.join_channel(_place(person, it)),
    "leave_channel": lambda person, it: person.leave_channel(_place(person, it)),
}


async def _posted(request: Request) -> Json:
    """The JSON that the page itself posted."""
    body = await _body(request, "application/json", BODY_LIMIT_BYTES)
    try:
        wanted = json.loads(body)
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        raise HTTPException(400, "The page sent something that is not a JSON object.")
    return wanted


async def _body(request: Request, kind: str, most_bytes: int) -> bytes:
    """What the page itself posted; whatever another site could have made is refused."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site != "same-origin" or origin not in (None, str(request.base_url).rstrip("/")):
        raise HTTPException(403, "Only this page may act in the simulated workspace.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != kind:
        raise HTTPException(415, f"The page speaks {kind} here.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise HTTPException(413, "That is more than the page can send at once.")
    return bytes(body)


def _answering(
    handler: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """A handler whose failures become sentences."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except HTTPException as refusal:
            return _refusal(refusal.detail, refusal.status_code)
        except BadAnswer as refused:
            return _refusal(f"Slack would refuse the bot's answer ({refused}).", 502, "no_answer")
        except NoAnswer as silence:
            return _refusal(str(silence) or "The bot did not answer in time.", 504, "no_answer")
        except SandboxError as refusal:
            return _refusal(str(refusal), 409)
        except Exception:
            _log.exception("the page could not do what it was asked")
            return _refusal("Something went wrong in the simulation itself.", 500)

    return answer


def _refusal(sentence: str, status: int, kind: str = "refused") -> Response:
    return JSONResponse({"ok": False, "error": sentence, "kind": kind}, status)


class _Headers:
    """Adds the security headers to whatever the page answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
