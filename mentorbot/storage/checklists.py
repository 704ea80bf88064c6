"""Queries about what mentees have ticked on their checklists."""

from collections.abc import Sequence

from sqlalchemy import select

from mentorbot.domain.checklists import Ticked
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_t = tables.checklists.c


def ticked(tx: Transaction, participant_id: str, checklist_id: str) -> Ticked | None:
    """What somebody has ticked on a checklist."""
    return tx.get(Ticked, participant_id, checklist_id)


def of_participants(tx: Transaction, participant_ids: Sequence[str]) -> list[Ticked]:
    """What some mentees have ticked on all their checklists."""
    query = select(Ticked).where(
        _t.workspace_id == tx.workspace_id, among(tx, _t.participant_id, participant_ids)
    )
    return list(tx.session.scalars(query.order_by(_t.participant_id, _t.checklist_id)))
