"""A sender's hold on messages: claimed by the slice under a lease, with its intent, and settled.

A claim writes the intents to post down at once, and what was posted is settled together, so that
no message costs a commit of its own. Whoever claims a message and finds an intent that somebody
else left must look for it in Slack before sending anything.

A claim has a name that no other has, not even of the same sender: one that stood still and claims
a message once more finds that its former hold is gone, whatever happened in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from mentorbot.domain.messages import Attempt, Message, MessageKind, MessageState, may_repeat
from mentorbot.storage import second_looks, tables
from mentorbot.storage.lanes import LONGEST_LEASE
from mentorbot.storage.outbox import spelt_out
from mentorbot.storage.store import Transaction

SENT_AGAIN = "sent_again"
"""How an attempt is called that was made although an earlier one may have succeeded."""
REPEAT_AFTER = timedelta(hours=1)
UNREADABLE_WAIT = timedelta(hours=1)
_t = tables.outbox.c
_UNSETTLED = spelt_out((MessageState.PENDING, MessageState.SENDING))
_STUCK = spelt_out((MessageState.UNKNOWN, MessageState.DEAD))
_IN_THE_WORKSPACE = _t.workspace_id == bindparam("workspace")
_THIS_ONE = (_IN_THE_WORKSPACE, _t.message_id == bindparam("message"))
_MINE = (_t.lease_by == bindparam("claim"), _t.state == MessageState.SENDING)
_AMONG = _t.message_id.in_(bindparam("messages", expanding=True))
_DUE = (
    select(_t.message_id)
    .where(
        _IN_THE_WORKSPACE,
        _t.state.in_(_UNSETTLED),
        _t.not_before_at <= bindparam("now"),
        or_(
            _t.lease_until_at.is_(None),
            _t.lease_until_at <= bindparam("now"),
            _t.lease_until_at > bindparam("unbelievable"),
        ),
    )
    .order_by(_t.priority, _t.not_before_at, _t.created_at, _t.message_id)
    .limit(bindparam("most"))
)
_READ = select(Message).where(_IN_THE_WORKSPACE, _AMONG)
_CLAIM = (
    update(tables.outbox)
    .where(_IN_THE_WORKSPACE, _AMONG)
    .values(
        state=MessageState.SENDING,
        lease_by=bindparam("claim"),
        lease_until_at=bindparam("until"),
        intent_at=func.coalesce(_t.intent_at, bindparam("now", type_=_t.intent_at.type)),
        look_again_at=case(
            (_t.intent_at.is_not(None), bindparam("look", type_=_t.look_again_at.type)),
            else_=_t.look_again_at,
        ),
    )
)
_RENEW = (
    update(tables.outbox)
    .where(
        _IN_THE_WORKSPACE,
        _AMONG,
        _t.lease_by.in_(bindparam("claims", expanding=True)),
        _t.state == MessageState.SENDING,
    )
    .values(lease_until_at=bindparam("until"))
    .returning(_t.message_id, _t.lease_by)
)
_IS_HELD = select(_t.message_id).where(*_THIS_ONE, *_MINE)
_tries = tables.attempts.c
_REPEATABLE = select(_t.message_id).where(
    _IN_THE_WORKSPACE,
    _t.state.in_(_STUCK),
    _t.state == MessageState.UNKNOWN,
    _t.kind.in_([kind for kind in MessageKind if may_repeat(kind)]),
    _t.settled_at <= bindparam("given_up"),
    ~exists().where(
        _tries.workspace_id == _t.workspace_id,
        _tries.message_id == _t.message_id,
        _tries.outcome == SENT_AGAIN,
    ),
)
_FREED = {"lease_by": None, "lease_until_at": None}
_SETTLE = (
    "UPDATE message SET state = given.state, slack_ts = given.slack_ts,"
    " channel_id = given.channel_id, settled_at = given.settled_at,"
    " look_again_at = COALESCE(given.look_again_at, message.look_again_at),"
    " attempt_count = message.attempt_count + 1,"
    " intent_at = NULL, lease_by = NULL, lease_until_at = NULL FROM {given}"
    " WHERE message.workspace_id = :workspace AND message.message_id = given.message_id"
    " AND message.state <> 'sent'"
    " RETURNING message.message_id, message.attempt_count"
)


@dataclass(frozen=True)
class Slice:
    """What a claim brought, the most urgent first, and the ids of rows that cannot be read.

    `intent_at` of its messages is what an earlier sender left: None where nobody tried to post.
    `lease_by` is the claim.
    """

    messages: list[Message] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Ending:
    """How a claimed message came to its end, and when; where it was sent, its `ts` in Slack.

    `is_channel_new` tells that its conversation was not known before, `look_again_at` when a second
    copy is to be looked for.
    """

    message: Message
    state: MessageState
    at: datetime
    slack_ts: str | None = None
    is_channel_new: bool = False
    look_again_at: datetime | None = None


def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether there is a message to claim, to be sent again, or to be looked for again."""
    if tx.session.connection().execute(_DUE, _due(tx, now, 1)).first() is not None:
        return True
    return bool(_repeatable(tx, now)) or second_looks.are_due(tx, now)


def claim(tx: Transaction, name: str, now: datetime, lease_seconds: float, most: int) -> Slice:
    """Take the next due messages under a lease: urgent first, then the oldest.

    `name` is the claim's own, at most 40 characters.

    A message whose lease ran out (its sender died) is taken over, and looked for once more after it
    was sent, whoever settles it: that sender may only have stood still, and both may post. A row
    that cannot be read is put off for an hour and stops no other.
    """
    connection = tx.session.connection()
    due = list(connection.scalars(_DUE.with_for_update(skip_locked=True), _due(tx, now, most)))
    if not due:
        return Slice()
    read = {one.message_id: one for one in _readable(tx, due)}
    unreadable = [one for one in due if one not in read]
    if read:
        until = now + timedelta(seconds=lease_seconds)
        times = {"now": now, "until": until, "look": now + second_looks.AFTER}
        connection.execute(_CLAIM, _of(tx, read, claim=name, **times))
    if unreadable:
        later = update(tables.outbox).where(_IN_THE_WORKSPACE, _AMONG)
        values = {"not_before_at": now + UNREADABLE_WAIT, **_FREED}
        connection.execute(later.values(values), _of(tx, unreadable))
    tx.session.expunge_all()
    for one in read.values():
        one.lease_by = name
    return Slice([read[one] for one in due if one in read], unreadable)


def _due(tx: Transaction, now: datetime, most: int) -> dict[str, Any]:
    """What to ask for; a lease that no sender gives is none, since the lane guards its holder."""
    times = {"now": now, "unbelievable": now + LONGEST_LEASE}
    return {"workspace": tx.workspace_id, "most": most, **times}


def _readable(tx: Transaction, message_ids: Sequence[str]) -> list[Message]:
    """The messages that can be read, one by one where one cannot."""
    try:
        return list(tx.session.scalars(_READ, _of(tx, message_ids)))
    except SQLAlchemyError:
        raise
    except Exception:
        if len(message_ids) == 1:
            return []
        return [found for one in message_ids for found in _readable(tx, [one])]


def _of(tx: Transaction, message_ids: Iterable[str], **more: Any) -> dict[str, Any]:
    return {"workspace": tx.workspace_id, "messages": list(message_ids), **more}


def renew(
    tx: Transaction, messages: Sequence[Message], now: datetime, lease_seconds: float
) -> set[tuple[str, str | None]]:
    """Renew the leases of claimed messages; id and claim of those that are still held."""
    until = now + timedelta(seconds=lease_seconds)
    claims = list({it.lease_by for it in messages})
    given = _of(tx, [it.message_id for it in messages], claims=claims, until=until)
    found = tx.session.connection().execute(_RENEW, given)
    return {(row.message_id, row.lease_by) for row in found}


def is_held(tx: Transaction, message: Message) -> bool:
    """Whether a claimed message is still held by its claim."""
    return tx.session.connection().execute(_IS_HELD, _this(tx, message)).first() is not None


def _this(tx: Transaction, message: Message) -> dict[str, Any]:
    keys = {"workspace": tx.workspace_id, "message": message.message_id}
    return {**keys, "claim": message.lease_by}


def note_file(tx: Transaction, message: Message, now: datetime, lease_seconds: float) -> bool:
    """Write down the file that is about to be shared, and where; False when the lease is lost."""
    mine = update(tables.outbox).where(*_THIS_ONE, *_MINE)
    noted = {
        "file_id": message.file_id,
        "channel_id": message.channel_id,
        "intent_at": now,
        "lease_until_at": now + timedelta(seconds=lease_seconds),
    }
    changed = mine.values(noted).returning(_t.message_id)
    return tx.session.connection().execute(changed, _this(tx, message)).first() is not None


def settle(tx: Transaction, endings: Sequence[Ending]) -> list[Ending]:
    """Bring messages to their ends, each with an attempt on record; which were not sent before.

    What stands in Slack is true whoever holds the lease, so nobody's is asked for.
    """
    first = {ending.message.message_id: ending for ending in reversed(endings)}
    settled = tx.of_each(tables.outbox, _SETTLE, [_settled(ending) for ending in first.values()])
    found = settled.all() if settled is not None else []
    news = [(first[row.message_id], row.attempt_count) for row in found]
    tx.add_new(tables.attempts, [_attempt(ending, number) for ending, number in news])
    return [ending for ending, _number in news]


def _settled(ending: Ending) -> dict[str, Any]:
    return {
        "message_id": ending.message.message_id,
        "state": ending.state,
        "slack_ts": ending.slack_ts,
        "channel_id": ending.message.channel_id,
        "settled_at": ending.at,
        "look_again_at": ending.look_again_at,
    }


def _attempt(ending: Ending, number: int) -> dict[str, Any]:
    return {
        "message_id": ending.message.message_id,
        "number": number,
        "at": ending.at,
        "outcome": ending.state,
        "detail": "",
    }


def give_back(tx: Transaction, messages: Sequence[Message], until: datetime | None = None) -> None:
    """Let go of claimed messages that were not posted, until an instant or for whoever comes next.

    Their intent is taken back, apart from one that an earlier sender left.
    """
    later = {} if until is None else {"not_before_at": until}
    fresh = {"state": MessageState.PENDING, "intent_at": None}
    groups: dict[tuple[str | None, bool], list[str]] = {}
    for it in messages:
        groups.setdefault((it.lease_by, it.intent_at is None), []).append(it.message_id)
    for (name, is_fresh), ids in groups.items():
        mine = update(tables.outbox).where(_IN_THE_WORKSPACE, _AMONG, *_MINE)
        changed = mine.values({**(fresh if is_fresh else {}), **_FREED, **later})
        tx.session.connection().execute(changed, _of(tx, ids, claim=name))


def held(tx: Transaction, message: Message) -> Message | None:
    """A claimed message as it is stored, if its claim still holds; locked until the commit."""
    query = select(Message).where(*_THIS_ONE, *_MINE).with_for_update()
    return tx.session.scalars(query, _this(tx, message)).first()


def record_attempt(
    tx: Transaction, found: Message, at: datetime, outcome: str, detail: str = ""
) -> None:
    """Append a try to the message's history."""
    found.attempt_count += 1
    tx.add(
        Attempt(tx.workspace_id, found.message_id, found.attempt_count, at, outcome, detail[:200])
    )


def attempts(tx: Transaction, message_id: str, outcome: str) -> int:
    """How often a try at a message ended in one way."""
    attempt = tables.attempts.c
    found = tx.session.scalar(
        select(func.count()).where(
            attempt.workspace_id == tx.workspace_id,
            attempt.message_id == message_id,
            attempt.outcome == outcome,
        )
    )
    return found or 0


def repeat_unknown(tx: Transaction, now: datetime) -> list[str]:
    """Let what may have arrived, and does no harm twice, be sent again, once; which they are.

    An hour after its look-ups were given up; the coordinators were told then.
    """
    found = _repeatable(tx, now)
    for message_id in found:
        repeated = tx.get(Message, message_id)
        if repeated is not None:
            record_attempt(tx, repeated, now, SENT_AGAIN)
            repeated.state, repeated.not_before_at = MessageState.PENDING, now
            repeated.intent_at = repeated.settled_at = repeated.file_id = None
    tx.session.flush()
    tx.session.expunge_all()
    return found


def _repeatable(tx: Transaction, now: datetime) -> list[str]:
    given = {"workspace": tx.workspace_id, "given_up": now - REPEAT_AFTER}
    return list(tx.session.connection().scalars(_REPEATABLE, given))
