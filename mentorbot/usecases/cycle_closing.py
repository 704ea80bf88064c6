"""The end of a cycle: pairings close, everyone goes where they chose, and matching begins anew."""

from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    Choice,
    Cycle,
    EndReason,
    NextCycle,
    Participant,
    ParticipantState,
    PauseReason,
)
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import cycle_opening, parting, waiting
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.messages import enqueue


def close(tx: Transaction, cycle: Cycle, now: datetime) -> None:
    """Close a cycle once; continuing people are rematched, the others paused and told so."""
    programme = participants.programme(tx, cycle.programme_id)
    if cycle.closed_at is not None or programme is None:
        return
    file = parse_stored(programme.definition)
    cycle.closed_at = now
    closed = pairings.in_cycle(tx, cycle.programme_id, cycle.number, active_only=True)
    everyone: dict[str, Participant] = {}
    for pairing in closed:
        members = pairings.members(tx, pairing.pairing_id)
        everyone.update({member.participant_id: member for member in members})
        parting.end(tx, pairing, EndReason.CLOSED, now)
    for participant in everyone.values():
        _send_on(tx, cycle, participant, now)
    if pairings.in_cycle(tx, cycle.programme_id, cycle.number + 1, active_only=True):
        cycle_opening.open_cycle(tx, file, cycle.programme_id, cycle.ends_on)
    match_waiting(tx, cycle.programme_id, now)
    for participant in everyone.values():
        waiting.tell_place(tx, participant, now)


def _send_on(tx: Transaction, cycle: Cycle, participant: Participant, now: datetime) -> None:
    chosen = pairings.choice(tx, cycle.programme_id, cycle.number, participant.participant_id)
    running = len(pairings.of_participant(tx, participant.participant_id))
    if running:
        _stay_with_the_others(tx, participant, chosen, running, now)
    elif chosen is not None and chosen.wish is NextCycle.OPT_OUT:
        _rest(tx, cycle, participant, PauseReason.OPTED_OUT, MessageKind.OPTED_OUT, now)
    elif chosen is None and participant.is_active:
        _rest(tx, cycle, participant, PauseReason.NO_ANSWER, MessageKind.PAUSED_NO_ANSWER, now)
    elif participant.is_active:
        waiting.update(tx, participant, now)


def _stay_with_the_others(
    tx: Transaction, participant: Participant, chosen: Choice | None, running: int, now: datetime
) -> None:
    """Who has a partner in the next cycle already goes on with them; opting out adds nobody."""
    if chosen is not None and chosen.wish is NextCycle.OPT_OUT:
        participant.capacity = running
    waiting.update(tx, participant, now)


def _rest(
    tx: Transaction,
    cycle: Cycle,
    participant: Participant,
    reason: PauseReason,
    kind: MessageKind,
    now: datetime,
) -> None:
    participant.state, participant.pause_reason = ParticipantState.PAUSED, reason
    participant.paused_until_at = None
    waiting.update(tx, participant, now)
    enqueue(
        tx,
        kind,
        [participant.slack_user_id],
        programme_id=cycle.programme_id,
        subject=participant.participant_id,
        occurrence=cycle.number,
        now=now,
    )
