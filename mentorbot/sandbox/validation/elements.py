"""Slack's block elements (buttons, menus, pickers, inputs …) as tables.

Each table follows the page of Slack's reference ("Block elements") that it names; where a page
gives no number, the length is that of Slack's own Python models.
"""

from __future__ import annotations

import re

from mentorbot.sandbox.validation.agreements import (
    exactly_one_of,
    in_order,
    initial_date_exists,
    initial_fits_max_selected,
    initial_is_an_option,
    number_is_allowed,
)
from mentorbot.sandbox.validation.composition import (
    ACTION_ID,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_ACTION_CONFIG,
    MARKED_OPTION,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    SLACK_FILE,
    URL,
    WEB_URL,
    WORKFLOW,
    plain_text,
)
from mentorbot.sandbox.validation.rich_text import RICH_TEXT
from mentorbot.sandbox.validation.rules import (
    Agreement,
    Boolean,
    Choice,
    Field,
    ListOf,
    Number,
    Shape,
    String,
    optional,
    required,
    shape,
)

STYLE = Choice(("primary", "danger"))
PLACEHOLDER = plain_text(150)
DECIMAL = String(pattern=re.compile(r"-?\d+(\.\d+)?"), reading="number")
SLACK_ID = String()


def _asked(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    own = {"action_id": optional(ACTION_ID), "focus_on_load": optional(Boolean())}
    return shape(source, type_, *agreements, **own, **fields)


def _confirmed(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    return _asked(source, type_, *agreements, confirm=optional(CONFIRM), **fields)


def _menu(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    own = {"placeholder": optional(PLACEHOLDER)}
    return _confirmed(source, type_, *agreements, **own, **fields)


def _many(type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    own = {"max_selected_items": optional(Number(least=1))}
    agreed = (*agreements, initial_fits_max_selected)
    return _menu("Multi-select menu element", type_, *agreed, **own, **fields)


def _typed(source: str, type_: str, /, *agreements: Agreement, **fields: Field) -> Shape:
    own = {
        "placeholder": optional(PLACEHOLDER),
        "dispatch_action_config": optional(DISPATCH_ACTION_CONFIG),
    }
    return _asked(source, type_, *agreements, **own, **fields)


BUTTON = shape(
    "Button element",
    "button",
    text=required(plain_text(75)),
    action_id=optional(ACTION_ID),
    url=optional(URL),
    value=optional(String(2000)),
    style=optional(STYLE),
    confirm=optional(CONFIRM),
    accessibility_label=optional(String(75)),
    agent_prompt=optional(String(4000)),
    agent_prompt_display=optional(String()),
    visible_to_user_ids=optional(ListOf(SLACK_ID)),
)

WORKFLOW_BUTTON = shape(
    "Workflow button element",
    "workflow_button",
    text=required(plain_text(75)),
    workflow=required(WORKFLOW),
    action_id=optional(ACTION_ID),
    style=optional(STYLE),
    accessibility_label=optional(String(75)),
)

FEEDBACK_BUTTON = shape(
    "Feedback buttons element",
    text=required(plain_text(75)),
    value=required(String(2000)),
    accessibility_label=optional(String(75)),
)

FEEDBACK_BUTTONS = shape(
    "Feedback buttons element",
    "feedback_buttons",
    action_id=optional(ACTION_ID),
    positive_button=required(FEEDBACK_BUTTON),
    negative_button=required(FEEDBACK_BUTTON),
)

ICON_BUTTON = shape(
    "Icon button element",
    "icon_button",
    icon=required(Choice(("trash",))),
    text=required(plain_text(75)),
    action_id=optional(ACTION_ID),
    value=optional(String(2000)),
    confirm=optional(CONFIRM),
    accessibility_label=optional(String(75)),
    visible_to_user_ids=optional(ListOf(SLACK_ID, most=10)),
)

OVERFLOW = shape(
    "Overflow menu element",
    "overflow",
    options=required(ListOf(OVERFLOW_OPTION, most=5)),
    action_id=optional(ACTION_ID),
    confirm=optional(CONFIRM),
)

IMAGE = shape(
    "Image element",
    "image",
    exactly_one_of("image_url", "slack_file"),
    alt_text=required(String(2000)),
    image_url=optional(WEB_URL),
    slack_file=optional(SLACK_FILE),
)

CHECKBOXES = _confirmed(
    "Checkboxes element",
    "checkboxes",
    initial_is_an_option,
    options=required(ListOf(MARKED_OPTION, most=10)),
    initial_options=optional(ListOf(MARKED_OPTION, most=10)),
)

RADIO_BUTTONS = _confirmed(
    "Radio button group element",
    "radio_buttons",
    initial_is_an_option,
    options=required(ListOf(MARKED_OPTION, most=10)),
    initial_option=optional(MARKED_OPTION),
)

DATEPICKER = _menu(
    "Date picker element",
    "datepicker",
    initial_date_exists,
    initial_date=optional(
        String(pattern=re.compile(r"\d{4}-\d{2}-\d{2}"), reading="YYYY-MM-DD"),
    ),
)

TIMEPICKER = _menu(
    "Time picker element",
    "timepicker",
    initial_time=optional(
        String(pattern=re.compile(r"([01]\d|2[0-3]):[0-5]\d"), reading="HH:mm"),
    ),
    timezone=optional(String()),
)

DATETIMEPICKER = _confirmed(
    "Datetime picker element",
    "datetimepicker",
    initial_date_time=optional(Number(least=0, most=9_999_999_999)),
)

STATIC_SELECT = _menu(
    "Select menu element",
    "static_select",
    exactly_one_of("options", "option_groups"),
    initial_is_an_option,
    options=optional(ListOf(OPTION, most=100)),
    option_groups=optional(ListOf(OPTION_GROUP, most=100)),
    initial_option=optional(OPTION),
)

EXTERNAL_SELECT = _menu(
    "Select menu element",
    "external_select",
    initial_option=optional(OPTION),
    min_query_length=optional(Number(least=0)),
)

USERS_SELECT = _menu(
    "Select menu element",
    "users_select",
    initial_user=optional(SLACK_ID),
)

CONVERSATIONS_SELECT = _menu(
    "Select menu element",
    "conversations_select",
    initial_conversation=optional(SLACK_ID),
    default_to_current_conversation=optional(Boolean()),
    response_url_enabled=optional(Boolean()),
    filter=optional(CONVERSATION_FILTER),
)

CHANNELS_SELECT = _menu(
    "Select menu element",
    "channels_select",
    initial_channel=optional(SLACK_ID),
    response_url_enabled=optional(Boolean()),
)

MULTI_STATIC_SELECT = _many(
    "multi_static_select",
    exactly_one_of("options", "option_groups"),
    initial_is_an_option,
    options=optional(ListOf(OPTION, most=100)),
    option_groups=optional(ListOf(OPTION_GROUP, most=100)),
    initial_options=optional(ListOf(OPTION)),
)

MULTI_EXTERNAL_SELECT = _many(
    "multi_external_select",
    initial_options=optional(ListOf(OPTION)),
    min_query_length=optional(Number(least=0)),
)

MULTI_USERS_SELECT = _many(
    "multi_users_select",
    initial_users=optional(ListOf(SLACK_ID)),
)

MULTI_CONVERSATIONS_SELECT = _many(
    "multi_conversations_select",
    initial_conversations=optional(ListOf(SLACK_ID)),
    default_to_current_conversation=optional(Boolean()),
    filter=optional(CONVERSATION_FILTER),
)

MULTI_CHANNELS_SELECT = _many(
    "multi_channels_select",
    initial_channels=optional(ListOf(SLACK_ID)),
)

PLAIN_TEXT_INPUT = _typed(
    "Plain-text input element",
    "plain_text_input",
    in_order("min_length", "max_length"),
    initial_value=optional(String(3000, least=0)),
    multiline=optional(Boolean()),
    min_length=optional(Number(least=0, most=3000)),
    max_length=optional(Number(least=1, most=3000)),
)

RICH_TEXT_INPUT = _typed(
    "Rich text input element",
    "rich_text_input",
    in_order("min_lines", "max_lines"),
    initial_value=optional(RICH_TEXT),
    min_lines=optional(Number(least=1)),
    max_lines=optional(Number(least=1)),
)

NUMBER_INPUT = _typed(
    "Number input element",
    "number_input",
    in_order("min_value", "max_value"),
    in_order("min_value", "initial_value"),
    in_order("initial_value", "max_value"),
    number_is_allowed,
    is_decimal_allowed=required(Boolean()),
    initial_value=optional(DECIMAL),
    min_value=optional(DECIMAL),
    max_value=optional(DECIMAL),
)

EMAIL_TEXT_INPUT = _typed(
    "Email input element",
    "email_text_input",
    initial_value=optional(String(least=0)),
)

URL_TEXT_INPUT = _typed(
    "URL input element",
    "url_text_input",
    initial_value=optional(String(least=0)),
)

FILE_INPUT = shape(
    "File input element",
    "file_input",
    action_id=optional(ACTION_ID),
    filetypes=optional(ListOf(String())),
    max_files=optional(Number(least=1, most=10)),
)

SELECTS = (
    STATIC_SELECT,
    EXTERNAL_SELECT,
    USERS_SELECT,
    CONVERSATIONS_SELECT,
    CHANNELS_SELECT,
)
MULTI_SELECTS = (
    MULTI_STATIC_SELECT,
    MULTI_EXTERNAL_SELECT,
    MULTI_USERS_SELECT,
    MULTI_CONVERSATIONS_SELECT,
    MULTI_CHANNELS_SELECT,
)
