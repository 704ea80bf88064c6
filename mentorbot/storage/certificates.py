"""Queries about certificates, and the audit log."""

from sqlalchemy import func, select

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


def next_status_index(tx: Transaction) -> int:
    """The first place of the status lists that no certificate has had."""
    taken = select(func.max(_t.status_index)).where(_t.workspace_id == tx.workspace_id)
    highest = tx.session.scalar(taken)
    return 0 if highest is None else highest + 1


def revoked_indexes(tx: Transaction, first: int, beyond: int) -> list[int]:
    """The places of the revoked certificates, from `first` to before `beyond`."""
    return list(
        tx.session.scalars(
            select(_t.status_index).where(
                _t.workspace_id == tx.workspace_id,
                _t.revoked_at.is_not(None),
                _t.status_index >= first,
                _t.status_index < beyond,
            )
        )
    )


def unsigned_after(tx: Transaction, certificate_id: str, most: int) -> list[Certificate]:
    """The next certificates that nothing was signed for, by id."""
    return list(
        tx.session.scalars(
            select(Certificate)
            .where(
                _t.workspace_id == tx.workspace_id,
                _t.fingerprint.is_(None),
                _t.certificate_id > certificate_id,
            )
            .order_by(_t.certificate_id)
            .limit(most)
        )
    )
