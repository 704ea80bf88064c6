"""Pairings on hold while a concern is looked into: no word from us, nobody new, a neutral line."""

from datetime import datetime

from mentorbot.domain.concerns import Concern, Hold
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import EndReason, Pairing, Participant
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import concerns, outbox, pairings, participants, partings
from mentorbot.storage.store import Transaction
from mentorbot.usecases import parting, touchpoints, waiting
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.messages import enqueue

BY_TEAM = "by_team"
"""What partners hear of how a pairing came to its end."""


def _participant(tx: Transaction, concern: Concern, slack_user_id: str) -> Participant | None:
    return participants.of_person(tx, concern.programme_id, slack_user_id)


def _running(tx: Transaction, concern: Concern, slack_user_id: str) -> list[Pairing]:
    found = _participant(tx, concern, slack_user_id)
    return pairings.of_participant(tx, found.participant_id) if found else []


def pairings_of(tx: Transaction, concern: Concern) -> list[Pairing]:
    """The pairings that a concern is about: those it shares with whom it names, or all of theirs.

    Somebody who reports what they saw is in no pairing with those it is about.
    """
    mine = {it.pairing_id for it in _running(tx, concern, concern.reporter)}
    theirs = {it.pairing_id: it for who in concern.about for it in _running(tx, concern, who)}
    shared = [it for pairing_id, it in theirs.items() if pairing_id in mine]
    return shared or list(theirs.values())


def held_pairings(tx: Transaction, concern: Concern) -> list[Pairing]:
    """Those of its pairings that are on hold."""
    return [it for it in pairings_of(tx, concern) if it.on_hold_at is not None]


def hold(tx: Transaction, concern: Concern, now: datetime) -> bool:
    """Say nothing more in its pairings, and match nobody it names; whether that is new."""
    fresh = [it for it in pairings_of(tx, concern) if it.on_hold_at is None]
    for pairing in fresh:
        pairing.on_hold_at, pairing.next_due_at = now, None
        outbox.cancel_for_pairing(tx, pairing.pairing_id, now)
        _tell_all(tx, MessageKind.PAIR_ON_HOLD, pairing, now)
    for who in concern.about:
        concerns.hold(tx, Hold(tx.workspace_id, concern.concern_id, who, now))
        if (found := _participant(tx, concern, who)) is not None:
            waiting.update(tx, found, now)
    tx.session.flush()
    return bool(fresh)


def release(tx: Transaction, concern: Concern, now: datetime) -> bool:
    """Let its pairings go on from today, and match again whom it names; whether any was held."""
    held = held_pairings(tx, concern)
    file = parse_stored(programme_or_refuse(tx, concern.programme_id).definition)
    today = now.astimezone(file.zone).date()
    for pairing in held:
        pairing.on_hold_at = None
        points = touchpoints.points_of(file, pairing)
        missed = sum(point.on <= today for point in points)
        pairing.next_step = max(pairing.next_step, missed)
        touchpoints.schedule(tx, file, pairing)
        _tell_all(tx, MessageKind.PAIR_GOES_ON, pairing, now)
    for who in concerns.release(tx, concern.concern_id):
        if (found := _participant(tx, concern, who)) is not None and found.is_enrolled:
            waiting.update(tx, found, now)
    match_waiting(tx, concern.programme_id, now)
    return bool(held)


def end(tx: Transaction, concern: Concern, now: datetime) -> None:
    """End its pairings; whoever reported it and whom it names are never matched with each other.

    The partners go before others in line.
    """
    partings.keep_apart(tx, concern.reporter, concern.about, now)
    for pairing in pairings_of(tx, concern):
        pairing.on_hold_at = None
        for member in pairings.members(tx, pairing.pairing_id):
            if member.slack_user_id in concern.about and pairing.is_active:
                _say(tx, MessageKind.PAIR_CLOSED, pairing, member, now)
                parting.part(tx, pairing, member, EndReason.LEFT, now, how=BY_TEAM)
    for who in concern.about:
        if (found := _participant(tx, concern, who)) is not None:
            waiting.update(tx, found, now)
    match_waiting(tx, concern.programme_id, now)


def _tell_all(tx: Transaction, kind: MessageKind, pairing: Pairing, now: datetime) -> None:
    """The same words to all of a pairing, so that nobody learns from them who said what."""
    for member in pairings.members(tx, pairing.pairing_id):
        _say(tx, kind, pairing, member, now)


def _say(
    tx: Transaction, kind: MessageKind, pairing: Pairing, member: Participant, now: datetime
) -> None:
    if member.is_enrolled:
        enqueue(
            tx,
            kind,
            [member.slack_user_id],
            programme_id=pairing.programme_id,
            subject=f"{pairing.pairing_id}:{tx.new_id()}",
            now=now,
            pairing_id=pairing.pairing_id,
        )
