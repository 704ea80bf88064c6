"""What Slack takes as a message: its text, blocks, attachments and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from mentorbot.sandbox.validation.identities import block_ids_differ, one_focus
from mentorbot.sandbox.validation.problems import InvalidPayload, Problem, refuse_if_any
from mentorbot.sandbox.validation.rules import AnyObject, ListOf, String, required, shape
from mentorbot.sandbox.validation.surfaces import BLOCKS, elements_suit
from mentorbot.sandbox.validation.walk import problems_in

TEXT_MOST = 40_000  # "chat.postMessage method": longer text is cut there, and is never meant
BLOCKS_MOST = 50  # "Blocks": up to 50 in each message
ATTACHMENTS_MOST = 100  # "chat.postMessage method": too_many_attachments
MARKDOWN_MOST = 12_000  # "Markdown block": over all markdown blocks of one payload
POSTED_MOST, EACH_BLOCK = 12_000, 100
"""How much text the blocks of a posted message hold together, each block after the first counted.

Slack has such a limit and documents none; people have met it between 11,300 and 13,300 characters,
by the kinds of blocks, and not in answers to commands:
https://github.com/slackapi/bolt-js/issues/2867
"""
METADATA_MOST_BYTES = 8_000  # Slack has a limit and names no number; this is a cautious one
TABLES = ("table", "data_table")

METADATA = shape(
    "Using message metadata",
    event_type=required(String(255)),
    event_payload=required(AnyObject()),
)


def validate_message(payload: dict[str, Any]) -> None:
    """Refuse what chat.postMessage refuses; reads text, blocks, attachments and metadata.

    Raises InvalidPayload: no_text, msg_too_long, invalid_blocks_format, invalid_blocks,
    invalid_attachments, too_many_attachments, invalid_metadata_format or metadata_too_large.
    """
    _check_text(payload)
    _check_blocks(payload.get("blocks"))
    _check_attachments(payload.get("attachments"))
    _check_tables(payload)
    _check_metadata(payload.get("metadata"))


def validate_posted(payload: dict[str, Any]) -> None:
    """As `validate_message`, for what is posted; raises InvalidPayload msg_blocks_too_long, too."""
    validate_message(payload)
    blocks = payload.get("blocks") or []
    if sum(_lengths_in(blocks)) + EACH_BLOCK * (len(blocks) - 1) > POSTED_MOST:
        raise InvalidPayload("msg_blocks_too_long")


def _lengths_in(node: Any) -> Iterator[int]:
    """The length of each text within some blocks."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from _lengths_in(value)
        elif key == "text":
            yield len(str(value))


def _check_text(payload: dict[str, Any]) -> None:
    text = payload.get("text")
    if text is not None and not isinstance(text, str):
        raise InvalidPayload("invalid_arguments", ["must provide a string [json-pointer:/text]"])
    if len(text or "") > TEXT_MOST:
        raise InvalidPayload("msg_too_long")
    if not any((text or "").strip() or payload.get(name) for name in ("blocks", "attachments")):
        raise InvalidPayload("no_text")


def _check_blocks(blocks: Any) -> None:
    if blocks is None:
        return
    if not isinstance(blocks, list):
        message = "must provide an array [json-pointer:/blocks]"
        raise InvalidPayload("invalid_blocks_format", [message])
    refuse_if_any("invalid_blocks", _problems_in_blocks(blocks, "/blocks"))


def _problems_in_blocks(blocks: Any, pointer: str) -> Iterator[Problem]:
    yield from problems_in(blocks, ListOf(BLOCKS["message"], BLOCKS_MOST, 0), pointer)
    yield from block_ids_differ(blocks, pointer)
    yield from one_focus(blocks, pointer)
    yield from elements_suit(blocks, pointer, "message")
    yield from _too_much_markdown(blocks, pointer)


def _too_much_markdown(blocks: Any, pointer: str) -> Iterator[Problem]:
    texts = [
        block["text"]
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict)
        and block.get("type") == "markdown"
        and isinstance(block.get("text"), str)
    ]
    if len(texts) > 1 and sum(map(len, texts)) > MARKDOWN_MOST:
        says = f"markdown text must be less than {MARKDOWN_MOST + 1} characters in all"
        yield Problem(pointer, says)


def _check_attachments(attachments: Any) -> None:
    if attachments is None:
        return
    if isinstance(attachments, list) and len(attachments) > ATTACHMENTS_MOST:
        raise InvalidPayload("too_many_attachments")
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        message = "must provide an array of objects [json-pointer:/attachments]"
        raise InvalidPayload("invalid_attachments", [message])
    refuse_if_any(
        "invalid_attachments",
        chain.from_iterable(
            _problems_in_blocks(attachment["blocks"], f"/attachments/{index}/blocks")
            for index, attachment in enumerate(attachments)
            if "blocks" in attachment
        ),
    )


def _check_tables(payload: dict[str, Any]) -> None:
    attached = (a.get("blocks") or [] for a in payload.get("attachments") or [])
    blocks = chain(payload.get("blocks") or [], chain.from_iterable(attached))
    nested = (inner for block in blocks for inner in (block, *block.get("child_blocks", [])))
    if sum(block["type"] in TABLES for block in nested) > 1:
        raise InvalidPayload("invalid_attachments", ["only_one_table_allowed"])


def _check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    refuse_if_any("invalid_metadata_format", problems_in(metadata, METADATA, "/metadata"))
    sent = json.dumps(metadata["event_payload"], ensure_ascii=False)
    if len(sent.encode(errors="surrogatepass")) > METADATA_MOST_BYTES:
        raise InvalidPayload("metadata_too_large")
