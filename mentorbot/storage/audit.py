"""Queries about the record of who did what."""

from datetime import datetime

from sqlalchemy import select

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction


def last_at(tx: Transaction, subject: str, action: str) -> datetime | None:
    """When something was last done about a subject."""
    table = tables.audit_entries.c
    return tx.session.scalar(
        select(table.at)
        .where(
            table.workspace_id == tx.workspace_id,
            table.subject == subject,
            table.action == action,
        )
        .order_by(table.at.desc())
        .limit(1)
    )
