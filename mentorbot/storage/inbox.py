"""Which payloads from Slack have had their effect already."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.handled_payloads.c
_p = tables.people.c
_SENDER = (_p.workspace_id == bindparam("its_workspace"), _p.slack_user_id == bindparam("sender"))
_RECORD = {
    dialect: insert(tables.handled_payloads)
    .on_conflict_do_nothing()
    .returning(
        select(_p.name).where(*_SENDER).scalar_subquery().label("name"),
        select(_p.locale).where(*_SENDER).scalar_subquery().label("locale"),
    )
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
"""A repeated payload returns nothing; told at once, without looking first."""

_NEVER = "never"


@dataclass(frozen=True)
class Taken:
    """A payload's sender as far as every click asks; empty where they are not known yet."""

    name: str
    locale: str


def take(tx: Transaction, payload_key: str, sender: str, now: datetime) -> Taken | None:
    """Record a payload in the listener's own transaction; None when it was handled before."""
    connection = tx.session.connection()
    recorded = connection.execute(
        _RECORD[connection.dialect.name],
        {
            "workspace_id": tx.workspace_id,
            "payload_key": payload_key,
            "handled_at": now,
            "its_workspace": tx.workspace_id,
            "sender": sender,
        },
    ).first()
    return None if recorded is None else Taken(recorded.name or "", recorded.locale or "")


def try_out(tx: Transaction) -> None:
    """Record a payload that never was, and forget it in the same transaction."""
    take(tx, _NEVER, "", datetime.min.replace(tzinfo=UTC))
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
