"""Matching everybody who waits together, as well as can be (`mode: best`).

The arrays and the solver are loaded only where such a matching runs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mentorbot.domain.matching.closeness import MOST_COUNTED, shared_answers
from mentorbot.domain.matching.instant import Candidate, Proposal
from mentorbot.domain.matching.instant import Pair as Paired

if TYPE_CHECKING:
    from mentorbot.domain.matching.problem import Pair, Problem

WAITED_LONGER, OTHERS = 0, 1
"""The waiting classes: who was left over before or lost a partner, then everybody else."""
TRACKS = "tracks:"
"""What the rule of the tracks goes by; no question has such an id."""


def propose_best(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Iterable[Paired],
    weights: Mapping[str, int],
    waited_longer: Collection[str],
    first: "Callable[[Problem], list[Pair]] | None" = None,
    least: int = 0,
) -> tuple[Proposal, ...]:
    """The one best matching of all who wait; `domain.matching.best` says by which measures.

    Past partners meet again only where both would be left over. `waited_longer` are the ids of
    the mentees who go before the others. `first` makes pairs that stand, such as by a ballot. A
    mentor gets `least` mentees or more, or none.
    """
    from mentorbot.domain.matching import best
    from mentorbot.domain.matching.leftovers import remaining
    from mentorbot.domain.matching.problem import Pair

    known = frozenset(past)
    problem = problem_of(mentors, mentees, known, weights, waited_longer, least)
    made = first(problem) if first is not None else []
    made += [Pair(*it[:2]) for it in best.solve(remaining(problem, made)).pairs]
    again = replace(remaining(problem, made), forbidden=frozenset(made) | apart(mentors, mentees))
    made += [Pair(*it[:2]) for it in best.solve(again).pairs]
    by_id = {it.participant_id: it for it in (*mentors, *mentees)}
    return tuple(proposal_of(by_id, pair, known, weights) for pair in made)


def problem_of(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    known: frozenset[Paired],
    weights: Mapping[str, int],
    waited_longer: Collection[str],
    least: int,
) -> "Problem":
    """What a matching of these people is asked; past partners, and who is apart, are forbidden."""
    from mentorbot.domain.matching.criteria import Same, Shared
    from mentorbot.domain.matching.problem import Problem
    from mentorbot.domain.matching.scoring import CriteriaScores, Criterion

    mentor_ids = [it.participant_id for it in mentors]
    mentee_ids = [it.participant_id for it in mentees]
    everyone = [it.answers for it in (*mentors, *mentees)]
    criteria = [
        Criterion(
            id=question,
            kind=Shared(MOST_COUNTED)
            if any(isinstance(it.get(question), list) for it in everyone)
            else Same(),
            weight=weight,
            question=question,
        )
        for question, weight in weights.items()
    ]
    if any(it.tracks for it in (*mentors, *mentees)):
        criteria.append(Criterion(TRACKS, Shared(), weight=0, question=TRACKS, must=True))
    scores = CriteriaScores(criteria, _answers(mentees), _answers(mentors))
    return Problem.of(
        mentee_ids,
        mentor_ids,
        scores,
        ceilings={it.participant_id: it.open_places for it in mentors},
        floors=least,
        waiting_class={it: WAITED_LONGER if it in waited_longer else OTHERS for it in mentee_ids},
        forbidden=_there(known, mentors, mentees) | apart(mentors, mentees),
    )


def _there(
    known: Iterable[Paired], mentors: Sequence[Candidate], mentees: Sequence[Candidate]
) -> "frozenset[Pair]":
    """Those of some pairs, mentor first, who are both there."""
    from mentorbot.domain.matching.problem import Pair

    mentor_ids = {it.participant_id for it in mentors}
    mentee_ids = {it.participant_id for it in mentees}
    return frozenset(
        Pair(mentee, mentor)
        for mentor, mentee in known
        if mentee in mentee_ids and mentor in mentor_ids
    )


def apart(mentors: Sequence[Candidate], mentees: Sequence[Candidate]) -> "frozenset[Pair]":
    """The pairs that are kept apart for good."""
    known = ((mentor.participant_id, it) for mentor in mentors for it in mentor.apart)
    return _there(known, mentors, mentees)


def _answers(people: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [{**it.answers, TRACKS: sorted(it.tracks) or None} for it in people]


def proposal_of(
    by_id: Mapping[str, Candidate],
    pair: "Pair",
    known: frozenset[Paired],
    weights: Mapping[str, int],
) -> Proposal:
    """A pair with what the two share."""
    mentor, mentee = by_id[pair.mentor_id], by_id[pair.mentee_id]
    return Proposal(
        pair.mentor_id,
        pair.mentee_id,
        shared_answers(mentee.answers, mentor.answers, weights),
        is_repeat=(pair.mentor_id, pair.mentee_id) in known,
    )
