"""Slack's rich text block and everything it is made of, as tables.

Each table follows the reference's "Rich text block" page, section by section.
"""

from __future__ import annotations

from mentorbot.sandbox.validation.composition import BLOCK_ID, URL
from mentorbot.sandbox.validation.rules import (
    Boolean,
    Choice,
    Field,
    ListOf,
    Number,
    Shape,
    String,
    one_of,
    optional,
    required,
    shape,
)

SOURCE = "Rich text block"
SLACK_ID = String()
BORDER = Choice((0, 1))

STYLE = shape(
    SOURCE,
    **dict.fromkeys(
        (
            "bold",
            "italic",
            "strike",
            "underline",
            "code",
            "highlight",
            "client_highlight",
            "unlink",
        ),
        optional(Boolean()),
    ),
)


def _part(type_: str, /, **fields: Field) -> Shape:
    return shape(SOURCE, type_, **fields, style=optional(STYLE))


TEXT = _part("text", text=required(String()))
LINK = _part(
    "link",
    url=required(URL),
    text=optional(String(least=0)),
    unsafe=optional(Boolean()),
)

PARTS = one_of(
    TEXT,
    LINK,
    _part("user", user_id=required(SLACK_ID)),
    _part("usergroup", usergroup_id=required(SLACK_ID)),
    _part("channel", channel_id=required(SLACK_ID)),
    _part("team", team_id=required(SLACK_ID)),
    _part("broadcast", range=required(Choice(("here", "channel", "everyone")))),
    _part("color", value=required(String())),
    _part(
        "emoji",
        name=required(String()),
        skin_tone=optional(Number(least=1, most=6)),
        unicode=optional(String()),
    ),
    _part(
        "date",
        timestamp=required(Number()),
        format=required(String()),
        url=optional(URL),
        fallback=optional(String()),
    ),
)

SECTION = shape(
    SOURCE,
    "rich_text_section",
    elements=required(ListOf(PARTS, least=0)),
)

LIST = shape(
    SOURCE,
    "rich_text_list",
    style=required(Choice(("bullet", "ordered"))),
    elements=required(ListOf(one_of(SECTION))),
    indent=optional(Number(least=0)),
    offset=optional(Number(least=0)),
    border=optional(BORDER),
)

QUOTE = shape(
    SOURCE,
    "rich_text_quote",
    elements=required(ListOf(PARTS, least=0)),
    border=optional(BORDER),
)

PREFORMATTED = shape(
    SOURCE,
    "rich_text_preformatted",
    elements=required(ListOf(one_of(TEXT, LINK), least=0)),
    border=optional(BORDER),
    language=optional(String()),
)

RICH_TEXT = shape(
    SOURCE,
    "rich_text",
    block_id=optional(BLOCK_ID),
    elements=required(ListOf(one_of(SECTION, LIST, QUOTE, PREFORMATTED), least=0)),
)
