"""One call of a Web API method: its arguments, what it may touch, and the list of methods."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.records import Conversation, Json, User
from mentorbot.sandbox.state import State

# What Slack answers when one of these arguments is not JSON.
STRUCTURED = {
    "attachments": "invalid_attachments_format",
    "blocks": "invalid_blocks_format",
    "files": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
}
T = TypeVar("T")


@dataclass
class Call:
    """The arguments of a call, as the client sent them, and the workspace it acts on."""

    state: State
    arguments: Json
    base_url: str
    trigger_lifetime_seconds: float
    issue_ticket: Callable[[], str]

    def text(self, name: str) -> str:
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.arguments.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.arguments.get(name) or default)
        except (TypeError, ValueError):
            raise ApiError("invalid_arguments", f"[ERROR] {name} must be a number") from None

    def listed(self, name: str) -> list[str]:
        value = self.arguments.get(name) or ""
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def structure(self, name: str) -> Any:
        """An argument that is JSON, also when it came as a string in a form."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(STRUCTURED[name]) from None

    def content(self) -> Json:
        """What `chat.*` methods post: text, blocks, attachments and metadata."""
        content = {key: self.structure(key) for key in ("blocks", "attachments", "metadata")}
        text = self.arguments.get("text")
        return {**content, "text": None if text is None else str(text)}

    def channel(self) -> Conversation:
        conversation = self.state.conversations.get(self.text("channel"))
        if conversation is None:
            raise ApiError("channel_not_found")
        return conversation

    def own_channel(self) -> Conversation:
        """The conversation named, which the app must be in."""
        conversation = self.channel()
        if self.state.population.bot_user_id not in conversation.members:
            raise ApiError("not_in_channel")
        return conversation

    def user(self, name: str = "user") -> User:
        user = self.state.users.get(self.text(name))
        if user is None or not user.joined:
            raise ApiError("user_not_found")
        return user

    def page(self, items: list[T], *, default: int, most: int = 1000) -> tuple[list[T], str]:
        """The part of `items` that `cursor` and `limit` ask for, and the next cursor."""
        cursor = self.text("cursor")
        start = int(place_of(cursor, "offset")) if cursor else 0
        after = start + self.limit(default, most)
        return items[start:after], cursor_to(str(after), "offset") if after < len(items) else ""

    def limit(self, default: int, most: int) -> int:
        return min(max(self.number("limit", default), 1), most)


Caller = Literal["bot", "app", "anybody"]
Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    """How one method is served; a reading method leaves the workspace's version alone."""

    name: str
    handler: Handler
    required: tuple[str, ...]
    caller: Caller
    writes: bool

    def __call__(self, call: Call) -> Json:
        missing = [name for name in self.required if call.arguments.get(name) in (None, "")]
        if missing:
            messages = [f"[ERROR] missing required field: {name}" for name in missing]
            raise ApiError("invalid_arguments", *messages)
        return {"ok": True, **self.handler(call)}


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *required: str,
    caller: Caller = "bot",
    writes: bool = False,
) -> Callable[[Handler], Handler]:
    """Serve the decorated function as the Web API method `name`."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, required, caller, writes)
        return handler

    return register


def cursor_to(place: str, kind: str) -> str:
    """A cursor that leads to a place in a list: opaque to the client."""
    return base64.b64encode(f"{kind}:{place}".encode()).decode()


def place_of(cursor: str, kind: str) -> str:
    """Where a cursor of this kind leads; raises `ApiError` for any other."""
    try:
        found, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        raise ApiError("invalid_cursor") from None
    if found != kind or not place:
        raise ApiError("invalid_cursor")
    return place
