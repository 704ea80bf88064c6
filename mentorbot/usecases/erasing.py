"""Erasing a person for good, and again where a backup has brought them back."""

from collections.abc import Sequence
from datetime import datetime

from mentorbot.domain.erasures import Erasure, digest_of, of_workspace, stand_in
from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.model import AuditEntry
from mentorbot.storage import participants, privacy
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, enrolment, team


def erase(tx: Transaction, slack_user_id: str, now: datetime) -> Erasure:
    """Take a person out of the workspace's tables; their partners are told that they have left.

    Raises OperatorRefused where nothing is stored of them.
    """
    if not privacy.is_known(tx, slack_user_id):
        raise OperatorRefused(f"Nothing is stored of {slack_user_id} in {tx.workspace_id}.")
    digest = digest_of(tx.workspace_id, slack_user_id)
    erasure = Erasure(tx.workspace_id, digest, tx.new_id(), now)
    _carry_out(tx, slack_user_id, erasure, now)
    return erasure


def missing(tx: Transaction, erasures: Sequence[Erasure]) -> list[Erasure]:
    """Those of some erasures of people that this database does not know of."""
    done, whole = privacy.erasure_ids(tx), of_workspace(tx.workspace_id)
    return [it for it in erasures if it.erasure_id not in done and it.digest != whole]


def repeat(tx: Transaction, erasures: Sequence[Erasure], now: datetime) -> int:
    """Carry out what this database does not know of yet; returns how many erasures that were."""
    unknown = missing(tx, erasures)
    by_digest = {digest_of(tx.workspace_id, found): found for found in privacy.known_ids(tx)}
    for erasure in unknown:
        found = by_digest.pop(erasure.digest, None)
        if found is None:
            privacy.remember(tx, erasure)
        else:
            _carry_out(tx, found, erasure, now)
    return len(unknown)


def _carry_out(tx: Transaction, slack_user_id: str, erasure: Erasure, now: datetime) -> None:
    privacy.cancel_unsettled(tx, slack_user_id, now)
    tx.session.expire_all()
    for participant in participants.enrolments(tx, slack_user_id):
        if participant.is_enrolled:
            enrolment.leave(tx, participant.programme_id, slack_user_id, now)
    applying.withdraw_all(tx, slack_user_id, now)
    team.lost(tx, slack_user_id, now)
    privacy.take_out(tx, slack_user_id, stand_in(erasure.erasure_id), now)
    privacy.remember(tx, erasure)
    tx.add(
        AuditEntry(
            tx.workspace_id, tx.new_id(), now, "operator", "person.erase", erasure.erasure_id, {}
        )
    )
