"""Why somebody is without a mentor after a matching by lists, and who could change that."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import NamedTuple

from mentorbot.domain.matching.preferences import Market, Pair, ranks


class ListReason(StrEnum):
    """Why a mentee has fewer mentors than they want. Each says something that is true."""

    NO_CHOICES = "no_choices"
    """They have chosen nobody."""
    NOBODY_ALLOWED = "nobody_allowed"
    """All whom they have chosen are excluded by a rule, forbidden or theirs already."""
    NOT_CHOSEN = "not_chosen"
    """Nobody of those whom they have chosen has chosen them."""
    NO_PLACES = "no_places"
    """Those whom they have chosen offer no place at all."""
    GROUPS_CLOSED = "groups_closed"
    """Some of their choices have places, but get no group: it would be smaller than their least."""
    LONGER_WAITS = "longer_waits"
    """All places are taken by people of earlier waiting classes."""
    ALL_TAKEN = "all_taken"
    """All places of those whom they have chosen are taken."""


class LeftOut(NamedTuple):
    """A mentee who got `has` of the `wants` mentors that they want, and why not more."""

    mentee: str
    has: int
    wants: int
    reason: ListReason


def left_out(market: Market, pairs: Collection[Pair], *, is_mutual: bool) -> Iterator[LeftOut]:
    """All who have fewer mentors than they want, sorted, after a matching by lists.

    With `is_mutual` only those can meet who have chosen each other.
    """
    mentors_of, mentees_of = defaultdict(set), defaultdict(set)
    for mentee, mentor in pairs:
        mentors_of[mentee].add(mentor)
        mentees_of[mentor].add(mentee)
    answers = {it: ranks(market.answers.get(it, ())) for it in market.ceilings if is_mutual}
    for mentee in sorted(market.choices):
        has, wants = len(mentors_of[mentee]), market.wanted(mentee)
        if has < wants:
            chosen = ranks(market.choices[mentee]).keys() - mentors_of[mentee]
            reason = _reason(market, mentee, chosen, mentees_of, answers if is_mutual else None)
            yield LeftOut(mentee, has, wants, reason)


def _reason(
    market: Market,
    mentee: str,
    chosen: Collection[str],
    mentees_of: dict[str, set[str]],
    answers: dict[str, dict[str, int]] | None,
) -> ListReason:
    if not market.choices[mentee]:
        return ListReason.NO_CHOICES
    allowed = [it for it in chosen if (mentee, it) not in market.forbidden]
    if not allowed:
        return ListReason.NOBODY_ALLOWED
    mutual = [it for it in allowed if answers is None or mentee in answers[it]]
    if not mutual:
        return ListReason.NOT_CHOSEN
    offering = [it for it in mutual if market.ceilings[it]]
    if not offering:
        return ListReason.NO_PLACES
    if any(len(mentees_of[it]) < market.ceilings[it] for it in offering):
        return ListReason.GROUPS_CLOSED
    own = market.class_of(mentee)
    waited = (market.class_of(other) < own for it in offering for other in mentees_of[it])
    if answers is None and all(waited):
        return ListReason.LONGER_WAITS
    return ListReason.ALL_TAKEN
