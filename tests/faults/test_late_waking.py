"""A sender stands still around its call for longer than its lease, while another takes over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from mentorbot.slack.app import web_client
from mentorbot.slack.delivery import LOOK_UP, Delivery
from mentorbot.slack.posting import open_conversation, post
from mentorbot.slack.rendering import render
from mentorbot.storage import backup, lanes, sending
from mentorbot.storage.second_looks import AFTER
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
    assert office.arrived()[one] == 2
    office.wait(AFTER.total_seconds())
    office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


def repeat(office: Office, one: str) -> None:
    """A sender stands still before its call; another sends the message; the first posts and dies.

    What the second knows to have posted is the older copy.
    """
    with office.bot.store.begin(office.workspace_id) as tx:
        (claimed,) = sending.claim(tx, "dead", office.clock(), 30, 1).messages
        rendered = render(tx, claimed)
    office.wait(30)
    office.delivery.drain()
    office.wait(30)
    client = web_client(office.bot)
    post(client, open_conversation(client, claimed.recipients), claimed.key, rendered)
    assert office.arrived()[one] == 2


def test_copy_of_a_sender_that_woke_late_and_died_is_removed(office: Office) -> None:
    one = office.write()
    repeat(office, one)
    office.wait(AFTER.total_seconds())
    assert office.delivery.drain() == 0
    assert office.arrived()[one] == 1
    assert office.is_settled(one)
    looks = office.calls(LOOK_UP)
    office.wait(3600)
    office.delivery.drain()
    assert office.calls(LOOK_UP) == looks


def test_copy_of_a_sender_that_took_over_and_died_is_removed(office: Office) -> None:
    """It dies between its call and its commit; who stood still wakes, posts and settles."""
    one = office.write()

    def takes_over() -> None:
        office.wait(3600)
        with office.bot.store.begin(office.workspace_id) as tx:
            (claimed,) = sending.claim(tx, "dead", office.clock(), 30, 1).messages
            rendered = render(tx, claimed)
        sender = web_client(office.bot)
        post(sender, open_conversation(sender, claimed.recipients), claimed.key, rendered)

    settings = office.bot.settings
    token = settings.slack_bot_token.get_secret_value()
    client = StandsStill(token, settings.slack_api_url, retry_handlers=[])
    client.before = takes_over
    Delivery(office.bot, lambda _workspace: client, "first").drain()
    assert office.arrived()[one] == 2
    office.wait(AFTER.total_seconds())
    office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


def test_message_that_was_never_in_doubt_is_not_looked_for_again(office: Office) -> None:
    office.write()
    office.delivery.drain()
    office.wait(AFTER.total_seconds())
    office.delivery.drain()
    assert office.calls(LOOK_UP) == 0


def test_copies_from_before_a_restore_are_reduced_to_one(office: Office, tmp_path: Path) -> None:
    one, path = office.write(), office.bot.settings.sqlite_path()
    assert path is not None
    backup.back_up(path, tmp_path / "old.bak")
    repeat(office, one)
    office.bot.store.close()
    backup.restore(path, tmp_path / "old.bak", lambda _staged: None)
    with office.bot.store.begin(office.workspace_id) as tx:
        lanes.recover(tx, office.clock())
    for _minute in range(5):
        office.wait(60)
        office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


@pytest.mark.parametrize(
    ("error", "looks"), [("missing_scope", 1), ("internal_error", 60), ("ratelimited", 60)]
)
def test_second_look_that_slack_refuses_is_tried_for_an_hour_or_not_at_all(
    office: Office, error: str, looks: int
) -> None:
    one = office.write()
    repeat(office, one)
    before = office.calls(LOOK_UP)
    office.sandbox.faults.fail(LOOK_UP, error, times=999)
    for _minute in range(90):
        office.wait(60)
        office.delivery.drain()
    assert office.calls(LOOK_UP) - before == pytest.approx(looks, abs=3)
    assert office.is_settled(one)


def test_message_whose_own_copy_is_gone_keeps_the_other(office: Office) -> None:
    one = office.write()
    repeat(office, one)
    own = office.stored(one)
    web_client(office.bot).chat_delete(channel=own.channel_id or "", ts=own.slack_ts or "")
    office.wait(AFTER.total_seconds())
    office.delivery.drain()
    assert office.arrived()[one] == 1


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
