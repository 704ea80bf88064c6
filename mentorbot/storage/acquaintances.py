"""Queries about introductions by a mentor, and about who came by whom."""

from sqlalchemy import func, select

from mentorbot.domain.acquaintances import Acquaintance, AcquaintanceState, CameBy, Recommendation
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_a, _code, _came = tables.acquaintances.c, tables.recommendations.c, tables.came_by.c


def acquaintance(tx: Transaction, acquaintance_id: str) -> Acquaintance | None:
    """An introduction by id."""
    return tx.get(Acquaintance, acquaintance_id)


def open_of_mentor(tx: Transaction, participant_id: str) -> list[Acquaintance]:
    """The introductions of a mentor that still wait for somebody."""
    query = select(Acquaintance).where(
        _a.workspace_id == tx.workspace_id,
        _a.mentor_id == participant_id,
        _a.state.in_((AcquaintanceState.ASKED_MENTEE, AcquaintanceState.ASKED_OTHER)),
    )
    return list(tx.session.scalars(query.order_by(_a.asked_at)))


def recommendation(tx: Transaction, code: str) -> Recommendation | None:
    """Whose code it is."""
    return tx.get(Recommendation, code)


def recommendation_of(tx: Transaction, participant_id: str) -> Recommendation | None:
    """The code that somebody has."""
    query = select(Recommendation).where(
        _code.workspace_id == tx.workspace_id, _code.participant_id == participant_id
    )
    return tx.session.scalars(query.limit(1)).first()


def came_by(tx: Transaction, programme_id: str, slack_user_id: str) -> CameBy | None:
    """By whom somebody came to a programme."""
    return tx.get(CameBy, programme_id, slack_user_id)


def counts(tx: Transaction, programme_id: str) -> list[tuple[str, int, int]]:
    """By whom people came: a participant, how many came by them, and how many of these joined."""
    query = (
        select(_came.participant_id, func.count(), func.count(_came.joined_at))
        .where(_came.workspace_id == tx.workspace_id, _came.programme_id == programme_id)
        .group_by(_came.participant_id)
        .order_by(func.count().desc(), _came.participant_id)
    )
    return [(row[0], row[1], row[2]) for row in tx.session.execute(query)]
