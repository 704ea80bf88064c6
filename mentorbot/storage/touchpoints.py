"""Pairings whose touchpoints are due: read with all that they depend on, and advanced, in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.model import ParticipantState, Role
from mentorbot.domain.pace import amendments_of
from mentorbot.domain.steps import SILENT_AFTER, Reader, Schedule
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_p = tables.pairings.c
_m = tables.memberships.c
_t = tables.participants.c
_c = tables.check_ins.c

_OF_PAIRING, _OF_MEMBER = itemgetter(slice(9)), itemgetter(slice(9, None))
_ADVANCE = (
    "UPDATE {table} SET next_step = given.next_step, next_due_at = given.next_due_at FROM {given}"
    " WHERE {table}.workspace_id = :workspace AND {table}.pairing_id = given.pairing_id"
)


class Step(NamedTuple):
    """Where a pairing stands in its plan, and when it is due there."""

    pairing_id: str
    next_step: int
    next_due_at: datetime | None


def due(tx: Transaction, pairing_ids: Sequence[str], now: datetime) -> list[Schedule]:
    """Those of some pairings that are still due, most overdue first; one that is over has no step.

    None is read twice: another replica that was faster has advanced them.
    """
    rows = tx.session.execute(_due(tx, pairing_ids, now)).all()
    unanswered = _unanswered(tx, pairing_ids)
    found = []
    for pairing, members in groupby(rows, _OF_PAIRING):
        pairing_id, programme_id, number, starts_on, ends_on, step, due_at, is_over, changed = (
            pairing
        )
        found.append(
            Schedule(
                pairing_id=pairing_id,
                programme_id=programme_id,
                cycle_number=number,
                starts_on=starts_on,
                ends_on=ends_on,
                next_step=step,
                next_due_at=None if is_over else due_at,
                readers=_readers(map(_OF_MEMBER, members), unanswered, pairing_id),
                amendments=amendments_of(changed) if changed else (),
            )
        )
    return found


def _due(tx: Transaction, pairing_ids: Sequence[str], now: datetime) -> Select[Any]:
    """Columns of a pairing, then of a member: a row for each member, a pair's mentor first."""
    person, choice, feedback = tables.people.c, tables.choices.c, tables.feedbacks.c
    return (
        select(
            _p.pairing_id,
            _p.programme_id,
            _p.cycle_number,
            _p.starts_on,
            _p.ends_on,
            _p.next_step,
            _p.next_due_at,
            _p.ended_at.is_not(None),
            _p.amendments,
            _m.participant_id,
            _m.role == Role.MENTEE,
            _t.slack_user_id,
            _t.state == ParticipantState.ACTIVE,
            _t.stage,
            person.time_zone,
            choice.chosen_at.is_not(None),
            feedback.given_at.is_not(None),
        )
        .outerjoin(
            tables.memberships,
            and_(_m.workspace_id == _p.workspace_id, _m.pairing_id == _p.pairing_id),
        )
        .outerjoin(
            tables.participants,
            and_(_t.workspace_id == _m.workspace_id, _t.participant_id == _m.participant_id),
        )
        .outerjoin(
            tables.people,
            and_(person.workspace_id == _t.workspace_id, person.slack_user_id == _t.slack_user_id),
        )
        .outerjoin(
            tables.choices,
            and_(
                choice.workspace_id == _m.workspace_id,
                choice.programme_id == _p.programme_id,
                choice.cycle_number == _p.cycle_number,
                choice.participant_id == _m.participant_id,
            ),
        )
        .outerjoin(
            tables.feedbacks,
            and_(
                feedback.workspace_id == _m.workspace_id,
                feedback.pairing_id == _m.pairing_id,
                feedback.from_participant_id == _m.participant_id,
            ),
        )
        .where(
            _p.workspace_id == tx.workspace_id,
            among(tx, _p.pairing_id, pairing_ids),
            _p.next_due_at <= now,
        )
        .order_by(_p.next_due_at, _p.pairing_id, _m.role.desc(), _m.participant_id)
    )


def _readers(
    members: Iterable[Any], unanswered: Mapping[tuple[str, str], int], pairing_id: str
) -> list[Reader]:
    found = [
        Reader(
            participant_id=who,
            slack_user_id=user,
            is_active=is_active,
            time_zone=zone or "UTC",
            unanswered=unanswered.get((pairing_id, who), 0),
            owes_feedback=is_mentee and not has_given,
            has_chosen=has_chosen,
            stage=stage,
        )
        for who, is_mentee, user, is_active, stage, zone, has_chosen, has_given in members
        if who is not None
    ]
    if any(is_stand_in(mentor.slack_user_id) for mentor in found[:1]):
        return [reader._replace(owes_feedback=False) for reader in found]
    return found


def _unanswered(tx: Transaction, pairing_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many of each reader's last check-ins, in a row, have no answer."""
    each = (_c.pairing_id, _c.participant_id)
    back = func.row_number().over(partition_by=each, order_by=_c.occurrence.desc())
    asked = (
        select(*each, _c.answer, back.label("back"))
        .where(_c.workspace_id == tx.workspace_id, among(tx, _c.pairing_id, pairing_ids))
        .subquery()
    )
    latest = select(asked).where(asked.c.back <= SILENT_AFTER).order_by(asked.c.back)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in tx.session.execute(latest):
        who = (row.pairing_id, row.participant_id)
        if row.answer is None and found[who] == row.back - 1:
            found[who] += 1
    return found


def advance(tx: Transaction, steps: Sequence[Step]) -> None:
    """Store where some pairings stand in their plans now."""
    tx.of_each(tables.pairings, _ADVANCE, [step._asdict() for step in steps])


def ask(tx: Transaction, questions: Sequence[dict[str, Any]]) -> None:
    """Store new check-ins, as columns."""
    tx.add_new(tables.check_ins, questions)
