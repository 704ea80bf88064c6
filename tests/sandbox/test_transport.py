"""Who may speak to the sandbox, and how Socket Mode connections come and go."""

import http.client
from datetime import datetime, timedelta

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.trial_bot import TrialBot


def status(sandbox: Sandbox, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_only_this_machine_is_served(sandbox: Sandbox) -> None:
    assert status(sandbox, "/api/api.test") == 200
    assert status(sandbox, "/api/api.test", Host="localhost:1") == 200
    assert status(sandbox, "/api/api.test", Host="[::1]:1") == 200
    assert status(sandbox, "/api/api.test", Host="rebound.example") == 403
    assert status(sandbox, "/api/api.test", Origin="https://evil.example") == 403
    assert status(sandbox, "/api/api.test", Origin="http://127.0.0.1:1") == 200


def test_connection_ticket_opens_one_socket(sandbox: Sandbox) -> None:
    client = WebClient(base_url=sandbox.api_url)
    url = client.apps_connections_open(app_token=sandbox.app_token)["url"]
    path = "/" + url.split("/", 3)[3]
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert status(sandbox, path, **upgrade) == 101
    assert status(sandbox, path, **upgrade) == 403


def test_bot_reconnects_when_slack_asks_for_it(bot: TrialBot) -> None:
    bot.sandbox.hang_up(reconnect=True)
    bot.sandbox.wait_until_connected()
    bot.sandbox.person("U0ZOE00000").leave_channel("C0IMGMENTR")
    bot.sandbox.wait_until_idle()
    assert bot.heard[-1]["event"]["type"] == "member_left_channel"


def test_waiting_for_a_bot_that_does_not_come_ends(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        sandbox.wait_until_connected(0.01)


def test_clock_never_goes_backwards() -> None:
    clock = VirtualClock(START)
    clock.advance(timedelta(hours=1))
    clock.set(START)
    clock.advance(timedelta(hours=-1))
    assert clock() == START + timedelta(hours=1)
    flowing = VirtualClock(START, flowing=True)
    assert START <= flowing() <= flowing()
    with pytest.raises(ValueError, match="UTC"):
        VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive instant is what is refused
