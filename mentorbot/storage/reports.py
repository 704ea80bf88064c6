"""Read-only queries for coordinators."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mentorbot.domain.model import (
    ApplicationState,
    CheckIn,
    CheckInAnswer,
    EndReason,
    Feedback,
    Pairing,
    ParticipantState,
    Role,
)
from mentorbot.storage import pairings, participants, tables
from mentorbot.storage.store import Transaction, among


@dataclass(frozen=True)
class PersonRow:
    """A participant, with how many partners they have now."""

    slack_user_id: str
    role: Role
    state: ParticipantState
    waiting_since_at: datetime | None
    partners: int
    capacity: int


@dataclass(frozen=True)
class PairRow:
    """A running pairing, and the check-in answers so far, oldest first."""

    pairing: Pairing
    mentor: str
    mentees: tuple[str, ...]
    answers: tuple[CheckInAnswer, ...]


def people(tx: Transaction, programme_id: str) -> list[PersonRow]:
    """Everyone with a role, mentors first, by when they joined."""
    everyone = participants.enrolled(tx, programme_id)
    taken = pairings.partners_now(tx, [found.participant_id for found in everyone])
    return [
        PersonRow(
            found.slack_user_id,
            found.role,
            found.state,
            found.waiting_since_at,
            taken.get(found.participant_id, 0),
            found.capacity,
        )
        for found in everyone
        if found.role is not None
    ]


def overview(tx: Transaction, programme_id: str) -> dict[str, int]:
    """How many take part in each role, wait in each role, and are pairs now."""
    person, pairing = tables.participants.c, tables.pairings.c
    waits = person.waiting_since_at.is_not(None) & (person.state == ParticipantState.ACTIVE)
    found = tx.session.execute(
        select(person.role, func.count(), func.count().filter(waits))
        .where(
            person.workspace_id == tx.workspace_id,
            person.programme_id == programme_id,
            person.role.is_not(None),
            person.state.in_((ParticipantState.ACTIVE, ParticipantState.PAUSED)),
        )
        .group_by(person.role)
    )
    counts = {role: (here, waiting) for role, here, waiting in found}
    running = tx.session.scalar(
        select(func.count()).where(
            pairing.workspace_id == tx.workspace_id,
            pairing.programme_id == programme_id,
            pairing.ended_at.is_(None),
        )
    )
    mentors, mentees = (counts.get(role, (0, 0)) for role in (Role.MENTOR, Role.MENTEE))
    return {
        "mentors": mentors[0],
        "mentees": mentees[0],
        "pairs": running or 0,
        "waiting_mentors": mentors[1],
        "waiting_mentees": mentees[1],
    }


def applications(tx: Transaction, programme_id: str) -> dict[ApplicationState, int]:
    """How many applications a programme has in each state; states without any are left out."""
    table = tables.applications.c
    rows = tx.session.execute(
        select(table.state, func.count())
        .where(table.workspace_id == tx.workspace_id, table.programme_id == programme_id)
        .group_by(table.state)
    )
    counts = {ApplicationState(state): count for state, count in rows}
    return {state: counts[state] for state in ApplicationState if state in counts}


def pairs(tx: Transaction, programme_id: str) -> list[PairRow]:
    """Every running pairing of a programme, oldest first."""
    table = tables.pairings.c
    running = list(
        tx.session.scalars(
            select(Pairing)
            .where(
                table.workspace_id == tx.workspace_id,
                table.programme_id == programme_id,
                table.ended_at.is_(None),
            )
            .order_by(table.introduced_at, table.pairing_id)
        )
    )
    ids = [pairing.pairing_id for pairing in running]
    answers, who = _answers(tx, ids), _who_is_in(tx, ids)
    return [
        PairRow(
            pairing,
            who[pairing.pairing_id][0],
            tuple(who[pairing.pairing_id][1:]),
            tuple(answers[pairing.pairing_id]),
        )
        for pairing in running
    ]


def _who_is_in(tx: Transaction, pairing_ids: list[str]) -> dict[str, list[str]]:
    """The Slack user ids of those in each pairing, mentor first."""
    seat, person = tables.memberships.c, tables.participants.c
    rows = tx.session.execute(
        select(seat.pairing_id, person.slack_user_id)
        .join(
            tables.participants,
            (person.workspace_id == seat.workspace_id)
            & (person.participant_id == seat.participant_id),
        )
        .where(seat.workspace_id == tx.workspace_id, among(tx, seat.pairing_id, pairing_ids))
        .order_by(seat.pairing_id, seat.role.desc(), seat.participant_id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for pairing_id, slack_user_id in rows:
        found[pairing_id].append(slack_user_id)
    return found


@dataclass(frozen=True)
class FeedbackRow:
    """What a mentee said of a mentor."""

    feedback: Feedback
    mentor: str
    mentee: str


def feedback(tx: Transaction, programme_id: str, most: int) -> list[FeedbackRow]:
    """The newest feedback of a programme, newest first, at most `most`."""
    given, pairing = tables.feedbacks.c, tables.pairings.c
    found = tx.session.scalars(
        select(Feedback)
        .join(
            tables.pairings,
            (pairing.workspace_id == given.workspace_id) & (pairing.pairing_id == given.pairing_id),
        )
        .where(given.workspace_id == tx.workspace_id, pairing.programme_id == programme_id)
        .order_by(given.given_at.desc(), given.pairing_id)
        .limit(most)
    )
    rows = []
    for one in found:
        mentor, *mentees = pairings.members(tx, one.pairing_id)
        by_id = {mentee.participant_id: mentee.slack_user_id for mentee in mentees}
        rows.append(FeedbackRow(one, mentor.slack_user_id, by_id[one.from_participant_id]))
    return rows


@dataclass(frozen=True)
class OwedRow:
    """A mentor whose cycle closed without a certificate, and on which day."""

    mentor: str
    ended_at: datetime


def certificates_owed(tx: Transaction, programme_id: str) -> list[OwedRow]:
    """Mentors of closed cycles that brought them no certificate, longest waiting first."""
    pairing, seat = tables.pairings.c, tables.memberships.c
    person, held = tables.participants.c, tables.certificates.c
    rows = tx.session.execute(
        select(person.slack_user_id, func.max(pairing.ended_at))
        .join(
            tables.memberships,
            (seat.workspace_id == pairing.workspace_id) & (seat.pairing_id == pairing.pairing_id),
        )
        .join(
            tables.participants,
            (person.workspace_id == seat.workspace_id)
            & (person.participant_id == seat.participant_id),
        )
        .outerjoin(
            tables.certificates,
            (held.workspace_id == pairing.workspace_id)
            & (held.programme_id == pairing.programme_id)
            & (held.cycle_number == pairing.cycle_number)
            & (held.participant_id == seat.participant_id),
        )
        .where(
            pairing.workspace_id == tx.workspace_id,
            pairing.programme_id == programme_id,
            pairing.end_reason == EndReason.CLOSED,
            seat.role == Role.MENTOR,
            held.certificate_id.is_(None),
        )
        .group_by(person.slack_user_id, pairing.cycle_number)
        .order_by(func.max(pairing.ended_at), person.slack_user_id)
    )
    return [OwedRow(mentor, ended_at) for mentor, ended_at in rows]


def _answers(tx: Transaction, pairing_ids: list[str]) -> dict[str, list[CheckInAnswer]]:
    table = tables.check_ins.c
    found: dict[str, list[CheckInAnswer]] = defaultdict(list)
    for check_in in tx.session.scalars(
        select(CheckIn)
        .where(
            table.workspace_id == tx.workspace_id,
            table.pairing_id.in_(pairing_ids),
            table.answer.is_not(None),
        )
        .order_by(table.occurrence, table.answered_at)
    ):
        if check_in.answer is not None:
            found[check_in.pairing_id].append(check_in.answer)
    return found
