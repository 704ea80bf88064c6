"""Installing an app in the simulated workspace: codes, tokens, rotation and the end of it."""

import http.client
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.sandbox.server import Sandbox
from tests.sandbox.trial_bot import TrialBot

BACK = "https://bot.example.org/slack/oauth_redirect"


def consent(sandbox: Sandbox, **changes: str) -> httpx.Response:
    asked = {"client_id": sandbox.client_id, "scope": "chat:write", "state": "s"}
    return httpx.get(sandbox.authorize_url, params=asked | {"redirect_uri": BACK} | changes)


def code_from(sandbox: Sandbox) -> str:
    leads_to = urlsplit(consent(sandbox).headers["location"])
    return parse_qs(leads_to.query)["code"][0]


def access(sandbox: Sandbox, **arguments: str) -> dict[str, Any]:
    client = WebClient(base_url=sandbox.api_url, retry_handlers=[])
    app = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    answer: dict[str, Any] = client.oauth_v2_access(**{**app, **arguments}).data
    return answer


def refusal(sandbox: Sandbox, **arguments: str) -> str:
    with pytest.raises(SlackApiError) as caught:
        access(sandbox, **arguments)
    return str(caught.value.response["error"])


def works(sandbox: Sandbox, token: str) -> str:
    """The error that a token is refused with, or "ok"."""
    try:
        WebClient(token, base_url=sandbox.api_url, retry_handlers=[]).auth_test()
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


def test_consent_leads_back_with_a_code_and_the_state(sandbox: Sandbox) -> None:
    answer = consent(sandbox)
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(BACK)
    assert found["state"] == ["s"]
    assert "code" in found


def test_consent_that_is_refused_leads_back_without_a_code(sandbox: Sandbox) -> None:
    sandbox.state.grants.refuses = True
    found = parse_qs(urlsplit(consent(sandbox).headers["location"]).query)
    assert found == {"error": ["access_denied"], "state": ["s"]}


def test_consent_is_not_asked_for_an_unknown_app(sandbox: Sandbox) -> None:
    assert consent(sandbox, client_id="1.2").status_code == 400
    assert consent(sandbox, redirect_uri="").status_code == 400


def test_a_code_gives_a_token_that_works_once(sandbox: Sandbox) -> None:
    code = code_from(sandbox)
    answer = access(sandbox, code=code, redirect_uri=BACK)
    assert answer["team"]["id"] == sandbox.workspace_id
    assert answer["bot_user_id"] == sandbox.bot_user_id
    assert answer["scope"] == "chat:write"
    assert "expires_in" not in answer
    assert works(sandbox, answer["access_token"]) == "ok"
    assert refusal(sandbox, code=code, redirect_uri=BACK) == "invalid_code"


def test_access_is_refused_as_slack_refuses_it(sandbox: Sandbox) -> None:
    code = code_from(sandbox)
    assert refusal(sandbox, code=code, client_id="1.2") == "invalid_client_id"
    assert refusal(sandbox, code=code, client_secret="x") == "bad_client_secret"
    assert refusal(sandbox, code=code, redirect_uri="https://elsewhere.org") == "bad_redirect_uri"
    assert refusal(sandbox, grant_type="password") == "invalid_grant_type"
    assert refusal(sandbox, code="made-up", redirect_uri=BACK) == "invalid_code"


def test_a_refresh_token_serves_once_and_the_old_token_until_it_expires(sandbox: Sandbox) -> None:
    grants = sandbox.state.grants
    grants.rotates, grants.token_lifetime_seconds = True, 1
    first = access(sandbox, code=code_from(sandbox), redirect_uri=BACK)
    grants.token_lifetime_seconds = 60
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = access(sandbox, **renew)
    assert second["expires_in"] == 60
    assert works(sandbox, first["access_token"]) == "ok"
    assert refusal(sandbox, **renew) == "invalid_refresh_token"
    time.sleep(1.05)
    assert works(sandbox, first["access_token"]) == "token_expired"
    assert works(sandbox, second["access_token"]) == "ok"


def test_uninstalling_ends_every_token_and_is_told(bot: TrialBot) -> None:
    heard: list[str] = []
    for kind in ("app_uninstalled", "tokens_revoked"):
        bot.app.event(kind)(lambda event: heard.append(event["type"]))
    bot.sandbox.uninstall()
    bot.sandbox.wait_until_idle()
    assert sorted(heard) == ["app_uninstalled", "tokens_revoked"]
    assert works(bot.sandbox, bot.sandbox.bot_token) == "account_inactive"


def test_revoked_tokens_are_refused(sandbox: Sandbox) -> None:
    sandbox.revoke_tokens()
    assert works(sandbox, sandbox.bot_token) == "token_revoked"


def test_neighbours_are_served_by_the_token_they_gave(sandbox: Sandbox) -> None:
    with Sandbox(sandbox.clock) as other:
        sandbox.neighbours.append(other)
        code = code_from(other)
        token = access(sandbox, code=code, redirect_uri=BACK)["access_token"]
        client = WebClient(token, base_url=sandbox.api_url, retry_handlers=[])
        client.chat_postMessage(channel="C0IMGMENTR", text="Here")
        assert [it.method for it in sandbox.calls] == []
        assert "chat.postMessage" in [it.method for it in other.calls]


def test_an_answer_to_a_form_can_be_lost_too(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.lose_answer("users.info")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.users_info(user="U0ZOE00000")
