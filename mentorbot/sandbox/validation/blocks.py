"""Slack's everyday blocks (section, actions, input …) as tables.

Each table follows the page of Slack's reference ("Blocks") that it names.
"""

from __future__ import annotations

from mentorbot.sandbox.validation import elements as e
from mentorbot.sandbox.validation.agreements import (
    action_ids_differ,
    at_least_one_of,
    exactly_one_of,
    file_input_is_silent,
)
from mentorbot.sandbox.validation.composition import (
    BLOCK_ID,
    CONTEXT_TEXTS,
    SLACK_FILE,
    WEB_URL,
    plain_text,
    text,
)
from mentorbot.sandbox.validation.rules import (
    Agreement,
    Boolean,
    Choice,
    Field,
    ListOf,
    Shape,
    String,
    one_of,
    optional,
    required,
    shape,
)


def block(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    """The table of a block, with the block_id that every block may have."""
    return shape(source, type_, *agreements, block_id=optional(BLOCK_ID), **fields)


SECTION = block(
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

DIVIDER = block("Divider block", "divider")

HEADER = block("Header block", "header", text=required(plain_text(150)))

ACTIONS = block(
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

CONTEXT = block(
    "Context block",
    "context",
    elements=required(ListOf(one_of(e.IMAGE, *CONTEXT_TEXTS), most=10)),
)

CONTEXT_ACTIONS = block(
    "Context actions block",
    "context_actions",
    action_ids_differ,
    elements=required(ListOf(one_of(e.FEEDBACK_BUTTONS, e.ICON_BUTTON), most=5)),
)

IMAGE = block(
    "Image block",
    "image",
    exactly_one_of("image_url", "slack_file"),
    alt_text=required(String(2000)),
    image_url=optional(WEB_URL),
    slack_file=optional(SLACK_FILE),
    title=optional(plain_text(2000)),
)

INPUT = block(
    "Input block",
    "input",
    file_input_is_silent,
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

VIDEO = block(
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

FILE = block(
    "File block",
    "file",
    external_id=required(String()),
    source=required(Choice(("remote",))),
)

MARKDOWN = block("Markdown block", "markdown", text=required(String(12_000)))
