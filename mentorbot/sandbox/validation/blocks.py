"""Slack's blocks as tables, and which of them each surface takes.

Each table follows the page of Slack's reference ("Blocks") that it names.
"""

from __future__ import annotations

from mentorbot.sandbox.validation import elements as e
from mentorbot.sandbox.validation.agreements import (
    action_ids_differ,
    at_least_one_of,
    exactly_one_of,
)
from mentorbot.sandbox.validation.composition import (
    BLOCK_ID,
    CONTEXT_TEXTS,
    SLACK_FILE,
    WEB_URL,
    plain_text,
    text,
)
from mentorbot.sandbox.validation.rich_text import RICH_TEXT
from mentorbot.sandbox.validation.rules import (
    Agreement,
    Boolean,
    Choice,
    Field,
    ListOf,
    Nullable,
    OneOf,
    Shape,
    String,
    one_of,
    optional,
    required,
    shape,
)


def _block(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    return shape(source, type_, *agreements, block_id=optional(BLOCK_ID), **fields)


SECTION = _block(
    "Section block",
    "section",
    at_least_one_of("text", "fields"),
    text=optional(text(3000)),
    fields=optional(ListOf(text(2000), most=10)),
    accessory=optional(
        one_of(
            e.BUTTON,
            e.CHECKBOXES,
            e.DATEPICKER,
            e.IMAGE,
            *e.MULTI_SELECTS,
            e.OVERFLOW,
            e.RADIO_BUTTONS,
            *e.SELECTS,
            e.TIMEPICKER,
            e.WORKFLOW_BUTTON,
        )
    ),
    expand=optional(Boolean()),
)

DIVIDER = _block("Divider block", "divider")

HEADER = _block("Header block", "header", text=required(plain_text(150)))

ACTIONS = _block(
    "Actions block",
    "actions",
    action_ids_differ,
    elements=required(
        ListOf(
            one_of(
                e.BUTTON,
                e.CHECKBOXES,
                e.DATEPICKER,
                e.DATETIMEPICKER,
                *e.MULTI_SELECTS,
                e.OVERFLOW,
                e.RADIO_BUTTONS,
                e.RICH_TEXT_INPUT,
                *e.SELECTS,
                e.TIMEPICKER,
                e.WORKFLOW_BUTTON,
            ),
            most=25,
        )
    ),
)

CONTEXT = _block(
    "Context block",
    "context",
    elements=required(ListOf(one_of(e.IMAGE, *CONTEXT_TEXTS), most=10)),
)

CONTEXT_ACTIONS = _block(
    "Context actions block",
    "context_actions",
    action_ids_differ,
    elements=required(ListOf(one_of(e.FEEDBACK_BUTTONS, e.ICON_BUTTON), most=5)),
)

IMAGE = _block(
    "Image block",
    "image",
    exactly_one_of("image_url", "slack_file"),
    alt_text=required(String(2000)),
    image_url=optional(WEB_URL),
    slack_file=optional(SLACK_FILE),
    title=optional(plain_text(2000)),
)

INPUT = _block(
    "Input block",
    "input",
    label=required(plain_text(2000)),
    element=required(
        one_of(
            e.CHECKBOXES,
            e.DATEPICKER,
            e.DATETIMEPICKER,
            e.EMAIL_TEXT_INPUT,
            e.FILE_INPUT,
            *e.MULTI_SELECTS,
            e.NUMBER_INPUT,
            e.PLAIN_TEXT_INPUT,
            e.RADIO_BUTTONS,
            e.RICH_TEXT_INPUT,
            *e.SELECTS,
            e.TIMEPICKER,
            e.URL_TEXT_INPUT,
        )
    ),
    dispatch_action=optional(Boolean()),
    hint=optional(plain_text(2000)),
    optional=optional(Boolean()),
)

VIDEO = _block(
    "Video block",
    "video",
    alt_text=required(String(2000)),
    title=required(plain_text(199)),
    thumbnail_url=required(WEB_URL),
    video_url=required(WEB_URL),
    author_name=optional(String(49)),
    description=optional(plain_text(200)),
    provider_icon_url=optional(WEB_URL),
    provider_name=optional(String()),
    title_url=optional(WEB_URL),
)

FILE = _block(
    "File block",
    "file",
    external_id=required(String()),
    source=required(Choice(("remote",))),
)

MARKDOWN = _block("Markdown block", "markdown", text=required(String(12_000)))

TABLE = _block(
    "Table block",
    "table",
    rows=required(
        ListOf(
            ListOf(
                one_of(RICH_TEXT, shape("Table block", "raw_text", text=required(String()))), 20
            ),
            most=100,
        )
    ),
    column_settings=optional(
        ListOf(
            Nullable(
                shape(
                    "Table block",
                    align=optional(Choice(("left", "center", "right"))),
                    is_wrapped=optional(Boolean()),
                )
            ),
            most=20,
        )
    ),
)

EVERYWHERE = (SECTION, DIVIDER, HEADER, ACTIONS, CONTEXT, IMAGE, INPUT, RICH_TEXT, VIDEO)

BLOCKS: dict[str, OneOf] = {
    "message": one_of(*EVERYWHERE, CONTEXT_ACTIONS, FILE, MARKDOWN, TABLE),
    "modal": one_of(*EVERYWHERE),
    "home": one_of(*EVERYWHERE),
}
