"""What is due is found by an index made for it, however much is not."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from mentorbot.domain.model import (
    Cycle,
    Milestone,
    MilestoneKind,
    Pairing,
    Participant,
    ParticipantState,
    Programme,
)
from mentorbot.domain.model import Person as Account
from mentorbot.storage import schedule
from mentorbot.storage.store import Store, Transaction
from mentorbot.usecases.tick import AT_ONCE
from tests.storage.told import TEAM, TODAY, has_team
from tests.world import MONDAY

EVERYTHING = dict.fromkeys(AT_ONCE, 9)
INDEXES = {
    "ix_participant_pause_ends",
    "ix_participant_stage_ends",
    "ix_pairing_due",
    "ix_cycle_open",
    "ix_cycle_closing",
    "ix_milestone_due",
    "ix_draw_due",
    "ix_sealed_answer_erase",
}
EARLIER, LATER = MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1)


@pytest.fixture
def store(any_store: Store) -> Store:
    """A workspace in which two of each kind are due, and one is not yet."""
    has_team(any_store)
    with any_store.begin(TEAM) as tx:
        for programme in ("one", "other", "later"):
            tx.add(Programme(TEAM, programme, "C0", "{}", "U1", MONDAY))
            ends_at = LATER if programme == "later" else MONDAY
            tx.add(Cycle(TEAM, programme, 3, TODAY, TODAY, ends_at))
        for name, at in (("second", MONDAY), ("first", EARLIER), ("later", LATER)):
            pairing = Pairing(TEAM, name, "one", 3, TODAY, TODAY, MONDAY, next_due_at=at)
            tx.add(pairing)
            tx.add(Account(TEAM, name, name))
            rests = ParticipantState.PAUSED
            participant = Participant(TEAM, name, "one", name, state=rests, paused_until_at=at)
            participant.stage_ends_at = at
            tx.add(participant)
            tx.add(Milestone(TEAM, name, "one", MilestoneKind.MATCHING, TODAY, at))
        done = Milestone(TEAM, "done", "one", MilestoneKind.MATCHING, TODAY, EARLIER)
        done.done_at = EARLIER
        tx.add(done)
    return any_store


def test_due_things_are_found_most_overdue_first(store: Store) -> None:
    with store.read(TEAM) as tx:
        found = schedule.due(tx, MONDAY, EVERYTHING)
    assert [key for kind, key in found if kind == "pairing"] == [("first",), ("second",)]
    for what in ("pause", "milestone", "stage"):
        assert [key for kind, key in found if kind == what] == [("first",), ("second",)]
    assert [key for kind, key in found if kind == "cycle"] == [("one", 3), ("other", 3)]


def test_no_more_of_a_kind_is_found_than_asked_for(store: Store) -> None:
    with store.read(TEAM) as tx:
        found = schedule.due(tx, MONDAY, dict.fromkeys(AT_ONCE, 0) | {"pause": 1, "pairing": 1})
    assert sorted(found) == [("pairing", ("first",)), ("pause", ("first",))]


def test_due_things_are_found_through_partial_indexes(store: Store) -> None:
    with store.read(TEAM) as tx:
        steps = plan_of_due(tx)
    found = {name for step in steps for name in re.findall(r"\bix_\w+", step)}
    assert found == INDEXES
    assert [
        step for step in steps if re.search(r"SCAN (pairing|participant|cycle|milestone)\b", step)
    ] == []
    assert not any("Seq Scan" in step for step in steps)


def plan_of_due(tx: Transaction) -> list[str]:
    """How the database looks for what is due; PostgreSQL as if its tables were large."""
    asked = []
    connection = tx.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))

    def hear(_connection: object, _cursor: object, said: str, given: object, *_: object) -> None:
        asked.append((said, given))

    event.listen(connection, "before_cursor_execute", hear)
    schedule.due(tx, MONDAY, EVERYTHING)
    event.remove(connection, "before_cursor_execute", hear)
    ((said, given),) = asked
    word = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    rows = connection.exec_driver_sql(f"{word} {said}", given)
    return [str(row[-1]) for row in rows if "subquery" not in str(row[-1])]
