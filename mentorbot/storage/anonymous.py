"""Queries about questions without a name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from mentorbot.domain.anonymous import AnonymousQuestion, QuestionHearer, Relay
from mentorbot.domain.model import Participant, ParticipantState, Role
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_q, _relay, _hearer = tables.questions.c, tables.relays.c, tables.question_hearers.c
_t = tables.participants.c


def question(tx: Transaction, question_id: str) -> AnonymousQuestion | None:
    """A question by id."""
    return tx.get(AnonymousQuestion, question_id)


def count_since(tx: Transaction, participant_id: str, since: datetime) -> int:
    """How many questions somebody has asked from an instant on."""
    query = select(func.count()).where(
        _q.workspace_id == tx.workspace_id,
        _q.asked_by == participant_id,
        _q.asked_at >= since,
    )
    return tx.session.scalar(query) or 0


def relay(tx: Transaction, question_id: str, participant_id: str) -> Relay | None:
    """A question as it is before a mentor."""
    return tx.get(Relay, question_id, participant_id)


def relays(tx: Transaction, question_id: str) -> list[Relay]:
    """Before whom a question is, or was."""
    query = select(Relay).where(
        _relay.workspace_id == tx.workspace_id, _relay.question_id == question_id
    )
    return list(tx.session.scalars(query.order_by(_relay.participant_id)))


def hears(tx: Transaction, participant_id: str) -> bool:
    """Whether somebody answers questions."""
    return tx.get(QuestionHearer, participant_id) is not None


def hear(tx: Transaction, participant_id: str, now: datetime) -> None:
    """Let a mentor answer questions; again changes nothing."""
    if tx.get(QuestionHearer, participant_id) is None:
        tx.add(QuestionHearer(tx.workspace_id, participant_id, now))
        tx.session.flush()


def hear_no_more(tx: Transaction, participant_id: str) -> None:
    """Bring a mentor no more questions."""
    if (held := tx.get(QuestionHearer, participant_id)) is not None:
        tx.session.delete(held)
        tx.session.flush()


def hearers(tx: Transaction, programme_id: str) -> list[Participant]:
    """The mentors of a programme who answer questions."""
    query = select(_hearer.participant_id).where(_hearer.workspace_id == tx.workspace_id)
    of_programme = select(Participant).where(
        _t.workspace_id == tx.workspace_id,
        among(tx, _t.participant_id, list(tx.session.scalars(query))),
        _t.programme_id == programme_id,
        _t.role == Role.MENTOR,
        _t.state == ParticipantState.ACTIVE,
    )
    return list(tx.session.scalars(of_programme.order_by(_t.participant_id)))


def loads(tx: Transaction, participant_ids: Sequence[str]) -> dict[str, int]:
    """How many questions each of some mentors was given."""
    query = (
        select(_relay.participant_id, func.count())
        .where(_relay.workspace_id == tx.workspace_id, _relay.participant_id.in_(participant_ids))
        .group_by(_relay.participant_id)
    )
    return {row[0]: row[1] for row in tx.session.execute(query)}


def every(tx: Transaction) -> list[AnonymousQuestion]:
    """Every question of the workspace whose words are still there."""
    query = select(AnonymousQuestion).where(
        _q.workspace_id == tx.workspace_id, _q.sealed.is_not(None)
    )
    return list(tx.session.scalars(query))


def every_answer(tx: Transaction) -> list[Relay]:
    """Every answer of the workspace whose words are still there."""
    query = select(Relay).where(_relay.workspace_id == tx.workspace_id, _relay.sealed.is_not(None))
    return list(tx.session.scalars(query))
