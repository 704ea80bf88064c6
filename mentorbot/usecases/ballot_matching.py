"""Matching by the choices of a ballot, then everybody else by score (`ranked`, `two_sided`).

The arrays and the solver are loaded only where such a matching runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mentorbot.domain.matching.instant import Candidate, Proposal
from mentorbot.domain.partners import Matching

if TYPE_CHECKING:
    from mentorbot.domain.matching.preferences import Market
    from mentorbot.domain.matching.problem import Pair, Problem

Cast = Mapping[str, Sequence[str]]
"""Whom people voted for, by participant id, first choice first; those who have not are left out."""
REASON = "ballot"
"""What the first of a pair's reasons is called; it says which choice of the mentee's it was."""
NO_VOTE, LEFT_OVER = "no_vote", "left_over"
"""What it says where there was none: the mentee has not voted, or others got whom they chose."""


def propose_by_ballot(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Iterable[tuple[str, str]],
    weights: Mapping[str, int],
    *,
    cast: Cast,
    rules: Matching,
    best: Callable[..., tuple[Proposal, ...]],
) -> tuple[Proposal, ...]:
    """The best matching by the choices of a ballot, and by score of those whom it leaves over.

    `best` matches by score, and takes the pairs that are made before. The first reason of each pair
    is `{"question": "ballot", "shared": …}`: the rank of the choice as text, or why there is none.
    """
    found = best(mentors, mentees, past, weights, first=lambda it: chosen(it, cast, rules))
    return tuple(replace(it, reasons=(_reason(it, cast), *it.reasons)) for it in found)


def _reason(found: Proposal, cast: Cast) -> dict[str, str]:
    choices = list(cast.get(found.mentee_id, ()))
    if found.mentor_id in choices:
        return {"question": REASON, "shared": str(choices.index(found.mentor_id) + 1)}
    return {"question": REASON, "shared": LEFT_OVER if choices else NO_VOTE}


def chosen(problem: "Problem", cast: Cast, rules: Matching) -> list["Pair"]:
    """The pairs that the ballots make; `domain.matching` says by which measures they are best."""
    from mentorbot.domain.matching import ranked, two_sided
    from mentorbot.domain.matching.problem import Pair

    market = _market(problem, cast, both_sides=rules.mode == "two_sided")
    if rules.mode == "two_sided":
        return [Pair(*it) for it in two_sided.solve(market).pairs]
    order = rules.ballot.order if rules.ballot else None
    found = ranked.solve(market, ranked.Order(order or "greedy_maximum"))
    return [Pair(it.mentee, it.mentor) for it in found.pairs]


def _market(problem: "Problem", cast: Cast, *, both_sides: bool) -> "Market":
    """The choices that can be kept to: of people who are there, and no rule keeps apart."""
    from mentorbot.domain.matching.preferences import Market
    from mentorbot.domain.matching.problem import Pair

    choices = {
        mentee: tuple(
            (mentor,)
            for mentor in cast.get(mentee, ())
            if mentor in problem.column_of and _may_be(problem, Pair(mentee, mentor))
        )
        for mentee in problem.mentee_ids
    }
    return Market(
        choices,
        ceilings=dict(zip(problem.mentor_ids, problem.ceilings.tolist(), strict=True)),
        answers=_answers(problem, cast, choices) if both_sides else {},
        floors=dict(zip(problem.mentor_ids, problem.floors.tolist(), strict=True)),
        waiting_class=dict(zip(problem.mentee_ids, problem.waiting_class.tolist(), strict=True)),
    )


def _may_be(problem: "Problem", pair: "Pair") -> bool:
    return pair not in problem.forbidden and problem.score(pair) >= 0


def _answers(
    problem: "Problem", cast: Cast, choices: Mapping[str, tuple[tuple[str, ...], ...]]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The mentors' lists: whom they chose, in order, then all others who chose them, alike."""
    choosers: dict[str, list[str]] = {mentor: [] for mentor in problem.mentor_ids}
    for mentee, tiers in choices.items():
        for (mentor,) in tiers:
            choosers[mentor].append(mentee)
    found = {}
    for mentor, those in choosers.items():
        own = [it for it in cast.get(mentor, ()) if it in those]
        others = tuple(it for it in those if it not in own)
        found[mentor] = tuple((it,) for it in own) + ((others,) if others else ())
    return found
