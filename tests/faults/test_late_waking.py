"""A sender stands still around its call for longer than its lease, while another takes over."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from mentorbot.slack.delivery import Delivery
from tests.faults.office import Office

Act = Callable[[], object]


class StandsStill(WebClient):
    """A client in whose hands time passes, once, just before a message is posted or just after."""

    before: Act | None = None
    after: Act | None = None

    def chat_postMessage(self, **given: Any) -> SlackResponse:  # noqa: N802  # slack_sdk's name
        """Post, and let others act around it."""
        if self.before is not None:
            self.before()
        answer = super().chat_postMessage(**given)
        if self.after is not None:
            self.after()
        return answer


@pytest.mark.parametrize("moment", ["before", "after"])
def test_message_stands_once_when_its_sender_stood_still_around_the_call(
    office: Office, moment: str
) -> None:
    one = office.write()

    def takes_over() -> None:
        office.wait(3600)
        assert office.another("second").drain() == 1
        assert office.arrived()[one] == 1

    settings = office.bot.settings
    token = settings.slack_bot_token.get_secret_value()
    client = StandsStill(token, settings.slack_api_url, retry_handlers=[])
    setattr(client, moment, takes_over)
    Delivery(office.bot, lambda _workspace: client, "first").drain()
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


@pytest.mark.parametrize("goes_wrong", ["answer", "removal"])
def test_second_copy_goes_though_the_answer_or_its_removal_is_lost(
    office: Office, goes_wrong: str
) -> None:
    one = office.write()

    def takes_over() -> None:
        office.wait(3600)
        assert office.another("second").drain() == 1
        if goes_wrong == "answer":
            office.sandbox.faults.lose_answer("chat.postMessage")
        else:
            office.sandbox.faults.status("chat.delete", 500)

    settings = office.bot.settings
    token = settings.slack_bot_token.get_secret_value()
    client = StandsStill(token, settings.slack_api_url, retry_handlers=[])
    client.before = takes_over
    Delivery(office.bot, lambda _workspace: client, "first").drain()
    assert not office.sandbox.faults.are_pending
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


class Garbles(WebClient):
    """A client to which one of Slack's answers comes as what no message is called by."""

    garbled = 0

    def chat_postMessage(self, **given: Any) -> SlackResponse:  # noqa: N802  # slack_sdk's name
        """Post, and garble the first answer."""
        answer = super().chat_postMessage(**given)
        if not self.garbled:
            self.garbled += 1
            answer.data["ts"] = "1\0" * 50
        return answer


def test_answer_that_names_no_message_is_looked_up_and_delays_no_other(office: Office) -> None:
    ids = [office.write("odd"), office.write("plain")]
    settings = office.bot.settings
    token = settings.slack_bot_token.get_secret_value()
    client = Garbles(token, settings.slack_api_url, retry_handlers=[])
    Delivery(office.bot, lambda _workspace: client, "first").drain()
    assert sorted(office.is_settled(one) for one in ids) == [False, True]
    office.work()
    assert all(office.is_settled(one) for one in ids)
    assert [office.arrived()[one] for one in ids] == [1, 1]
