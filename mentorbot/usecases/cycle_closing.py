"""The end of a cycle: pairings close, everyone goes where they chose, and matching begins anew."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from mentorbot.domain.matching.instant import Proposal
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    Choice,
    ClosingStage,
    Cycle,
    EndReason,
    NextCycle,
    Participant,
    ParticipantState,
    PauseReason,
)
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots, cycle_opening, parting, sensitive, waiting
from mentorbot.usecases.matching import introduce, match_waiting, proposals_together, some_of
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import cohort_of

PAIRINGS_AT_ONCE = 40
PEOPLE_AT_ONCE = 25
INTRODUCTIONS_AT_ONCE = 8
PLACES_AT_ONCE = 100
"""How much one slice takes on: each is over in a fifth of a second, for clicks wait meanwhile."""


def foresee(tx: Transaction, cycle: Cycle, now: datetime) -> list[dict[str, Any]] | None:
    """The pairs of the next cycle, once they can be told; the only long part of a closing.

    It changes nothing, so that nobody waits for it. Where people choose by a ballot there are none
    before the next one, and where people review the pairs, none before a coordinator asks for them.
    """
    if cycle.closing_stage is not ClosingStage.MATCHING or cycle.proposals is not None:
        return None
    programme = participants.programme(tx, cycle.programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file is not None and file.matching.ballot is not None and not file.cycle.is_evergreen:
        return []
    if file is not None and file.matching.review is not None:
        return []
    return [asdict(found) for found in proposals_together(tx, cycle.programme_id, now)]


def go_on(
    tx: Transaction, cycle: Cycle, foreseen: list[dict[str, Any]] | None, now: datetime
) -> None:
    """Do one slice of a cycle's closing; all of them act as of the instant at which it began.

    Pairings end, everyone goes where they chose, those who wait are matched, and who still waits
    is told. Killed between two slices, whoever comes next goes on where it stopped.
    """
    programme = participants.programme(tx, cycle.programme_id)
    if programme is None or (cycle.closed_at is not None and cycle.closing_stage is None):
        return
    if cycle.closed_at is None:
        cycle.closed_at, cycle.closing_stage = now, ClosingStage.ENDING
        sensitive.cycle_over(tx, parse_stored(programme.definition), cycle, now)
        ballots.cycle_over(tx, parse_stored(programme.definition), now)
    began_at, file = cycle.closed_at, parse_stored(programme.definition)
    if cycle.closing_stage is ClosingStage.ENDING:
        _end_some(tx, cycle, began_at)
    elif cycle.closing_stage is ClosingStage.SENDING_ON:
        finish = _let_some_finish if file.cycle.is_once else _send_some_on
        finish(tx, cycle, file, began_at)
    elif cycle.closing_stage is ClosingStage.MATCHING:
        _match_some(tx, cycle, foreseen, began_at)
    else:
        _tell_some(tx, cycle, file, began_at)


def _enter(cycle: Cycle, stage: ClosingStage | None) -> None:
    cycle.closing_stage, cycle.closing_after = stage, None


def _end_some(tx: Transaction, cycle: Cycle, now: datetime) -> None:
    key = (cycle.programme_id, cycle.number)
    some = pairings.in_cycle(tx, *key, active_only=True, most=PAIRINGS_AT_ONCE)
    for pairing in some:
        parting.end(tx, pairing, EndReason.CLOSED, now)
    if len(some) < PAIRINGS_AT_ONCE:
        _enter(cycle, ClosingStage.SENDING_ON)


def _send_some_on(tx: Transaction, cycle: Cycle, file: ProgrammeFile, now: datetime) -> None:
    """Everyone goes where they chose; the last of evergreen pairs that end together matches all."""
    some = pairings.closed_with(tx, cycle, cycle.closing_after, PEOPLE_AT_ONCE)
    for participant in some:
        if participant.is_enrolled:
            _send_on(tx, cycle, participant, now)
    if len(some) == PEOPLE_AT_ONCE:
        cycle.closing_after = some[-1].participant_id
        return
    if file.cycle.is_evergreen:
        are_all_sent_on = not pairings.is_another_ending(tx, cycle)
        _enter(cycle, ClosingStage.MATCHING if are_all_sent_on else None)
        return
    if pairings.in_cycle(tx, cycle.programme_id, cycle.number + 1, active_only=True, most=1):
        cycle_opening.open_cycle(tx, file, cycle.programme_id, cycle.ends_on)
    _enter(cycle, ClosingStage.MATCHING)


def _let_some_finish(tx: Transaction, cycle: Cycle, file: ProgrammeFile, now: datetime) -> None:
    """The programme is over: for everybody in it or, where the next round has begun, in the cycle.

    Nobody is matched again; feedback is still taken, and certificates still come.
    """
    if cycle.cohort == cohort_of(file):
        some = participants.enrolled_after(
            tx, cycle.programme_id, cycle.closing_after, PEOPLE_AT_ONCE
        )
    else:
        some = pairings.closed_with(tx, cycle, cycle.closing_after, PEOPLE_AT_ONCE)
    for participant in some:
        if participant.is_enrolled:
            _let_finish(tx, cycle, participant, now)
    cycle.closing_after = some[-1].participant_id if some else None
    if len(some) < PEOPLE_AT_ONCE:
        _enter(cycle, None)


def _let_finish(tx: Transaction, cycle: Cycle, participant: Participant, now: datetime) -> None:
    participant.state, participant.left_at = ParticipantState.LEFT, now
    participant.paused_until_at = participant.pause_reason = None
    participant.stage = participant.stage_ends_at = None
    waiting.update(tx, participant, now)
    enqueue(
        tx,
        MessageKind.PROGRAMME_OVER,
        [participant.slack_user_id],
        programme_id=cycle.programme_id,
        subject=participant.participant_id,
        occurrence=cycle.number,
        now=now,
    )


def _match_some(
    tx: Transaction, cycle: Cycle, foreseen: list[dict[str, Any]] | None, now: datetime
) -> None:
    """Introduce some of the pairs; which they are was settled for all of them in the beginning."""
    if cycle.proposals is None:
        cycle.proposals = foreseen
        return
    some, rest = some_of(cycle.proposals, INTRODUCTIONS_AT_ONCE)
    introduce(tx, cycle.programme_id, [Proposal(**one) for one in some], now)
    cycle.proposals = rest or None
    if not rest:
        _enter(cycle, ClosingStage.TELLING)
        tx.session.flush()


def _tell_some(tx: Transaction, cycle: Cycle, file: ProgrammeFile, now: datetime) -> None:
    if file.cycle.is_evergreen:
        key = (cycle.programme_id, cycle.closing_after, PLACES_AT_ONCE)
        some = participants.enrolled_after(tx, *key)
    else:
        some = pairings.closed_with(tx, cycle, cycle.closing_after, PLACES_AT_ONCE)
    if cycle.closing_after is None:
        match_waiting(tx, cycle.programme_id, now)
    waiting.tell_places(tx, cycle.programme_id, some, now)
    cycle.closing_after = some[-1].participant_id if some else None
    if len(some) < PLACES_AT_ONCE:
        _enter(cycle, None)


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
