"""Queries about certificates, and the audit log."""

from sqlalchemy import select

from mentorbot.domain.model import Certificate
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.certificates.c


def certificate(tx: Transaction, certificate_id: str) -> Certificate | None:
    """A certificate by id."""
    return tx.get(Certificate, certificate_id)


def for_cycle(
    tx: Transaction, programme_id: str, cycle_number: int, participant_id: str
) -> Certificate | None:
    """The certificate a mentor holds for a cycle."""
    return tx.session.scalars(
        select(Certificate).where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == programme_id,
            _t.cycle_number == cycle_number,
            _t.participant_id == participant_id,
        )
    ).first()


def of_participant(tx: Transaction, participant_id: str) -> list[Certificate]:
    """A mentor's certificates, oldest first."""
    return list(
        tx.session.scalars(
            select(Certificate)
            .where(_t.workspace_id == tx.workspace_id, _t.participant_id == participant_id)
            .order_by(_t.issued_at)
        )
    )
