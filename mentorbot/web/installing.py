"""Installing the app from a link: to Slack's consent page, and back with a token."""

import html
from collections.abc import Callable

import structlog
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth import OAuthStateUtils
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mentorbot.bootstrap import MentorBot
from mentorbot.slack.client import slack_client
from mentorbot.slack.manifest import scopes
from mentorbot.slack.oauth_stores import STATE_SECONDS, Installed, States
from mentorbot.wording import say

log = structlog.get_logger(__name__)

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
_FAILURES = {
    "access_denied": "installing.denied",
    "invalid_browser": "installing.other_browser",
    "invalid_state": "installing.used_link",
}
_HEADERS = {
    "Content-Type": ["text/html; charset=utf-8"],
    "Content-Security-Policy": ["default-src 'none'; style-src 'unsafe-inline'"],
    "Referrer-Policy": ["no-referrer"],
    "Cache-Control": ["no-store"],
}


def installing_routes(bot: MentorBot) -> list[Route]:
    """The link to share, and where Slack sends people back to."""
    flow = _flow(bot)

    async def install(_request: Request) -> Response:
        asked = BoltRequest(body="")  # nothing that a visitor adds goes on to Slack's page
        return await run_in_threadpool(_answer, flow.handle_installation, asked)

    async def redirect(request: Request) -> Response:
        asked = BoltRequest(
            body="", query=dict(request.query_params), headers=dict(request.headers)
        )
        return await run_in_threadpool(_answer, flow.handle_callback, asked)

    return [Route(INSTALL_PATH, install), Route(REDIRECT_PATH, redirect)]


def _flow(bot: MentorBot) -> OAuthFlow:
    settings = bot.settings
    return OAuthFlow(
        client=slack_client(bot),
        settings=OAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret.get_secret_value(),
            scopes=scopes(),
            user_scopes=[],
            redirect_uri=f"{settings.mentorbot_public_url}{REDIRECT_PATH}",
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            install_page_rendering_enabled=False,
            authorization_url=settings.slack_authorize_url,
            installation_store=Installed(bot),
            state_store=States(bot),
            state_expiration_seconds=STATE_SECONDS,
            callback_options=CallbackOptions(success=_succeeded, failure=_failed),
        ),
    )


def _answer(handle: Callable[[BoltRequest], BoltResponse], asked: BoltRequest) -> Response:
    try:
        answer = handle(asked)
    except (SlackClientError, SQLAlchemyError, OSError) as error:
        log.exception("installing.failed", error=type(error).__name__)
        answer = _page("installing.try_again", 502)
    return to_starlette_response(answer)


def _succeeded(found: SuccessArgs) -> BoltResponse:
    installation = found.installation
    log.info("installed", workspace=installation.team_id, enterprise=installation.enterprise_id)
    name = installation.team_name or installation.enterprise_name or ""
    return _page("installing.done", 200, name=name)


def _failed(found: FailureArgs) -> BoltResponse:
    key = _FAILURES.get(found.reason, "installing.try_again")
    log.warning("installing.refused", key=key, status=found.suggested_status_code)
    return _page(key, found.suggested_status_code)


def _page(key: str, status: int, **values: str) -> BoltResponse:
    """A page of one sentence; the state's cookie has served."""
    sentence = html.escape(str(say(key, **values)))
    title = html.escape(str(say("notice.title")))
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f'<body style="font: 1.1rem/1.5 system-ui; max-width: 36rem; margin: 15vh auto; '
        f'padding: 0 1rem"><h1>{title}</h1><p>{sentence}</p></body></html>'
    )
    forget = OAuthStateUtils().build_set_cookie_for_deletion()
    return BoltResponse(status=status, body=body, headers={**_HEADERS, "Set-Cookie": [forget]})
