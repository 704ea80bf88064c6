"""The payloads of what people do: clicks, submissions, closed views and slash commands."""

from __future__ import annotations

from typing import Any

from mentorbot.sandbox.appearance import handle_of, message_object
from mentorbot.sandbox.events import VERIFICATION_TOKEN
from mentorbot.sandbox.inputs import state_values
from mentorbot.sandbox.modals import with_state
from mentorbot.sandbox.records import Conversation, Json, Posting, ShownView
from mentorbot.sandbox.state import State


def block_action(state: State, block: Json, element: Json, held: Json | None) -> Json:
    """One entry of `actions`: the element, with what was chosen in it."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": state.next_ts(),
    }
    if element["type"] == "button":
        action |= {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    if held is not None:
        action |= {key: content for key, content in held.items() if key != "type"}
    return action


def message_actions(
    state: State,
    slack_user_id: str,
    conversation: Conversation,
    posting: Posting,
    action: Json,
    response_url: str,
) -> Json:
    """`block_actions` from a message; an ephemeral one is not shown again in the payload."""
    ephemeral = posting.only_for is not None
    container: Json = {
        "type": "message",
        "message_ts": posting.ts,
        "channel_id": conversation.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in posting.body:
        container["thread_ts"] = posting.body["thread_ts"]
    payload = _actions(state, slack_user_id, action, None) | {
        "container": container,
        "channel": {"id": conversation.id, "name": channel_name(conversation)},
        "state": {"values": state_values(posting.body.get("blocks", []), posting.state)},
        "response_url": response_url,
    }
    if not ephemeral:
        payload["message"] = message_object(posting, with_metadata=True)
    return payload


def view_actions(state: State, slack_user_id: str, shown: ShownView, action: Json) -> Json:
    """`block_actions` from a modal or from App Home."""
    view = with_state(shown)
    return _actions(state, slack_user_id, action, shown.id) | {
        "container": {"type": "view", "view_id": shown.id},
        "view": view,
    }


def message_shortcut(
    state: State,
    slack_user_id: str,
    conversation: Conversation,
    posting: Posting,
    callback_id: str,
    response_url: str,
) -> Json:
    """`message_action`: a shortcut chosen from a message's menu.

    https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
    """
    return {
        "type": "message_action",
        **_origin(state, slack_user_id),
        "callback_id": callback_id,
        "trigger_id": state.issue_trigger(slack_user_id),
        "action_ts": state.next_ts(),
        "channel": {"id": conversation.id, "name": channel_name(conversation)},
        "message_ts": posting.ts,
        "message": message_object(posting, with_metadata=True),
        "response_url": response_url,
    }


def view_submission(state: State, shown: ShownView) -> Json:
    return {
        "type": "view_submission",
        **_origin(state, shown.slack_user_id),
        "trigger_id": state.issue_trigger(shown.slack_user_id, shown.id),
        "view": with_state(shown),
        "response_urls": [],
    }


def view_closed(state: State, shown: ShownView, *, is_cleared: bool) -> Json:
    return {
        "type": "view_closed",
        **_origin(state, shown.slack_user_id),
        "view": with_state(shown),
        "is_cleared": is_cleared,
    }


def slash_command(
    state: State,
    slack_user_id: str,
    conversation: Conversation,
    command: str,
    text: str,
    response_url: str,
) -> dict[str, Any]:
    population = state.population
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": population.workspace_id,
        "team_domain": population.workspace_domain,
        "channel_id": conversation.id,
        "channel_name": channel_name(conversation),
        "user_id": slack_user_id,
        "user_name": handle_of(state.users[slack_user_id]),
        "command": command,
        "text": text,
        "api_app_id": population.app_id,
        "is_enterprise_install": str(state.grants.is_org_wide).lower(),
        **({"enterprise_id": state.grants.enterprise_id} if state.grants.enterprise_id else {}),
        "response_url": response_url,
        "trigger_id": state.issue_trigger(slack_user_id),
    }


def channel_name(conversation: Conversation) -> str:
    return "directmessage" if conversation.kind == "im" else conversation.name


def _actions(state: State, slack_user_id: str, action: Json, view_id: str | None) -> Json:
    return {
        "type": "block_actions",
        **_origin(state, slack_user_id),
        "trigger_id": state.issue_trigger(slack_user_id, view_id),
        "actions": [action],
    }


def _origin(state: State, slack_user_id: str) -> Json:
    population = state.population
    handle = handle_of(state.users[slack_user_id])
    return {
        "team": {"id": population.workspace_id, "domain": population.workspace_domain},
        "user": {
            "id": slack_user_id,
            "username": handle,
            "name": handle,
            "team_id": population.workspace_id,
        },
        "api_app_id": population.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": _enterprise(state),
        "is_enterprise_install": state.grants.is_org_wide,
    }


def _enterprise(state: State) -> Json | None:
    enterprise_id = state.grants.enterprise_id
    return {"id": enterprise_id, "name": "The organisation"} if enterprise_id else None
