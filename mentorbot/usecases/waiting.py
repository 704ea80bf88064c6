"""The queue: who waits for a partner, since when, and what they are told about it."""

from collections.abc import Sequence
from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import NextCycle, Participant, ParticipantState, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import concerns, in_line, outbox, pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import AT_ONCE, How, Outlook, outlook


def open_places(tx: Transaction, participant: Participant) -> int:
    """How many more partners somebody can take now; 0 for who rests, is about to, or is on hold."""
    if not participant.is_active or sits_out(tx, participant):
        return 0
    if concerns.held_among(tx, [participant.slack_user_id]):
        return 0
    taken = pairings.partners_now(tx, [participant.participant_id])
    return max(0, participant.capacity - taken.get(participant.participant_id, 0))


def sits_out(tx: Transaction, participant: Participant) -> bool:
    """Whether somebody has chosen to rest when a cycle that runs has ended."""
    return bool(pairings.wishes_to_rest(tx, participant.participant_id))


def sit_out_no_more(tx: Transaction, participant: Participant, now: datetime) -> None:
    """Take back the choice to rest, of somebody who comes back before the cycle's end."""
    for chosen in pairings.wishes_to_rest(tx, participant.participant_id):
        chosen.wish, chosen.chosen_at = NextCycle.CONTINUE, now
    tx.session.flush()


def update(
    tx: Transaction, participant: Participant, now: datetime, *, first: bool = False
) -> None:
    """Bring a participant's place in the queue in line with their state and open places.

    With `first` they go before everyone who did not lose a partner, after a pause too.
    """
    if participant.state is ParticipantState.PAUSED:
        participant.waiting_since_at = None
        participant.is_front_of_queue = participant.is_front_of_queue or first
        return
    if open_places(tx, participant) == 0 or not _lines_up(tx, participant.programme_id):
        participant.waiting_since_at, participant.is_front_of_queue = None, False
        return
    if participant.waiting_since_at is None:
        participant.waiting_since_at = now
        participant.waiting_spell += 1
    participant.is_front_of_queue = participant.is_front_of_queue or first
    tx.session.flush()


def _lines_up(tx: Transaction, programme_id: str) -> bool:
    """Whether anybody is in line: not where mentees ask mentors themselves."""
    programme = participants.programme(tx, programme_id)
    return programme is None or parse_stored(programme.definition).matching.mode != "request"


def queues(tx: Transaction, programme_id: str) -> dict[Role, list[str]]:
    """The ids of who waits in each role, in the order in which they will be matched."""
    everyone = in_line.everyone(tx, programme_id)
    return {role: [waiting for waiting, theirs in everyone if theirs is role] for role in Role}


def position(tx: Transaction, participant: Participant) -> int | None:
    """The place in the queue of one's own role, from 1; None for those who do not wait."""
    if participant.role is None or participant.waiting_since_at is None:
        return None
    mine = queues(tx, participant.programme_id)[participant.role]
    waiting = participant.participant_id
    return mine.index(waiting) + 1 if waiting in mine else None


def tell_place(tx: Transaction, participant: Participant, now: datetime) -> None:
    """Tell somebody who waits without any partner their place, once for each wait.

    Where all who wait are matched together, or nobody is any more, they hear when instead.
    """
    place, found = position(tx, participant), _outlook(tx, participant.programme_id, now)
    if place is not None or found.how is How.ON_REQUEST:
        _tell_place(tx, participant, place or 0, found, now)


def tell_places(
    tx: Transaction, programme_id: str, some: Sequence[Participant], now: datetime
) -> None:
    """Tell each of some people of a programme their place, as `tell_place` would."""
    by_id = {participant.participant_id: participant for participant in some}
    found = _outlook(tx, programme_id, now)
    for queue in queues(tx, programme_id).values():
        for place, waiting in enumerate(queue, start=1):
            if waiting in by_id:
                _tell_place(tx, by_id[waiting], place, found, now)


def _outlook(tx: Transaction, programme_id: str, now: datetime) -> Outlook:
    programme = participants.programme(tx, programme_id)
    return outlook(tx, parse_stored(programme.definition), now) if programme else AT_ONCE


def _tell_place(
    tx: Transaction, participant: Participant, place: int, found: Outlook, now: datetime
) -> None:
    if pairings.of_participant(tx, participant.participant_id):
        return
    if ballots.invite(tx, participant, now):
        return
    kind, told = MessageKind.MATCHING_AWAITED, found.told()
    if found.is_at_once:
        kind = MessageKind.QUEUE_PLACE
        told = {"place": place, "again": participant.waiting_spell > 1}
    enqueue(
        tx,
        kind,
        [participant.slack_user_id],
        programme_id=participant.programme_id,
        subject=participant.participant_id,
        occurrence=participant.waiting_spell,
        now=now,
        **told,
    )


def tell_who_is_next(tx: Transaction, programme_id: str, now: datetime) -> None:
    """Tell those who have moved up to the front of their queue."""
    for role in Role:
        first = in_line.first(tx, programme_id, role)
        if first is not None:
            _tell_next(tx, first, now)


def _tell_next(tx: Transaction, participant: Participant, now: datetime) -> None:
    spell, mine = participant.waiting_spell, participant.participant_id
    told = outbox.by_key(
        tx, f"{mine}:{MessageKind.QUEUE_PLACE}:{spell}:{participant.slack_user_id}"
    )
    if told is not None and told.params["place"] > 1:
        enqueue(
            tx,
            MessageKind.QUEUE_NEXT,
            [participant.slack_user_id],
            programme_id=participant.programme_id,
            subject=mine,
            occurrence=spell,
            now=now,
        )
