"""Lanes: one process at a time sends in a workspace, because Slack counts its calls by workspace.

A lane is held under a lease, like a message. It also says whether the workspace is in recovery:
then its database may know less than Slack does, and every message is looked for before it is sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, select, update

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

RECOVERY = timedelta(hours=48)
"""How long everything is looked for after a restore; what time brought meanwhile is due by then."""
STILL_UNDER_WAY = timedelta(seconds=30)
"""How long nothing is sent after a restore: a call that was under way then has ended by now."""
LONGEST_LEASE = timedelta(minutes=10)
"""A lease that lasts longer was given by a clock that was ahead of ours."""
_NOBODY = "recovery"
_t = tables.lanes.c
_FIND = select(_t.holder, _t.lease_until_at, _t.recover_until_at, _t.recover_from_at).where(
    _t.workspace_id == bindparam("lane")
)
_CHANGE = update(tables.lanes).where(_t.workspace_id == bindparam("lane"))


@dataclass(frozen=True)
class Lane:
    """A lane in hand; `recover_from_at` is the instant after which Slack may know more than we."""

    recover_from_at: datetime | None = None


def hold(tx: Transaction, holder: str, now: datetime, lease_seconds: float) -> Lane | None:
    """Take the workspace's lane, or renew it; None while somebody else has it.

    A lease that was given by a clock ahead of ours lasts as long as one that is given now.
    """
    lease = {"holder": holder, "lease_until_at": now + timedelta(seconds=lease_seconds)}
    connection = tx.session.connection()
    found = connection.execute(_FIND, {"lane": tx.workspace_id}).first()
    if found is None:
        connection.execute(insert(tables.lanes).values(workspace_id=tx.workspace_id).values(lease))
        return Lane()
    if found.holder not in (None, holder) and found.lease_until_at > now:
        if found.lease_until_at > now + LONGEST_LEASE:
            until = {"lease_until_at": lease["lease_until_at"]}
            connection.execute(_CHANGE.values(until), {"lane": tx.workspace_id})
        return None
    connection.execute(_CHANGE.values(lease), {"lane": tx.workspace_id})
    is_recovering = found.recover_until_at is not None and found.recover_until_at > now
    return Lane(found.recover_from_at if is_recovering else None)


def give_back(tx: Transaction, holder: str) -> None:
    """Let go of the workspace's lane, for whoever comes next."""
    tx.session.connection().execute(
        _CHANGE.where(_t.holder == holder).values(holder=None, lease_until_at=None),
        {"lane": tx.workspace_id},
    )


def recover(tx: Transaction, now: datetime) -> None:
    """Have everything looked for in Slack before it is sent, for two days from now.

    Whoever held the lane has lost it, and nobody has it for half a minute: what was posted just
    before must stand in Slack before it is looked for.
    To be called where a database was restored, or taken over from a primary that was ahead of it.
    """
    message = tables.outbox.c
    last = tx.session.execute(
        select(func.max(message.created_at), func.max(message.settled_at)).where(
            message.workspace_id == tx.workspace_id
        )
    ).one()
    known_until = max((at for at in last if at is not None), default=now)
    since = {
        "recover_until_at": now + RECOVERY,
        "recover_from_at": min(known_until, now),
        "holder": _NOBODY,
        "lease_until_at": now + STILL_UNDER_WAY,
    }
    connection = tx.session.connection()
    if connection.execute(_FIND, {"lane": tx.workspace_id}).first() is None:
        connection.execute(insert(tables.lanes).values(workspace_id=tx.workspace_id))
    connection.execute(_CHANGE.values(since), {"lane": tx.workspace_id})
