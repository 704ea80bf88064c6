"""Queries about milestones: what the dates of a programme's file bring, each once."""

from sqlalchemy import delete, select

from mentorbot.domain.model import Milestone, MilestoneKind
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.milestones.c


def milestone(tx: Transaction, milestone_id: str) -> Milestone | None:
    """A milestone by id."""
    return tx.get(Milestone, milestone_id)


def pending(tx: Transaction, programme_id: str) -> list[Milestone]:
    """What is still to come, or under way, in a programme, the next first."""
    return list(
        tx.session.scalars(
            select(Milestone)
            .where(
                _t.workspace_id == tx.workspace_id,
                _t.done_at.is_(None),
                _t.programme_id == programme_id,
            )
            .order_by(_t.due_at, _t.milestone_id)
        )
    )


def last_done(tx: Transaction, programme_id: str, kind: MilestoneKind) -> Milestone | None:
    """The milestone of a kind that was done last; a programme has some dozens in all."""
    return tx.session.scalars(
        select(Milestone)
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == programme_id,
            _t.kind == kind,
            _t.done_at.is_not(None),
        )
        .order_by(_t.done_at.desc(), _t.milestone_id)
        .limit(1)
    ).first()


def forget(tx: Transaction, milestone_id: str) -> None:
    """Forget a milestone whose date is no longer in the file; it can be planned anew at once."""
    tx.session.execute(
        delete(Milestone).where(_t.workspace_id == tx.workspace_id, _t.milestone_id == milestone_id)
    )
