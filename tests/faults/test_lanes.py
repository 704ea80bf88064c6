"""Lanes: the pace that Slack allows, whom a limit holds up, who comes first, and a clean stop."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import Workspace
from mentorbot.slack.app import web_client
from mentorbot.slack.delivery import Delivery
from mentorbot.slack.lanes import Wait
from mentorbot.storage import lanes, outbox, sending
from mentorbot.usecases.messages import enqueue
from tests.faults.office import Office
from tests.world import AMARA, CLAIRE, LINA, MONDAY, OMAR, ZOE

POST, LOOK_UP = "chat.postMessage", "conversations.history"
EVERYONE = (AMARA, ZOE, OMAR, LINA, CLAIRE)


def paced(
    office: Office,
    per_minute: int = 120,
    nap: Wait | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Delivery:
    """A sender that keeps a pace, and whose waiting moves the clock.

    `meanwhile` is called at the beginning of each step, before anything is claimed or sent.
    """

    def pass_time(_condition: threading.Condition, seconds: float | None) -> None:
        assert seconds is not None
        office.wait(seconds)

    changed = {"mentorbot_messages_per_minute": per_minute}
    bot = replace(office.bot, settings=office.bot.settings.model_copy(update=changed))
    client = web_client(bot)

    def client_for(_workspace: str) -> WebClient:
        meanwhile()
        return client

    return Delivery(
        bot,
        client_for,
        "paced",
        seconds=lambda: (office.clock() - MONDAY).total_seconds(),
        nap=nap or pass_time,
    )


def posted_at(office: Office) -> list[datetime]:
    """When messages were posted, apart from the role buttons at the beginning."""
    return [call.at for call in office.sandbox.calls if call.method == POST][1:]


def test_one_conversation_is_sent_a_message_a_second(office: Office) -> None:
    for number in range(5):
        office.write(f"{number}")
    assert paced(office).drain() == 5
    at = posted_at(office)
    gaps = [(after - before).total_seconds() for before, after in pairwise(at)]
    assert len(gaps) == 4
    assert all(gap == pytest.approx(1, abs=0.01) for gap in gaps)


def test_workspace_keeps_to_its_ceiling_whoever_reads(office: Office) -> None:
    for number in range(20):
        office.write(f"{number}", to=EVERYONE[number % 5])
    began = office.clock()
    paced(office, per_minute=120).drain()
    took_seconds = (office.clock() - began).total_seconds()
    assert len(posted_at(office)) == 20
    assert 8 <= took_seconds <= 10  # two a second, and a second's worth ahead


def test_limit_of_a_conversation_holds_up_that_conversation_alone(office: Office) -> None:
    sent = {}
    for who in (ZOE, OMAR):
        sent[who] = [office.write(f"{who} {number}", to=who) for number in range(2)]
        office.wait(1)
    office.sandbox.faults.ratelimit(POST, 30)
    office.delivery.drain()
    arrived = office.arrived()
    assert [arrived[one] for one in sent[ZOE]] == [0, 0]
    assert [arrived[one] for one in sent[OMAR]] == [1, 1]
    assert office.calls(POST) == 1 + 1 + 2
    office.wait(29)
    assert office.delivery.drain() == 0
    office.wait(1)
    assert office.delivery.drain() == 2
    assert sum(office.arrived()[one] for one in sent[ZOE]) == 2


def test_limit_of_a_look_up_holds_up_no_message_that_needs_none(office: Office) -> None:
    doubtful = [office.write(f"{number}", to=who) for number, who in enumerate((ZOE, OMAR))]
    office.sandbox.faults.lose_answer(POST, times=2)
    office.delivery.drain()
    office.wait(10)
    plain = office.write("plain", to=AMARA)
    office.sandbox.faults.ratelimit(LOOK_UP, 60)
    office.delivery.drain()
    assert office.arrived()[plain] == 1
    assert office.calls(LOOK_UP) == 1
    office.wait(60)
    office.delivery.drain()
    assert office.calls(LOOK_UP) == 3
    assert all(office.is_settled(one) for one in doubtful)


def test_urgent_message_that_comes_while_routine_ones_wait_overtakes_them(office: Office) -> None:
    introduction = office.introduce()
    pairing_id = introduction.pairing_id
    for number in range(40):
        subject = f"{number}"
        office.write(subject, to=ZOE, kind=MessageKind.REMINDER, pairing_id=pairing_id)
    urgent: list[str] = []

    def nap(_condition: threading.Condition, seconds: float | None) -> None:
        if not urgent:
            urgent.append(office.write("urgent", to=OMAR))
            delivery.send(office.workspace_id)
        office.wait(seconds or 0)

    delivery = paced(office, nap=nap)
    assert delivery.drain() > 40
    settled_at = office.stored(urgent[0]).settled_at
    assert settled_at is not None
    assert office.clock() - settled_at > timedelta(seconds=30)


def test_what_is_cancelled_while_it_waits_in_hand_is_not_sent(office: Office) -> None:
    ids = [office.write(f"{number}") for number in range(5)]

    def nap(_condition: threading.Condition, seconds: float | None) -> None:
        with office.bot.store.begin(office.workspace_id) as tx:
            outbox.cancel_for_person(tx, ZOE, office.clock())
        office.wait(seconds or 0)

    paced(office, nap=nap).drain()
    assert sum(office.arrived().values()) == 1 + 1  # the role buttons, and what went before
    states = sorted(office.stored(one).state for one in ids)
    assert states == [MessageState.CANCELLED] * 4 + [MessageState.SENT]


def test_noisy_workspace_keeps_no_other_waiting(office: Office) -> None:
    for number in range(40):
        office.write(f"{number}", to=EVERYONE[number % 5])
    with office.bot.store.begin("T0SMALL000") as tx:
        tx.add(Workspace("T0SMALL000", "Small", "U0BOT", MONDAY))
        enqueue(tx, MessageKind.WELCOME, [ZOE], programme_id="img", subject="x", now=office.clock())
    asked: list[str] = []
    client = web_client(office.bot)

    def client_for(workspace_id: str) -> WebClient:
        asked.append(workspace_id)
        return client

    Delivery(office.bot, client_for, "both").drain()
    assert "T0SMALL000" in asked[:6]
    assert asked.count(office.workspace_id) > 40


def test_lane_of_another_process_is_left_alone(office: Office) -> None:
    one = office.write()
    with office.bot.store.begin(office.workspace_id) as tx:
        lanes.hold(tx, "another", office.clock(), 30)
    assert office.delivery.drain() == 0
    assert office.arrived()[one] == 0
    office.wait(30)
    assert office.delivery.drain() == 1
    assert office.arrived()[one] == 1


def test_what_is_claimed_again_after_another_one_tried_it_is_looked_for(office: Office) -> None:
    """A sender wakes with the message still in its hand, and claims it a second time."""
    office.write("first")
    one = office.write("second")
    steps = iter(("claims", "posts the first", "stands still as it claims more"))

    def meanwhile() -> None:
        if next(steps, "").startswith("stands still"):
            office.wait(3600)
            office.sandbox.faults.lose_answer(POST)
            office.another("other").drain()
            assert office.arrived()[one] == 1
            office.wait(3600)

    before = office.calls(POST)
    paced(office, meanwhile=meanwhile).drain()
    assert office.calls(POST) - before == 2
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


def test_stopping_gives_back_lane_leases_and_intents_at_once(office: Office) -> None:
    ids = [office.write(f"{number}") for number in range(10)]
    has_waited = threading.Event()

    def nap(condition: threading.Condition, _seconds: float | None) -> None:
        has_waited.set()
        condition.wait(0.05)

    delivery = paced(office, nap=nap)
    sent = delivery.send(office.workspace_id)
    assert has_waited.wait(20)
    delivery.stop()
    assert sent.result() == 10
    waiting = [office.stored(one) for one in ids if not office.is_settled(one)]
    assert len(waiting) >= 8
    for left in waiting:
        assert (left.state, left.intent_at, left.lease_by) == (MessageState.PENDING, None, None)
    assert office.another("next").drain() == len(waiting)
    assert [office.arrived()[one] for one in ids] == [1] * 10
    assert office.calls(LOOK_UP) == 0


def test_twenty_messages_are_claimed_in_one_commit_and_settled_in_the_next(office: Office) -> None:
    ids = [office.write(f"{number}", to=EVERYONE[number % 5]) for number in range(20)]
    commits: list[Connection] = []
    event.listen(office.bot.store.engine, "commit", commits.append)
    assert paced(office, per_minute=0).drain() == 20
    assert len(commits) == 2
    assert all(office.is_settled(one) for one in ids)


def test_what_was_posted_is_settled_soon_while_more_waits_in_hand(office: Office) -> None:
    ids = [office.write(f"{number}") for number in range(5)]
    seen: list[tuple[int, int]] = []

    def nap(_condition: threading.Condition, seconds: float | None) -> None:
        arrived = sum(office.arrived()[one] for one in ids)
        seen.append((arrived, sum(office.is_settled(one) for one in ids)))
        assert seconds is not None
        office.wait(seconds)

    began = office.clock()
    paced(office, nap=nap).drain()
    assert seen[:5] == [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3)]
    settled_at = sorted(office.stored(one).settled_at or MONDAY for one in ids)
    assert settled_at == [began + timedelta(seconds=number) for number in range(5)]


def test_what_is_on_its_way_when_its_lane_breaks_is_settled_all_the_same(office: Office) -> None:
    slow = office.write("slow", to=ZOE)
    office.wait(1)
    other = office.write("other", to=OMAR)
    client = web_client(office.bot)
    is_posting, is_broken = threading.Event(), threading.Event()

    class Slow(WebClient):
        def chat_postMessage(self, **given: Any) -> SlackResponse:  # noqa: N802  # slack_sdk's
            is_posting.set()
            assert is_broken.wait(20)
            return client.chat_postMessage(**given)

    asked = iter(range(99))

    def client_for(_workspace: str) -> WebClient:
        """The third time, the store of installations is away."""
        number = next(asked)
        if number == 2:
            assert is_posting.wait(20)
            raise OperationalError("SELECT", {}, Exception("away"))
        return Slow(client.token, client.base_url, retry_handlers=[])

    settings = office.bot.settings.model_copy(update={"mentorbot_senders": 2})
    delivery = Delivery(replace(office.bot, settings=settings), client_for, "first")
    with pytest.raises(OperationalError):
        delivery.drain()
    is_broken.set()
    delivery.stop()
    assert office.is_settled(slow)
    assert office.stored(other).state is MessageState.SENDING
    office.wait(60)
    office.delivery.drain()
    assert [office.arrived()[one] for one in (slow, other)] == [1, 1]
    assert office.calls(LOOK_UP) == 1


def test_lease_that_would_not_cover_the_call_is_renewed_before_it(office: Office) -> None:
    ids = [office.write(f"{number}") for number in range(60)]
    paced(office, per_minute=600).drain()
    assert [office.arrived()[one] for one in ids] == [1] * 60
    assert office.calls(LOOK_UP) == 0
    with office.bot.store.read(office.workspace_id) as tx:
        assert not sending.is_due(tx, office.clock())
