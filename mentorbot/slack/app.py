"""The Bolt app: every surface's listeners over one bot."""

import secrets

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.connection import ConnectionState
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from mentorbot.bootstrap import MentorBot
from mentorbot.slack import (
    acquaintances,
    advice,
    agreements,
    anonymous,
    applications,
    ballots,
    cadence,
    calendar,
    certificates,
    check_ins,
    checklists,
    closing,
    commands,
    concern_cases,
    concerns,
    coordination,
    coverage,
    dates,
    directory,
    endings,
    enrolment,
    envelopes,
    extending,
    goals,
    guides,
    home,
    imports,
    introductions,
    letters,
    match_edits,
    match_review,
    meetings,
    membership,
    oversight,
    partings,
    places,
    queue,
    recommending,
    requests,
    resources,
    reviewing,
    selection,
    sensitive,
    session_messages,
    sessions,
    setup,
    surveys,
    team,
    uninstalling,
)
from mentorbot.slack.client import LISTENER_TIMEOUT_SECONDS, slack_client
from mentorbot.slack.delivery import DELIVERY_TIMEOUT_SECONDS, Delivery
from mentorbot.slack.installation import TokenOfTheMoment, clients, installations_of
from mentorbot.usecases import admin
from mentorbot.wording import say

log = structlog.get_logger(__name__)
SURFACES = (
    enrolment,
    applications,
    reviewing,
    check_ins,
    meetings,
    agreements,
    goals,
    sessions,
    closing,
    partings,
    endings,
    cadence,
    extending,
    concerns,
    concern_cases,
    calendar,
    anonymous,
    acquaintances,
    checklists,
    guides,
    resources,
    directory,
    requests,
    surveys,
    home,
    membership,
    uninstalling,
    coordination,
    dates,
    match_review,
    match_edits,
    ballots,
    setup,
    imports,
    team,
    advice,
    oversight,
    selection,
    sensitive,
    commands,
)
RENDERERS = (
    certificates,
    coverage,
    introductions,
    letters,
    places,
    queue,
    recommending,
    session_messages,
)


def web_client(bot: MentorBot, timeout_seconds: int = LISTENER_TIMEOUT_SECONDS) -> WebClient:
    """The client of the one workspace whose token is in the settings."""
    return slack_client(bot, bot.settings.slack_bot_token.get_secret_value(), timeout_seconds)


def create_app(bot: MentorBot) -> App:
    """A Bolt app that answers Slack only after its listener has committed.

    It verifies every request that comes over HTTP; Socket Mode's come over a connection that it
    has opened itself. Without a signing secret no HTTP request can pass.
    """
    app = App(
        client=slack_client(bot),
        authorize=TokenOfTheMoment(installations_of(bot)),  # type: ignore[arg-type]  # Bolt takes it
        signing_secret=bot.settings.slack_signing_secret.get_secret_value()
        or secrets.token_hex(32),
        process_before_response=True,
        token_verification_enabled=False,
        ssl_check_enabled=False,
        raise_error_for_unhandled_request=False,
        user_facing_authorize_error_message=say("installing.missing"),
    )
    for surface in SURFACES:
        surface.register(app, bot)
    return app


def create_delivery(bot: MentorBot, sender: str) -> Delivery:
    """Delivery with each workspace's token; `sender` names the process in the leases."""
    return Delivery(bot, clients(bot, DELIVERY_TIMEOUT_SECONDS), sender)


def introduce_workspace(bot: MentorBot) -> str:
    """Ask Slack which workspace the token belongs to, and store it; returns its id."""
    who = web_client(bot).auth_test()
    workspace_id = str(who["team_id"])
    with bot.store.begin(workspace_id) as tx:
        admin.know_workspace(tx, str(who.get("team", "")), str(who["user_id"]), bot.clock())
    return workspace_id


class _Ended(ConnectionState):
    """The state of a session that has ended and begins no more, whatever is set."""

    def __init__(self) -> None:
        object.__setattr__(self, "terminated", True)

    def __setattr__(self, _name: str, _value: object) -> None:
        """Nothing begins it again."""


class Connection(SocketModeHandler):
    """A Socket Mode connection that can be closed while Slack is closing it, too."""

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Have Bolt answer; what nothing can read is taken, lest Slack send it again."""
        if (fault := envelopes.fault(req.payload)) is None:
            super().handle(self.client, req)
            return
        log.warning("request.refused", reason="malformed", fault=fault)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))

    def close(self) -> None:
        """Close, once more where slack_sdk's session lost its socket between a look and a lock.

        An empty message wakes slack_sdk's processor, which would sleep on for up to a second. A
        session that is just beginning says of its state that it runs, after the close has said
        that it has ended, and would be waited for without end: so it is given another state.
        """
        connected = self.client
        connected.closed = True
        before, connected.current_session_state = connected.current_session_state, _Ended()
        before.terminated = True
        self.client.enqueue_message("")
        try:
            super().close()  # type: ignore[no-untyped-call]  # Bolt types no handler
        except AttributeError:
            super().close()  # type: ignore[no-untyped-call]  # Bolt types no handler


def connect(app: App, bot: MentorBot) -> Connection:
    """Open the Socket Mode connection; the caller closes it."""
    handler = Connection(
        app,
        bot.settings.slack_app_token.get_secret_value(),
        web_client=web_client(bot),
        trace_enabled=False,
    )
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt types no handler
    return handler
