"""Which blocks and elements each of Slack's surfaces takes: messages, modals and Home tabs.

Blocks follow the "Surfaces" column of the reference's "Blocks" page, elements that of each
element's own page. Where the two disagree the narrower one is kept, so that what passes here
passes there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from mentorbot.sandbox.validation import blocks as b
from mentorbot.sandbox.validation import panels as p
from mentorbot.sandbox.validation.problems import Problem
from mentorbot.sandbox.validation.rich_text import RICH_TEXT
from mentorbot.sandbox.validation.rules import OneOf, one_of

Surface = Literal["message", "modal", "home"]

EVERYWHERE = (
    b.SECTION,
    b.DIVIDER,
    b.HEADER,
    b.ACTIONS,
    b.CONTEXT,
    b.IMAGE,
    b.INPUT,
    RICH_TEXT,
    b.VIDEO,
)

BLOCKS: dict[Surface, OneOf] = {
    "message": one_of(
        *EVERYWHERE,
        b.CONTEXT_ACTIONS,
        b.FILE,
        b.MARKDOWN,
        p.TABLE,
        p.DATA_TABLE,
        p.CARD,
        p.CAROUSEL,
        p.CONTAINER,
        p.TASK_CARD,
        p.PLAN,
    ),
    "modal": one_of(*EVERYWHERE, p.ALERT),
    "home": one_of(*EVERYWHERE, p.CARD, p.CAROUSEL),
}

# Elements that are not named here are taken everywhere.
ELEMENTS: dict[str, tuple[Surface, ...]] = {
    "datetimepicker": ("message", "modal"),
    "email_text_input": ("modal",),
    "file_input": ("modal",),
    "number_input": ("modal",),
    "rich_text_input": ("modal", "home"),
    "url_text_input": ("modal",),
    "workflow_button": ("message",),
}


def elements_suit(value: Any, pointer: str, surface: Surface) -> Iterator[Problem]:
    """No element of `value`, however deep, belongs only to other surfaces."""
    if isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and surface not in ELEMENTS.get(kind, (surface,)):
            yield Problem(f"{pointer}/type", f"unsupported type: {kind}")
        for name, inner in value.items():
            yield from elements_suit(inner, f"{pointer}/{name}", surface)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from elements_suit(inner, f"{pointer}/{index}", surface)
