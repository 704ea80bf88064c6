"""Delivery when Slack fails: nothing is lost, nothing is said twice, and waiting is obeyed.

What was said is counted in Slack, never in our own tables.
"""

import socket
from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.sandbox.demo import COORDINATOR
from mentorbot.sandbox.faults import Faults
from mentorbot.slack.delivery import LOCKED_OUT_WAIT_SECONDS
from tests.faults.office import Office
from tests.world import AMARA, OMAR, ZOE

POST = "chat.postMessage"


def lose_answer(faults: Faults) -> None:
    faults.lose_answer(POST)


def fail_after(faults: Faults) -> None:
    faults.status(POST, 500, does_it=True)


def fail_before(faults: Faults) -> None:
    faults.status(POST, 503)


def say_internal_error(faults: Faults) -> None:
    faults.fail(POST, "internal_error")


@pytest.mark.parametrize("fault", [lose_answer, fail_after, fail_before, say_internal_error])
def test_message_of_uncertain_fate_is_looked_up_and_stands_once(
    office: Office, fault: Callable[[Faults], None]
) -> None:
    one = office.write()
    fault(office.sandbox.faults)
    office.delivery.drain()
    assert office.stored(one).intent_at is not None
    assert office.calls("conversations.history") == 0
    office.work()
    assert office.arrived()[one] == 1
    assert office.calls("conversations.history") == 1
    assert office.is_settled(one)
    assert office.stored(one).slack_ts is not None


def test_look_up_reads_every_page_of_a_busy_conversation(office: Office) -> None:
    one = office.write()
    lose_answer(office.sandbox.faults)
    office.delivery.drain()
    dm = office.sandbox.person(ZOE).bot_dm() or ""
    for number in range(205):
        office.sandbox.person(ZOE).say(dm, f"Anyone there? {number}")
    office.work()
    assert office.arrived()[one] == 1
    assert office.calls("conversations.history") >= 2


@pytest.mark.parametrize(
    "hindrance",
    [
        lambda faults: faults.ratelimit("conversations.history", 30, times=2),
        lambda faults: faults.status("conversations.history", 500, times=2),
        lambda faults: faults.lose_answer("conversations.history", times=2),
        lambda faults: faults.fail("conversations.history", "internal_error", times=2),
        lambda faults: faults.fail("conversations.history", "invalid_auth", times=2),
    ],
)
def test_nothing_is_sent_again_before_the_look_up_has_an_answer(
    office: Office, hindrance: Callable[[Faults], None]
) -> None:
    one = office.write()
    lose_answer(office.sandbox.faults)
    hindrance(office.sandbox.faults)
    office.work()
    assert office.arrived()[one] == 1
    assert office.calls(POST) == 2  # the role buttons and the welcome
    assert office.is_settled(one)


def test_look_up_that_finds_slack_away_keeps_the_intent(office: Office) -> None:
    one = office.write()
    lose_answer(office.sandbox.faults)
    office.delivery.drain()
    office.wait(10)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        away = office.another("away", slack_api_url=f"http://127.0.0.1:{port}/api/")
        assert away.drain() == 1
    assert office.stored(one).intent_at is not None
    office.work()
    assert office.arrived()[one] == 1


@pytest.mark.parametrize("error", ["channel_not_found", "missing_scope", "not_in_channel"])
def test_message_that_cannot_be_looked_up_is_unknown_and_told_and_not_repeated(
    office: Office, error: str
) -> None:
    one = office.write()
    lose_answer(office.sandbox.faults)
    office.sandbox.faults.fail("conversations.history", error, times=99)
    office.work(hours=48)
    assert office.arrived()[one] == 1
    assert office.stored(one).state is MessageState.UNKNOWN
    (told,) = office.messages(MessageKind.UNREACHABLE)
    assert told.recipients == [COORDINATOR]
    assert office.arrived()[told.message_id] == 1
    assert any("may not have reached" in text for text in office.texts())


@pytest.mark.parametrize("seconds", [1, 7, 61, 3600])
def test_retry_after_is_obeyed_to_the_second(office: Office, seconds: int) -> None:
    one = office.write()
    office.sandbox.faults.ratelimit(POST, seconds)
    office.delivery.drain()
    asked_at = office.clock()
    office.wait(seconds - 0.001)
    assert office.delivery.drain() == 0
    office.wait(0.001)
    assert office.delivery.drain() == 1
    assert office.arrived()[one] == 1
    posts = [call.at for call in office.sandbox.calls if call.method == POST][1:]
    assert posts == [asked_at, asked_at + timedelta(seconds=seconds)]


def test_rate_limit_uses_up_no_message(office: Office) -> None:
    one = office.write()
    office.sandbox.faults.ratelimit("*", 1, times=60)
    office.work()
    assert office.arrived()[one] == 1


def test_refused_message_is_dead_and_the_coordinator_is_told(office: Office) -> None:
    one = office.write()
    office.sandbox.faults.fail(POST, "restricted_action")
    office.work(hours=48)
    assert office.arrived()[one] == 0
    assert office.stored(one).state is MessageState.DEAD
    (told,) = office.messages(MessageKind.UNREACHABLE)
    assert told.params["whom"] == [ZOE]
    assert office.arrived()[told.message_id] == 1


def test_coordinator_is_not_told_about_what_could_not_be_told_to_her(office: Office) -> None:
    office.write(to=COORDINATOR)
    office.sandbox.faults.fail(POST, "restricted_action")
    office.work()
    assert office.messages(MessageKind.UNREACHABLE) == []


def test_recipient_whose_account_is_gone_leaves_the_programme(office: Office) -> None:
    introduction = office.introduce()
    office.work(hours=0)
    assert office.arrived()[introduction.message_id] == 1
    office.sandbox.person(ZOE).deactivate()
    office.write(to=ZOE)
    office.sandbox.faults.fail(POST, "user_disabled")
    office.work(hours=0)
    (told,) = office.messages(MessageKind.PARTNER_LEFT)
    assert told.recipients == [AMARA]
    assert office.arrived()[told.message_id] == 1
    assert office.messages(MessageKind.UNREACHABLE) == []


def test_recipient_who_only_seems_gone_stays_and_the_coordinator_is_told(office: Office) -> None:
    office.introduce()
    office.work(hours=0)
    office.write(to=ZOE)
    office.sandbox.faults.fail(POST, "user_disabled")
    office.work(hours=0)
    assert office.messages(MessageKind.PARTNER_LEFT) == []
    assert len(office.messages(MessageKind.UNREACHABLE)) == 1


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked"])
def test_locked_out_bot_uses_up_no_message_and_does_not_hammer(office: Office, error: str) -> None:
    sent = [office.write(f"{number}") for number in range(5)]
    office.sandbox.faults.fail("*", error, times=10_000)
    before = len(office.sandbox.calls)
    office.delivery.drain()
    assert len(office.sandbox.calls) - before == 1
    office.work(hours=1)
    office.sandbox.faults.clear()
    office.wait(LOCKED_OUT_WAIT_SECONDS)
    office.work()
    assert [office.arrived()[one] for one in sent] == [1] * 5
    assert office.messages(MessageKind.UNREACHABLE) == []


def test_slack_that_is_away_for_hours_costs_no_message(office: Office) -> None:
    sent = [office.write(f"{number}") for number in range(3)]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        away = office.another("away", slack_api_url=f"http://127.0.0.1:{port}/api/")
        office.work(hours=6, delivery=away)
    office.work()
    assert [office.arrived()[one] for one in sent] == [1, 1, 1]


def test_slack_that_fails_for_hours_costs_no_message(office: Office) -> None:
    sent = [office.write(f"{number}") for number in range(3)]
    office.sandbox.faults.status("*", 503, times=10_000)
    office.work(hours=6)
    office.sandbox.faults.clear()
    office.work()
    assert [office.arrived()[one] for one in sent] == [1, 1, 1]


def test_message_that_cannot_be_rendered_stops_no_other_and_is_told(office: Office) -> None:
    broken = office.write("broken", kind=MessageKind.CERTIFICATE, certificate_id="none")
    whole = office.write("whole")
    office.work(hours=48)
    assert office.arrived()[whole] == 1
    assert office.arrived()[broken] == 0
    assert office.stored(broken).state is MessageState.DEAD
    (told,) = office.messages(MessageKind.UNREACHABLE)
    assert office.arrived()[told.message_id] == 1


def test_expired_message_is_skipped_and_recorded(office: Office) -> None:
    introduction = office.introduce()
    late = office.write("late", kind=MessageKind.QUEUE_NEXT)
    office.wait(timedelta(days=2).total_seconds())
    office.delivery.drain()
    assert office.arrived()[introduction.message_id] == 1
    assert office.arrived()[late] == 0
    assert office.stored(late).state is MessageState.EXPIRED
    assert office.attempts(late) == ["expired"]


def test_message_that_expires_while_slack_fails_is_not_sent_after_all(office: Office) -> None:
    office.introduce()
    late = office.write("late", kind=MessageKind.QUEUE_NEXT)
    office.sandbox.faults.fail(POST, "internal_error", times=10_000)
    office.delivery.drain()
    office.wait(timedelta(days=3).total_seconds())
    office.sandbox.faults.clear()
    office.work()
    assert office.arrived()[late] == 0
    assert office.stored(late).state is MessageState.EXPIRED


def test_nothing_is_said_about_a_pairing_that_ended_while_its_fate_was_unsure(
    office: Office,
) -> None:
    introduction = office.introduce()
    fail_before(office.sandbox.faults)
    office.delivery.drain()
    assert office.stored(introduction.message_id).intent_at is not None
    office.leave(ZOE)
    office.work()
    assert office.arrived()[introduction.message_id] == 0
    assert office.stored(introduction.message_id).state is MessageState.CANCELLED


def test_urgent_messages_go_first(office: Office) -> None:
    introduction = office.introduce()
    office.write("slow", to=OMAR, kind=MessageKind.REMINDER, pairing_id=introduction.pairing_id)
    office.wait(60)
    urgent = office.write("urgent", to=OMAR)
    office.sandbox.faults.fail("*", "invalid_auth")
    office.delivery.drain()
    assert office.stored(urgent).last_error is None
    assert office.stored(introduction.message_id).last_error == "invalid_auth"
