"""The database is the schedule: what comes next, and putting off what failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
    update,
)

from mentorbot.domain.messages import MessageState
from mentorbot.domain.model import ParticipantState
from mentorbot.storage import tables
from mentorbot.storage.outbox import spelt_out
from mentorbot.storage.store import Transaction

_DUE_AT = {
    "pairing": tables.pairings.c.next_due_at,
    "cycle": tables.cycles.c.ends_at,
    "pause": tables.participants.c.paused_until_at,
    "milestone": tables.milestones.c.due_at,
    "stage": tables.participants.c.stage_ends_at,
    "draw": tables.draws.c.next_due_at,
    "sealed": tables.sealed_answers.c.erase_at,
}


Found = tuple[str, tuple[str | int, ...]]
"""Something that is due: a kind, and its key within the workspace."""


def _due(
    kind: str, key: Column[str], number: ColumnElement[int], *where: ColumnElement[bool]
) -> Select[str, str, int]:
    at, word = _DUE_AT[kind], literal_column(f"'{kind}'", String)
    first: Select[str, str, int] = (
        select(word.label("kind"), key.label("name"), number.label("number"))
        .where(
            at.table.c.workspace_id == bindparam("workspace_id"),
            at <= bindparam("now", type_=at.type),
            *where,
        )
        .order_by(at, key)
        .limit(bindparam(f"most_{kind}"))
    )
    return select(first.subquery())


_NO_NUMBER: ColumnElement[int] = literal_column("-1", Integer)
_DUE = union_all(
    _due(
        "pause",
        tables.participants.c.participant_id,
        _NO_NUMBER,
        tables.participants.c.state == ParticipantState.PAUSED,
    ),
    _due("pairing", tables.pairings.c.pairing_id, _NO_NUMBER),
    _due(
        "cycle",
        tables.cycles.c.programme_id,
        tables.cycles.c.number,
        tables.cycles.c.closed_at.is_(None),
    ),
    _due(
        "cycle",
        tables.cycles.c.programme_id,
        tables.cycles.c.number,
        tables.cycles.c.closing_stage.is_not(None),
    ),
    _due(
        "milestone",
        tables.milestones.c.milestone_id,
        _NO_NUMBER,
        tables.milestones.c.done_at.is_(None),
    ),
    _due("stage", tables.participants.c.participant_id, _NO_NUMBER),
    _due("draw", tables.draws.c.draw_id, _NO_NUMBER),
    _due("sealed", tables.sealed_answers.c.sealed_id, _NO_NUMBER),
)
"""One statement for the question of every beat; each part goes through an index of its own."""


def due(tx: Transaction, now: datetime, most: Mapping[str, int]) -> list[Found]:
    """What is due by its key, most overdue first, at most so many of each kind.

    The rows themselves are not read: one that is spoilt stops nothing.
    """
    limits = {f"most_{kind}": many for kind, many in most.items()}
    given = {"workspace_id": tx.workspace_id, "now": now, **limits}
    rows = tx.session.connection().execute(_DUE, given)
    return [(kind, (name,) if number < 0 else (name, number)) for kind, name, number in rows]


@dataclass(frozen=True)
class Coming:
    """The next thing of a workspace: a pairing's step, a cycle's or a pause's end, a message…"""

    at: datetime
    kind: str
    key: str


def coming(tx: Transaction) -> Coming | None:
    """The next thing that happens in a workspace; None when nothing is to come."""
    pairing, cycle, participant, message = (
        tables.pairings.c,
        tables.cycles.c,
        tables.participants.c,
        tables.outbox.c,
    )
    draw, sealed = tables.draws.c, tables.sealed_answers.c
    milestone = tables.milestones.c
    mine = tx.workspace_id
    found = [
        _first(
            tx, "pairing", pairing.next_due_at, pairing.pairing_id, pairing.workspace_id == mine
        ),
        _first(
            tx,
            "cycle",
            cycle.ends_at,
            cycle.programme_id,
            and_(cycle.workspace_id == mine, cycle.closed_at.is_(None)),
        ),
        _first(
            tx,
            "cycle",
            cycle.ends_at,
            cycle.programme_id,
            and_(cycle.workspace_id == mine, cycle.closing_stage.is_not(None)),
        ),
        _first(
            tx,
            "pause",
            participant.paused_until_at,
            participant.participant_id,
            participant.workspace_id == mine,
        ),
        _first(
            tx,
            "milestone",
            milestone.due_at,
            milestone.milestone_id,
            and_(milestone.workspace_id == mine, milestone.done_at.is_(None)),
        ),
        _first(
            tx,
            "stage",
            participant.stage_ends_at,
            participant.participant_id,
            participant.workspace_id == mine,
        ),
        _first(tx, "draw", draw.next_due_at, draw.draw_id, draw.workspace_id == mine),
        _first(tx, "sealed", sealed.erase_at, sealed.sealed_id, sealed.workspace_id == mine),
        _first(
            tx,
            "message",
            message.not_before_at,
            message.message_id,
            and_(
                message.workspace_id == mine,
                message.state.in_(spelt_out((MessageState.PENDING, MessageState.SENDING))),
            ),
        ),
    ]
    return min((one for one in found if one is not None), key=lambda one: one.at, default=None)


def _first(
    tx: Transaction,
    kind: str,
    at: Column[datetime],
    key: Column[str],
    where: ColumnElement[bool],
) -> Coming | None:
    row = tx.session.execute(
        select(at, key).where(where, at.is_not(None)).order_by(at).limit(1)
    ).first()
    return Coming(row[0], kind, row[1]) if row else None


def next_at(tx: Transaction) -> datetime | None:
    """The instant of the next thing in a workspace."""
    found = coming(tx)
    return found.at if found else None


def postpone(tx: Transaction, kind: str, key: tuple[str | int, ...], until: datetime) -> None:
    """Put off something that is due, without reading the row."""
    due_at = _DUE_AT[kind]
    columns = due_at.table.primary_key.columns
    mine = (column == value for column, value in zip(columns, (tx.workspace_id, *key), strict=True))
    tx.session.execute(update(due_at.table).where(*mine).values({due_at.name: until}))


def sent_count(tx: Transaction) -> int:
    """How many messages a workspace has been sent."""
    message = tables.outbox.c
    found = tx.session.scalar(
        select(func.count()).where(
            message.workspace_id == tx.workspace_id, message.state == MessageState.SENT
        )
    )
    return found or 0
