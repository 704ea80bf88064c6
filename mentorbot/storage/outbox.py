"""The outbox: messages are written with their cause; `sending` claims and settles them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Text, bindparam, cast, func, or_, select

from mentorbot.domain.messages import (
    OPENS_A_GROUP,
    Message,
    MessageKind,
    MessageState,
    ends_with_pairing,
)
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.outbox.c


@dataclass(frozen=True)
class Queue:
    """How many messages are in a state, and how far past its time the oldest of them is."""

    state: MessageState
    count: int
    oldest_seconds: float


def queues(tx: Transaction, now: datetime) -> list[Queue]:
    """What is not settled, or not well, by state."""
    waiting = (MessageState.PENDING, MessageState.SENDING)
    stuck = (MessageState.UNKNOWN, MessageState.DEAD)
    return [
        Queue(state, count, max((now - oldest).total_seconds(), 0.0))
        for states in (waiting, stuck)
        for state, count, oldest in tx.session.execute(
            select(_t.state, func.count(), func.min(_t.not_before_at))
            .where(_t.workspace_id == tx.workspace_id, _t.state.in_(spelt_out(states)))
            .group_by(_t.state)
        )
    ]


def given_up(tx: Transaction, since: datetime) -> dict[MessageState, int]:
    """How many messages ended badly since an instant, by state."""
    stuck = (MessageState.UNKNOWN, MessageState.DEAD)
    found = tx.session.execute(
        select(_t.state, func.count())
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.state.in_(spelt_out(stuck)),
            _t.settled_at >= since,
        )
        .group_by(_t.state)
    )
    return {state: int(count) for state, count in found}


def overdue(tx: Transaction, before: datetime) -> int:
    """How many messages should have gone out before an instant."""
    waiting = (MessageState.PENDING, MessageState.SENDING)
    found = tx.session.scalar(
        select(func.count()).where(
            _t.workspace_id == tx.workspace_id,
            _t.state.in_(spelt_out(waiting)),
            _t.not_before_at < before,
        )
    )
    return found or 0


def held_up(tx: Transaction, reason: str) -> int:
    """How many messages wait that were last held up for a reason."""
    found = tx.session.scalar(
        select(func.count()).where(
            _t.workspace_id == tx.workspace_id,
            _t.state.in_(spelt_out((MessageState.PENDING, MessageState.SENDING))),
            _t.last_error == reason,
        )
    )
    return found or 0


def spelt_out(states: tuple[MessageState, ...]) -> BindParameter[MessageState]:
    """States as words of the statement: only so does a database use a partial index for them."""
    return bindparam("states", states, expanding=True, literal_execute=True)


def put(tx: Transaction, messages: Sequence[Mapping[str, Any]]) -> None:
    """Store new messages, as columns; one whose dedupe key is there already is left out."""
    tx.add_new(tables.outbox, messages)


def by_key(tx: Transaction, dedupe_key: str) -> Message | None:
    """The message with a dedupe key."""
    return tx.session.scalars(
        select(Message).where(_t.workspace_id == tx.workspace_id, _t.dedupe_key == dedupe_key)
    ).first()


def states(tx: Transaction, pairing_id: str, kind: MessageKind) -> set[MessageState]:
    """How messages of a kind about a pairing stand; empty where there are none."""
    mine = (_t.workspace_id == tx.workspace_id, _t.pairing_id == pairing_id, _t.kind == kind)
    return set(tx.session.scalars(select(_t.state).where(*mine)))


def waiting_of(tx: Transaction, programme_id: str, kind: MessageKind) -> list[Message]:
    """What of a kind is still to be said in a programme."""
    return list(
        tx.session.scalars(
            select(Message).where(
                _t.workspace_id == tx.workspace_id,
                _t.state.in_(spelt_out((MessageState.PENDING, MessageState.SENDING))),
                _t.state == MessageState.PENDING,
                _t.programme_id == programme_id,
                _t.kind == kind,
            )
        )
    )


def message(tx: Transaction, message_id: str) -> Message | None:
    """A message by id."""
    return tx.get(Message, message_id)


def cancel_for_pairing(tx: Transaction, pairing_id: str, now: datetime) -> None:
    """Cancel what has not been said about a pairing that is over (`intent_at` unset)."""
    pending = tx.session.scalars(
        select(Message).where(
            _t.workspace_id == tx.workspace_id,
            _t.pairing_id == pairing_id,
            _t.state == MessageState.PENDING,
        )
    )
    for found in pending:
        if ends_with_pairing(found.kind):
            found.state, found.settled_at = MessageState.CANCELLED, now


def cancel_kinds(
    tx: Transaction, pairing_id: str, kinds: Collection[MessageKind], now: datetime
) -> None:
    """Cancel what of some kinds has not been said in a pairing (`intent_at` unset)."""
    pending = tx.session.scalars(
        select(Message).where(
            _t.workspace_id == tx.workspace_id,
            _t.pairing_id == pairing_id,
            _t.state == MessageState.PENDING,
        )
    )
    for found in pending:
        if found.kind in kinds:
            found.state, found.settled_at = MessageState.CANCELLED, now


def leave_out(tx: Transaction, pairing_id: str, slack_user_id: str, now: datetime) -> None:
    """Address what waits to be said to a group to the others alone, and cancel what is for one.

    What opens its conversation is tried anew where Slack refused it for good: an account that is
    gone may be why.
    """
    unsaid = tx.session.scalars(
        select(Message).where(
            _t.workspace_id == tx.workspace_id,
            _t.pairing_id == pairing_id,
            _t.state.in_((MessageState.PENDING, MessageState.DEAD)),
        )
    )
    for found in unsaid:
        if found.state is MessageState.DEAD and found.kind not in OPENS_A_GROUP:
            continue
        if found.recipients == [slack_user_id] and ends_with_pairing(found.kind):
            found.state, found.settled_at = MessageState.CANCELLED, now
        elif slack_user_id in found.recipients and len(found.recipients) > 1:
            found.recipients = [it for it in found.recipients if it != slack_user_id]
            found.state, found.settled_at, found.channel_id = MessageState.PENDING, None, None


def cancel_for_person(
    tx: Transaction,
    slack_user_id: str,
    now: datetime,
    *,
    programme_id: str | None = None,
    keep: Collection[MessageKind] = (),
) -> None:
    """Cancel what waits to be said to a person alone, in a programme or in all.

    The kinds to keep are said all the same.

    A sender that has it in hand sees so before it posts; if it has posted, it settles it as sent.
    """
    unsettled = spelt_out((MessageState.PENDING, MessageState.SENDING))
    pending = tx.session.scalars(
        select(Message).where(
            _t.workspace_id == tx.workspace_id,
            _t.state.in_(unsettled),
            or_(_t.state == MessageState.PENDING, _t.lease_until_at > now),
            cast(_t.recipients, Text).like(f"%{slack_user_id}%"),
        )
    )
    for found in pending:
        is_meant = programme_id in (None, found.programme_id) and found.kind not in keep
        if is_meant and found.recipients == [slack_user_id]:
            found.state, found.settled_at = MessageState.CANCELLED, now


def revive(tx: Transaction, kind: MessageKind, recipient: str, now: datetime) -> None:
    """Try a kind of message to a recipient anew that Slack refused for good, and now may take."""
    dead = tx.session.scalars(
        select(Message).where(
            _t.workspace_id == tx.workspace_id,
            _t.kind == kind,
            _t.state.in_(spelt_out((MessageState.UNKNOWN, MessageState.DEAD))),
            _t.state == MessageState.DEAD,
        )
    )
    for found in dead:
        if found.recipients == [recipient]:
            found.state, found.settled_at, found.not_before_at = MessageState.PENDING, None, now
