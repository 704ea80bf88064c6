"""Queries about the keys that certificates are signed with."""

from sqlalchemy import select

from mentorbot.domain.issuing import IssuerKey
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.issuer_keys.c


def every(tx: Transaction) -> list[IssuerKey]:
    """Every key of the workspace, oldest first."""
    query = select(IssuerKey).where(_t.workspace_id == tx.workspace_id)
    return list(tx.session.scalars(query.order_by(_t.made_at, _t.key_id)))
