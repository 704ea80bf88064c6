"""Slack's composition objects (text, options, confirmation …) as tables.

Each table follows the page of Slack's reference ("Composition objects") that it names.
"""

from __future__ import annotations

import re

from mentorbot.sandbox.validation.agreements import at_least_one_of, exactly_one_of
from mentorbot.sandbox.validation.rules import (
    Anything,
    Boolean,
    Choice,
    ListOf,
    OneOf,
    Shape,
    String,
    one_of,
    optional,
    required,
    shape,
)

TEXT_MOST = 3000  # "Text object": between 1 and 3000 characters, unless the place allows less

BLOCK_ID = String(255)
ACTION_ID = String(255)
URL = String(3000, pattern=re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"), reading="URL")
WEB_URL = String(3000, pattern=re.compile(r"https?://\S+", re.IGNORECASE), reading="URL")


def plain_text(most: int = TEXT_MOST) -> OneOf:
    """A text object that must be plain_text."""
    return one_of(_plain(most))


def mrkdwn(most: int = TEXT_MOST) -> OneOf:
    """A text object that must be mrkdwn."""
    return one_of(_mrkdwn(most))


def text(most: int = TEXT_MOST) -> OneOf:
    """A text object of either kind."""
    return one_of(_plain(most), _mrkdwn(most))


def _plain(most: int) -> Shape:
    return shape(
        "Text object",
        "plain_text",
        text=required(String(most)),
        emoji=optional(Boolean()),
    )


def _mrkdwn(most: int) -> Shape:
    return shape(
        "Text object",
        "mrkdwn",
        text=required(String(most)),
        verbatim=optional(Boolean()),
    )


CONTEXT_TEXTS = (_plain(TEXT_MOST), _mrkdwn(TEXT_MOST))

OPTION = shape(
    "Option object",
    text=required(plain_text(75)),
    value=required(String(150)),
    description=optional(plain_text(75)),
)

# Check boxes and radio buttons are the two that render mrkdwn.
MARKED_OPTION = shape(
    "Option object",
    text=required(text(75)),
    value=required(String(150)),
    description=optional(text(75)),
)

# Only overflow menus take a URL.
OVERFLOW_OPTION = shape(
    "Option object",
    text=required(plain_text(75)),
    value=optional(String(150)),
    description=optional(plain_text(75)),
    url=optional(URL),
)

OPTION_GROUP = shape(
    "Option group object",
    label=required(plain_text(75)),
    options=required(ListOf(OPTION, most=100)),
)

CONFIRM = shape(
    "Confirmation dialog object",
    title=required(plain_text(100)),
    text=required(text(300)),
    confirm=required(plain_text(30)),
    deny=required(plain_text(30)),
    style=optional(Choice(("primary", "danger"))),
)

CONVERSATION_FILTER = shape(
    "Conversation filter object",
    "",
    at_least_one_of("include", "exclude_external_shared_channels", "exclude_bot_users"),
    include=optional(ListOf(Choice(("im", "mpim", "private", "public")))),
    exclude_external_shared_channels=optional(Boolean()),
    exclude_bot_users=optional(Boolean()),
)

DISPATCH_ACTION_CONFIG = shape(
    "Dispatch action configuration object",
    trigger_actions_on=required(
        ListOf(Choice(("on_enter_pressed", "on_character_entered")), most=2)
    ),
)

SLACK_FILE = shape(
    "Slack file object",
    "",
    exactly_one_of("id", "url"),
    id=optional(String()),
    url=optional(WEB_URL),
)

TRIGGER = shape(
    "Trigger object",
    url=required(WEB_URL),
    customizable_input_parameters=optional(
        ListOf(
            shape("Input parameter object", name=required(String()), value=required(Anything())),
            least=0,
        )
    ),
)

WORKFLOW = shape("Workflow object", trigger=required(TRIGGER))
