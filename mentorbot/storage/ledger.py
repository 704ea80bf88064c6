"""The outbox as an operator sees it: what waits, what failed and why; never what is said.

Rows are read column by column and without their contents, so that one that is spoilt is shown too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, Text, cast, func, select, type_coerce, update

from mentorbot.domain.messages import Attempt, MessageState
from mentorbot.domain.model import AuditEntry
from mentorbot.storage import tables
from mentorbot.storage.outbox import spelt_out
from mentorbot.storage.store import Transaction

NOT_SETTLED_WELL = (
    MessageState.PENDING,
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.DEAD,
)
NEVER_SENT = (MessageState.EXPIRED, MessageState.CANCELLED)
_t = tables.outbox.c
_kind, _state = type_coerce(_t.kind, String), type_coerce(_t.state, String)
_recipients = cast(_t.recipients, Text)


@dataclass(frozen=True)
class Entry:
    """One message without what it says; `recipients` is a JSON list of Slack ids."""

    workspace_id: str
    message_id: str
    kind: str
    state: str
    recipients: str
    programme_id: str
    pairing_id: str | None
    created_at: datetime
    not_before_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    lease_until_at: datetime | None
    intent_at: datetime | None
    slack_ts: str | None
    attempt_count: int
    last_error: str | None

    @property
    def may_be_in_slack(self) -> bool:
        """Whether Slack has the message, or may have it."""
        return self.state == MessageState.SENT or self.intent_at is not None

    def is_claimed(self, now: datetime) -> bool:
        """Whether a sender has it in hand."""
        return self.lease_until_at is not None and self.lease_until_at > now


_COLUMNS = (
    _t.workspace_id,
    _t.message_id,
    _kind,
    _state,
    _recipients,
    _t.programme_id,
    _t.pairing_id,
    _t.created_at,
    _t.not_before_at,
    _t.expires_at,
    _t.settled_at,
    _t.lease_until_at,
    _t.intent_at,
    _t.slack_ts,
    _t.attempt_count,
    _t.last_error,
)


def entries(
    tx: Transaction, states: Sequence[MessageState], recipient: str | None, most: int
) -> list[Entry]:
    """The newest messages in some states, by when they are due, at most `most`."""
    wanted: list[ColumnElement[bool]] = [_state.in_([str(state) for state in states])]
    if recipient is not None:
        wanted.append(_recipients.like(f'%"{recipient}"%'))
    query = (
        select(*_COLUMNS)
        .where(_t.workspace_id == tx.workspace_id, *wanted)
        .order_by(_t.not_before_at.desc(), _t.message_id)
        .limit(most)
    )
    return [Entry(*row) for row in tx.session.execute(query)]


def never_sent(tx: Transaction) -> dict[MessageState, int]:
    """How many messages came too late, and how many were taken back, by state."""
    found = tx.session.execute(
        select(_t.state, func.count())
        .where(_t.workspace_id == tx.workspace_id, _t.state.in_(spelt_out(NEVER_SENT)))
        .group_by(_t.state)
    )
    return {row[0]: row[1] for row in found}


def entry(tx: Transaction, message_id: str) -> Entry | None:
    """A message by id."""
    query = select(*_COLUMNS).where(_t.workspace_id == tx.workspace_id, _t.message_id == message_id)
    row = tx.session.execute(query).first()
    return Entry(*row) if row else None


def attempts(tx: Transaction, message_id: str) -> list[Attempt]:
    """Every try at a message, in order."""
    attempt = tables.attempts.c
    return list(
        tx.session.scalars(
            select(Attempt)
            .where(attempt.workspace_id == tx.workspace_id, attempt.message_id == message_id)
            .order_by(attempt.number)
        )
    )


def by_hand(tx: Transaction, message_id: str) -> list[AuditEntry]:
    """What operators have done to a message, in order."""
    audit = tables.audit_entries.c
    return list(
        tx.session.scalars(
            select(AuditEntry)
            .where(audit.workspace_id == tx.workspace_id, audit.subject == message_id)
            .order_by(audit.at, audit.entry_id)
        )
    )


def change(tx: Transaction, message_id: str, **values: object) -> None:
    """Change a message's columns, without reading the row."""
    mine = (_t.workspace_id == tx.workspace_id, _t.message_id == message_id)
    tx.session.execute(update(tables.outbox).where(*mine).values(values))
