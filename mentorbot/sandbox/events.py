"""The events the app hears: what happened in the workspace, in Slack's envelope."""

from __future__ import annotations

from mentorbot.sandbox.appearance import user_object
from mentorbot.sandbox.modals import with_state
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.state import State

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - a constant of the simulation


def event_callback(state: State, event: Json) -> Json:
    """An event in the outer envelope; its `event_id` stays the same when it is sent again."""
    population = state.population
    ts = state.next_ts()
    number = state.next_id("Ev")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": population.workspace_id,
        "context_team_id": population.workspace_id,
        "context_enterprise_id": state.grants.enterprise_id,
        "enterprise_id": state.grants.enterprise_id,
        "api_app_id": population.app_id,
        "event": {**event, "event_ts": ts},
        "type": "event_callback",
        "event_id": number,
        "event_time": state.epoch(),
        "authorizations": [
            {
                "enterprise_id": state.grants.enterprise_id,
                "team_id": population.workspace_id,
                "user_id": population.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": state.grants.is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{number}",
    }


def team_join(state: State, slack_user_id: str) -> Json:
    user = user_object(state, state.users[slack_user_id], with_locale=True)
    return event_callback(state, {"type": "team_join", "user": user})


def user_change(state: State, slack_user_id: str) -> Json:
    user = user_object(state, state.users[slack_user_id], with_locale=True)
    event = {"type": "user_change", "user": user, "cache_ts": state.epoch()}
    return event_callback(state, event)


def member_joined_channel(state: State, slack_user_id: str, channel_id: str) -> Json:
    return _membership(state, "member_joined_channel", slack_user_id, channel_id)


def member_left_channel(state: State, slack_user_id: str, channel_id: str) -> Json:
    return _membership(state, "member_left_channel", slack_user_id, channel_id)


def app_uninstalled(state: State) -> Json:
    return event_callback(state, {"type": "app_uninstalled"})


def tokens_revoked(state: State) -> Json:
    tokens = {"oauth": [], "bot": [state.population.bot_user_id]}
    return event_callback(state, {"type": "tokens_revoked", "tokens": tokens})


def app_home_opened(state: State, slack_user_id: str) -> Json:
    event: Json = {
        "type": "app_home_opened",
        "user": slack_user_id,
        "channel": state.direct_message(slack_user_id).id,
        "tab": "home",
    }
    home = state.homes.get(slack_user_id)
    if home is not None:
        event["view"] = with_state(home)
    return event_callback(state, event)


def _membership(state: State, kind: str, slack_user_id: str, channel_id: str) -> Json:
    event = {
        "type": kind,
        "user": slack_user_id,
        "channel": channel_id,
        "channel_type": "C",
        "team": state.population.workspace_id,
    }
    return event_callback(state, event)
