"""A new key: everything that is sealed is sealed with it, so that the old one can go."""

from mentorbot.storage import (
    agreements,
    anonymous,
    concerns,
    draws,
    goals,
    issuer_keys,
    partings,
    sealed,
)
from mentorbot.storage.store import Transaction


def renew(tx: Transaction) -> int:
    """Seal a workspace's sensitive answers, goals, agreements, partings, concerns and draws anew.

    Returns how many things they are. Raises SecretKeyMissing where a key is missing.
    """
    count = 0
    for answer in sealed.every(tx):
        answer.sealed = tx.vault.renew(answer.sealed)
        count += 1
    for goal in goals.every(tx):
        goal.sealed = tx.vault.renew(goal.sealed)
        count += 1
    for agreement in agreements.every(tx):
        agreement.sealed = tx.vault.renew(agreement.sealed)
        count += 1
    for told in concerns.every(tx):
        told.sealed = tx.vault.renew(told.sealed or "")
        count += 1
    for line in concerns.every_entry(tx):
        line.sealed = tx.vault.renew(line.sealed or "")
        count += 1
    for question in anonymous.every(tx):
        question.sealed = tx.vault.renew(question.sealed or "")
        count += 1
    for said in anonymous.every_answer(tx):
        said.sealed = tx.vault.renew(said.sealed or "")
        count += 1
    for parting in partings.every(tx):
        parting.sealed = tx.vault.renew(parting.sealed or "")
        count += 1
    for key in issuer_keys.every(tx):
        if key.retired_at is None:
            key.sealed = tx.vault.renew(key.sealed)
            count += 1
    for draw in draws.every(tx):
        if draw.is_sealed and draw.salt is not None:
            draw.salt = tx.vault.renew(draw.salt)
            draw.line = tx.vault.renew(draw.line) if draw.line is not None else None
            draw.traits = tx.vault.renew(draw.traits) if draw.traits is not None else None
            count += 1
    return count
