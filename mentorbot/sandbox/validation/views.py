"""What Slack takes as a view: a modal or somebody's App Home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from mentorbot.sandbox.validation.composition import plain_text
from mentorbot.sandbox.validation.identities import block_ids_differ, one_focus
from mentorbot.sandbox.validation.problems import InvalidPayload, Problem, refuse_if_any
from mentorbot.sandbox.validation.rules import (
    Boolean,
    Field,
    ListOf,
    Shape,
    String,
    optional,
    required,
    shape,
)
from mentorbot.sandbox.validation.surfaces import BLOCKS, elements_suit
from mentorbot.sandbox.validation.walk import problems_in

ViewSurface = Literal["modal", "home"]

BLOCKS_MOST = 100  # "Blocks": up to 100 in modals or Home tabs
VIEW_MOST_BYTES = 250_000  # "views.open method": view_too_large, more than 250 KB


def _view(source: str, type_: ViewSurface, /, **fields: Field) -> Shape:
    return shape(
        source,
        type_,
        **fields,
        blocks=required(ListOf(BLOCKS[type_], BLOCKS_MOST, 0)),
        private_metadata=optional(String(3000, least=0)),
        callback_id=optional(String(255, least=0)),
        external_id=optional(String(255, least=0)),
    )


VIEWS: dict[ViewSurface, Shape] = {
    "modal": _view(
        "Modal views",
        "modal",
        title=required(plain_text(24)),
        submit=optional(plain_text(24)),
        close=optional(plain_text(24)),
        clear_on_close=optional(Boolean()),
        notify_on_close=optional(Boolean()),
        submit_disabled=optional(Boolean()),
    ),
    "home": _view("App Home views", "home"),
}


def validate_view(view: dict[str, Any], *, surface: ViewSurface) -> None:
    """Refuse what views.open, views.push, views.update and views.publish refuse.

    Raises InvalidPayload: invalid_arguments or view_too_large. Pointers begin at /view, the
    argument's name in those methods.
    """
    refuse_if_any("invalid_arguments", _problems_in_view(view, surface))
    sent = json.dumps(view, ensure_ascii=False, separators=(",", ":"))
    if len(sent.encode(errors="surrogatepass")) > VIEW_MOST_BYTES:
        raise InvalidPayload("view_too_large")


def _problems_in_view(view: Any, surface: ViewSurface) -> Iterator[Problem]:
    yield from problems_in(view, VIEWS[surface], "/view")
    if isinstance(view, dict):
        blocks = view.get("blocks")
        yield from block_ids_differ(blocks, "/view/blocks")
        yield from one_focus(blocks, "/view/blocks")
        yield from elements_suit(blocks, "/view/blocks", surface)
        if surface == "modal" and "submit" not in view and isinstance(blocks, list):
            yield from _inputs_without_submit(blocks)


def _inputs_without_submit(blocks: list[Any]) -> Iterator[Problem]:
    for index, block in enumerate(blocks):
        if isinstance(block, dict) and block.get("type") == "input":
            says = "must define `submit` to use an `input` block in modals"
            yield Problem(f"/view/blocks/{index}/input", says)
