"""Queries about goals and actions; their words stay sealed here."""

from collections.abc import Sequence

from sqlalchemy import select

from mentorbot.domain.goals import Goal
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.goals.c


def goal(tx: Transaction, goal_id: str) -> Goal | None:
    """A goal or an action by id."""
    return tx.get(Goal, goal_id)


def of_participants(tx: Transaction, participant_ids: Sequence[str]) -> list[Goal]:
    """What some participants have written down, oldest first."""
    query = (
        select(Goal)
        .where(_t.workspace_id == tx.workspace_id, _t.participant_id.in_(participant_ids))
        .order_by(_t.made_at, _t.goal_id)
    )
    return list(tx.session.scalars(query))


def every(tx: Transaction) -> list[Goal]:
    """Everything that anybody has written down, for a new key."""
    return list(tx.session.scalars(select(Goal).where(_t.workspace_id == tx.workspace_id)))


def take_out(tx: Transaction, goal: Goal) -> None:
    """Delete a goal or an action."""
    tx.session.delete(goal)
    tx.session.flush()
