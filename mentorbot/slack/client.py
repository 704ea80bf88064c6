"""Clients for Slack's Web API: where they call is a setting, and they never post twice."""

from slack_sdk import WebClient

from mentorbot.bootstrap import MentorBot

LISTENER_TIMEOUT_SECONDS = 3
"""A click's trigger expires after three seconds; waiting longer for Slack serves nobody."""


def slack_client(
    bot: MentorBot,
    token: str | None = None,
    timeout_seconds: int = LISTENER_TIMEOUT_SECONDS,
    team_id: str | None = None,
) -> WebClient:
    """A client; its base URL is a setting, so that any Slack-compatible server will do.

    It has no retry handlers: slack_sdk's own post twice when an answer is lost. `team_id` names the
    workspace that is meant where a token is an organisation's.
    """
    return WebClient(
        token=token,
        base_url=bot.settings.slack_api_url,
        timeout=timeout_seconds,
        team_id=team_id,
        retry_handlers=[],
    )
