"""What is stored under an e-mail address, and taking it out."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, cast, delete, func, or_, select, union, update

from mentorbot.domain.messages import by_mail, key_of
from mentorbot.domain.model import Application
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_t = tables.applications.c
_l = tables.listed_addresses.c
_s = tables.sealed_answers.c
_e = tables.erased.c
_m = tables.outbox.c


class Held(NamedTuple):
    """What there is of somebody: letters by what they are known by, the rest counted."""

    applications: int
    letters: tuple[str, ...]
    listed: int
    sealed: int


def is_known(tx: Transaction, email: str) -> bool:
    """Whether anything is stored under an address."""
    kept = ((_t, _t.email), (_t, _t.unconfirmed_email), (_l, _l.email))
    return any(
        tx.session.scalar(
            select(func.count()).where(table.workspace_id == tx.workspace_id, column == email)
        )
        for table, column in kept
    )


def accounts(tx: Transaction, email: str) -> set[str]:
    """The Slack ids of those who applied under an address that is theirs."""
    query = select(_t.slack_user_id).where(
        _t.workspace_id == tx.workspace_id, _t.email == email, _t.slack_user_id.is_not(None)
    )
    return {str(found) for found in tx.session.scalars(query)}


def of_account(tx: Transaction, slack_user_id: str) -> set[str]:
    """The addresses of a Slack account's applications, as far as they are theirs."""
    query = select(_t.email).where(
        _t.workspace_id == tx.workspace_id,
        _t.slack_user_id == slack_user_id,
        _t.email.is_not(None),
    )
    return {str(found) for found in tx.session.scalars(query)}


def every(tx: Transaction) -> set[str]:
    """Every address that is stored."""
    known = (_t.email, _t.unconfirmed_email, _l.email)
    query = union(*(select(it).where(it.table.c.workspace_id == tx.workspace_id) for it in known))
    return {found for found in tx.session.scalars(query) if found}


def held(tx: Transaction, slack_user_ids: Collection[str], emails: Collection[str]) -> Held:
    """What there is of somebody who is known by some accounts and addresses."""
    theirs = or_(_t.slack_user_id.in_(sorted(slack_user_ids)), _t.email.in_(sorted(emails)))
    own = select(_t.application_id).where(_t.workspace_id == tx.workspace_id, theirs)
    found = list(tx.session.scalars(own))
    listed = select(func.count()).where(
        _l.workspace_id == tx.workspace_id, _l.email.in_(sorted(emails))
    )
    sealed = select(func.count()).where(
        _s.workspace_id == tx.workspace_id, _s.application_id.in_(found)
    )
    keys = [key for application_id in found for key in _letters(tx, application_id)]
    letters = tuple(key_of(tx.workspace_id, key) for key in keys)
    return Held(len(found), letters, tx.session.scalar(listed) or 0, tx.session.scalar(sealed) or 0)


def _letters(tx: Transaction, application_id: str) -> list[str]:
    """The dedupe keys of letters about an application."""
    reader = cast(_m.recipients, Text).like(f'%"{by_mail(application_id)}"%')
    query = select(_m.dedupe_key).where(_m.workspace_id == tx.workspace_id, reader)
    return list(tx.session.scalars(query))


def applied_elsewhere(tx: Transaction, email: str) -> list[Application]:
    """What was applied for under an address by nobody whose account is known."""
    query = select(Application).where(
        _t.workspace_id == tx.workspace_id, _t.email == email, _t.slack_user_id.is_(None)
    )
    return list(tx.session.scalars(query))


def take_out(tx: Transaction, email: str) -> None:
    """Empty what came in under an address, and forget the address wherever else it is given."""
    for found in applied_elsewhere(tx, email):
        found.name, found.email, found.unconfirmed_email = "", None, None
        found.answers, found.reasons = {}, []
        found.question = found.reply = found.decision_reason = None
        tx.session.execute(
            delete(tables.sealed_answers).where(
                _s.workspace_id == tx.workspace_id, _s.application_id == found.application_id
            )
        )
    given = select(Application).where(
        _t.workspace_id == tx.workspace_id, _t.unconfirmed_email == email
    )
    for other in tx.session.scalars(given):
        other.unconfirmed_email = None
        other.answers = {name: it for name, it in other.answers.items() if it != email}
    tx.session.flush()
    tx.session.execute(
        update(tables.applications)
        .where(_t.workspace_id == tx.workspace_id, _t.email == email)
        .values(email=None)
    )
    tx.session.execute(
        delete(tables.listed_addresses).where(_l.workspace_id == tx.workspace_id, _l.email == email)
    )
    tx.session.expire_all()


def erased_at(tx: Transaction, digests: Sequence[str]) -> dict[str, datetime]:
    """When those of some people were last erased who were, by digest."""
    query = (
        select(_e.digest, func.max(_e.erased_at).label("at"))
        .where(_e.workspace_id == tx.workspace_id, among(tx, _e.digest, digests))
        .group_by(_e.digest)
    )
    return {row.digest: row.at for row in tx.session.execute(query)}
