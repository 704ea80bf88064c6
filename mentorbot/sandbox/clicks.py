"""Clicks: from an element in a message, a modal or App Home to the payload the app hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mentorbot.sandbox import interactions, sight
from mentorbot.sandbox.errors import NotPossible
from mentorbot.sandbox.inputs import VALUE_KEYS, chosen, find_element, option
from mentorbot.sandbox.records import Json, ShownView
from mentorbot.sandbox.state import State


@dataclass(frozen=True)
class Click:
    """Who acts on which element, and what they choose in it."""

    slack_user_id: str
    action_id: str
    block_id: str | None
    value: Any


def on_message(
    state: State, click: Click, container: Json, response_url: Callable[[str, str], str]
) -> Json:
    """`block_actions` for a message, named by its conversation and its ts."""
    where = str(container.get("channel") or container.get("conversation"))
    conversation = sight.conversation(state, where, click.slack_user_id)
    posting = sight.posting(state, where, str(container.get("ts")), click.slack_user_id)
    action = _act(state, click, posting.body.get("blocks", []), posting.state)
    ticket = state.issue_reply_ticket(click.slack_user_id, where, posting.ts)
    url = response_url("actions", ticket)
    return interactions.message_actions(
        state, click.slack_user_id, conversation, posting, action, url
    )


def on_view(state: State, click: Click, shown: ShownView | None) -> Json:
    """`block_actions` for a modal or App Home."""
    if shown is None:
        raise NotPossible("there is nothing to click here")
    action = _act(state, click, shown.view["blocks"], shown.state)
    return interactions.view_actions(state, click.slack_user_id, shown, action)


def _act(state: State, click: Click, blocks: list[Json], filled: Json) -> Json:
    block, element = find_element(blocks, click.action_id, click.block_id)
    held = None
    if element["type"] == "overflow":
        held = {"selected_option": option(element, click.value)}
    elif element["type"] in VALUE_KEYS:
        held = chosen(element, click.value)
        filled.setdefault(block["block_id"], {})[click.action_id] = held
    return interactions.block_action(state, block, element, held)
