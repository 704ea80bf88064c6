"""People coming to the workspace, changing, and going."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import EndReason, Person
from mentorbot.storage import applications, channels, outbox, participants, people, privacy
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, enrolment, session_places, team
from mentorbot.usecases.messages import enqueue


def joined(tx: Transaction, seen: Person, now: datetime) -> None:
    """Welcome somebody new with the programme's channel; bots and second joins are not welcomed.

    Who was erased comes back only by an act of their own.
    """
    if privacy.is_erased(tx, seen.slack_user_id):
        return
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
    """Offer the roles to somebody who comes to the programme's channel without one, once.

    When it is MentorBot itself, role buttons that could not be posted before are posted now.
    """
    programme = participants.programme_in_channel(tx, channel_id)
    workspace = people.workspace(tx)
    if programme is not None and workspace is not None and slack_user_id == workspace.bot_user_id:
        outbox.revive(tx, MessageKind.ROLE_BUTTONS, channel_id, now)
        return
    person = people.person(tx, slack_user_id)
    if programme is None or person is None or person.is_bot:
        return
    channels.take_in(tx, channel_id, [slack_user_id], now)
    participant = participants.of_person(tx, programme.programme_id, slack_user_id)
    if participant is None or not participant.is_enrolled:
        enqueue(
            tx,
            MessageKind.CHOOSE_ROLE,
            [slack_user_id],
            programme_id=programme.programme_id,
            subject=f"{programme.programme_id}:{slack_user_id}",
            now=now,
        )


def in_channel(
    tx: Transaction, channel_id: str, slack_user_ids: Sequence[str], now: datetime
) -> None:
    """A page of those in a programme's channel: who is new there is offered the roles.

    Until a sweep has gone through the channel once, everybody is taken to have been there before.
    """
    known = [it for who in slack_user_ids if (it := people.person(tx, who)) and not it.is_bot]
    new = channels.take_in(tx, channel_id, [person.slack_user_id for person in known], now)
    if _is_looked_through(tx, channel_id):
        for slack_user_id in new:
            joined_channel(tx, slack_user_id, channel_id, now)


def channel_looked_through(tx: Transaction, channel_id: str, now: datetime) -> None:
    """Everybody in a programme's channel was gone through."""
    workspace = people.workspace(tx)
    if workspace is not None:
        channels.take_in(tx, channel_id, [workspace.bot_user_id], now)
        joined_channel(tx, workspace.bot_user_id, channel_id, now)


def _is_looked_through(tx: Transaction, channel_id: str) -> bool:
    workspace = people.workspace(tx)
    return workspace is not None and channels.is_looked_through(
        tx, channel_id, workspace.bot_user_id
    )


def passed_by(tx: Transaction, seen: Person, now: datetime, *, is_first_sweep: bool) -> None:
    """Somebody in the workspace's list of people: catch up with what no event told us.

    On the first sweep everyone is new, and nobody is welcomed for having been there before.
    """
    known = people.person(tx, seen.slack_user_id)
    if known is not None:
        if _differs(known, seen):
            changed(tx, seen, now)
        return
    if seen.is_deactivated or privacy.is_erased(tx, seen.slack_user_id):
        return
    if is_first_sweep:
        people.first_seen(tx, replace(seen, name=""), now)
    else:
        joined(tx, seen, now)


def _differs(known: Person, seen: Person) -> bool:
    def facts(person: Person) -> tuple[object, ...]:
        return (person.time_zone, person.locale, person.is_deactivated)

    return facts(known) != facts(seen) or (known.name != "" and known.name != seen.name)


def changed(tx: Transaction, seen: Person, now: datetime) -> None:
    """Take over a changed profile; a deactivated account leaves its programmes kindly."""
    known = people.person(tx, seen.slack_user_id)
    if known is None:
        return
    was_deactivated, kept_name = known.is_deactivated, known.name and seen.name
    people.first_seen(tx, replace(seen, name=kept_name), now)
    if seen.is_deactivated and not was_deactivated:
        deactivated(tx, seen.slack_user_id, now)


def deactivated(tx: Transaction, slack_user_id: str, now: datetime) -> None:
    """An account is gone: its pairings end, the partners are told and requeued first."""
    person = people.person(tx, slack_user_id)
    if person is not None:
        person.is_deactivated = True
    outbox.cancel_for_person(tx, slack_user_id, now)
    team.lost(tx, slack_user_id, now)
    for participant in participants.enrolments(tx, slack_user_id):
        if participant.is_enrolled:
            enrolment.leave(
                tx, participant.programme_id, slack_user_id, now, reason=EndReason.DEACTIVATED
            )
    session_places.give_back_all(tx, slack_user_id, now)
    applying.withdraw_all(tx, applications.everywhere(tx, slack_user_id), now)
