"""Queries about the agreements of pairs."""

from collections.abc import Sequence

from sqlalchemy import select

from mentorbot.domain.agreements import Agreement
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_t = tables.agreements.c


def agreement(tx: Transaction, pairing_id: str) -> Agreement | None:
    """A pairing's agreement."""
    return tx.get(Agreement, pairing_id)


def of_pairings(tx: Transaction, pairing_ids: Sequence[str]) -> dict[str, Agreement]:
    """The agreements of some pairings, by pairing; those without are left out."""
    query = select(Agreement).where(
        _t.workspace_id == tx.workspace_id, among(tx, _t.pairing_id, pairing_ids)
    )
    return {it.pairing_id: it for it in tx.session.scalars(query)}


def every(tx: Transaction) -> list[Agreement]:
    """Every agreement of the workspace."""
    return list(tx.session.scalars(select(Agreement).where(_t.workspace_id == tx.workspace_id)))
