"""Who has been seen in a programme's channel: a missed arrival is told from an old one by it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.channel_members.c
_TAKE_IN = {
    dialect: insert(tables.channel_members).on_conflict_do_nothing().returning(_t.slack_user_id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def take_in(
    tx: Transaction, channel_id: str, slack_user_ids: Sequence[str], now: datetime
) -> list[str]:
    """Note who is in a channel; returns those who had not been seen there before."""
    key = {"workspace_id": tx.workspace_id, "channel_id": channel_id, "seen_at": now}
    connection = tx.session.connection()
    statement = _TAKE_IN[connection.dialect.name]
    return [
        who
        for who in slack_user_ids
        if connection.execute(statement, {**key, "slack_user_id": who}).first() is not None
    ]


def is_looked_through(tx: Transaction, channel_id: str, bot_user_id: str) -> bool:
    """Whether a sweep has gone through a channel to its end; it says so in the bot's own row."""
    table = tables.channel_members
    key = (tx.workspace_id, channel_id, bot_user_id)
    found = table.select().where(
        *(column == part for column, part in zip(table.primary_key, key, strict=True))
    )
    return tx.session.execute(found).first() is not None
