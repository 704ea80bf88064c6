"""The end of a pairing before its time: the partner is told kindly and goes to the front."""

from datetime import datetime

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import (
    AuditEntry,
    EndReason,
    Membership,
    Pairing,
    Participant,
    ParticipantState,
    PauseReason,
    Role,
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

    Who had not been introduced yet learns that a match fell through, not with whom. A group goes on
    without a mentee who leaves, as long as it is of the file's least size.
    """
    for pairing in pairings.of_participant(tx, leaver.participant_id):
        part(tx, pairing, leaver, reason, now, how=str(reason))


def part(
    tx: Transaction,
    pairing: Pairing,
    leaver: Participant,
    reason: EndReason,
    now: datetime,
    *,
    how: str,
) -> None:
    """End one pairing of somebody's, as `part_from_everyone` does; `how` is what partners hear."""
    if _goes_on(tx, pairing, leaver, reason, now):
        return
    how = _how(tx, pairing, leaver) or how
    is_over = _is_over(tx, leaver.programme_id, now)
    programme = participants.programme(tx, leaver.programme_id)
    asks = programme is not None and parse_stored(programme.definition).matching.requests
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
                how=how,
                outlook=_outlook(partner, is_over=is_over, asks=bool(asks)),
            )


def _goes_on(
    tx: Transaction, pairing: Pairing, leaver: Participant, reason: EndReason, now: datetime
) -> bool:
    """Let a group go on without a mentee who leaves, if it is large enough; say whether it does.

    Where the file has no groups any more, one goes on for as long as it has a mentee. What the
    leaver had in it stays in a pairing of their own, which has ended. The others hear in a new
    conversation, since nobody can be taken out of a group DM; where they are still to be
    introduced, they are so without the leaver.
    """
    programme = participants.programme(tx, pairing.programme_id)
    group = parse_stored(programme.definition).matching.group if programme else None
    mentor, *others = [it for it in _members(tx, pairing) if it is not leaver]
    least = group.least if group is not None else 1
    if len(others) < least or not _is_mentee(tx, pairing, leaver):
        return False
    _set_apart(tx, pairing, mentor, leaver, reason, now)
    outbox.leave_out(tx, pairing.pairing_id, leaver.slack_user_id, now)
    if MessageState.PENDING not in _introduction(tx, pairing):
        pairing.channel_id = None
        enqueue(
            tx,
            MessageKind.GROUP_GOES_ON,
            [it.slack_user_id for it in (mentor, *others)],
            programme_id=pairing.programme_id,
            subject=f"{pairing.pairing_id}:{leaver.participant_id}",
            now=now,
            pairing_id=pairing.pairing_id,
            leaver=leaver.slack_user_id,
        )
    return True


def _set_apart(
    tx: Transaction,
    group: Pairing,
    mentor: Participant,
    leaver: Participant,
    reason: EndReason,
    now: datetime,
) -> None:
    apart = tx.add(
        Pairing(
            workspace_id=tx.workspace_id,
            pairing_id=tx.new_id(),
            programme_id=group.programme_id,
            cycle_number=group.cycle_number,
            starts_on=group.starts_on,
            ends_on=group.ends_on,
            introduced_at=group.introduced_at,
            reasons=group.reasons,
            next_step=group.next_step,
            channel_id=group.channel_id,
            ended_at=now,
            end_reason=reason,
        )
    )
    tx.session.flush()
    tx.add(Membership(tx.workspace_id, apart.pairing_id, mentor.participant_id, Role.MENTOR))
    pairings.move_out(tx, group.pairing_id, leaver.participant_id, apart.pairing_id)
    tx.add(
        AuditEntry(
            tx.workspace_id,
            tx.new_id(),
            now,
            "system",
            "group.left",
            leaver.participant_id,
            {"pairing": group.pairing_id},
        )
    )


def _how(tx: Transaction, pairing: Pairing, leaver: Participant) -> str | None:
    """What is special about an end: nobody was introduced yet, or the group is too small now."""
    if pairing.channel_id is None and MessageState.SENT not in _introduction(tx, pairing):
        return "not_introduced"
    if _is_mentee(tx, pairing, leaver) and len(_members(tx, pairing)) > 2:
        return "group_over"
    return None


def _introduction(tx: Transaction, pairing: Pairing) -> set[MessageState]:
    return outbox.states(tx, pairing.pairing_id, MessageKind.INTRODUCTION)


def _members(tx: Transaction, pairing: Pairing) -> list[Participant]:
    return pairings.members(tx, pairing.pairing_id)


def _is_mentee(tx: Transaction, pairing: Pairing, member: Participant) -> bool:
    return pairings.role_in(tx, pairing.pairing_id, member.participant_id) is Role.MENTEE


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


def _outlook(partner: Participant, *, is_over: bool, asks: bool) -> str | None:
    """What a partner may hope for now; None for mentors who want nobody more."""
    if is_over:
        return "over"
    if partner.pause_reason is PauseReason.OPTED_OUT:
        return "resting"
    if partner.state is ParticipantState.PAUSED:
        return "after_break"
    if partner.waiting_since_at is not None:
        return "in_line"
    return "may_ask" if partner.role is Role.MENTEE and asks else None
