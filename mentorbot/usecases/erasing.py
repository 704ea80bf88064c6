"""Erasing a person for good, and again where a backup has brought them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.erasures import Erasure, digest_of, is_address, of_workspace, stand_in
from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.messages import by_mail
from mentorbot.domain.model import AuditEntry
from mentorbot.storage import addresses, applications, participants, privacy
from mentorbot.storage.addresses import Held
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, concerns, enrolment, session_places, team


@dataclass(frozen=True)
class Erased:
    """Who was erased: one erasure for each account and address; and what there was of them."""

    erasures: tuple[Erasure, ...]
    accounts: int
    held: Held


def erase(tx: Transaction, who: str, now: datetime) -> Erased:
    """Take a person out of the workspace's tables; their partners are told that they have left.

    They are named by a Slack id or an e-mail address, and known by all that belong together: the
    accounts that have applied under the address, the addresses under which an account has.

    Raises OperatorRefused where nothing is stored of them, or while a case about them is open.
    """
    is_known = addresses.is_known if is_address(who) else privacy.is_known
    if not is_known(tx, who):
        raise OperatorRefused(f"Nothing is stored of {who} in {tx.workspace_id}.")
    accounts = addresses.accounts(tx, who) if is_address(who) else {who}
    if any(concerns.open_about(tx, it) for it in accounts):
        raise OperatorRefused(
            f"Something about {who} has to be kept for now. Please ask the safeguarding leads."
        )
    emails = {email for it in accounts for email in addresses.of_account(tx, it)}
    emails |= {who} if is_address(who) else set()
    held = addresses.held(tx, accounts, emails)
    erasures = []
    for name in (*sorted(accounts), *sorted(emails)):
        digest = digest_of(tx.workspace_id, name)
        erasures.append(Erasure(tx.workspace_id, digest, tx.new_id(), now))
        _carry_out(tx, name, erasures[-1], now)
    return Erased(tuple(erasures), len(accounts), held)


def missing(tx: Transaction, erasures: Sequence[Erasure]) -> list[Erasure]:
    """Those of some erasures of people that this database does not know of."""
    done, whole = privacy.erasure_ids(tx), of_workspace(tx.workspace_id)
    return [it for it in erasures if it.erasure_id not in done and it.digest != whole]


def repeat(tx: Transaction, erasures: Sequence[Erasure], now: datetime) -> int:
    """Carry out what this database does not know of yet; returns how many erasures that were."""
    unknown = missing(tx, erasures)
    known = privacy.known_ids(tx) | addresses.every(tx)
    by_digest = {digest_of(tx.workspace_id, found): found for found in known}
    for erasure in unknown:
        found = by_digest.pop(erasure.digest, None)
        if found is None:
            privacy.remember(tx, erasure)
        else:
            _carry_out(tx, found, erasure, now)
    return len(unknown)


def _carry_out(tx: Transaction, who: str, erasure: Erasure, now: datetime) -> None:
    if is_address(who):
        _take_out_address(tx, who, now)
    else:
        _take_out_account(tx, who, erasure, now)
    privacy.remember(tx, erasure)
    tx.add(
        AuditEntry(
            tx.workspace_id, tx.new_id(), now, "operator", "person.erase", erasure.erasure_id, {}
        )
    )


def _take_out_account(tx: Transaction, slack_user_id: str, erasure: Erasure, now: datetime) -> None:
    privacy.cancel_unsettled(tx, slack_user_id, now)
    tx.session.expire_all()
    for participant in participants.enrolments(tx, slack_user_id):
        if participant.is_enrolled:
            enrolment.leave(tx, participant.programme_id, slack_user_id, now)
    session_places.give_back_all(tx, slack_user_id, now)
    applying.withdraw_all(tx, applications.everywhere(tx, slack_user_id), now)
    team.lost(tx, slack_user_id, now)
    privacy.take_out(tx, slack_user_id, stand_in(erasure.erasure_id), now)


def _take_out_address(tx: Transaction, email: str, now: datetime) -> None:
    theirs = addresses.applied_elsewhere(tx, email)
    for found in theirs:
        privacy.cancel_unsettled(tx, by_mail(found.application_id), now)
    applying.withdraw_all(tx, theirs, now)
    addresses.take_out(tx, email)
