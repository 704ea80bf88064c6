"""Second looks: sent messages of which another copy may have come to stand in Slack since."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text, update

from mentorbot.domain.messages import Message
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

AFTER = timedelta(minutes=1)
"""A process that stood still for longer, and died as soon as it had posted, leaves its copy."""
_t = tables.outbox.c
_IS_SENT = text("message.state = 'sent'")
"""Spelt out, since only so does a database use the index of what is to be looked for."""


def are_due(tx: Transaction, now: datetime) -> bool:
    """Whether there is a message to be looked for again."""
    return bool(due(tx, now, 1))


def due(tx: Transaction, now: datetime, most: int) -> Sequence[Message]:
    """The next sent messages to be looked for again, the longest due first."""
    mine = (_t.workspace_id == tx.workspace_id, _IS_SENT, _t.look_again_at <= now)
    query = select(Message).where(*mine).order_by(_t.look_again_at).limit(most)
    return tx.session.scalars(query).all()


def plan(tx: Transaction, message_id: str, at: datetime | None) -> None:
    """Have a message looked for at an instant, once it is sent; with None, no more."""
    this_one = (_t.workspace_id == tx.workspace_id, _t.message_id == message_id)
    tx.session.execute(update(tables.outbox).where(*this_one).values(look_again_at=at))
