"""Payloads that Slack's own client would not send: past its checks, for others, made up."""

import copy
from typing import Any

from mentorbot.sandbox import interactions
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.inputs import VALUE_KEYS
from mentorbot.storage.tables import metadata
from tests.world import Actor, World, words

Json = dict[str, Any]


def submit(who: Actor, values: Json) -> Json:
    """Send the topmost modal with values that its fields would refuse; the bot's answer."""
    state = who.world.sandbox.state
    with state.change():
        payload = copy.deepcopy(interactions.view_submission(state, state.stacks[who.id][-1]))
    for block_id, value in values.items():
        (held,) = payload["view"]["state"]["values"][block_id].values()
        held[VALUE_KEYS[held["type"]]] = _as_sent(held["type"], value)
    return answer(who, payload)


def _as_sent(kind: str, value: Any) -> Any:
    if kind in ("static_select", "radio_buttons"):
        return None if value is None else {"value": value}
    if kind in ("multi_static_select", "checkboxes"):
        return [{"value": each} for each in value]
    return value


def submit_as(who: Actor, view: Json) -> Json:
    """Send somebody else's modal as one's own; the bot's answer."""
    payload = _from(who) | {"type": "view_submission", "view": view, "response_urls": []}
    return answer(who, payload)


def click(who: Actor, action_id: str, value: str | None = None) -> str:
    """Press a button that nobody showed, in the programme's channel; what it was answered."""
    state = who.world.sandbox.state
    button = {"type": "button", "action_id": action_id, "block_id": "made-up", "action_ts": "1.1"}
    with state.change():
        ticket = state.issue_reply_ticket(who.id, CHANNEL, None)
    payload = _from(who) | {
        "type": "block_actions",
        "actions": [button if value is None else {**button, "value": value}],
        "container": {"type": "message", "channel_id": CHANNEL, "is_ephemeral": True},
        "channel": {"id": CHANNEL, "name": "img-mentorship"},
        "response_url": who.world.sandbox.response_url("actions", ticket),
    }
    known = {it["ts"] for it in who.hands.messages(CHANNEL)}
    answer(who, payload)
    told = [words(it) for it in who.hands.messages(CHANNEL) if it["ts"] not in known]
    return "\n".join(told)


def answer(who: Actor, payload: Json) -> Json:
    """Send a payload; what the bot answered, `{}` for a bare acknowledgement."""
    found = who.world.sandbox.interact("interactive", payload) or {}
    who.world.settle()
    return found


def _from(who: Actor) -> Json:
    state = who.world.sandbox.state
    with state.change():
        return {
            **interactions._origin(state, who.id),
            "trigger_id": state.issue_trigger(who.id, None),
        }


def rows(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the database, apart from the payloads that were handled."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        return {
            name: sorted(tuple(map(str, row)) for row in tx.session.execute(table.select()))
            for name, table in metadata.tables.items()
            if name != "handled_payload"
        }
