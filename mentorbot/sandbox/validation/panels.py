"""Slack's larger blocks (tables, cards, containers, plans …) as tables.

Each table follows the page of Slack's reference ("Blocks") that it names; where a page gives no
number, the length is that of Slack's own Python models.
"""

from __future__ import annotations

from mentorbot.sandbox.validation import blocks as b
from mentorbot.sandbox.validation.agreements import (
    at_least_one_of,
    collapses_only_if_collapsible,
    header_is_plain,
    rows_are_even,
)
from mentorbot.sandbox.validation.blocks import block
from mentorbot.sandbox.validation.composition import URL, plain_text, text
from mentorbot.sandbox.validation.elements import BUTTON
from mentorbot.sandbox.validation.elements import IMAGE as IMAGE_ELEMENT
from mentorbot.sandbox.validation.rich_text import RICH_TEXT
from mentorbot.sandbox.validation.rules import (
    Boolean,
    Choice,
    ListOf,
    Nullable,
    Number,
    String,
    one_of,
    optional,
    required,
    shape,
)

RAW_TEXT = shape("Table block", "raw_text", text=required(String()))
RAW_NUMBER = shape(
    "Table block",
    "raw_number",
    value=required(Number(whole=False)),
    text=optional(String()),
)
CELL = one_of(RICH_TEXT, RAW_TEXT, RAW_NUMBER)

COLUMN_SETTING = shape(
    "Table block",
    align=optional(Choice(("left", "center", "right"))),
    is_wrapped=optional(Boolean()),
)

TABLE = block(
    "Table block",
    "table",
    rows=required(ListOf(ListOf(CELL, most=20), most=100)),
    column_settings=optional(ListOf(Nullable(COLUMN_SETTING), most=20)),
)

DATA_TABLE = block(
    "Data table block",
    "data_table",
    rows_are_even,
    header_is_plain,
    rows=required(ListOf(ListOf(CELL, most=20), least=2, most=101)),
    caption=required(String()),
    page_size=optional(Number(least=1, most=100)),
    row_header_column_index=optional(Number(least=0)),
)

ALERT = block(
    "Alert block",
    "alert",
    text=required(text()),
    level=optional(Choice(("default", "info", "warning", "error", "success"))),
)

CARD = block(
    "Card block",
    "card",
    at_least_one_of("hero_image", "title", "actions", "body"),
    hero_image=optional(one_of(IMAGE_ELEMENT)),
    icon=optional(one_of(IMAGE_ELEMENT)),
    title=optional(text(150)),
    subtitle=optional(text(150)),
    body=optional(text(200)),
    actions=optional(ListOf(one_of(BUTTON))),
)

CAROUSEL = block(
    "Carousel block",
    "carousel",
    elements=required(ListOf(one_of(CARD), most=10)),
)

CONTAINER = block(
    "Container block",
    "container",
    at_least_one_of("title", "rich_text_title"),
    collapses_only_if_collapsible,
    child_blocks=required(
        ListOf(
            one_of(
                b.ACTIONS,
                b.CONTEXT,
                b.DIVIDER,
                b.FILE,
                b.HEADER,
                b.IMAGE,
                b.INPUT,
                RICH_TEXT,
                b.SECTION,
                TABLE,
                b.VIDEO,
            ),
            most=10,
        )
    ),
    title=optional(plain_text(150)),
    rich_text_title=optional(one_of(RICH_TEXT)),
    subtitle=optional(text(150)),
    icon=optional(one_of(IMAGE_ELEMENT)),
    width=optional(Choice(("narrow", "standard", "wide", "full"))),
    is_collapsible=optional(Boolean()),
    default_collapsed=optional(Boolean()),
    has_header_divider=optional(Boolean()),
)

URL_SOURCE = shape("URL source element", "url", url=required(URL), text=required(String()))

TASK_CARD = block(
    "Task card block",
    "task_card",
    task_id=required(String()),
    title=required(String()),
    status=required(Choice(("pending", "in_progress", "complete", "error"))),
    details=optional(one_of(RICH_TEXT)),
    output=optional(one_of(RICH_TEXT)),
    sources=optional(ListOf(one_of(URL_SOURCE))),
)

PLAN = block(
    "Plan block",
    "plan",
    title=required(String()),
    tasks=optional(ListOf(one_of(TASK_CARD))),
)
