"""Queries about pairs that one of them ended, and about people who are kept apart."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from mentorbot.domain.partings import KeptApart, Parting
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_apart, _parting = tables.kept_apart.c, tables.partings.c


def parting(tx: Transaction, pairing_id: str) -> Parting | None:
    """Who ended a pairing before its time."""
    return tx.get(Parting, pairing_id)


def every(tx: Transaction) -> list[Parting]:
    """Every parting of the workspace whose reason is sealed."""
    query = select(Parting).where(
        _parting.workspace_id == tx.workspace_id, _parting.sealed.is_not(None)
    )
    return list(tx.session.scalars(query))


def keep_apart(tx: Transaction, someone: str, others: Collection[str], now: datetime) -> None:
    """Never match a person with some others again, by Slack id; again changes nothing."""
    for whom in others:
        one, other = sorted((someone, whom))
        if one != other and tx.get(KeptApart, one, other) is None:
            tx.add(KeptApart(tx.workspace_id, one, other, now))
    tx.session.flush()


def apart_from(tx: Transaction, slack_user_id: str) -> frozenset[str]:
    """The Slack ids of those with whom somebody is not matched."""
    query = select(_apart.one, _apart.other).where(
        _apart.workspace_id == tx.workspace_id,
        or_(_apart.one == slack_user_id, _apart.other == slack_user_id),
    )
    found = {who for row in tx.session.execute(query) for who in row}
    return frozenset(found - {slack_user_id})


def apart_among(tx: Transaction, slack_user_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Every two who are kept apart, one or both of them among some people, both ways round."""
    query = select(_apart.one, _apart.other).where(
        _apart.workspace_id == tx.workspace_id,
        or_(among(tx, _apart.one, slack_user_ids), among(tx, _apart.other, slack_user_ids)),
    )
    rows = tx.session.execute(query).all()
    return {pair for one, other in rows for pair in ((one, other), (other, one))}
