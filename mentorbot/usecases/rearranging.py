"""Finding the best pairs again after one was changed by hand: few others move, or all may.

The solver is loaded only where it runs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mentorbot.domain.matching.instant import Candidate, Proposal
from mentorbot.domain.matching.instant import Pair as Paired
from mentorbot.usecases.best_matching import apart as kept_apart
from mentorbot.usecases.best_matching import problem_of, proposal_of

if TYPE_CHECKING:
    from mentorbot.domain.matching.problem import Pair, Problem


@dataclass(frozen=True)
class Wanted:
    """What the pairs have to keep to, mentor first; `drawn` is how they are now.

    `change` is the pair that is changed: it has to be, or must not be.
    """

    drawn: frozenset[Paired]
    together: frozenset[Paired]
    apart: frozenset[Paired]
    change: Paired


@dataclass(frozen=True)
class Arrangement:
    """Pairs, and the sum of their points, each from 0 to 1000."""

    proposals: tuple[Proposal, ...]
    points: int


@dataclass(frozen=True)
class Arrangements:
    """The points of the pairs as they are, and what they become: few pairs change, or all may."""

    points: int
    few: Arrangement
    free: Arrangement


def rearrange(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Iterable[Paired],
    weights: Mapping[str, int],
    waited_longer: Collection[str],
    wanted: Wanted,
) -> Arrangements | None:
    """The best pairs after a change; None where two who are to be a pair cannot be one.

    With few changes every pair stays that has nobody of the changed one, nor a mentor whose place
    is needed.
    """
    from mentorbot.domain.matching.problem import BadProblem, Pair

    known = frozenset(past)
    problem = problem_of(mentors, mentees, known, weights, waited_longer, 0)
    points = _points(problem)
    drawn = {Pair(mentee, mentor) for mentor, mentee in wanted.drawn}
    locks = {Pair(mentee, mentor) for mentor, mentee in wanted.together}
    never = kept_apart(mentors, mentees)
    locks = {it for it in locks if points(it) >= 0 and it not in never}
    if wanted.change in wanted.together and Pair(*reversed(wanted.change)) not in locks:
        return None
    apart = never | {Pair(mentee, mentor) for mentor, mentee in wanted.apart}
    drawn -= never
    stays = [it for it in drawn if points(it) >= 0 and not _moves(it, wanted, mentors)]
    by_id = {it.participant_id: it for it in (*mentors, *mentees)}

    def solved(kept: Collection[Pair]) -> Arrangement:
        made = _solve(problem, frozenset(kept) | locks, apart, frozenset(drawn))
        proposals = tuple(proposal_of(by_id, it, known, weights) for it in made)
        return Arrangement(proposals, sum(points(it) for it in made))

    now = sum(points(it) for it in drawn if points(it) >= 0)
    try:
        return Arrangements(now, solved(stays), solved(()))
    except BadProblem:
        return None


def _points(problem: "Problem") -> "Callable[[Pair], int]":
    """The points of a pair; -1 where it cannot be, or one of the two is not there."""
    rows = {it: number for number, it in enumerate(problem.mentee_ids)}
    columns = {it: number for number, it in enumerate(problem.mentor_ids)}

    def points(pair: "Pair") -> int:
        row, column = rows.get(pair.mentee_id), columns.get(pair.mentor_id)
        if row is None or column is None:
            return -1
        return int(problem.scores.rows(row, row + 1)[0, column])

    return points


def _moves(pair: "Pair", wanted: Wanted, mentors: Sequence[Candidate]) -> bool:
    """Whether a pair makes room for the change."""
    mentor, mentee = wanted.change
    if wanted.change not in wanted.together:
        return (pair.mentor_id, pair.mentee_id) == wanted.change
    places = next((it.open_places for it in mentors if it.participant_id == mentor), 0)
    is_full = sum(it == mentor for it, _mentee in wanted.drawn) >= places
    return pair.mentee_id == mentee or (is_full and pair.mentor_id == mentor)


def _solve(
    problem: "Problem",
    locks: "frozenset[Pair]",
    apart: "frozenset[Pair]",
    drawn: "frozenset[Pair]",
) -> "list[Pair]":
    """As a matching of all is: past partners meet again only where both would be left over."""
    from mentorbot.domain.matching import best
    from mentorbot.domain.matching.leftovers import remaining
    from mentorbot.domain.matching.problem import Pair

    asked = replace(
        problem, locks=locks, forbidden=(problem.forbidden | apart) - locks, draft=drawn - apart
    )
    made = [Pair(*it[:2]) for it in best.solve(asked).pairs]
    again = replace(remaining(asked, made), forbidden=apart | frozenset(made))
    return made + [Pair(*it[:2]) for it in best.solve(again).pairs]
