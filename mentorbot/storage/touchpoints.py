"""Pairings whose touchpoints are due: read with all that they depend on, and advanced, in bulk."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select, update

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.model import ParticipantState, Role
from mentorbot.domain.steps import SILENT_AFTER, Reader, Schedule
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_p = tables.pairings.c
_m = tables.memberships.c
_t = tables.participants.c
_c = tables.check_ins.c


class Step(NamedTuple):
    """Where a pairing stands in its plan, and when it is due there."""

    pairing_id: str
    next_step: int
    next_due_at: datetime | None


def due(tx: Transaction, pairing_ids: Sequence[str], now: datetime) -> list[Schedule]:
    """Those of some pairings that are still due, most overdue first; one that is over has no step.

    None is read twice: another replica that was faster has advanced them.
    """
    rows = tx.session.execute(
        select(
            _p.pairing_id,
            _p.programme_id,
            _p.cycle_number,
            _p.starts_on,
            _p.ends_on,
            _p.next_step,
            _p.next_due_at,
            _p.ended_at,
        )
        .where(
            _p.workspace_id == tx.workspace_id,
            among(tx, _p.pairing_id, pairing_ids),
            _p.next_due_at <= now,
        )
        .order_by(_p.next_due_at, _p.pairing_id)
    ).all()
    readers = _readers(tx, [row.pairing_id for row in rows])
    return [
        Schedule(
            pairing_id=pairing_id,
            programme_id=programme_id,
            cycle_number=number,
            starts_on=starts_on,
            ends_on=ends_on,
            next_step=step,
            next_due_at=due_at if ended_at is None else None,
            readers=readers[pairing_id],
        )
        for pairing_id, programme_id, number, starts_on, ends_on, step, due_at, ended_at in rows
    ]


def _readers(tx: Transaction, pairing_ids: Sequence[str]) -> dict[str, list[Reader]]:
    """The readers of each pairing, mentor first."""
    person, choice, feedback = tables.people.c, tables.choices.c, tables.feedbacks.c
    rows = tx.session.execute(
        select(
            _m.pairing_id,
            _m.participant_id,
            _m.role,
            _t.slack_user_id,
            _t.state,
            _t.stage,
            person.time_zone,
            choice.chosen_at.is_not(None),
            feedback.given_at.is_not(None),
        )
        .join(
            tables.pairings,
            and_(_p.workspace_id == _m.workspace_id, _p.pairing_id == _m.pairing_id),
        )
        .join(
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
        .where(_m.workspace_id == tx.workspace_id, among(tx, _m.pairing_id, pairing_ids))
        .order_by(_m.role.desc(), _m.participant_id)
    ).all()
    unanswered = _unanswered(tx, pairing_ids)
    erased = {row.pairing_id for row in rows if is_stand_in(row.slack_user_id)}
    found = defaultdict(list)
    for pairing_id, who, role, user, state, stage, zone, has_chosen, has_given in rows:
        owes = role is Role.MENTEE and not has_given and pairing_id not in erased
        found[pairing_id].append(
            Reader(
                participant_id=who,
                slack_user_id=user,
                is_active=state is ParticipantState.ACTIVE,
                time_zone=zone or "UTC",
                unanswered=unanswered[pairing_id, who],
                owes_feedback=owes,
                has_chosen=bool(has_chosen),
                stage=stage,
            )
        )
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
    """Store where some pairings stand in their plans now; those that stand alike, at once."""
    alike: dict[tuple[int, datetime | None], list[str]] = defaultdict(list)
    for pairing_id, next_step, next_due_at in steps:
        alike[next_step, next_due_at].append(pairing_id)
    for (step, due_at), pairing_ids in alike.items():
        mine = (_p.workspace_id == tx.workspace_id, among(tx, _p.pairing_id, pairing_ids))
        changes = {"next_step": step, "next_due_at": due_at}
        tx.session.connection().execute(update(tables.pairings).where(*mine).values(changes))


def ask(tx: Transaction, questions: Sequence[dict[str, Any]]) -> None:
    """Store new check-ins, as columns."""
    tx.add_new(tables.check_ins, questions)
