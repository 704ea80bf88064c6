"""The Bolt app: every surface's listeners over one bot."""

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from mentorbot.bootstrap import MentorBot
from mentorbot.slack import (
    certificates,
    check_ins,
    closing,
    commands,
    coordination,
    enrolment,
    home,
    introductions,
    membership,
    partings,
    queue,
)
from mentorbot.slack.delivery import DELIVERY_TIMEOUT_SECONDS, Delivery
from mentorbot.usecases import admin

SURFACES = (enrolment, check_ins, closing, partings, home, membership, coordination, commands)
RENDERERS = (certificates, introductions, queue)


LISTENER_TIMEOUT_SECONDS = 3
"""A click's trigger expires after three seconds; waiting longer for Slack serves nobody."""


def web_client(bot: MentorBot, timeout_seconds: int = LISTENER_TIMEOUT_SECONDS) -> WebClient:
    """The bot's client; its base URL is a setting, so that any Slack-compatible server will do.

    It has no retry handlers: slack_sdk's own post twice when an answer is lost.
    """
    return WebClient(
        token=bot.settings.slack_bot_token.get_secret_value(),
        base_url=bot.settings.slack_api_url,
        timeout=timeout_seconds,
        retry_handlers=[],
    )


def create_app(bot: MentorBot) -> App:
    """A Bolt app that answers Slack only after its listener has committed.

    It is told its token for each payload. Left to ask `auth.test` first, Bolt would acknowledge a
    payload that it could not authorize, and what the payload carried would be lost.
    """

    def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        token = bot.settings.slack_bot_token.get_secret_value()
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    client = web_client(bot)
    client.token = None
    app = App(
        client=client,
        authorize=authorize,
        process_before_response=True,
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        raise_error_for_unhandled_request=False,
    )
    for surface in SURFACES:
        surface.register(app, bot)
    return app


def create_delivery(bot: MentorBot, sender: str) -> Delivery:
    """Delivery with this process's token; `sender` names the process in the leases."""
    client = web_client(bot, DELIVERY_TIMEOUT_SECONDS)
    return Delivery(bot, lambda _workspace_id: client, sender)


def introduce_workspace(bot: MentorBot) -> str:
    """Ask Slack which workspace the token belongs to, and store it; returns its id."""
    who = web_client(bot).auth_test()
    workspace_id = str(who["team_id"])
    with bot.store.begin(workspace_id) as tx:
        admin.know_workspace(tx, str(who.get("team", "")), str(who["user_id"]), bot.clock())
    return workspace_id


def connect(app: App, bot: MentorBot) -> SocketModeHandler:
    """Open the Socket Mode connection; the caller closes it."""
    handler = SocketModeHandler(
        app,
        bot.settings.slack_app_token.get_secret_value(),
        web_client=web_client(bot),
        trace_enabled=False,
    )
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt types no handler
    return handler
