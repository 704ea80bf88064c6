"""Who may take part: the conditions of a programme file, decided and explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mentorbot.domain.conditions import Condition, Facts, Reason
from mentorbot.domain.questions import AnyQuestion

UNCONFIRMED: Reason = ("eligibility.unconfirmed", {})
"""Nobody knows whether the address that somebody gave is theirs."""


class Verdict(StrEnum):
    """What becomes of an application; a near miss is looked at by a person."""

    ELIGIBLE = "eligible"
    NEAR_MISS = "near_miss"
    INELIGIBLE = "ineligible"


@dataclass(frozen=True)
class Decision:
    """What becomes of an application, and what keeps it out, in the order of the file."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


def decide(rule: Condition | None, facts: Facts, supposed: Facts | None = None) -> Decision:
    """Whether somebody may take part; without a rule everybody may.

    `supposed` is what would be known if an address that nobody has confirmed were theirs: where
    that would decide otherwise, it is a near miss.
    """
    found = _decide(rule, facts)
    other = _decide(rule, supposed) if supposed is not None else found
    if other.verdict is found.verdict:
        return found
    return Decision(Verdict.NEAR_MISS, (UNCONFIRMED, *other.reasons))


def _decide(rule: Condition | None, facts: Facts) -> Decision:
    missed = rule.missed(facts) if rule else ()
    if not missed:
        return Decision(Verdict.ELIGIBLE)
    near = len(missed) == 1 and missed[0].is_near(facts)
    reasons = tuple(dict.fromkeys(missed))
    return Decision(
        Verdict.NEAR_MISS if near else Verdict.INELIGIBLE,
        tuple(leaf.told() for leaf in reasons),
    )


def faults(rule: Condition, questions: Mapping[str, AnyQuestion]) -> list[str]:
    """What can never be decided about a rule in a programme that asks these questions."""
    found = (leaf.fault(questions) for leaf in rule.leaves())
    return [fault for fault in found if fault is not None]
