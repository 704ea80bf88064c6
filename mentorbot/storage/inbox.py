"""Which payloads from Slack have had their effect already."""

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.handled_payloads.c
_RECORD = {
    dialect: insert(tables.handled_payloads).on_conflict_do_nothing().returning(_t.payload_key)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
"""A repeated payload returns nothing; told at once, without looking first."""

_NEVER = "never"


def is_first(tx: Transaction, payload_key: str, now: datetime) -> bool:
    """Record a payload in the listener's own transaction; False when it was handled before."""
    connection = tx.session.connection()
    recorded = connection.execute(
        _RECORD[connection.dialect.name],
        {"workspace_id": tx.workspace_id, "payload_key": payload_key, "handled_at": now},
    )
    return recorded.first() is not None


def try_out(tx: Transaction) -> None:
    """Record a payload that never was, and forget it in the same transaction."""
    is_first(tx, _NEVER, datetime.min.replace(tzinfo=UTC))
    tx.session.execute(
        delete(tables.handled_payloads).where(
            _t.workspace_id == tx.workspace_id, _t.payload_key == _NEVER
        )
    )


def forget_before(tx: Transaction, before: datetime) -> None:
    """Drop records that are too old for Slack to deliver again."""
    tx.session.execute(
        delete(tables.handled_payloads).where(
            _t.workspace_id == tx.workspace_id, _t.handled_at < before
        )
    )
