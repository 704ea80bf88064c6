"""The end of a pairing before its time: the partner is told kindly and goes to the front."""

from datetime import datetime

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    EndReason,
    Pairing,
    Participant,
    ParticipantState,
    PauseReason,
)
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import outbox, pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots, waiting
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, outlook


def end(tx: Transaction, pairing: Pairing, reason: EndReason, now: datetime) -> None:
    """End a pairing; what was still to be said in it is cancelled. Again is harmless."""
    if pairing.is_active:
        pairing.ended_at, pairing.end_reason, pairing.next_due_at = now, reason, None
        outbox.cancel_for_pairing(tx, pairing.pairing_id, now)
        tx.session.flush()


def part_from_everyone(
    tx: Transaction, leaver: Participant, reason: EndReason, now: datetime
) -> None:
    """End every pairing of somebody who goes; each partner is told and requeued first.

    Who had not been introduced yet learns that a match fell through, not with whom.
    """
    is_over = _is_over(tx, leaver.programme_id, now)
    for pairing in pairings.of_participant(tx, leaver.participant_id):
        end(tx, pairing, reason, now)
        for partner in pairings.members(tx, pairing.pairing_id):
            if partner.participant_id != leaver.participant_id and partner.is_enrolled:
                _rest_as_wished(tx, partner)
                waiting.update(tx, partner, now, first=True)
                ballots.invite(tx, partner, now)
                enqueue(
                    tx,
                    MessageKind.PARTNER_LEFT,
                    [partner.slack_user_id],
                    programme_id=pairing.programme_id,
                    subject=pairing.pairing_id,
                    now=now,
                    pairing_id=pairing.pairing_id,
                    leaver=leaver.slack_user_id,
                    how=str(reason) if pairing.channel_id else "not_introduced",
                    outlook=_outlook(partner, is_over=is_over),
                )


def _rest_as_wished(tx: Transaction, partner: Participant) -> None:
    """Who was to sit the next cycle out rests from now on, unless another pairing still runs."""
    running = pairings.of_participant(tx, partner.participant_id)
    if not running and waiting.sits_out(tx, partner):
        partner.state, partner.pause_reason = ParticipantState.PAUSED, PauseReason.OPTED_OUT
        partner.paused_until_at = None


def _is_over(tx: Transaction, programme_id: str, now: datetime) -> bool:
    """Whether nobody is matched any more."""
    programme = participants.programme(tx, programme_id)
    file = parse_stored(programme.definition) if programme else None
    return file is not None and outlook(tx, file, now).how is How.OVER


def _outlook(partner: Participant, *, is_over: bool) -> str | None:
    """What a partner may hope for now; None for mentors who want nobody more."""
    if is_over:
        return "over"
    if partner.pause_reason is PauseReason.OPTED_OUT:
        return "resting"
    if partner.state is ParticipantState.PAUSED:
        return "after_break"
    return "in_line" if partner.waiting_since_at is not None else None
