"""Faults on request: errors, statuses, rate limits and lost answers."""

import http.client

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.ratelimits import RateLimits
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.api import refusal
from tests.sandbox.conftest import START

CHANNEL = "C0IMGMENTR"


def texts(sandbox: Sandbox) -> list[str]:
    return [message["text"] for message in sandbox.person("U0ZOE00000").messages(CHANNEL)]


def test_asked_for_error_is_answered_and_nothing_happens(
    sandbox: Sandbox, client: WebClient
) -> None:
    sandbox.faults.fail("chat.postMessage", "internal_error", after=1)
    client.chat_postMessage(channel=CHANNEL, text="One")
    answer = refusal(client, "chat.postMessage", channel=CHANNEL, text="Two")
    assert answer == "internal_error"
    client.chat_postMessage(channel=CHANNEL, text="Three")
    assert texts(sandbox) == ["One", "Three"]


def test_asked_for_status_is_answered_as_often_as_asked(
    sandbox: Sandbox, client: WebClient
) -> None:
    sandbox.faults.status("*", 503, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=CHANNEL, text="Hello")
        assert caught.value.response.status_code == 503
    client.chat_postMessage(channel=CHANNEL, text="Hello")
    assert texts(sandbox) == ["Hello"]


def test_rate_limit_says_when_to_come_back(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.ratelimit("chat.postMessage", 30)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="Hello")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "30"
    assert caught.value.response["error"] == "ratelimited"
    assert sandbox.calls[-1].retry_after_seconds == 30


def test_lost_answer_leaves_its_effect(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.lose_answer("chat.postMessage")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.chat_postMessage(channel=CHANNEL, text="Hello")
    assert texts(sandbox) == ["Hello"]
    assert client.auth_test()["ok"] is True


def test_status_after_the_deed_leaves_its_effect(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.status("chat.postMessage", 503, does_it=True)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="Hello")
    assert caught.value.response.status_code == 503
    assert texts(sandbox) == ["Hello"]


def test_cleared_faults_are_forgotten(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.fail("auth.test", "fatal_error", times=9)
    sandbox.faults.clear()
    assert client.auth_test()["ok"] is True


def test_posts_in_one_channel_are_limited_to_one_a_second() -> None:
    now = [0.0]
    limits = RateLimits(lambda: now[0])
    waits = [limits.wait_seconds("chat.postMessage", {"channel": "C1"}) for _ in range(4)]
    assert waits == [0, 0, 0, 1]
    assert limits.wait_seconds("chat.postMessage", {"channel": "C2"}) == 0
    now[0] = 1.0
    assert limits.wait_seconds("chat.postMessage", {"channel": "C1"}) == 0


def test_methods_are_limited_by_their_tier() -> None:
    now = [0.0]
    limits = RateLimits(lambda: now[0])
    granted = 0
    while limits.wait_seconds("users.list", {}) == 0:
        granted += 1
    assert 20 <= granted <= 25
    wait_seconds = limits.wait_seconds("users.list", {})
    now[0] = float(wait_seconds)
    assert limits.wait_seconds("users.list", {}) == 0


def test_limits_are_on_the_wire_when_asked_for() -> None:
    with Sandbox(VirtualClock(START), rate_limits=True) as sandbox:
        client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        for _ in range(3):
            client.chat_postMessage(channel=CHANNEL, text="Hello")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=CHANNEL, text="Hello")
        assert int(caught.value.response.headers["Retry-After"]) >= 1
