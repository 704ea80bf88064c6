"""Who has been seen in a programme's channel: a missed arrival is told from an old one by it."""

from collections.abc import Sequence
from datetime import datetime

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_TAKE_IN = (
    "INSERT INTO {table} ({columns}) SELECT {columns} FROM {given} WHERE true"
    " ON CONFLICT DO NOTHING RETURNING slack_user_id"
)


def take_in(
    tx: Transaction, channel_id: str, slack_user_ids: Sequence[str], now: datetime
) -> list[str]:
    """Note who is in a channel; returns those who had not been seen there before."""
    each = list(dict.fromkeys(slack_user_ids))
    rows = [{"channel_id": channel_id, "slack_user_id": who, "seen_at": now} for who in each]
    added = tx.of_each(tables.channel_members, _TAKE_IN, rows)
    new = set(added.scalars()) if added else set()
    return [who for who in each if who in new]


def is_looked_through(tx: Transaction, channel_id: str, bot_user_id: str) -> bool:
    """Whether a sweep has gone through a channel to its end; it says so in the bot's own row."""
    table = tables.channel_members
    key = (tx.workspace_id, channel_id, bot_user_id)
    found = table.select().where(
        *(column == part for column, part in zip(table.primary_key, key, strict=True))
    )
    return tx.session.execute(found).first() is not None
