"""`response_url`: what it changes, how often and how long."""

import pytest
from slack_sdk.webhook import WebhookClient

from mentorbot.sandbox.server import Sandbox
from tests.sandbox.trial_bot import TrialBot, card

ZOE, OMAR, CHANNEL = "U0ZOE00000", "U0OMAR0000", "C0IMGMENTR"


@pytest.fixture
def hook(sandbox: Sandbox) -> WebhookClient:
    ticket = sandbox.state.issue_reply_ticket(ZOE, CHANNEL, None)
    return WebhookClient(sandbox.response_url("commands", ticket), retry_handlers=[])


def test_reply_is_ephemeral_unless_it_is_for_the_channel(
    sandbox: Sandbox, hook: WebhookClient
) -> None:
    assert hook.send(text="Only you").body == "ok"
    hook.send(text="Everybody", response_type="in_channel")
    assert [m["text"] for m in sandbox.person(ZOE).messages(CHANNEL)] == ["Only you", "Everybody"]
    assert [m["text"] for m in sandbox.person(OMAR).messages(CHANNEL)] == ["Everybody"]


def test_reply_works_five_times(hook: WebhookClient) -> None:
    assert [hook.send(text="Again").status_code for _ in range(6)] == [200] * 5 + [404]
    assert "used_url" in hook.send(text="Again").body


def test_reply_works_for_thirty_minutes(sandbox: Sandbox, hook: WebhookClient) -> None:
    sandbox.controls.advance("day")
    assert "expired_url" in hook.send(text="Late").body


def test_invalid_reply_is_refused(hook: WebhookClient) -> None:
    answer = hook.send(text="x", blocks=[{"type": "nonsense"}])
    assert answer.status_code == 404
    assert "invalid_blocks" in answer.body


def test_reply_deletes_the_message_acted_on(sandbox: Sandbox, bot: TrialBot) -> None:
    posted = bot.app.client.chat_postEphemeral(
        channel=CHANNEL, user=ZOE, text="?", blocks=card("?")
    )
    message = sandbox.person(ZOE).messages(CHANNEL)[-1]
    assert message["ts"] == posted["message_ts"]
    sandbox.person(ZOE).click(message, "outcome", value="met")
    heard = bot.heard[-1]
    assert "message" not in heard
    assert heard["container"]["is_ephemeral"] is True
    WebhookClient(heard["response_url"]).send(delete_original=True)
    assert sandbox.person(ZOE).messages(CHANNEL) == []
