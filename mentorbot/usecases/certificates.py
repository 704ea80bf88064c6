"""Issuing certificates to mentors: by feedback, or by a coordinator's override."""

from datetime import date, datetime

from mentorbot.domain.errors import (
    CertificateExists,
    NoCertificate,
    ReasonMissing,
    RevocationUnclear,
    UnknownPerson,
)
from mentorbot.domain.meetings import minutes_counted
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import (
    AuditEntry,
    Certificate,
    EndReason,
    Pairing,
    Participant,
    Role,
)
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import certificates as stored
from mentorbot.storage import meetings, pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import issuing
from mentorbot.usecases.messages import enqueue

REASON_MOST = 300
"""Characters of an override's reason."""


def issue(
    tx: Transaction,
    pairing: Pairing,
    mentor: Participant,
    now: datetime,
    *,
    override_by: str | None = None,
    override_reason: str | None = None,
) -> Certificate | None:
    """Issue a mentor's certificate for a pairing's cycle and send it; None where it exists.

    A mentor receives one certificate a cycle, which counts all the mentees of that cycle.
    """
    if held(tx, pairing, mentor):
        return None
    mine = mentored_in_cycle(tx, pairing, mentor)
    certificate = tx.add(
        Certificate(
            workspace_id=tx.workspace_id,
            certificate_id=tx.new_id(),
            programme_id=pairing.programme_id,
            cycle_number=pairing.cycle_number,
            participant_id=mentor.participant_id,
            period_from_on=min(found.starts_on for found in mine),
            period_to_on=max(_last_day(found) for found in mine),
            mentee_count=len(_mentees_of(tx, mine)),
            issued_at=now,
            override_by=override_by,
            override_reason=override_reason,
            meeting_minutes=minutes_met(tx, pairing.programme_id, mine),
        )
    )
    issuing.sign(tx, certificate, now)
    enqueue(
        tx,
        MessageKind.CERTIFICATE,
        [mentor.slack_user_id],
        programme_id=pairing.programme_id,
        subject=certificate.certificate_id,
        now=now,
        pairing_id=pairing.pairing_id,
        certificate_id=certificate.certificate_id,
    )
    return certificate


def held(tx: Transaction, pairing: Pairing, mentor: Participant) -> bool:
    """Whether a mentor holds the certificate of a pairing's cycle."""
    cycle = (pairing.programme_id, pairing.cycle_number)
    return stored.for_cycle(tx, *cycle, mentor.participant_id) is not None


def mentored(tx: Transaction, mentor: Participant) -> list[Pairing]:
    """Every pairing in which somebody was the mentor, oldest first."""
    every = pairings.of_participant(tx, mentor.participant_id, active_only=False)
    return [
        found
        for found in every
        if pairings.role_in(tx, found.pairing_id, mentor.participant_id) is Role.MENTOR
    ]


def mentored_in_cycle(tx: Transaction, pairing: Pairing, mentor: Participant) -> list[Pairing]:
    """Every pairing of a mentor's in the cycle of one of them, oldest first."""
    every = mentored(tx, mentor)
    return [found for found in every if found.cycle_number == pairing.cycle_number]


def minutes_met(tx: Transaction, programme_id: str, met: list[Pairing]) -> int | None:
    """The minutes of some pairings' meetings that count; None where none are taken down."""
    programme = participants.programme(tx, programme_id)
    rules = parse_stored(programme.definition).meetings if programme else None
    if rules is None:
        return None
    held = meetings.of_pairings(tx, [it.pairing_id for it in met])
    return sum(minutes_counted(rules, found) for found in held.values())


def _last_day(pairing: Pairing) -> date:
    """The last day of a pairing, which may have ended before its time."""
    if pairing.ended_at is None or pairing.end_reason is EndReason.CLOSED:
        return pairing.ends_on
    return pairing.ended_at.date()


def _mentees_of(tx: Transaction, mentored: list[Pairing]) -> set[str]:
    """Each mentee once, however often they left and came back."""
    return {
        member.participant_id
        for found in mentored
        for member in pairings.members(tx, found.pairing_id)
        if pairings.role_in(tx, found.pairing_id, member.participant_id) is Role.MENTEE
    }


def override(
    tx: Transaction,
    programme_id: str,
    mentor_slack_user_id: str,
    reason: str,
    coordinator: str,
    now: datetime,
) -> Certificate:
    """Issue a mentor's certificate where feedback never came, with a record.

    It is for the latest of their pairings that is over without one, else for the one that runs.
    Raises ReasonMissing, UnknownPerson (nobody who mentored here), CertificateExists.
    """
    reason = reason.strip()[:REASON_MOST]
    if not reason:
        raise ReasonMissing
    mentor = participants.of_person(tx, programme_id, mentor_slack_user_id)
    mine = mentored(tx, mentor) if mentor else []
    if mentor is None or not mine:
        raise UnknownPerson(named=mentor_slack_user_id)
    pairing = _without_certificate(tx, mentor, mine) or mine[-1]
    certificate = issue(tx, pairing, mentor, now, override_by=coordinator, override_reason=reason)
    if certificate is None:
        raise CertificateExists
    tx.add(
        AuditEntry(
            tx.workspace_id,
            tx.new_id(),
            now,
            coordinator,
            "certificate.override",
            certificate.certificate_id,
            {"mentor": mentor_slack_user_id, "reason": reason},
        )
    )
    return certificate


def _without_certificate(
    tx: Transaction, mentor: Participant, mentored: list[Pairing]
) -> Pairing | None:
    """The latest pairing that is over, and whose cycle brought its mentor no certificate."""
    for found in reversed(mentored):
        if not found.is_active and not held(tx, found, mentor):
            return found
    return None


def revoke(
    tx: Transaction,
    programme_id: str,
    mentor_slack_user_id: str,
    reason: str,
    coordinator: str,
    now: datetime,
) -> Certificate:
    """Revoke a mentor's newest certificate, for good, with a record; nobody is told.

    Raises RevocationUnclear (no reason), NoCertificate.
    """
    reason = reason.strip()[:REASON_MOST]
    if not reason:
        raise RevocationUnclear
    mentor = participants.of_person(tx, programme_id, mentor_slack_user_id)
    every = stored.of_participant(tx, mentor.participant_id) if mentor else []
    standing = [it for it in every if it.revoked_at is None]
    if not standing:
        raise NoCertificate
    found = standing[-1]
    found.revoked_at, found.revoked_by, found.revoked_reason = now, coordinator, reason
    details = {"mentor": mentor_slack_user_id, "reason": reason}
    entry = (now, coordinator, "certificate.revoke", found.certificate_id, details)
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), *entry))
    return found
