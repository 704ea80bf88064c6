"""Payloads that are almost Slack's: real ones with something taken out, or of another type."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from mentorbot.sandbox import events, interactions
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from tests.world import AMARA, ZOE, World

Json = dict[str, Any]
Path = tuple[str | int, ...]
GONE = object()
"""In place of a value: that it is left out."""
INSTEAD: tuple[Any, ...] = (
    GONE,
    None,
    [],
    {},
    7,
    10**300,
    True,
    "x",
    "\ud800",
    ["x"],
    [{}],
    {"id": 5},
    [[[]]],
)


def real(world: World) -> list[Json]:
    """One payload of each kind; none of them has been sent."""
    state, amara = world.sandbox.state, world.person(AMARA)
    amara.fill_role_form("mentor")
    card = amara.channel_card()
    row = next(it for it in card["blocks"] if it["type"] == "actions")
    url = world.sandbox.response_url("commands", "made-up")
    with state.change():
        action = interactions.block_action(state, row, row["elements"][0], None)
        click = interactions._actions(state, ZOE, action, None)
        click |= {"channel": {"id": CHANNEL, "name": "img"}, "message": card, "response_url": url}
        return [
            click,
            interactions.view_submission(state, state.stacks[AMARA][-1]),
            interactions.slash_command(
                state, ZOE, state.conversations[CHANNEL], ids.COMMAND, "status", url
            ),
            events.team_join(state, ZOE),
            events.user_change(state, ZOE),
            events.member_joined_channel(state, ZOE, CHANNEL),
            events.app_home_opened(state, ZOE),
            events.tokens_revoked(state),
        ]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where something stands in a payload."""
    keys = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


def changed(payload: Json, path: Path, instead: Any) -> Json:
    """A payload with something else, or nothing, in one place."""
    made = copy.deepcopy(payload)
    at: Any = made
    for key in path[:-1]:
        at = at[key]
    if instead is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = instead
    return made


def as_request(payload: Any) -> tuple[str, str]:
    """A body and its content type, as Slack sends a payload of its kind."""
    form = "application/x-www-form-urlencoded"
    if isinstance(payload, dict) and "event" in payload:
        return json.dumps(payload), "application/json"
    if isinstance(payload, dict) and "command" in payload:
        words = {key: "" if value is None else value for key, value in payload.items()}
        return urlencode(words, errors="replace"), form
    return urlencode({"payload": json.dumps(payload)}), form
