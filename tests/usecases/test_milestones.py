"""What dates bring in slices: wherever it is interrupted, it ends as if it never was."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.milestones import foreseen, id_of
from mentorbot.domain.model import (
    Acknowledgement,
    Application,
    ApplicationState,
    Choice,
    Cycle,
    Membership,
    Milestone,
    MilestoneKind,
    NextCycle,
    Pairing,
    Participant,
    Person,
    Programme,
    Role,
)
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.storage import appointments, migration, pairings, tables
from mentorbot.storage.store import Store, Transaction
from mentorbot.usecases import cycle_closing, matching, milestones, tick
from tests.storage.told import TEAM, has_team
from tests.usecases.slices import enrol, finish, opened, slices, take_slice
from tests.world import MONDAY

PAIRS, LEFT_OVER, DRAFTS = 5, 3, 4
ON = date(2026, 12, 21)
DUE_AT = datetime(2026, 12, 21, 10, tzinfo=UTC)
PARTS: dict[str, Any] = {
    "matching": {"mode": "best", "on": "2026-12-21", "by": "2026-12-24"},
    "application": {"opens_on": "2026-12-01", "closes_on": "2026-12-10"},
    "cycle": {
        "starts_on": "2027-01-04",
        "ends_on": "2027-03-29",
        "join_until_day": 7,
        "repeats": "once",
    },
}


def file_with(**parts: Any) -> ProgrammeFile:
    """The IMG file with dates."""
    data = preset("img").model_dump(mode="json") | PARTS | parts
    data["matching"] = {"criteria": []} | data["matching"]
    return ProgrammeFile.model_validate(data)


FILE = file_with()


def begun(folder: Path, name: str, file: ProgrammeFile = FILE) -> Store:
    """Five mentors and eight mentees who wait for the day, four drafts, and a coordinator."""
    store = opened(folder, name)
    migration.upgrade(store.engine)
    has_team(store)
    with store.begin(TEAM) as tx:
        tx.add(Programme(TEAM, "img", "C0", file.model_dump_json(), "U0OWNER", MONDAY))
        tx.add(Person(TEAM, "U0OWNER", "Owner", time_zone="Europe/London"))
        given = Appointment(TEAM, "img", "U0OWNER", TeamRole.OWNER, "", MONDAY, "U0OWNER")
        appointments.appoint(tx, given)
        milestones.plan(tx, file, MONDAY)
        for role, many in ((Role.MENTOR, PAIRS), (Role.MENTEE, PAIRS + LEFT_OVER)):
            for number in range(many):
                since_at = MONDAY + timedelta(minutes=number)
                version = FILE.guidelines[role].version
                enrol(tx, f"{role} {number}", role, version, waiting_since_at=since_at)
        for number in range(DRAFTS):
            who, draft = f"draft {number}", ApplicationState.DRAFT
            tx.add(Person(TEAM, who, who, time_zone="Europe/London"))
            found = Application(TEAM, who, "img", 1, Role.MENTEE, "slack", draft, MONDAY)
            found.slack_user_id = who
            tx.add(found)
    return store


def told(store: Store, kind: MessageKind | None = None) -> list[Any]:
    """What was put in the outbox, apart from ids made on the way."""
    message = tables.outbox.c
    query = select(message.kind, message.recipients, message.params, message.not_before_at)
    with store.read(TEAM) as tx:
        rows = tx.session.execute(query if kind is None else query.where(message.kind == kind))
        return sorted(map(repr, rows))


def outcome(store: Store) -> list[Any]:
    """Everything that the day leaves."""
    person, member, pairing = (
        tables.participants.c,
        tables.memberships.c,
        tables.pairings.c,
    )
    pairs = select(member.participant_id, pairing.starts_on, pairing.ends_on, pairing.next_due_at)
    queries = (
        select(person.participant_id, person.state, person.waiting_since_at, person.left_at),
        pairs.where(member.pairing_id == pairing.pairing_id),
        select(tables.cycles),
        select(tables.milestones),
    )
    with store.read(TEAM) as tx:
        return [sorted(map(repr, tx.session.execute(query))) for query in queries] + told(store)


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time, so that there are many places to stop at."""
    for name in ("INTRODUCTIONS_AT_ONCE", "PEOPLE_AT_ONCE"):
        monkeypatch.setattr(milestones, name, 1)
    monkeypatch.setattr(cycle_closing, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(cycle_closing, "PAIRINGS_AT_ONCE", 1)


MOMENTS = (
    datetime(2026, 12, 7, 10, tzinfo=UTC),
    datetime(2026, 12, 11, 10, tzinfo=UTC),
    DUE_AT,
    datetime(2026, 12, 22, 10, tzinfo=UTC),
    datetime(2027, 3, 29, 10, tzinfo=UTC),
)


class Killed(Exception):
    """The process ended in the middle of a slice."""


def killed_in(store: Store, part: tick.Due, now: datetime) -> None:
    """Do a slice, and die before its commit."""
    with store.read(TEAM) as tx:
        seen = tick.foresee(tx, part, now)
    with suppress(Killed), store.begin(TEAM) as tx:
        tick.handle(tx, part, now, seen)
        raise Killed


@pytest.mark.usefixtures("small_slices")
def test_kill_in_any_slice_changes_nothing_of_what_dates_bring(tmp_path: Path) -> None:
    whole, torn = begun(tmp_path, "whole"), begun(tmp_path, "torn")
    for now in MOMENTS:
        finish(whole, now)
        done = 0
        while parts := slices(torn, now):
            for part in parts:
                killed_in(torn, part, now)
            take_slice(torn, now)
            done += 1
        if now == DUE_AT:
            assert done > PAIRS + LEFT_OVER
    assert outcome(torn) == outcome(whole)
    assert len(told(whole, MessageKind.INTRODUCTION)) == PAIRS
    assert len(told(whole, MessageKind.MATCHING_LEFT_OVER)) == LEFT_OVER
    assert len(told(whole, MessageKind.DRAFT_REMINDED)) == DRAFTS
    assert len(told(whole, MessageKind.APPLICATIONS_CLOSED)) == 1
    assert len(told(whole, MessageKind.PROGRAMME_OVER)) == 2 * PAIRS + LEFT_OVER
    whole.close()
    torn.close()


@pytest.mark.usefixtures("small_slices")
def test_replica_with_old_foresight_does_nothing_twice(tmp_path: Path) -> None:
    store = begun(tmp_path, "two")
    finish(store, DUE_AT - timedelta(minutes=1))
    (part,) = slices(store, DUE_AT)
    with store.read(TEAM) as tx:
        old = tick.foresee(tx, part, DUE_AT)
    assert old is not None
    while slices(store, DUE_AT):
        take_slice(store, DUE_AT)
        with store.begin(TEAM) as tx:
            tick.handle(tx, part, DUE_AT, old)
    assert len(told(store, MessageKind.INTRODUCTION)) == PAIRS
    assert len(told(store, MessageKind.MATCHING_DONE)) == 1
    store.close()


def test_who_takes_the_other_role_while_the_best_pairs_are_sought_is_in_none(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "roles")
    finish(store, DUE_AT - timedelta(minutes=1))
    (part,) = slices(store, DUE_AT)
    with store.read(TEAM) as tx:
        seen = tick.foresee(tx, part, DUE_AT)
    assert seen is not None
    turned = seen[0]["mentee_id"]
    with store.begin(TEAM) as tx:
        found = tx.get(Participant, turned)
        assert found is not None
        found.role = Role.MENTOR
        tx.add(Acknowledgement(TEAM, turned, Role.MENTOR, 1, MONDAY))
    with store.begin(TEAM) as tx:
        tick.handle(tx, part, DUE_AT, seen)
    finish(store, DUE_AT)
    with store.read(TEAM) as tx:
        assert pairings.partners_now(tx, [turned]) == {}
        assert len(tx.session.scalars(select(Pairing)).all()) == PAIRS - 1


def test_pairs_made_before_the_start_run_from_it_and_check_ins_count_from_it(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "fixed")
    for now in MOMENTS[:3]:
        finish(store, now)
    with store.read(TEAM) as tx:
        (cycle,) = tx.session.scalars(select(Cycle))
        rows = tx.session.execute(
            select(tables.pairings.c.starts_on, tables.pairings.c.next_due_at).distinct()
        ).all()
    assert (cycle.starts_on, cycle.ends_on, cycle.cohort) == (
        date(2027, 1, 4),
        date(2027, 3, 29),
        1,
    )
    assert [tuple(row) for row in rows] == [
        (date(2027, 1, 4), datetime(2027, 1, 6, 10, tzinfo=UTC))
    ]
    store.close()


def test_evergreen_pairs_that_end_together_find_somebody_new(tmp_path: Path) -> None:
    cycle = {"weeks": 6, "repeats": "evergreen"}
    store = begun(tmp_path, "evergreen", file_with(cycle=cycle, matching={"mode": "instant"}))
    with store.begin(TEAM) as tx:
        assert len(matching.match_waiting(tx, "img", MONDAY)) == PAIRS
        for found in tx.session.scalars(select(Membership)).all():
            pairing = tx.get(Pairing, found.pairing_id)
            assert pairing is not None
            chosen = (pairing.cycle_number, found.participant_id, NextCycle.CONTINUE, MONDAY)
            tx.add(Choice(TEAM, "img", *chosen))
        before = pairs(tx)
    finish(store, MONDAY + timedelta(days=43))
    with store.read(TEAM) as tx:
        after = pairs(tx)
    assert len(after) == PAIRS
    assert after & before == set()
    waiting = told(store, MessageKind.QUEUE_PLACE)
    assert len(waiting) == LEFT_OVER, "from whichever of the cycles they come"
    store.close()


def pairs(tx: Transaction) -> set[tuple[str, ...]]:
    """Who is in a pairing that runs."""
    found: dict[str, list[str]] = {}
    member, pairing = tables.memberships.c, tables.pairings.c
    query = select(member.pairing_id, member.participant_id).where(
        member.pairing_id == pairing.pairing_id, pairing.ended_at.is_(None)
    )
    for pairing_id, who in tx.session.execute(query):
        found.setdefault(pairing_id, []).append(who)
    return {tuple(sorted(both)) for both in found.values()}


def test_what_has_passed_is_not_made_up_for(tmp_path: Path) -> None:
    store = begun(tmp_path, "late")
    with store.begin(TEAM) as tx:
        tx.session.execute(tables.milestones.delete())
        milestones.plan(tx, FILE, DUE_AT)
        assert [it.falls_on for it in tx.session.scalars(select(Milestone))] == [date(2026, 12, 22)]
    store.close()


def test_dates_that_leave_the_file_are_forgotten_and_a_matching_asked_for_is_not(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "moved")
    asked_id = id_of("img", MilestoneKind.MATCHING, MONDAY)
    with store.begin(TEAM) as tx:
        tx.add(Milestone(TEAM, asked_id, "img", MilestoneKind.MATCHING, None, MONDAY))
        later = file_with(matching={"mode": "best", "on": "2026-12-28"}, application=None)
        milestones.plan(tx, later, MONDAY)
        left = {it.milestone_id for it in tx.session.scalars(select(Milestone))}
    assert left == {asked_id, id_of("img", MilestoneKind.MATCHING, date(2026, 12, 28))}
    store.close()


def test_another_round_gets_a_cycle_of_its_own_and_keeps_its_people(tmp_path: Path) -> None:
    store = begun(tmp_path, "rounds")
    for now in MOMENTS[:4]:
        finish(store, now)
    second = file_with(application={"cohort": 2, "through": ["import"]})
    with store.begin(TEAM) as tx:
        programme = tx.get(Programme, "img")
        assert programme is not None
        programme.definition = second.model_dump_json()
    finish(store, MOMENTS[4])
    assert len(told(store, MessageKind.PROGRAMME_OVER)) == 2 * PAIRS
    with store.read(TEAM) as tx:
        states = tx.session.scalars(select(tables.participants.c.state)).all()
    assert sorted(map(str, states)) == ["active"] * LEFT_OVER + ["left"] * 2 * PAIRS
    store.close()


@pytest.mark.parametrize(
    ("zone", "due_at"),
    [
        ("Europe/London", datetime(2026, 12, 21, 10, tzinfo=UTC)),
        ("America/Toronto", datetime(2026, 12, 21, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 12, 20, 20, tzinfo=UTC)),
    ],
)
def test_dates_are_those_of_the_programmes_zone(zone: str, due_at: datetime) -> None:
    found = foreseen(file_with(time_zone=zone))
    assert [it.due_at for it in found if it.kind is MilestoneKind.MATCHING] == [due_at]


def test_warnings_come_fourteen_seven_and_two_days_before_the_deadline() -> None:
    found = [it.on for it in foreseen(FILE) if it.kind is MilestoneKind.MATCHING_WARNED]
    assert found == [date(2026, 12, 10), date(2026, 12, 17), date(2026, 12, 22)]


def test_programme_without_dates_foresees_nothing() -> None:
    assert foreseen(preset("img").model_copy(update={"application": None})) == []
