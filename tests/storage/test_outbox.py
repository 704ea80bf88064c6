"""The outbox: what is claimed, in which order, by whom, and what is cancelled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mentorbot.domain.messages import (
    ROUTINE,
    URGENT,
    Attempt,
    Message,
    MessageKind,
    MessageState,
    ends_with_pairing,
    keeps_for,
    priority_of,
)
from mentorbot.storage import lanes, outbox, sending, tables
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import Store
from mentorbot.usecases.messages import enqueue
from tests.storage.told import TEAM, has_team, message
from tests.world import MONDAY

LEASE_SECONDS = 60


@pytest.fixture
def store(any_store: Store) -> Store:
    has_team(any_store)
    return any_store


def claims(store: Store, sender: str = "first", seconds: float = 0) -> list[str]:
    """Everything that a sender may claim, in the order in which it does."""
    found = []
    while (one := claim(store, sender, seconds)) is not None:
        found.append(one)
    return found


def take(store: Store, name: str, seconds: float = 0) -> Message:
    now = MONDAY + timedelta(seconds=seconds)
    with store.begin(TEAM) as tx:
        (found,) = sending.claim(tx, name, now, LEASE_SECONDS, 1).messages
    return found


def claim(store: Store, sender: str = "first", seconds: float = 0) -> str | None:
    now = MONDAY + timedelta(seconds=seconds)
    with store.begin(TEAM) as tx:
        found = sending.claim(tx, sender, now, LEASE_SECONDS, 1).messages
    return found[0].message_id if found else None


def change(store: Store, message_id: str, **values: Any) -> None:
    with store.begin(TEAM) as tx:
        found = outbox.message(tx, message_id)
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


def get(store: Store, message_id: str) -> Message:
    with store.read(TEAM) as tx:
        found = outbox.message(tx, message_id)
    assert found is not None
    return found


def test_urgent_goes_before_routine_and_older_before_newer(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "routine, old", priority=ROUTINE, due_in=-90)
        message(tx, "urgent, new", priority=URGENT, due_in=0)
        message(tx, "urgent, old", priority=URGENT, due_in=-60)
        message(tx, "later", priority=URGENT, due_in=1)
    assert claims(store) == ["urgent, old", "urgent, new", "routine, old"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from([URGENT, ROUTINE]), st.integers(-9, 9)), max_size=8))
def test_claims_come_in_the_order_of_priority_and_time(
    store: Store, given: list[tuple[int, int]]
) -> None:
    with store.begin(TEAM) as tx:
        tx.session.execute(outbox.tables.outbox.delete())
        for number, (priority, due_in) in enumerate(given):
            message(tx, f"{number}", priority=priority, due_in=due_in)
    due = [(*one, f"{number}") for number, one in enumerate(given) if one[1] <= 0]
    assert claims(store) == [number for *_, number in sorted(due)]


def test_only_what_is_not_settled_is_claimed(store: Store) -> None:
    with store.begin(TEAM) as tx:
        for state in MessageState:
            message(tx, state, state=state)
    assert set(claims(store)) == {MessageState.PENDING, MessageState.SENDING}


def test_claimed_message_is_held_by_its_sender_alone(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    claimed = take(store, "first")
    assert claim(store, "second") is None
    with store.begin(TEAM) as tx:
        held = sending.held(tx, claimed)
        assert held is not None
        assert held.state is MessageState.SENDING
        assert sending.held(tx, replace(claimed, lease_by="second")) is None
        assert sending.held(tx, replace(claimed, message_id="two")) is None


def test_claim_holds_no_more_once_the_same_sender_has_made_another(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    former = take(store, "sender/1")
    latter = take(store, "sender/2", seconds=LEASE_SECONDS)
    assert latter.intent_at == MONDAY
    now = MONDAY + timedelta(seconds=LEASE_SECONDS)
    with store.begin(TEAM) as tx:
        assert not sending.is_held(tx, former)
        assert sending.held(tx, former) is None
        assert not sending.note_file(tx, former, now, LEASE_SECONDS)
        kept = sending.renew(tx, [former, latter], now, LEASE_SECONDS)
        assert kept == {("one", "sender/2")}
        sending.give_back(tx, [former])
    untouched = get(store, "one")
    assert (untouched.intent_at, untouched.lease_by) == (MONDAY, "sender/2")


def test_lease_that_runs_out_is_taken_over_with_its_intent(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    first = take(store, "first")
    change(store, "one", intent_at=MONDAY, channel_id="D1")
    assert claim(store, "second", seconds=LEASE_SECONDS - 1) is None
    assert claim(store, "second", seconds=LEASE_SECONDS) == "one"
    taken = get(store, "one")
    assert (taken.intent_at, taken.channel_id, taken.lease_by) == (MONDAY, "D1", "second")
    with store.begin(TEAM) as tx:
        assert sending.held(tx, first) is None


def test_lease_lasts_from_its_claim(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    claim(store, "first", seconds=100)
    assert get(store, "one").lease_until_at == MONDAY + timedelta(seconds=160)


def test_message_that_is_put_off_is_claimed_by_anybody_from_then_on(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    with store.begin(TEAM) as tx:
        claimed = sending.claim(tx, "first", MONDAY, LEASE_SECONDS, 20).messages
        sending.give_back(tx, claimed, MONDAY + timedelta(seconds=5))
    assert claim(store, "second", seconds=4) is None
    assert claim(store, "second", seconds=5) == "one"


def test_claim_writes_the_intent_down_and_giving_back_takes_it_away(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "fresh")
        message(tx, "in doubt", intent_at=MONDAY - timedelta(hours=1), state=MessageState.SENDING)
    with store.begin(TEAM) as tx:
        claimed = sending.claim(tx, "first", MONDAY, LEASE_SECONDS, 20).messages
    assert {it.message_id: it.intent_at is not None for it in claimed} == {
        "fresh": False,
        "in doubt": True,
    }
    assert get(store, "fresh").intent_at == MONDAY
    with store.begin(TEAM) as tx:
        sending.give_back(tx, claimed)
    fresh, in_doubt = get(store, "fresh"), get(store, "in doubt")
    assert (fresh.state, fresh.intent_at, fresh.lease_by) == (MessageState.PENDING, None, None)
    assert in_doubt.intent_at == MONDAY - timedelta(hours=1)
    assert in_doubt.lease_by is None


def test_messages_are_settled_together_each_with_its_end_and_an_attempt(store: Store) -> None:
    with store.begin(TEAM) as tx:
        for name in ("sent", "late", "untouched"):
            message(tx, name)
        message(tx, "tried", attempt_count=2)
    at = MONDAY + timedelta(seconds=1.5)
    with store.begin(TEAM) as tx:
        claimed = sending.claim(tx, "first", MONDAY, LEASE_SECONDS, 20).messages
        by_id = {it.message_id: it for it in claimed}
        by_id["sent"].channel_id = "D1"
        endings = [
            Ending(by_id["sent"], MessageState.SENT, at, "1.0"),
            Ending(by_id["tried"], MessageState.SENT, MONDAY, "2.0"),
            Ending(by_id["late"], MessageState.EXPIRED, MONDAY),
        ]
        assert set(sending.settle(tx, endings)) == set(endings)
        tries = tx.session.scalars(select(Attempt).order_by(tables.attempts.c.message_id)).all()
    assert [(one.message_id, one.number, one.at, one.outcome) for one in tries] == [
        ("late", 1, MONDAY, "expired"),
        ("sent", 1, at, "sent"),
        ("tried", 3, MONDAY, "sent"),
    ]
    sent, late = get(store, "sent"), get(store, "late")
    assert (sent.state, sent.slack_ts, sent.channel_id) == (MessageState.SENT, "1.0", "D1")
    assert (sent.settled_at, sent.attempt_count, sent.intent_at) == (at, 1, None)
    assert (sent.lease_by, sent.lease_until_at) == (None, None)
    assert (late.state, late.slack_ts) == (MessageState.EXPIRED, None)
    assert get(store, "untouched").state is MessageState.SENDING


def test_what_is_settled_as_sent_is_not_settled_again(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
        message(tx, "two")
    with store.begin(TEAM) as tx:
        one, two = sending.claim(tx, "first", MONDAY, LEASE_SECONDS, 20).messages
        sent = Ending(one, MessageState.SENT, MONDAY, "1.0")
        again = Ending(one, MessageState.SENT, MONDAY, "2.0")
        assert sending.settle(tx, [sent, again]) == [sent]
        other = Ending(two, MessageState.SENT, MONDAY, "3.0")
        assert sending.settle(tx, [again, other]) == [other]
        assert sending.settle(tx, []) == []
        assert sending.attempts(tx, "one", "sent") == 1
    assert get(store, "one").slack_ts == "1.0"


def test_lane_is_held_by_one_until_it_is_given_back_or_runs_out(store: Store) -> None:
    def hold(who: str, seconds: float = 0) -> bool:
        with store.begin(TEAM) as tx:
            now = MONDAY + timedelta(seconds=seconds)
            return lanes.hold(tx, who, now, LEASE_SECONDS) is not None

    assert hold("first")
    assert not hold("second")
    assert hold("first", seconds=30)
    assert not hold("second", seconds=LEASE_SECONDS)
    assert hold("second", seconds=30 + LEASE_SECONDS)
    with store.begin(TEAM) as tx:
        lanes.give_back(tx, "first")
    assert not hold("third", seconds=30 + LEASE_SECONDS)
    with store.begin(TEAM) as tx:
        lanes.give_back(tx, "second")
    assert hold("third", seconds=30 + LEASE_SECONDS)


def test_settled_message_is_held_by_nobody(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one")
    claimed = take(store, "first")
    change(store, "one", state=MessageState.SENT)
    with store.begin(TEAM) as tx:
        assert sending.held(tx, claimed) is None


def test_attempts_are_numbered_and_counted_by_how_they_ended(store: Store) -> None:
    with store.begin(TEAM) as tx:
        one = message(tx, "one")
        for outcome in ("clean", "ambiguous", "ambiguous", "sent"):
            sending.record_attempt(tx, one, MONDAY, outcome, "x" * 300)
        assert one.attempt_count == 4
        assert sending.attempts(tx, "one", "ambiguous") == 2
        assert sending.attempts(tx, "one", "refused") == 0
        assert sending.attempts(tx, "two", "ambiguous") == 0


def test_dedupe_key_is_unique(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "one", dedupe_key="same")
    with pytest.raises(IntegrityError), store.begin(TEAM) as tx:
        message(tx, "two", dedupe_key="same")


def say(store: Store, kind: MessageKind, **more: Any) -> list[Message]:
    """Enqueue a message about the same cause; everything that is stored of it."""
    now = MONDAY + timedelta(seconds=more.pop("seconds", 0))
    with store.begin(TEAM) as tx:
        given = {"programme_id": "img", "subject": "cause", "now": now} | more
        enqueue(tx, kind, ["U0ZOE00000"], **given)
        found = outbox.by_key(tx, f"cause:{kind}:{more.get('occurrence', 1)}:U0ZOE00000")
    return [found] if found else []


def test_one_cause_speaks_once_and_the_next_occurrence_again(store: Store) -> None:
    first = say(store, MessageKind.CHECK_IN)
    assert say(store, MessageKind.CHECK_IN, seconds=9) == first
    assert say(store, MessageKind.CHECK_IN, occurrence=2) != first
    assert len(claims(store, seconds=99)) == 2


def test_message_past_its_keeping_time_is_stored_as_expired(store: Store) -> None:
    for kind in MessageKind:
        keeps = keeps_for(kind)
        due = MONDAY - (keeps or timedelta(days=400))
        (found,) = say(store, kind, not_before=due)
        if keeps is None:
            assert (found.state, found.expires_at) == (MessageState.PENDING, None)
        else:
            assert (found.state, found.settled_at) == (MessageState.EXPIRED, MONDAY)
        (timely,) = say(store, kind, not_before=due + timedelta(seconds=1), occurrence=2)
        assert timely.state is MessageState.PENDING
        assert timely.priority == priority_of(kind)


def test_what_was_not_said_about_a_pairing_is_cancelled_when_it_ends(store: Store) -> None:
    with store.begin(TEAM) as tx:
        for kind in MessageKind:
            message(tx, kind, kind=kind, pairing_id="p1")
        message(tx, "other", kind=MessageKind.CHECK_IN, pairing_id="p2")
        for state in set(MessageState) - {MessageState.PENDING}:
            message(tx, state, kind=MessageKind.CHECK_IN, pairing_id="p1", state=state)
    with store.begin(TEAM) as tx:
        outbox.cancel_for_pairing(tx, "p1", MONDAY)
    for kind in MessageKind:
        cancelled = get(store, kind).state is MessageState.CANCELLED
        assert cancelled == ends_with_pairing(kind)
        assert (get(store, kind).settled_at == MONDAY) == cancelled
    assert get(store, "other").state is MessageState.PENDING
    for state in set(MessageState) - {MessageState.PENDING}:
        assert get(store, state).state is state


def test_what_waits_for_a_person_alone_is_cancelled_apart_from_what_is_kept(store: Store) -> None:
    with store.begin(TEAM) as tx:
        message(tx, "theirs")
        message(tx, "certificate", kind=MessageKind.CERTIFICATE)
        message(tx, "group", recipients=["U0ZOE00000", "U0AMARA000"])
        message(tx, "somebody else's", recipients=["U0AMARA000"])
        message(tx, "sent", state=MessageState.SENT)
    with store.begin(TEAM) as tx:
        keep = (MessageKind.CERTIFICATE,)
        outbox.cancel_for_person(tx, "U0ZOE00000", MONDAY, keep=keep)
    waiting = {"certificate", "group", "somebody else's"}
    assert set(claims(store)) == waiting
    assert get(store, "theirs").state is MessageState.CANCELLED
    assert get(store, "sent").state is MessageState.SENT
