"""What an operator does to one message by hand; each act is on record, none repeats by accident."""

from datetime import datetime

from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.messages import MessageState
from mentorbot.domain.model import AuditEntry
from mentorbot.storage import ledger
from mentorbot.storage.ledger import Entry
from mentorbot.storage.store import Transaction

RETRIED, DROPPED = "message.retry", "message.drop"
REASON_MOST = 200
"""Characters of the reason for dropping a message."""
_LOOK = "--look-again looks for it in Slack and sends it only where it is not there"
_REPEAT = "--even-if-repeated sends it in any case"


def retry(
    tx: Transaction,
    message_id: str,
    now: datetime,
    *,
    look_again: bool = False,
    even_if_repeated: bool = False,
) -> None:
    """Have a message sent with the next beat, however late it is.

    What may be in Slack already is looked for there first (`look_again`) or said again
    (`even_if_repeated`), never one of them unasked. Raises OperatorRefused.
    """
    found = _found(tx, message_id)
    _check_free(found, now)
    if found.state == MessageState.CANCELLED and not _was_dropped(tx, message_id):
        raise OperatorRefused(
            f"{message_id} was taken back by the programme: its pairing has ended, or its reader"
            " has left. It is not sent any more."
        )
    if found.state == MessageState.PENDING and found.attempt_count == 0:
        raise OperatorRefused(f"{message_id} waits for its time and was never tried.")
    keeps_intent = found.may_be_in_slack and not even_if_repeated
    if keeps_intent:
        _check_may_look(found, look_again=look_again)
    tx.has_news = True
    ledger.change(tx, message_id, **_as_due(found, now, keeps_intent=keeps_intent))
    _record(tx, RETRIED, message_id, now, was=found.state, repeats=even_if_repeated)


def _check_may_look(found: Entry, *, look_again: bool) -> None:
    if found.state == MessageState.SENT:
        raise OperatorRefused(f"{found.message_id} was sent. {_REPEAT}.")
    if not look_again:
        raise OperatorRefused(
            f"{found.message_id} may have reached Slack: nobody could tell. {_LOOK}; {_REPEAT}."
        )


def _as_due(found: Entry, now: datetime, *, keeps_intent: bool) -> dict[str, object]:
    """A claim of what has an intent looks for it in Slack before anything is sent."""
    is_late = found.expires_at is not None and found.expires_at <= now
    due: dict[str, object] = {"not_before_at": now, "settled_at": None, "lease_until_at": None}
    due |= {"expires_at": None} if is_late else {}
    if keeps_intent:
        return due | {"state": MessageState.SENDING}
    return due | {
        "state": MessageState.PENDING,
        "intent_at": None,
        "file_id": None,
        "slack_ts": None,
    }


def drop(tx: Transaction, message_id: str, reason: str, now: datetime) -> None:
    """See to it that a message is not sent (any more), for a reason. Raises OperatorRefused."""
    found = _found(tx, message_id)
    if not reason.strip():
        raise OperatorRefused("Say why, with --reason.")
    if found.state in (MessageState.SENT, MessageState.EXPIRED, MessageState.CANCELLED):
        raise OperatorRefused(f"{message_id} is {found.state}: there is nothing to drop.")
    _check_free(found, now)
    ledger.change(tx, message_id, state=MessageState.CANCELLED, settled_at=now, lease_until_at=None)
    _record(tx, DROPPED, message_id, now, was=found.state, reason=reason.strip()[:REASON_MOST])


def _found(tx: Transaction, message_id: str) -> Entry:
    found = ledger.entry(tx, message_id)
    if found is None:
        raise OperatorRefused(f"There is no message {message_id}.")
    return found


def _check_free(found: Entry, now: datetime) -> None:
    if found.is_claimed(now):
        raise OperatorRefused(
            f"{found.message_id} is being sent at this moment, or its sender has died; its claim"
            f" ends at {found.lease_until_at:%H:%M:%S} UTC. Try again then."
        )


def _was_dropped(tx: Transaction, message_id: str) -> bool:
    acts = ledger.by_hand(tx, message_id)
    return bool(acts) and acts[-1].action == DROPPED


def _record(
    tx: Transaction, action: str, message_id: str, now: datetime, **details: object
) -> None:
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, "operator", action, message_id, details))
