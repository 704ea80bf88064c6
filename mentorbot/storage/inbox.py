"""Which payloads from Slack have had their effect already."""

from datetime import datetime

from sqlalchemy import delete, select

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.handled_payloads.c


def is_first(tx: Transaction, payload_key: str, now: datetime) -> bool:
    """Record a payload in the listener's own transaction; False when it was handled before."""
    known = tx.session.scalar(
        select(_t.payload_key).where(
            _t.workspace_id == tx.workspace_id, _t.payload_key == payload_key
        )
    )
    if known is None:
        tx.session.execute(
            tables.handled_payloads.insert().values(
                workspace_id=tx.workspace_id, payload_key=payload_key, handled_at=now
            )
        )
    return known is None


def forget_before(tx: Transaction, before: datetime) -> None:
    """Drop records that are too old for Slack to deliver again."""
    tx.session.execute(
        delete(tables.handled_payloads).where(
            _t.workspace_id == tx.workspace_id, _t.handled_at < before
        )
    )
