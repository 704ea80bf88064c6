"""Queries about lists of e-mail addresses that eligibility asks, such as a society's members."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_t = tables.listed_addresses.c


def add(tx: Transaction, programme_id: str, list_id: str, emails: Sequence[str]) -> int:
    """Put addresses, in small letters, on a list; returns how many are new on it."""
    rows = [{"programme_id": programme_id, "list_id": list_id, "email": it} for it in emails]
    return tx.add_new(tables.listed_addresses, rows)


def clear(tx: Transaction, programme_id: str, list_id: str) -> int:
    """Take every address off a list; returns how many there were."""
    done = tx.session.connection().execute(
        delete(tables.listed_addresses).where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == programme_id,
            _t.list_id == list_id,
        )
    )
    return done.rowcount


def count(tx: Transaction, programme_id: str, list_id: str) -> int:
    """How many addresses are on a list."""
    query = select(func.count()).where(
        _t.workspace_id == tx.workspace_id,
        _t.programme_id == programme_id,
        _t.list_id == list_id,
    )
    return tx.session.scalar(query) or 0


def on_lists(
    tx: Transaction, programme_id: str, list_ids: Collection[str], emails: Sequence[str]
) -> dict[str, set[str]]:
    """Which of a programme's lists each of some addresses is on; those on none are left out."""
    if not list_ids:
        return {}
    query = select(_t.email, _t.list_id).where(
        _t.workspace_id == tx.workspace_id,
        _t.programme_id == programme_id,
        _t.list_id.in_(sorted(list_ids)),
        among(tx, _t.email, emails),
    )
    found: dict[str, set[str]] = {}
    for email, list_id in tx.session.execute(query):
        found.setdefault(email, set()).add(list_id)
    return found
