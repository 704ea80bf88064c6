"""Issuing certificates to mentors: by feedback, or by a coordinator's override."""

from datetime import datetime

from mentorbot.domain.errors import CertificateExists, ReasonMissing, UnknownPerson
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry, Certificate, Pairing, Participant, Role
from mentorbot.storage import certificates as stored
from mentorbot.storage import pairings, participants
from mentorbot.storage.store import Transaction
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
    cycle = (pairing.programme_id, pairing.cycle_number)
    if stored.for_cycle(tx, *cycle, mentor.participant_id) is not None:
        return None
    mine = _pairings_of_cycle(tx, pairing, mentor)
    certificate = tx.add(
        Certificate(
            workspace_id=tx.workspace_id,
            certificate_id=tx.new_id(),
            programme_id=pairing.programme_id,
            cycle_number=pairing.cycle_number,
            participant_id=mentor.participant_id,
            period_from_on=min(found.starts_on for found in mine),
            period_to_on=pairing.ends_on,
            mentee_count=len(mine),
            issued_at=now,
            override_by=override_by,
            override_reason=override_reason,
        )
    )
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


def _pairings_of_cycle(tx: Transaction, pairing: Pairing, mentor: Participant) -> list[Pairing]:
    every = pairings.of_participant(tx, mentor.participant_id, active_only=False)
    return [found for found in every if found.cycle_number == pairing.cycle_number]


def override(
    tx: Transaction,
    programme_id: str,
    mentor_slack_user_id: str,
    reason: str,
    coordinator: str,
    now: datetime,
) -> Certificate:
    """Issue the certificate of a mentor's latest cycle where feedback never came, with a record.

    Raises ReasonMissing, UnknownPerson (nobody who mentored here), CertificateExists.
    """
    reason = reason.strip()[:REASON_MOST]
    if not reason:
        raise ReasonMissing
    mentor = participants.of_person(tx, programme_id, mentor_slack_user_id)
    mentored = [
        found
        for found in (
            pairings.of_participant(tx, mentor.participant_id, active_only=False) if mentor else []
        )
        if mentor and pairings.role_in(tx, found.pairing_id, mentor.participant_id) is Role.MENTOR
    ]
    if mentor is None or not mentored:
        raise UnknownPerson(named=mentor_slack_user_id)
    certificate = issue(
        tx, mentored[-1], mentor, now, override_by=coordinator, override_reason=reason
    )
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
