"""Queries about the private addresses of calendars."""

from sqlalchemy import delete, select

from mentorbot.domain.dates import Feed, digest_of
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.feeds.c


def by_token(tx: Transaction, token: str) -> Feed | None:
    """Whose calendar a secret opens; None for one that is unknown or was taken back."""
    return tx.get(Feed, digest_of(token))


def has_one(tx: Transaction, slack_user_id: str) -> bool:
    """Whether somebody's calendar has an address."""
    query = select(_t.digest).where(
        _t.workspace_id == tx.workspace_id, _t.slack_user_id == slack_user_id
    )
    return tx.session.scalar(query.limit(1)) is not None


def forget(tx: Transaction, slack_user_id: str) -> None:
    """Take back the address of somebody's calendar."""
    tx.session.execute(
        delete(Feed).where(_t.workspace_id == tx.workspace_id, _t.slack_user_id == slack_user_id)
    )
