"""A ballot from its opening to its matching: each once, whatever is killed, by the votes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.errors import (
    BallotNotMatched,
    BallotOver,
    BallotUnderWay,
    InvalidAnswers,
    NotPermitted,
    NotVoting,
    Refusal,
    Stale,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    AuditEntry,
    Choice,
    EndReason,
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
from mentorbot.domain.voting import OpenedBallot, Vote, heard_at
from mentorbot.programmes import preset
from mentorbot.storage import appointments, migration, privacy, tables, votes
from mentorbot.storage.store import Store, Transaction
from mentorbot.usecases import (
    ballots,
    enrolment,
    matching,
    milestones,
    pauses,
    tick,
    updating,
    voting,
)
from mentorbot.usecases.outlook import How, outlook
from tests.storage.told import TEAM, has_team
from tests.usecases.slices import enrol, finish, opened, slices, take_slice
from tests.usecases.test_milestones import killed_in, told
from tests.world import MONDAY

OPENS_AT = datetime(2026, 12, 14, 17, tzinfo=UTC)
CLOSES_AT = OPENS_AT + timedelta(hours=48)
MATCHED_AT = datetime(2026, 12, 21, 10, tzinfo=UTC)
BALLOT: dict[str, Any] = {
    "choices": 3,
    "hours": 48,
    "reminder_hours": 12,
    "opens_on": "2026-12-14",
    "opens_at": "17:00",
    "shown": ["place"],
}
VOTES: Mapping[str, Sequence[str]] = {
    "mentee 0": ["mentor 0", "mentor 1"],
    "mentee 1": ["mentor 0", "mentor 2"],
    "mentee 2": ["mentor 0"],
    "mentee 3": ["mentor 1", "mentor 0", "mentor 2"],
}
"""Mentee 4 does not vote."""
MENTORS, MENTEES = 4, 5


def file_with(ballot: Mapping[str, Any] = {}, **matching: Any) -> ProgrammeFile:
    """The IMG file with a ballot, for one cycle."""
    data = preset("img").model_dump(mode="json")
    rules = {"mode": "ranked", "on": "2026-12-21", "ballot": BALLOT | ballot}
    data["matching"] = {"criteria": data["matching"]["criteria"]} | rules | matching
    data["cycle"] = {"weeks": 12, "join_until_day": 7, "repeats": "once"}
    return ProgrammeFile.model_validate(data)


FILE = file_with()


def begun(folder: Path, name: str, file: ProgrammeFile = FILE, mentors: int = MENTORS) -> Store:
    """Mentors and mentees who wait, and a coordinator."""
    store = opened(folder, name)
    migration.upgrade(store.engine)
    has_team(store)
    with store.begin(TEAM) as tx:
        tx.add(Programme(TEAM, "img", "C0", file.model_dump_json(), "U0OWNER", MONDAY))
        tx.add(Person(TEAM, "U0OWNER", "Owner", time_zone="Europe/London"))
        given = Appointment(TEAM, "img", "U0OWNER", TeamRole.OWNER, "", MONDAY, "U0OWNER")
        appointments.appoint(tx, given)
        milestones.plan(tx, file, MONDAY)
        for role, many in ((Role.MENTOR, mentors), (Role.MENTEE, MENTEES)):
            for number in range(many):
                waits(tx, f"{role} {number}", role, number)
    return store


def waits(tx: Transaction, who: str, role: Role, minutes: int = 0) -> None:
    since_at = MONDAY + timedelta(minutes=minutes)
    answers = {"specialty": "Paediatrics", "place": f"Town {minutes}"}
    version = FILE.guidelines[role].version
    enrol(tx, who, role, version, waiting_since_at=since_at, answers=answers, waiting_spell=1)


def cast(store: Store, given: Mapping[str, Sequence[str]], at: datetime = OPENS_AT) -> None:
    for who, choices in given.items():
        with store.begin(TEAM) as tx:
            voting.vote(tx, who, ballot_id(tx), choices, at + timedelta(hours=1))


def ballot_id(tx: Transaction) -> str:
    found = votes.newest(tx, "img")
    assert found is not None
    return found.ballot_id


def made(store: Store) -> dict[str, tuple[str, str]]:
    """The mentor of each mentee, and which choice that was."""
    member = tables.memberships.c
    found: dict[str, tuple[str, str]] = {}
    with store.read(TEAM) as tx:
        for pairing in tx.session.scalars(select(Pairing)):
            rows = select(member.role, member.participant_id).where(
                member.pairing_id == pairing.pairing_id
            )
            who = {row[0]: row[1] for row in tx.session.execute(rows)}
            label = next(it["shared"] for it in pairing.reasons if it["question"] == "ballot")
            found[who[Role.MENTEE]] = (who[Role.MENTOR], label)
    return found


def best_by_hand(cast: Mapping[str, Sequence[str]], mentors: Sequence[str]) -> tuple[int, ...]:
    """Of all ways to give voters a choice: the most matched, then first choices, then …"""
    ways = product(*([None, *choices] for choices in cast.values()))
    found = []
    for way in ways:
        taken = [one for one in way if one is not None]
        if len(set(taken)) == len(taken) and set(taken) <= set(mentors):
            ranks = [list(cast[who]).index(one) for who, one in zip(cast, way, strict=True) if one]
            found.append((len(taken), *(ranks.count(rank) for rank in range(3))))
    return max(found)


def test_matching_of_the_ballot_is_the_best_of_all_there_are(tmp_path: Path) -> None:
    store = begun(tmp_path, "best")
    finish(store, OPENS_AT)
    cast(store, VOTES)
    for now in (CLOSES_AT, MATCHED_AT):
        finish(store, now)
    found = made(store)
    ranks = [int(label) - 1 for _, label in found.values() if label.isdigit()]
    reached = (len(ranks), *(ranks.count(rank) for rank in range(3)))
    mentors = [f"mentor {number}" for number in range(MENTORS)]
    assert reached == best_by_hand(VOTES, mentors)
    assert sorted(label for _, label in found.values() if not label.isdigit()) == ["left_over"]
    assert len(found) == MENTORS
    store.close()


def test_kill_in_any_slice_changes_nothing_of_a_ballot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "PEOPLE_AT_ONCE", 2)
    monkeypatch.setattr(milestones, "INTRODUCTIONS_AT_ONCE", 1)
    whole, torn = begun(tmp_path, "whole"), begun(tmp_path, "torn")
    for now in (OPENS_AT, OPENS_AT + timedelta(hours=36), CLOSES_AT, MATCHED_AT):
        finish(whole, now)
        while parts := slices(torn, now):
            for part in parts:
                killed_in(torn, part, now)
            take_slice(torn, now)
        if now == OPENS_AT:
            for store in (whole, torn):
                cast(store, VOTES)
    assert made(torn) == made(whole)
    for kind, many in (
        (MessageKind.BALLOT_OPENED, MENTEES),
        (MessageKind.BALLOT_REMINDED, MENTEES - len(VOTES)),
        (MessageKind.INTRODUCTION, MENTORS),
        (MessageKind.MATCHING_LEFT_OVER, 1),
        (MessageKind.MATCHING_DONE, 1),
    ):
        assert len(told(whole, kind)) == len(told(torn, kind)) == many, kind
    with torn.read(TEAM) as tx:
        assert len(tx.session.scalars(select(OpenedBallot)).all()) == 1
        acts = tx.session.scalars(select(AuditEntry.action)).all()
    assert sorted(acts) == ["ballot.close", "ballot.open"]
    whole.close()
    torn.close()


def test_foresight_from_before_the_ballot_closed_is_not_used(tmp_path: Path) -> None:
    store = begun(tmp_path, "race", file_with(on="2026-12-15"))
    finish(store, OPENS_AT)
    cast(store, VOTES)
    due_at = datetime(2026, 12, 15, 10, tzinfo=UTC)
    (part,) = [it for it in slices(store, due_at) if "matching" in str(it.keys)]
    with store.read(TEAM) as tx:
        assert tick.foresee(tx, part, due_at) is None
    finish(store, due_at)
    assert made(store) == {}
    finish(store, CLOSES_AT + ballots.AFTERWARDS)
    assert len(made(store)) == MENTORS
    assert len([label for _, label in made(store).values() if label.isdigit()]) == 3
    store.close()


def test_votes_count_where_a_replica_looked_before_the_ballot_closed(tmp_path: Path) -> None:
    store = begun(tmp_path, "between", file_with(on="2026-12-15"))
    finish(store, OPENS_AT)
    cast(store, VOTES)
    due_at = datetime(2026, 12, 15, 10, tzinfo=UTC)
    (part,) = slices(store, due_at)
    for now in (due_at, CLOSES_AT):
        finish(store, now)
    late_at = CLOSES_AT + ballots.AFTERWARDS
    with store.begin(TEAM) as tx:
        tick.handle(tx, part, late_at, None)
    finish(store, late_at)
    assert len([label for _, label in made(store).values() if label.isdigit()]) == 3
    store.close()


def test_without_a_date_people_are_matched_when_the_ballot_closes(tmp_path: Path) -> None:
    file = file_with({"opens_on": None, "opens_at": None}, on=None)
    store = begun(tmp_path, "undated", file)
    with store.begin(TEAM) as tx:
        assert outlook(tx, file, MONDAY).how is How.BALLOT
        voting.open_by_hand(tx, "U0OWNER", OPENS_AT)
    finish(store, OPENS_AT)
    cast(store, VOTES)
    finish(store, CLOSES_AT - timedelta(minutes=1))
    assert made(store) == {}
    finish(store, CLOSES_AT)
    assert len(made(store)) == MENTORS
    with store.read(TEAM) as tx:
        assert outlook(tx, FILE, CLOSES_AT).how is not How.BALLOT
    store.close()


def test_date_of_the_matching_comes_to_nothing_while_nobody_has_opened_a_ballot(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "unopened", file_with({"opens_on": None, "opens_at": None}))
    finish(store, MATCHED_AT)
    assert made(store) == {}
    assert len(told(store, MessageKind.BALLOT_AWAITED)) == 1
    later = MATCHED_AT + timedelta(days=1)
    with store.begin(TEAM) as tx:
        voting.open_by_hand(tx, "U0OWNER", later)
    finish(store, later + timedelta(hours=48))
    assert {label for _, label in made(store).values()} == {"no_vote"}
    assert len(made(store)) == MENTORS
    store.close()


@pytest.mark.parametrize(
    ("mentors", "kind", "many"),
    [(0, MessageKind.BALLOT_NOT_OPENED, 1), (MENTORS, MessageKind.BALLOT_OPENED, MENTEES)],
)
def test_ballot_opens_on_its_date_where_there_is_somebody_to_choose(
    tmp_path: Path, mentors: int, kind: MessageKind, many: int
) -> None:
    store = begun(tmp_path, "nobody", mentors=mentors)
    finish(store, OPENS_AT)
    assert len(told(store, kind)) == many
    store.close()


def test_date_opens_no_second_ballot_where_somebody_was_earlier(tmp_path: Path) -> None:
    store = begun(tmp_path, "earlier", file_with(on=None), mentors=MENTEES + 1)
    early_at = OPENS_AT - timedelta(days=5)
    with store.begin(TEAM) as tx:
        voting.open_by_hand(tx, "U0OWNER", early_at)
    finish(store, early_at + timedelta(hours=48))
    assert len(made(store)) == MENTEES
    with store.begin(TEAM) as tx:
        waits(tx, "late", Role.MENTEE, 9)
    finish(store, OPENS_AT)
    with store.read(TEAM) as tx:
        assert len(tx.session.scalars(select(OpenedBallot)).all()) == 1
    store.close()


def refused(store: Store, who: str, at: datetime, *choices: str) -> type[Refusal]:
    with store.begin(TEAM) as tx, pytest.raises(Refusal) as caught:
        voting.vote(tx, who, ballot_id(tx), choices, at)
    return type(caught.value)


def test_votes_are_taken_from_those_who_choose_until_the_end(tmp_path: Path) -> None:
    store = begun(tmp_path, "votes")
    with store.begin(TEAM) as tx:
        with pytest.raises(NotPermitted):
            voting.open_by_hand(tx, "mentee 0", MONDAY)
        voting.open_by_hand(tx, "U0OWNER", OPENS_AT)
        with pytest.raises(BallotUnderWay):
            voting.open_by_hand(tx, "U0OWNER", OPENS_AT)
        with pytest.raises(BallotUnderWay):
            milestones.match_now(tx, "U0OWNER", "", OPENS_AT)
    cast(store, {"mentee 0": ["", "mentor 1"]})
    assert refused(store, "mentor 0", OPENS_AT, "mentee 0") is NotVoting
    assert refused(store, "mentee 0", OPENS_AT) is InvalidAnswers
    assert refused(store, "mentee 0", OPENS_AT, "mentor 1", "mentor 1") is InvalidAnswers
    assert refused(store, "mentee 0", OPENS_AT, "mentee 1") is InvalidAnswers
    every = [f"mentor {number}" for number in range(MENTORS)]
    assert refused(store, "mentee 0", OPENS_AT, *every) is InvalidAnswers
    assert refused(store, "mentee 0", CLOSES_AT, "mentor 0") is BallotOver
    with store.begin(TEAM) as tx, pytest.raises(Stale):
        voting.vote(tx, "mentee 0", "another", ["mentor 0"], OPENS_AT)
    cast(store, {"mentee 0": ["mentor 2", "mentor 1"]})
    with store.read(TEAM) as tx:
        (vote,) = tx.session.scalars(select(Vote))
        assert vote.choices == ["mentor 2", "mentor 1"]
    finish(store, CLOSES_AT)
    with store.begin(TEAM) as tx, pytest.raises(BallotNotMatched):
        voting.open_by_hand(tx, "U0OWNER", CLOSES_AT)
    store.close()


def test_who_leaves_or_pauses_is_told_to_those_who_named_them(tmp_path: Path) -> None:
    store = begun(tmp_path, "gone")
    finish(store, OPENS_AT)
    cast(store, VOTES)
    at = OPENS_AT + timedelta(hours=2)
    with store.begin(TEAM) as tx:
        enrolment.leave(tx, "img", "mentor 0", at, reason=EndReason.DEACTIVATED)
        pauses.pause(tx, "img", "mentor 2", 7, at)
        enrolment.leave(tx, "img", "mentee 3", at)
    heard = [one.split("'")[1] for one in told(store, MessageKind.BALLOT_CHOICE_GONE)]
    assert len(heard) == 4 + 2
    with store.read(TEAM) as tx:
        mine = voting.paper(tx, "mentee 1", at)
        assert mine.choices == ()
        assert {it.participant_id for it in mine.people} == {"mentor 1", "mentor 3"}
        assert "mentee 3" not in votes.voters(tx, ballot_id(tx))
    for now in (CLOSES_AT, MATCHED_AT):
        finish(store, now)
    assert made(store)["mentee 0"] == ("mentor 1", "2")
    store.close()


def test_who_joins_while_the_ballot_is_open_hears_of_it_once(tmp_path: Path) -> None:
    store = begun(tmp_path, "late")
    finish(store, OPENS_AT)
    at = OPENS_AT + timedelta(hours=3)
    with store.begin(TEAM) as tx:
        waits(tx, "late", Role.MENTEE, 9)
        found = tx.get(Participant, "late")
        assert found is not None
        for _time in range(2):
            assert ballots.invite(tx, found, at)
    assert len(told(store, MessageKind.BALLOT_OPENED)) == MENTEES + 1
    with store.begin(TEAM) as tx:
        waits(tx, "agrees later", Role.MENTEE, 9)
        tx.session.execute(
            tables.acknowledgements.delete().where(
                tables.acknowledgements.c.participant_id == "agrees later"
            )
        )
        tx.session.expire_all()
        version = FILE.guidelines[Role.MENTEE].version
        enrolment.acknowledge(tx, "img", "agrees later", Role.MENTEE, version, at)
    assert len(told(store, MessageKind.BALLOT_OPENED)) == MENTEES + 2
    store.close()


def test_everybody_chooses_from_an_order_of_their_own(tmp_path: Path) -> None:
    store = begun(tmp_path, "order", mentors=8)
    finish(store, OPENS_AT)
    with store.read(TEAM) as tx:
        papers = [voting.paper(tx, f"mentee {it}", OPENS_AT) for it in range(MENTEES)]
        orders = [[who.participant_id for who in one.people] for one in papers]
        again = voting.paper(tx, "mentee 0", OPENS_AT).people
    assert len({tuple(one) for one in orders}) == MENTEES
    assert {tuple(sorted(one)) for one in orders} == {tuple(sorted(orders[0]))}
    assert [it.participant_id for it in again] == orders[0]
    store.close()


def test_both_sides_lists_leave_no_two_who_would_rather_have_each_other(tmp_path: Path) -> None:
    file = file_with({"order": None}, mode="two_sided")
    store = begun(tmp_path, "both", file)
    finish(store, OPENS_AT)
    theirs = {"mentor 0": ["mentee 2", "mentee 1"], "mentor 1": ["mentee 3"]}
    cast(store, {**VOTES, **theirs})
    for now in (CLOSES_AT, MATCHED_AT):
        finish(store, now)
    found = {mentee: mentor for mentee, (mentor, _) in made(store).items()}
    assert found["mentee 2"] == "mentor 0"
    assert found["mentee 3"] == "mentor 1"
    held = {mentor: mentee for mentee, mentor in found.items()}

    def rank(mentor: str, mentee: str) -> int:
        listed = theirs.get(mentor, [])
        return listed.index(mentee) if mentee in listed else len(listed)

    for mentee, choices in VOTES.items():
        own = choices.index(found[mentee]) if found.get(mentee) in choices else len(choices)
        better = choices[:own]
        for mentor in better:
            assert mentor in held
            assert rank(mentor, held[mentor]) <= rank(mentor, mentee)
    store.close()


def test_end_of_the_cycle_forgets_the_votes(tmp_path: Path) -> None:
    store = begun(tmp_path, "over")
    finish(store, OPENS_AT)
    cast(store, VOTES)
    for now in (CLOSES_AT, MATCHED_AT, MATCHED_AT + timedelta(weeks=13)):
        finish(store, now)
    with store.read(TEAM) as tx:
        assert tx.session.scalars(select(Vote)).all() == []
    store.close()


def test_next_cycle_of_a_programme_that_repeats_waits_for_its_own_ballot(tmp_path: Path) -> None:
    file = file_with({"opens_on": None, "opens_at": None}, on=None)
    cycle = {"weeks": 12, "join_until_day": 7, "repeats": "repeating"}
    file = ProgrammeFile.model_validate(file.model_dump(mode="json") | {"cycle": cycle})
    store = begun(tmp_path, "again", file)
    with store.begin(TEAM) as tx:
        voting.open_by_hand(tx, "U0OWNER", OPENS_AT)
    finish(store, CLOSES_AT)
    assert len(made(store)) == MENTORS
    with store.begin(TEAM) as tx:
        for who in [f"mentor {number}" for number in range(MENTORS)] + list(made(store)):
            tx.add(Choice(TEAM, "img", 1, who, NextCycle.CONTINUE, CLOSES_AT))
    end = CLOSES_AT + timedelta(weeks=13)
    finish(store, end)
    with store.begin(TEAM) as tx:
        assert outlook(tx, file, end).how is How.BALLOT
        active = tx.session.scalars(select(Pairing).where(tables.pairings.c.ended_at.is_(None)))
        assert active.all() == []
        voting.open_by_hand(tx, "U0OWNER", end)
        for who, (before, _) in made(store).items():
            people = {it.participant_id for it in voting.paper(tx, who, end).people}
            assert len(people) == MENTORS - 1
            assert before not in people
    store.close()


def test_next_ballot_forgets_the_last_and_who_loses_a_partner_is_invited(tmp_path: Path) -> None:
    store = begun(tmp_path, "second", file_with({"opens_on": None, "opens_at": None}, on=None))
    with store.begin(TEAM) as tx:
        voting.open_by_hand(tx, "U0OWNER", OPENS_AT)
    cast(store, VOTES)
    finish(store, CLOSES_AT)
    with store.begin(TEAM) as tx:
        first = ballot_id(tx)
        waits(tx, "new mentor", Role.MENTOR, 9)
        voting.open_by_hand(tx, "U0OWNER", CLOSES_AT)
        assert votes.voters(tx, first) == set()
    finish(store, CLOSES_AT)
    before = len(told(store, MessageKind.BALLOT_OPENED))
    with store.begin(TEAM) as tx:
        enrolment.leave(tx, "img", "mentor 1", CLOSES_AT + timedelta(hours=1))
    assert len(told(store, MessageKind.BALLOT_OPENED)) == before + 1
    store.close()


def test_rules_of_a_ballot_stand_until_it_is_matched(tmp_path: Path) -> None:
    store = begun(tmp_path, "rules")
    finish(store, OPENS_AT)
    with store.read(TEAM) as tx:
        programme = tx.get(Programme, "img")
        assert programme is not None
        other = file_with({"choices": 2})
        (open_,) = updating.changes_of(tx, programme, other, OPENS_AT)
        (closed,) = updating.changes_of(tx, programme, other, CLOSES_AT)
    assert isinstance(open_.refusal, BallotUnderWay)
    assert isinstance(closed.refusal, BallotNotMatched)
    for now in (CLOSES_AT, MATCHED_AT):
        finish(store, now)
    with store.read(TEAM) as tx:
        programme = tx.get(Programme, "img")
        assert programme is not None
        (later,) = updating.changes_of(tx, programme, other, MATCHED_AT)
    assert later.refusal is None
    store.close()


@pytest.mark.parametrize(
    ("zone", "hours", "expected"),
    [
        ("Europe/London", 48, datetime(2026, 12, 14, 17, tzinfo=UTC)),
        ("Asia/Tokyo", 48, datetime(2026, 12, 15, 1, tzinfo=UTC)),
        ("Asia/Tokyo", 9, datetime(2026, 12, 14, 17, tzinfo=UTC)),
        ("Asia/Kolkata", 48, datetime(2026, 12, 15, 4, 30, tzinfo=UTC)),
    ],
)
def test_nobody_is_woken_for_a_ballot_that_can_wait(
    zone: str, hours: int, expected: datetime
) -> None:
    hour = FILE.touchpoints.at
    assert heard_at(OPENS_AT, zone, hour, OPENS_AT + timedelta(hours=hours)) == expected


def test_matching_by_hand_before_any_ballot_goes_by_score_and_says_nothing_of_votes(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "hand", file_with({"opens_on": None, "opens_at": None}, on=None))
    with store.begin(TEAM) as tx:
        milestones.match_now(tx, "U0OWNER", "", MONDAY)
    finish(store, MONDAY)
    with store.read(TEAM) as tx:
        reasons = [it.reasons for it in tx.session.scalars(select(Pairing))]
        left = tx.session.scalars(select(Milestone).where(tables.milestones.c.done_at.is_(None)))
        assert [it.kind for it in left] in ([], [MilestoneKind.MATCHING])
    assert len(reasons) == MENTORS
    assert all(one["question"] != "ballot" for it in reasons for one in it)
    (left_over,) = told(store, MessageKind.MATCHING_LEFT_OVER)
    assert "ballot" in left_over
    store.close()


def test_votes_are_erased_with_the_person(tmp_path: Path) -> None:
    store = begun(tmp_path, "erased")
    finish(store, OPENS_AT)
    cast(store, VOTES)
    with store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U0GONE", "Gone"))
        tx.add(Participant(TEAM, "gone", "img", "U0GONE", role=Role.MENTEE))
        tx.add(Vote(TEAM, ballot_id(tx), "gone", ["mentor 0"], OPENS_AT))
        privacy.take_out(tx, "U0GONE", "ERASED", OPENS_AT)
    with store.read(TEAM) as tx:
        assert votes.voters(tx, ballot_id(tx)) == set(VOTES)
    store.close()


def test_latecomers_are_matched_at_once_only_after_the_ballot_where_the_file_says_so(
    tmp_path: Path,
) -> None:
    store = begun(tmp_path, "late", file_with(late="instant"), mentors=MENTEES + 1)
    for now in (OPENS_AT, CLOSES_AT):
        finish(store, now)
        with store.begin(TEAM) as tx:
            assert matching.match_waiting(tx, "img", now) == []
    finish(store, MATCHED_AT)
    with store.begin(TEAM) as tx:
        waits(tx, "late", Role.MENTEE, 9)
        (pairing,) = matching.match_waiting(tx, "img", MATCHED_AT)
    assert all(it["question"] != "ballot" for it in pairing.reasons)
    store.close()
