"""A Bolt app and a person talk through the wire, over Socket Mode and over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.errors import BadAnswer, NoAnswer, NotPossible
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.trial_bot import TrialBot, card, form, serving

ZOE, SOFIA, CHANNEL = "U0ZOE00000", "U0SOFIA000", "C0IMGMENTR"


@pytest.fixture
def http_bot() -> Iterator[TrialBot]:
    """A Bolt app that listens over HTTP to a sandbox that knows its request URL."""
    with Sandbox(VirtualClock(START)) as first:
        bot = TrialBot(first)
        server = bot.serve()
        url = f"http://127.0.0.1:{server.server_port}/slack/events"
        with serving(server), Sandbox(VirtualClock(START), events_url=url) as sandbox:
            bot.sandbox = sandbox
            bot.app.client.base_url = sandbox.api_url
            sandbox.retry_delays_seconds = (0.0, 0.01, 0.02)
            yield bot


@pytest.fixture(params=["bot", "http_bot"])
def either(request: pytest.FixtureRequest) -> TrialBot:
    found: TrialBot = request.getfixturevalue(request.param)
    return found


def test_command_modal_errors_submission_message_and_button(either: TrialBot) -> None:
    person = either.sandbox.person(ZOE)
    shown = person.command("/mentorbot", "hello")
    assert [message["text"] for message in shown] == ["You said hello."]
    assert person.modal is not None

    assert person.submit() == {"hope": "Please complete this required field."}
    person.fill(hope="fame")
    assert person.submit() == {"hope": "Hope for something else."}
    assert person.modal_errors == {"hope": "Hope for something else."}
    person.fill_in({"Hopes": "A friendly ear", "capacity": "2"})
    assert person.submit() == {}
    assert person.modal is None

    dm = person.bot_dm()
    assert dm is not None
    message = person.messages(dm)[-1]
    assert message["text"] == "A friendly ear"
    person.click(message, "confirm")
    assert person.messages(dm)[-1]["text"] == "Confirmed."
    assert "blocks" not in person.messages(dm)[-1]


def test_home_is_published_when_it_is_opened(either: TrialBot) -> None:
    person = either.sandbox.person(ZOE)
    assert person.home() is None
    shown = person.open_home()
    assert shown is not None
    assert shown["blocks"][0]["text"]["text"] == "Hello"
    person.click("home", "confirm")
    assert either.heard[-1]["view"]["id"] == shown["id"]
    assert either.heard[-1]["container"] == {"type": "view", "view_id": shown["id"]}


def test_newcomer_is_announced_with_a_full_user(either: TrialBot) -> None:
    either.sandbox.person(SOFIA).join_workspace()
    either.sandbox.wait_until_idle()
    event = either.heard[-1]["event"]
    assert event["type"] == "team_join"
    assert event["user"]["id"] == SOFIA
    assert event["user"]["tz"] == "Europe/London"


def test_event_that_fails_is_sent_again_with_its_id(http_bot: TrialBot) -> None:
    http_bot.failures_left = 2
    http_bot.sandbox.person(ZOE).leave_channel(CHANNEL)
    http_bot.sandbox.wait_until_idle()
    assert http_bot.retries == [None, "1", "2"]
    assert len({body["event_id"] for body in http_bot.heard}) == 1


def test_event_not_acknowledged_in_time_is_sent_again(bot: TrialBot) -> None:
    bot.sandbox.answer_timeout_seconds = 0.2
    bot.failures_left = 1
    bot.sandbox.person(ZOE).change_profile(name="Dr Zoë Okonkwo-Reid")
    bot.sandbox.wait_until_idle()
    assert bot.retries == ["0", "1"]
    assert bot.heard[-1]["event"]["user"]["real_name"] == "Dr Zoë Okonkwo-Reid"


def test_event_is_given_up_after_three_redeliveries(bot: TrialBot) -> None:
    bot.sandbox.answer_timeout_seconds = 0.1
    bot.failures_left = 99
    bot.sandbox.person(ZOE).leave_channel(CHANNEL)
    bot.sandbox.wait_until_idle()
    assert len(bot.heard) == 4
    assert len(bot.sandbox.deliveries.undelivered) == 1


def test_event_is_delivered_twice_when_asked_for(bot: TrialBot) -> None:
    bot.sandbox.duplicate_events = 1
    bot.sandbox.person(ZOE).leave_channel(CHANNEL)
    bot.sandbox.person(ZOE).join_channel(CHANNEL)
    bot.sandbox.wait_until_idle()
    kinds = sorted(body["event"]["type"] for body in bot.heard)
    assert kinds == ["member_joined_channel", "member_left_channel", "member_left_channel"]
    assert len({body["event_id"] for body in bot.heard}) == 2


def test_event_waits_until_a_bot_connects(sandbox: Sandbox) -> None:
    sandbox.person(SOFIA).join_workspace()
    bot = TrialBot(sandbox)
    with bot.over_socket_mode():
        sandbox.wait_until_idle()
        assert [body["event"]["type"] for body in bot.heard] == ["team_join"]


def test_interaction_without_a_bot_has_no_answer(sandbox: Sandbox) -> None:
    with pytest.raises(NoAnswer):
        sandbox.person(ZOE).command("/mentorbot")


def test_unanswered_submission_leaves_the_modal_open(bot: TrialBot) -> None:
    person = bot.sandbox.person(ZOE)
    person.command("/mentorbot")
    bot.sandbox.answer_timeout_seconds = 0.1
    bot.sandbox.faults.fail("chat.postMessage", "internal_error")
    person.fill(hope="An answer")
    with pytest.raises(NoAnswer):
        person.submit()
    assert person.modal is not None


def test_submission_can_update_push_and_clear(bot: TrialBot) -> None:
    person = bot.sandbox.person(ZOE)
    person.command("/mentorbot")
    person.fill(hope="More")
    bot.submission_answer = {"response_action": "update", "view": form(private_metadata="second")}
    assert person.submit() == {}
    assert person.modal is not None
    assert person.modal["private_metadata"] == "second"
    assert person.modal["state"]["values"]["hope"]["text"]["value"] == "More"

    bot.submission_answer = {"response_action": "push", "view": form(private_metadata="third")}
    person.submit()
    assert person.modal_depth == 2
    person.fill(hope="Most")
    bot.submission_answer = {"response_action": "clear"}
    person.submit()
    assert person.modal is None


def test_modal_opened_during_a_submission_stays_open(bot: TrialBot) -> None:
    @bot.app.view("ask_more")
    def ask_more(ack: Any, body: Any, client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=form(private_metadata="more"))
        ack()

    person = bot.sandbox.person(ZOE)
    trigger_id = bot.sandbox.state.issue_trigger(ZOE)
    bot.app.client.views_open(trigger_id=trigger_id, view=form(callback_id="ask_more"))
    person.fill(hope="More")
    assert person.submit() == {}
    assert person.modal_depth == 1
    assert person.modal is not None
    assert person.modal["private_metadata"] == "more"


def test_answer_that_slack_refuses_is_told_apart(bot: TrialBot) -> None:
    person = bot.sandbox.person(ZOE)
    person.command("/mentorbot")
    person.fill(hope="More")
    bot.submission_answer = {"response_action": "errors", "errors": {"no_such_block": "Hm."}}
    with pytest.raises(BadAnswer):
        person.submit()
    bot.submission_answer = {"response_action": "update", "view": form(blocks=[{"type": "??"}])}
    with pytest.raises(BadAnswer):
        person.submit()


def test_closed_modal_is_notified_when_it_asks(bot: TrialBot) -> None:
    person = bot.sandbox.person(ZOE)
    person.command("/mentorbot")
    person.fill(hope="x")
    bot.submission_answer = {"response_action": "push", "view": form(notify_on_close=True)}
    person.submit()
    person.close_modal()
    assert bot.heard[-1]["type"] == "view_closed"
    assert bot.heard[-1]["is_cleared"] is False
    assert person.modal_depth == 1
    person.close_modal(all=True)
    assert person.modal is None


def test_menu_in_a_message_sends_the_option_and_keeps_it(bot: TrialBot) -> None:
    person = bot.sandbox.person(ZOE)
    posted = bot.app.client.chat_postMessage(channel=ZOE, text="Did you meet?", blocks=card("?"))
    message = person.messages(posted["channel"])[-1]
    person.click(message, "outcome", value="not_yet")
    body = bot.heard[-1]
    assert body["actions"][0]["selected_option"]["value"] == "not_yet"
    assert body["state"]["values"]["answers"]["outcome"]["selected_option"]["value"] == "not_yet"
    assert body["message"]["ts"] == message["ts"]
    assert body["channel"]["name"] == "directmessage"
    with pytest.raises(NotPossible):
        person.click(message, "outcome", value="never")
    with pytest.raises(NotPossible):
        person.click(message, "no_such_action")


def test_nobody_acts_in_somebody_elses_conversation(bot: TrialBot) -> None:
    posted = bot.app.client.chat_postMessage(channel=ZOE, text="?", blocks=card("?"))
    message = bot.sandbox.person(ZOE).messages(posted["channel"])[-1]
    stranger = bot.sandbox.person("U0OMAR0000")
    assert stranger.messages(posted["channel"]) == []
    with pytest.raises(NotPossible):
        stranger.click(message, "confirm")


def test_two_connections_share_the_load(sandbox: Sandbox) -> None:
    one, two = TrialBot(sandbox), TrialBot(sandbox)
    with one.over_socket_mode(), two.over_socket_mode():
        for _ in range(2):
            sandbox.person(ZOE).leave_channel(CHANNEL)
            sandbox.person(ZOE).join_channel(CHANNEL)
        sandbox.wait_until_idle()
    assert len(one.heard) == len(two.heard) == 2
