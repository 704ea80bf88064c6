"""Signing certificates: the workspace's keys, and what is signed with them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog

from mentorbot.certificates import credential, signing, status_list
from mentorbot.certificates.credential import Issuer
from mentorbot.certificates.lettering import printable
from mentorbot.certificates.page import WORDING_KEYS
from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.domain.issuing import IssuerKey, Statement
from mentorbot.domain.model import AuditEntry, Certificate, Person
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import certificates as stored
from mentorbot.storage import issuer_keys, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.wording import Markup, full_date, language_of, say

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pen:
    """A key that is open to sign with."""

    key_id: str
    secret: str

    def sign(self, payload: Any, issuer: Issuer) -> str:
        """A payload as a signed token."""
        return signing.sign(payload, self.secret, issuer.kid(self.key_id))


def issuer(tx: Transaction) -> Issuer:
    """The workspace, as who signs."""
    return Issuer(tx.workspace_id, tx.public_url)


def pen(tx: Transaction, now: datetime) -> Pen:
    """The key that signs now, made where there is none; raises SecretKeyMissing."""
    for key in reversed(issuer_keys.every(tx)):
        if key.retired_at is None:
            return Pen(key.key_id, tx.vault.open(key.sealed, _place(key.key_id)))
    return _new_pen(tx, now, "system")


def rotate(tx: Transaction, by: str, now: datetime) -> str:
    """Sign with a new key from now on; returns its id.

    The private half of the old one is deleted. Its public half stays, and so does what it signed.
    Raises SecretKeyMissing.
    """
    made = _new_pen(tx, now, by)
    for key in issuer_keys.every(tx):
        if key.retired_at is None and key.key_id != made.key_id:
            key.retired_at, key.sealed = now, ""
    return made.key_id


def _new_pen(tx: Transaction, now: datetime, by: str) -> Pen:
    key_id, secret = signing.new_pair()
    tx.add(IssuerKey(tx.workspace_id, key_id, tx.vault.seal(secret, _place(key_id)), now))
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, by, "certificate.key_made", key_id, {}))
    return Pen(key_id, secret)


def _place(key_id: str) -> str:
    return f"issuer_key/{key_id}"


def sign(tx: Transaction, held: Certificate, now: datetime) -> bool:
    """Sign what a certificate says; whether it could be: not without a secret key, or a name."""
    said = statement(tx, held)
    if said is None or not tx.vault.can_seal:
        return False
    try:
        mine = pen(tx, now)
    except SecretKeyMissing:
        log.error("certificate.key_lost", workspace=tx.workspace_id)
        return False
    place = stored.next_status_index(tx)
    entry = status_list.entry(issuer(tx), place)
    payload = credential.credential(said, issuer(tx), mine.key_id, entry)
    held.credential = mine.sign(payload, issuer(tx))
    held.fingerprint = sha256(held.credential.encode()).hexdigest()
    held.status_index = place
    tx.session.flush()
    return True


def statement(tx: Transaction, held: Certificate) -> Statement | None:
    """What a certificate says: as it was signed, else in today's words; None without a name."""
    if held.credential is not None:
        return credential.stated(signing.read(held.credential)[1])
    programme = participants.programme(tx, held.programme_id)
    holder = participants.participant(tx, held.participant_id)
    person = people.person(tx, holder.slack_user_id) if holder else None
    if programme is None or person is None or not printable(person.name):
        return None
    file = parse_stored(programme.definition)
    said = words(held, file, locale_of(person, file))
    return Statement(
        number=held.certificate_id,
        programme_name=printable(file.name),
        organisation=printable(file.certificate.organisation),
        recipient_name=printable(person.name),
        heading=said["heading"],
        citation=printable(said["citation"]),
        role=said["role"],
        period_from=held.period_from_on,
        period_to=held.period_to_on,
        issued_at=held.issued_at,
    )


def words(held: Certificate, file: ProgrammeFile, locale: str) -> dict[str, Markup]:
    """The sentences of a certificate's page, in a language."""
    values = {
        "programme": Markup(file.name),
        "organisation": Markup(file.certificate.organisation),
        "count": held.mentee_count,
        "from_on": full_date(held.period_from_on, locale),
        "to_on": full_date(held.period_to_on, locale),
        "issued_on": full_date(held.issued_at.astimezone(file.zone).date(), locale),
    }
    found = {key: say(f"certificate.page.{key}", locale, **values) for key in WORDING_KEYS}
    if hours := (held.meeting_minutes or 0) // 60:
        met = say("certificate.page_hours", locale, count=hours)
        found["citation"] = Markup(f"{found['citation']}, {met}")
    return found


def locale_of(person: Person, file: ProgrammeFile) -> str:
    """A person's locale where the programme speaks it, else the programme's own."""
    spoken = [str(language) for language in file.languages]
    return person.locale if language_of(person.locale) in spoken else spoken[0]


def status(tx: Transaction, page: int, now: datetime) -> str:
    """A status list, signed: which of its certificates are revoked; raises SecretKeyMissing."""
    beyond = (page + 1) * status_list.BITS
    revoked = stored.revoked_indexes(tx, page * status_list.BITS, beyond)
    mine = pen(tx, now)
    listed = status_list.status_list(issuer(tx), mine.key_id, page, revoked, now)
    return mine.sign(listed, issuer(tx))


def sign_slice(tx: Transaction, after: str, most: int, now: datetime) -> tuple[str, int] | None:
    """Sign some that are not: the last id looked at and how many were; None where none is left."""
    found = stored.unsigned_after(tx, after, most)
    if not found:
        return None
    return found[-1].certificate_id, sum(sign(tx, held, now) for held in found)
