"""Why a pair and not another, as codes, ids and whole numbers; the words are found elsewhere."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

import numpy as np

from mentorbot.domain.matching.preferences import Market, ranks
from mentorbot.domain.matching.preferences import Pair as Couple
from mentorbot.domain.matching.problem import Pair, Problem, Reason

MOST_ALTERNATIVES = 3


class Alternative(NamedTuple):
    """Another mentor for a mentee: the score, and how many places they have left."""

    mentor_id: str
    score: int
    places_left: int


class Move(NamedTuple):
    """A mentee whose mentors change, from one matching to another."""

    mentee_id: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Against(StrEnum):
    """Why two people are not together in a stable matching."""

    FORBIDDEN = "forbidden"
    NOT_CHOSEN_BY_MENTEE = "not_chosen_by_mentee"
    NOT_CHOSEN_BY_MENTOR = "not_chosen_by_mentor"
    MENTEE_AT_LEAST_AS_WELL = "mentee_at_least_as_well"
    """The mentee has somebody whom they like as much or more, or a lock."""
    MENTOR_AT_LEAST_AS_WELL = "mentor_at_least_as_well"
    """The mentor's places are taken by people whom they like as much or more, or by locks."""


class Remedy(StrEnum):
    """What would get somebody a mentor."""

    MORE_PLACES = "more_places"
    """A place more with one of those mentors."""
    LOWER_LIMIT = "lower_limit"
    """A least acceptable score that is not above theirs."""
    SMALLER_GROUPS = "smaller_groups"
    """A smaller least number for one of those mentors."""
    FEWER_LOCKS = "fewer_locks"
    """One locked pair fewer with one of those mentors."""
    FEWER_RULES = "fewer_rules"
    """A rule or forbidden pair fewer."""
    MORE_CHOICES = "more_choices"
    """Choosing more people."""
    BEING_CHOSEN = "being_chosen"
    """That one of those mentors chooses them."""


@dataclass(frozen=True)
class Help:
    """What would help somebody who is without a mentor, and with whom: the nearest first."""

    remedy: Remedy
    mentor_ids: tuple[str, ...]
    best_score: int | None = None


_REMEDIES: Mapping[str, Remedy] = {
    Reason.NOBODY_ALLOWED: Remedy.FEWER_RULES,
    Reason.NOBODY_CLOSE: Remedy.LOWER_LIMIT,
    Reason.NO_PLACES: Remedy.MORE_PLACES,
    Reason.GROUPS_CLOSED: Remedy.SMALLER_GROUPS,
    Reason.LOCKED_PLACES: Remedy.FEWER_LOCKS,
    Reason.LONGER_WAITS: Remedy.MORE_PLACES,
    Reason.ALL_TAKEN: Remedy.MORE_PLACES,
    "no_choices": Remedy.MORE_CHOICES,
    "not_chosen": Remedy.BEING_CHOSEN,
}


def alternatives(
    problem: Problem, pairs: Collection[Couple]
) -> Mapping[str, tuple[Alternative, ...]]:
    """The mentors that each mentee could have had instead, best score first."""
    taken = Counter(mentor_id for _, mentor_id in pairs)
    mentors_of = _mentors(pairs)
    found = {}
    for mentee_id in problem.mentee_ids:
        own = mentors_of.get(mentee_id, ())
        others = (
            Alternative(it, score, int(problem.ceilings[problem.column_of[it]]) - taken[it])
            for it, score in _by_score(problem, mentee_id)
            if score >= problem.least_acceptable and it not in own
        )
        found[mentee_id] = tuple(islice(others, MOST_ALTERNATIVES))
    return found


def help_by_score(problem: Problem, mentee_id: str, reason: str, closed: Collection[str]) -> Help:
    """What would help somebody whom a matching by score leaves without."""
    remedy = _REMEDIES[reason]
    if remedy is Remedy.FEWER_RULES:
        return Help(remedy, ())
    locked = {it.mentor_id for it in problem.locks}
    narrowed = {Remedy.SMALLER_GROUPS: closed, Remedy.FEWER_LOCKS: locked}.get(remedy)
    near = [
        (mentor_id, score)
        for mentor_id, score in _by_score(problem, mentee_id)
        if (narrowed is None or mentor_id in narrowed)
        and (remedy is Remedy.LOWER_LIMIT or score >= problem.least_acceptable)
    ]
    mentor_ids = tuple(mentor_id for mentor_id, _ in near[:MOST_ALTERNATIVES])
    return Help(remedy, mentor_ids, near[0][1] if near else None)


def help_by_lists(market: Market, mentee_id: str, reason: str, closed: Collection[str]) -> Help:
    """What would help somebody whom a matching by lists leaves without."""
    remedy = _REMEDIES[reason]
    may = [it for it in ranks(market.choices[mentee_id]) if (mentee_id, it) not in market.forbidden]
    if remedy is Remedy.SMALLER_GROUPS:
        may = [it for it in may if it in closed]
    return Help(remedy, tuple(may[:MOST_ALTERNATIVES]))


def _by_score(problem: Problem, mentee_id: str) -> Iterator[tuple[str, int]]:
    """The mentors whom a mentee may have, best score first, then by id."""
    row = problem.row_of[mentee_id]
    scores = problem.scores.rows(row, row + 1)[0].astype(np.int64)
    order = sorted(
        np.flatnonzero(scores >= 0), key=lambda it: (-scores[it], problem.mentor_ids[it])
    )
    for column in order:
        if Pair(mentee_id, problem.mentor_ids[column]) not in problem.forbidden:
            yield problem.mentor_ids[column], int(scores[column])


def against(market: Market, pairs: Collection[Couple], mentee: str, mentor: str) -> Against | None:
    """Why two people are not together in a stable matching; None where they are."""
    if (mentee, mentor) in pairs:
        return None
    mine, theirs = ranks(market.choices[mentee]), ranks(market.answers.get(mentor, ()))
    if (mentee, mentor) in market.forbidden:
        return Against.FORBIDDEN
    if mentor not in mine:
        return Against.NOT_CHOSEN_BY_MENTEE
    if mentee not in theirs:
        return Against.NOT_CHOSEN_BY_MENTOR
    own = dict(pairs).get(mentee)
    is_content = own is not None and ((mentee, own) in market.locks or mine[own] <= mine[mentor])
    return Against.MENTEE_AT_LEAST_AS_WELL if is_content else Against.MENTOR_AT_LEAST_AS_WELL


def moves(before: Collection[Couple], after: Collection[Couple]) -> tuple[Move, ...]:
    """Whose mentors change between two matchings, sorted by id."""
    was, becomes = _mentors(before), _mentors(after)
    return tuple(
        Move(it, was.get(it, ()), becomes.get(it, ()))
        for it in sorted(was.keys() | becomes.keys())
        if was.get(it, ()) != becomes.get(it, ())
    )


def _mentors(pairs: Collection[Couple]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for mentee, mentor in sorted(pairs):
        found[mentee] = (*found.get(mentee, ()), mentor)
    return found
