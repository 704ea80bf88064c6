"""The closing of a cycle in slices: wherever it is interrupted, it ends as if it never was."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    Choice,
    Cycle,
    Membership,
    NextCycle,
    Pairing,
    ParticipantState,
    Programme,
    Role,
)
from mentorbot.programmes import preset
from mentorbot.storage import migration, tables
from mentorbot.storage.store import Store, Transaction
from mentorbot.usecases import cycle_closing, enrolment, matching
from tests.storage.told import TEAM, TODAY, has_team
from tests.usecases.slices import enrol, finish, opened, take_slice
from tests.world import MONDAY

FILE = preset("img")
PAIRS = 5
ENDS_AT = MONDAY + timedelta(days=28)
SLICES = ("PAIRINGS_AT_ONCE", "PEOPLE_AT_ONCE", "INTRODUCTIONS_AT_ONCE", "PLACES_AT_ONCE")
PLACES = ("Leeds", "Cardiff", "London")


def begun(folder: Path, name: str) -> Store:
    """Five pairs at the end of their cycle, a sixth in the next one, and somebody who waits."""
    store = opened(folder, name)
    migration.upgrade(store.engine)
    has_team(store)
    with store.begin(TEAM) as tx:
        tx.add(Programme(TEAM, "img", "C0", FILE.model_dump_json(), "U1", MONDAY))
        ends_on = TODAY + timedelta(days=28)
        tx.add(Cycle(TEAM, "img", 1, TODAY, ends_on, ENDS_AT))
        for number in range(PAIRS + 1):
            cycle = 1 if number < PAIRS else 2
            until = ends_on if cycle == 1 else ends_on + timedelta(days=28)
            tx.add(Pairing(TEAM, f"p{number}", "img", cycle, TODAY, until, MONDAY))
            for role in Role:
                who = enrolled(tx, number, role)
                tx.add(Membership(TEAM, f"p{number}", who, role))
        enrolled(tx, 9, Role.MENTEE, waiting_since_at=MONDAY)
        for number in range(PAIRS - 1):
            for role in Role:
                rests = number == 3 and role is Role.MENTOR
                wish = NextCycle.OPT_OUT if rests else NextCycle.CONTINUE
                tx.add(Choice(TEAM, "img", 1, f"{role} {number}", wish, MONDAY))
    return store


def enrolled(tx: Transaction, number: int, role: Role, **values: Any) -> str:
    """Somebody takes part, from one of three places."""
    who, answers = f"{role} {number}", {"place": PLACES[number % 3]}
    enrol(tx, who, role, FILE.guidelines[role].version, answers=answers, **values)
    return who


def outcome(store: Store) -> dict[str, list[Any]]:
    """Everything that a closing leaves, apart from ids made on the way."""
    pairing, person, message = tables.pairings.c, tables.participants.c, tables.outbox.c
    cycle, member = tables.cycles.c, tables.memberships.c
    queries = {
        "cycles": select(cycle.number, cycle.closed_at, cycle.starts_on, cycle.ends_at),
        "stages": select(cycle.closing_stage, cycle.closing_after, cycle.proposals),
        "people": select(
            person.participant_id,
            person.state,
            person.pause_reason,
            person.capacity,
            person.waiting_since_at,
            person.waiting_spell,
        ),
        "pairs": select(
            member.participant_id,
            pairing.cycle_number,
            pairing.starts_on,
            pairing.ends_on,
            pairing.ended_at,
            pairing.next_due_at,
            pairing.reasons,
        ).where(member.pairing_id == pairing.pairing_id),
        "partners": select(member.pairing_id, member.participant_id),
        "messages": select(
            message.kind, message.recipients, message.params, message.not_before_at, message.state
        ),
    }
    with store.read(TEAM) as tx:
        found = {
            name: [tuple(row) for row in tx.session.execute(queries[name])] for name in queries
        }
    together: dict[str, list[str]] = {}
    for pairing_id, who in found["partners"]:
        together.setdefault(pairing_id, []).append(who)
    found["partners"] = [tuple(sorted(both)) for both in together.values()]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, list[Any]]:
    """What the closing leaves that nothing interrupted, in slices that hold everything."""
    store = begun(tmp_path, "whole")
    assert finish(store, ENDS_AT) < 8
    found = outcome(store)
    store.close()
    return found


def test_closing_leaves_nobody_behind(whole: dict[str, list[Any]]) -> None:
    kinds = [row[0] for row in whole["messages"]]
    assert kinds.count(MessageKind.INTRODUCTION) == 3
    assert kinds.count(MessageKind.OPTED_OUT) == 1
    assert kinds.count(MessageKind.PAUSED_NO_ANSWER) == 2
    assert kinds.count(MessageKind.QUEUE_PLACE) == 2
    assert whole["stages"] == [(None, None, None)] * 2
    assert [row[0] for row in whole["cycles"]] == [1, 2]


def test_closing_in_small_slices_ends_as_in_one(
    tmp_path: Path, whole: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SLICES:
        monkeypatch.setattr(cycle_closing, name, 1)
    store = begun(tmp_path, "small")
    assert finish(store, ENDS_AT) > 20
    assert outcome(store) == whole
    store.close()


def test_closing_that_is_killed_between_any_two_slices_ends_as_in_one(
    tmp_path: Path, whole: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SLICES:
        monkeypatch.setattr(cycle_closing, name, 2)
    store, now = begun(tmp_path, "killed"), ENDS_AT
    while take_slice(store, now):
        store.close()
        store, now = opened(tmp_path, "killed"), now + timedelta(minutes=7)
    assert now > ENDS_AT + timedelta(minutes=70)
    assert outcome(store) == whole
    store.close()


def test_nobody_is_matched_while_a_cycle_closes_and_everyone_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle_closing, "PAIRINGS_AT_ONCE", 1)
    store = begun(tmp_path, "joining")
    take_slice(store, ENDS_AT)
    with store.begin(TEAM) as tx:
        enrolled(tx, 9, Role.MENTOR, waiting_since_at=ENDS_AT)
        assert matching.match_waiting(tx, "img", ENDS_AT) == []
    finish(store, ENDS_AT)
    together = outcome(store)["partners"]
    assert any("mentor 9" in pair for pair in together)
    store.close()


def test_who_leaves_between_two_slices_is_neither_paused_nor_matched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = begun(tmp_path, "leaving")
    for _slice in range(2):
        take_slice(store, ENDS_AT)
    take_slice(store, ENDS_AT)
    leaver = "mentor 0"
    with store.begin(TEAM) as tx:
        enrolment.leave(tx, "img", leaver, ENDS_AT)
    finish(store, ENDS_AT)
    found = outcome(store)
    assert [row[1] for row in found["people"] if row[0] == leaver] == [ParticipantState.LEFT]
    assert sum(leaver in pair for pair in found["partners"]) == 1
    store.close()
