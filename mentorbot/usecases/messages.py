"""Putting messages in the outbox, each once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mentorbot.domain.messages import MessageKind, MessageState, keeps_for, priority_of
from mentorbot.domain.permissions import Action, who_may
from mentorbot.domain.steps import Said
from mentorbot.storage import appointments, outbox, pairings
from mentorbot.storage.store import Transaction


def enqueue(
    tx: Transaction,
    kind: MessageKind,
    recipients: list[str],
    *,
    programme_id: str,
    subject: str,
    occurrence: int = 1,
    now: datetime,
    not_before: datetime | None = None,
    pairing_id: str | None = None,
    **params: Any,
) -> None:
    """Store what is to be said to a person, a group or a channel; a second time is ignored.

    `subject` and `occurrence` name the cause: the same cause never speaks twice to the same
    recipients. Past its keeping time the message is stored as expired, for the record.
    """
    due_at = not_before or now
    said = Said(kind, recipients, subject, occurrence, due_at, params)
    outbox.put(tx, [intent(tx, said, programme_id, pairing_id, now)])


def intent(
    tx: Transaction, said: Said, programme_id: str, pairing_id: str | None, now: datetime
) -> dict[str, Any]:
    """What is to be said, as the columns of a message."""
    keeps = keeps_for(said.kind)
    expires_at = said.not_before_at + keeps if keeps else None
    is_late = expires_at is not None and expires_at <= now
    return {
        "message_id": tx.new_id(),
        "dedupe_key": dedupe_key(said.subject, said.kind, said.occurrence, said.recipients),
        "kind": said.kind,
        "recipients": said.recipients,
        "programme_id": programme_id,
        "created_at": now,
        "not_before_at": said.not_before_at,
        "params": said.params,
        "pairing_id": pairing_id,
        "priority": priority_of(said.kind),
        "expires_at": expires_at,
        "state": MessageState.EXPIRED if is_late else MessageState.PENDING,
        "attempt_count": 0,
        "settled_at": now if is_late else None,
    }


def dedupe_key(subject: str, kind: MessageKind, occurrence: int, recipients: Sequence[str]) -> str:
    """What makes a message the only one of its cause."""
    return f"{subject}:{kind}:{occurrence}:{'+'.join(recipients)}"


def tell_coordinators(
    tx: Transaction,
    kind: MessageKind,
    *,
    programme_id: str,
    subject: str,
    occurrence: int = 1,
    now: datetime,
    pairing_id: str | None = None,
    **params: Any,
) -> bool:
    """Tell those who run a programme; whether there is any to tell.

    Of a call for help its safeguarding leads hear, too.
    Whom it is about does not hear of it, nor do those in the pairing, nor accounts that are gone.
    """
    hearing = Action.HEAR_HELP if kind is MessageKind.HELP_WANTED else Action.RUN
    concerned = {m.slack_user_id for m in pairings.members(tx, pairing_id)} if pairing_id else set()
    readers = [
        reader
        for reader in appointments.readers(tx, programme_id, who_may(hearing))
        if reader.slack_user_id not in {params.get("about"), *concerned}
    ]
    for reader in readers:
        enqueue(
            tx,
            kind,
            [reader.slack_user_id],
            programme_id=programme_id,
            subject=subject,
            occurrence=occurrence,
            now=now,
            pairing_id=pairing_id,
            **params,
        )
    return bool(readers)
