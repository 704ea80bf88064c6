"""Putting a message in the outbox, once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mentorbot.domain.messages import Message, MessageKind, MessageState, keeps_for, priority_of
from mentorbot.storage import outbox, pairings, people
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
    key = f"{subject}:{kind}:{occurrence}:{'+'.join(recipients)}"
    if outbox.by_key(tx, key) is not None:
        return
    due_at = not_before or now
    keeps = keeps_for(kind)
    expires_at = due_at + keeps if keeps else None
    is_late = expires_at is not None and expires_at <= now
    tx.add(
        Message(
            workspace_id=tx.workspace_id,
            message_id=tx.new_id(),
            dedupe_key=key,
            kind=kind,
            recipients=recipients,
            programme_id=programme_id,
            created_at=now,
            not_before_at=due_at,
            params=params,
            pairing_id=pairing_id,
            priority=priority_of(kind),
            expires_at=expires_at,
            state=MessageState.EXPIRED if is_late else MessageState.PENDING,
            settled_at=now if is_late else None,
        )
    )


def tell_coordinators(
    tx: Transaction,
    kind: MessageKind,
    *,
    programme_id: str,
    subject: str,
    occurrence: int = 1,
    now: datetime,
    not_before: Callable[[str], datetime] | None = None,
    pairing_id: str | None = None,
    **params: Any,
) -> bool:
    """Tell each coordinator of a programme; whether there is any to tell.

    Whom it is about does not hear of it, nor do those in the pairing, nor accounts that are gone.
    `not_before` gives the earliest instant for a reader's time zone; without it they read now.
    """
    concerned = {m.slack_user_id for m in pairings.members(tx, pairing_id)} if pairing_id else set()
    readers = [
        slack_user_id
        for slack_user_id in people.coordinators(tx, programme_id)
        if slack_user_id not in {params.get("about"), *concerned}
    ]
    told = False
    for slack_user_id in readers:
        person = people.person(tx, slack_user_id)
        if person is not None and person.is_deactivated:
            continue
        told = True
        zone = person.time_zone if person else "UTC"
        enqueue(
            tx,
            kind,
            [slack_user_id],
            programme_id=programme_id,
            subject=subject,
            occurrence=occurrence,
            now=now,
            not_before=not_before(zone) if not_before else None,
            pairing_id=pairing_id,
            **params,
        )
    return told
