"""People coming to the workspace, changing, and going."""

from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import EndReason, Person
from mentorbot.storage import outbox, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import enrolment
from mentorbot.usecases.messages import enqueue


def joined(tx: Transaction, seen: Person, now: datetime) -> None:
    """Welcome somebody new with the programme's channel; bots and second joins are not welcomed."""
    person = people.first_seen(tx, seen, now)
    programme = participants.programme(tx)
    if programme is None or person.is_bot or person.is_deactivated:
        return
    enqueue(
        tx,
        MessageKind.WELCOME,
        [person.slack_user_id],
        programme_id=programme.programme_id,
        subject=person.slack_user_id,
        now=now,
    )


def joined_channel(tx: Transaction, slack_user_id: str, channel_id: str, now: datetime) -> None:
    """Offer the roles to somebody who comes to the programme's channel without one, once."""
    programme = participants.programme_in_channel(tx, channel_id)
    person = people.person(tx, slack_user_id)
    if programme is None or person is None or person.is_bot:
        return
    participant = participants.of_person(tx, programme.programme_id, slack_user_id)
    if participant is None or not participant.is_enrolled:
        enqueue(
            tx,
            MessageKind.CHOOSE_ROLE,
            [slack_user_id],
            programme_id=programme.programme_id,
            subject=slack_user_id,
            now=now,
        )


def changed(tx: Transaction, seen: Person, now: datetime) -> None:
    """Take over a changed profile; a deactivated account leaves its programmes kindly."""
    known = people.person(tx, seen.slack_user_id)
    if known is None:
        return
    people.first_seen(tx, seen, now)
    if seen.is_deactivated:
        deactivated(tx, seen.slack_user_id, now)


def deactivated(tx: Transaction, slack_user_id: str, now: datetime) -> None:
    """An account is gone: its pairings end, the partners are told and requeued first."""
    person = people.person(tx, slack_user_id)
    if person is not None:
        person.is_deactivated = True
    outbox.cancel_for_person(tx, slack_user_id, now)
    for participant in participants.enrolments(tx, slack_user_id):
        if participant.is_enrolled:
            enrolment.leave(
                tx, participant.programme_id, slack_user_id, now, reason=EndReason.DEACTIVATED
            )
