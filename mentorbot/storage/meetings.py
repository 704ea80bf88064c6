"""Queries about the meetings that pairs take down."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from mentorbot.domain.meetings import Meeting
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_t = tables.meetings.c


def meeting(tx: Transaction, meeting_id: str) -> Meeting | None:
    """A meeting by id."""
    return tx.get(Meeting, meeting_id)


def on_day(tx: Transaction, pairing_id: str, met_on: date) -> Meeting | None:
    """The meeting of a pairing on a day."""
    query = select(Meeting).where(
        _t.workspace_id == tx.workspace_id, _t.pairing_id == pairing_id, _t.met_on == met_on
    )
    return tx.session.scalars(query).first()


def of_pairings(tx: Transaction, pairing_ids: Sequence[str]) -> dict[str, list[Meeting]]:
    """The meetings of some pairings, oldest first; a pairing without any has an empty list."""
    query = (
        select(Meeting)
        .where(_t.workspace_id == tx.workspace_id, among(tx, _t.pairing_id, pairing_ids))
        .order_by(_t.pairing_id, _t.met_on)
    )
    found: dict[str, list[Meeting]] = {pairing_id: [] for pairing_id in pairing_ids}
    for each in tx.session.scalars(query):
        found[each.pairing_id].append(each)
    return found


def take_out(tx: Transaction, meeting: Meeting) -> None:
    """Delete a meeting that did not take place."""
    tx.session.delete(meeting)
    tx.session.flush()
