"""The gate for messages and views that the app sends: what Slack refuses is refused here."""

from __future__ import annotations

from typing import Literal

from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.validation import (
    InvalidPayload,
    validate_message,
    validate_posted,
    validate_view,
)

MESSAGE_KEYS = ("text", "blocks", "attachments", "metadata")
LONGEST_TEXT = 40_000


def accept_message(payload: Json, *, is_posted: bool = False) -> None:
    """Raise `ApiError` unless Slack would take this message; what is posted holds less."""
    text = payload.get("text") or ""
    if not text and not payload.get("blocks") and not payload.get("attachments"):
        raise ApiError("no_text")
    if len(text) > LONGEST_TEXT:
        raise ApiError("msg_too_long")
    try:
        validate = validate_posted if is_posted else validate_message
        validate({key: payload[key] for key in MESSAGE_KEYS if payload.get(key)})
    except InvalidPayload as refusal:
        raise ApiError(refusal.error, *refusal.messages) from refusal


def accept_view(view: Json, surface: Literal["modal", "home"]) -> None:
    """Raise `ApiError` unless Slack would show this view on this surface."""
    try:
        validate_view(view, surface=surface)
    except InvalidPayload as refusal:
        raise ApiError(refusal.error, *refusal.messages) from refusal
