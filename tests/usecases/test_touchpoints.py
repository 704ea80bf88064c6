"""Touchpoints of many pairings at once, on both databases: each is said once, none is left out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mentorbot.domain.erasures import stand_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    Choice,
    Membership,
    NextCycle,
    Pairing,
    Participant,
    ParticipantState,
    Person,
    Programme,
    Role,
)
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.domain.touchpoints import Kind, plan
from mentorbot.programmes import preset
from mentorbot.storage import tables
from mentorbot.storage.store import Store
from mentorbot.usecases import touchpoints
from tests.storage.conftest import any_store, migrated
from tests.storage.told import TEAM, TODAY, has_team
from tests.world import MONDAY

__all__ = ["any_store", "migrated"]
PAIRS = 7
CHECK_IN = 1
FILE = preset("img")
WEEK = timedelta(days=7)
STARTS_ON = TODAY - timedelta(days=4)
NAMES = [f"p{number}" for number in range(PAIRS)]


@pytest.fixture
def store(any_store: Store) -> Store:
    """Some pairs, the first of which has a member who pauses; all are due for a check-in."""
    has_team(any_store)
    with any_store.begin(TEAM) as tx:
        tx.add(Programme(TEAM, "img", "C0", FILE.model_dump_json(), "U1", MONDAY))
        tx.add(Appointment(TEAM, "img", "U0HANNAH", TeamRole.COORDINATOR, "", MONDAY, "U0HANNAH"))
        for number, name in enumerate(NAMES):
            pairing = Pairing(TEAM, name, "img", 1, STARTS_ON, STARTS_ON + WEEK * 4, MONDAY)
            pairing.next_step, pairing.next_due_at = CHECK_IN, MONDAY
            tx.add(pairing)
            for role in Role:
                who = f"{role} {number}"
                tx.add(Person(TEAM, who, who, time_zone="Europe/London"))
                rests = number == 0 and role is Role.MENTEE
                state = ParticipantState.PAUSED if rests else ParticipantState.ACTIVE
                tx.add(Participant(TEAM, who, "img", who, role=role, state=state))
                tx.add(Membership(TEAM, name, who, role))
    return any_store


def advance(store: Store, names: list[str]) -> None:
    with store.begin(TEAM) as tx:
        touchpoints.advance(tx, names, MONDAY)


def state(store: Store) -> tuple[list[Any], list[Any], list[Any]]:
    """The schedule, the questions and the messages."""
    pairing, check_in, message = tables.pairings.c, tables.check_ins.c, tables.outbox.c
    with store.read(TEAM) as tx:
        asked = [
            select(pairing.pairing_id, pairing.next_step, pairing.next_due_at),
            select(check_in.pairing_id, check_in.participant_id, check_in.asked_at),
            select(message.dedupe_key, message.recipients, message.params, message.not_before_at),
        ]
        schedule, questions, messages = (list(tx.session.execute(each)) for each in asked)
    return sorted(schedule), sorted(questions), sorted(messages, key=str)


def test_each_pair_is_asked_once_and_goes_one_step_on(store: Store) -> None:
    advance(store, NAMES)
    schedule, questions, messages = state(store)
    assert {step for _name, step, _at in schedule} == {CHECK_IN + 1}
    assert {at for _name, _step, at in schedule} == {MONDAY.replace(hour=10, minute=0) + WEEK}
    assert len(questions) == len(messages) == 2 * (PAIRS - 1)
    assert all(key.startswith(f"{name}:check_in:1:") for key, name in zip_keys(messages, questions))


def zip_keys(messages: list[Any], questions: list[Any]) -> list[tuple[str, str]]:
    """Each message's key with the pairing of its question."""
    return list(zip(sorted(row[0] for row in messages), (row[0] for row in questions), strict=True))


def test_many_at_once_bring_the_same_as_one_by_one(store: Store, migrated: Any) -> None:
    for name in NAMES[:3]:
        advance(store, [name])
    advance(store, NAMES)
    one_by_one = state(store)
    with store.begin(TEAM) as tx:
        tx.session.execute(tables.outbox.delete())
        tx.session.execute(tables.check_ins.delete())
        due = {"next_step": CHECK_IN, "next_due_at": MONDAY}
        tx.session.execute(tables.pairings.update().values(due))
    advance(store, NAMES)
    assert state(store) == one_by_one


def test_again_changes_nothing_also_when_the_schedule_was_set_back(store: Store) -> None:
    advance(store, NAMES)
    first = state(store)
    advance(store, NAMES)
    assert state(store) == first
    with store.begin(TEAM) as tx:
        due = {"next_step": CHECK_IN, "next_due_at": MONDAY}
        tx.session.execute(tables.pairings.update().values(due))
    advance(store, NAMES)
    assert state(store) == first


def test_pairing_without_members_keeps_its_batch_from_being_stored(store: Store) -> None:
    before = state(store)
    with store.begin(TEAM) as tx:
        tx.session.execute(
            tables.memberships.delete().where(tables.memberships.c.pairing_id == "p3")
        )
    with pytest.raises(ValueError, match="empty"):
        advance(store, NAMES)
    assert state(store) == before


def test_new_messages_are_news_and_old_ones_are_not(store: Store) -> None:
    for expected in (True, False):
        with store.begin(TEAM) as tx:
            tx.session.execute(tables.pairings.update().values(next_step=1, next_due_at=MONDAY))
            touchpoints.advance(tx, NAMES, MONDAY)
            assert tx.has_news is expected


def test_pairing_that_is_over_is_due_no_more(store: Store) -> None:
    with store.begin(TEAM) as tx:
        tx.session.execute(tables.pairings.update().values(ended_at=MONDAY))
    advance(store, NAMES)
    schedule, questions, messages = state(store)
    assert [at for _name, _step, at in schedule] == [None] * PAIRS
    assert (questions, messages) == ([], [])


def test_nobody_is_reminded_of_feedback_for_a_mentor_who_was_erased(store: Store) -> None:
    kinds = [point.kind for point in plan(FILE.touchpoints, STARTS_ON, STARTS_ON + WEEK * 4)]
    reminder = {"next_step": kinds.index(Kind.REMINDER), "next_due_at": MONDAY}
    with store.begin(TEAM) as tx:
        tx.session.execute(tables.pairings.update().values(reminder))
        for number in range(PAIRS):
            tx.add(Choice(TEAM, "img", 1, f"mentee {number}", NextCycle.CONTINUE, MONDAY))
        erased = stand_in("1")
        tx.add(Person(TEAM, erased, ""))
        mentor = tx.get(Participant, "mentor 1")
        assert mentor is not None
        mentor.slack_user_id, mentor.state = erased, ParticipantState.LEFT
    advance(store, NAMES)
    reminded = [recipients for _key, recipients, _params, _at in state(store)[2]]
    assert ["mentee 2"] in reminded
    assert ["mentee 1"] not in reminded


def test_silence_of_many_is_reported_to_the_coordinators(store: Store) -> None:
    advance(store, NAMES)
    for _week in range(2):
        with store.begin(TEAM) as tx:
            tx.session.execute(tables.pairings.update().values(next_due_at=MONDAY))
        advance(store, NAMES)
    with store.read(TEAM) as tx:
        message = tables.outbox.c
        counted = select(message.kind, func.count()).group_by(message.kind)
        found = {kind: many for kind, many in tx.session.execute(counted)}  # noqa: C416 (rows)
    assert found[MessageKind.QUIET_REPORT] == found[MessageKind.QUIET_PAIR] == PAIRS - 1
