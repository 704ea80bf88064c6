"""Ending one pairing before its time: the partner hears so kindly, the reason is kept from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.errors import InvalidAnswers, NoPartner, Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    AuditEntry,
    EndReason,
    Pairing,
    Participant,
    ParticipantState,
    PauseReason,
    Role,
)
from mentorbot.domain.partings import REASON_MOST, Parting, Wish
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import pairings, participants, partings
from mentorbot.storage.store import Transaction
from mentorbot.usecases import parting, request_ends, waiting
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.messages import tell_coordinators
from mentorbot.usecases.outlook import How, outlook

ENDED = "ended"
"""What a partner hears of how a pairing came to its end."""


@dataclass(frozen=True)
class Endable:
    """A pairing that runs, as one of its members may end it; `others` are whom they part from."""

    pairing: Pairing
    member: Participant
    others: tuple[Participant, ...]


@dataclass(frozen=True)
class ToEnd:
    """What somebody may end, and whether they are asked what they want next and why."""

    pairings: tuple[Endable, ...]
    takes_wish: bool
    takes_reason: bool


def to_end(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> ToEnd:
    """The pairings that somebody may end; raises NotSetUp, NotEnrolled, NoPartner."""
    member = enrolled_or_refuse(tx, programme_id, slack_user_id)
    running = pairings.of_participant(tx, member.participant_id)
    if not running:
        raise NoPartner
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    found = tuple(_endable(tx, it, member) for it in running)
    return ToEnd(found, _takes_wish(tx, file, now), tx.vault.can_seal)


def _takes_wish(tx: Transaction, file: ProgrammeFile, now: datetime) -> bool:
    return outlook(tx, file, now).how is not How.OVER


def _endable(tx: Transaction, pairing: Pairing, member: Participant) -> Endable:
    """Whom somebody parts from: of a group, a mentee leaves the mentor alone."""
    members = pairings.members(tx, pairing.pairing_id)
    is_mentor = members[0] is member
    others = members[1:] if is_mentor else members[:1]
    return Endable(pairing, member, tuple(it for it in others if it is not member))


def end_pair(
    tx: Transaction,
    pairing_id: str,
    slack_user_id: str,
    *,
    reason: str,
    wish: Wish,
    now: datetime,
) -> Endable:
    """End a pairing at the wish of one of its members; the two are not matched again.

    The partner goes before others in line and does not learn the reason, which is sealed and told
    to those who run the programme. Raises Stale for a pairing that has ended or is not theirs,
    InvalidAnswers for a reason that is too long, SecretKeyMissing for one that cannot be sealed.
    """
    pairing = pairings.pairing(tx, pairing_id)
    if pairing is None or not pairing.is_active:
        raise Stale
    member = participants.of_person(tx, pairing.programme_id, slack_user_id)
    if member is None or not pairings.role_in(tx, pairing_id, member.participant_id):
        raise Stale
    reason = reason.strip()
    if len(reason) > REASON_MOST:
        too_long = {"found": len(reason), "most": REASON_MOST}
        raise InvalidAnswers({"reason": ("form.too_long", too_long)})
    participants.lock(tx, pairing.programme_id)
    found = _endable(tx, pairing, member)
    _keep_apart(tx, member, found.others, now)
    parting.part(tx, pairing, member, EndReason.LEFT, now, how=ENDED)
    ended = _what_ended(tx, pairing, member)
    sealed = tx.vault.seal(reason, ended.pairing_id) if reason else None
    tx.add(Parting(tx.workspace_id, ended.pairing_id, member.participant_id, now, sealed))
    _note(tx, ended, slack_user_id, now)
    _go_on(tx, member, wish, now)
    tell_coordinators(
        tx,
        MessageKind.PAIR_ENDED,
        programme_id=pairing.programme_id,
        subject=ended.pairing_id,
        now=now,
        pairing_id=ended.pairing_id,
        who=slack_user_id,
    )
    match_waiting(tx, pairing.programme_id, now)
    waiting.tell_place(tx, member, now)
    return found


def _keep_apart(
    tx: Transaction, member: Participant, others: Sequence[Participant], now: datetime
) -> None:
    users = [it.slack_user_id for it in others]
    partings.keep_apart(tx, member.slack_user_id, users, now)
    for other in others:
        request_ends.between(tx, member, other, now)


def _what_ended(tx: Transaction, pairing: Pairing, member: Participant) -> Pairing:
    """The pairing; of a group that goes on, what was set apart for whoever left it."""
    if not pairing.is_active:
        return pairing
    every = pairings.of_participant(tx, member.participant_id, active_only=False)
    return next(it for it in every if it.introduced_at == pairing.introduced_at)


def _note(tx: Transaction, ended: Pairing, slack_user_id: str, now: datetime) -> None:
    entry = (tx.workspace_id, tx.new_id(), now, slack_user_id, "pairing.end", ended.pairing_id)
    tx.add(AuditEntry(*entry))


def _go_on(tx: Transaction, member: Participant, wish: Wish, now: datetime) -> None:
    """Whoever ended a pairing waits for another partner, or gets nobody new."""
    if wish is Wish.REST and member.is_active:
        running = len(pairings.of_participant(tx, member.participant_id))
        if running and member.role is Role.MENTOR:
            member.capacity = running
        elif not running:
            member.state, member.pause_reason = ParticipantState.PAUSED, PauseReason.OPTED_OUT
            member.paused_until_at = None
    waiting.update(tx, member, now)


def reason_of(tx: Transaction, pairing_id: str) -> str:
    """Why somebody ended a pairing; empty where they gave no reason, or it was erased.

    Raises SecretKeyMissing.
    """
    found = partings.parting(tx, pairing_id)
    if found is None or found.sealed is None:
        return ""
    return str(tx.vault.open(found.sealed, pairing_id))
