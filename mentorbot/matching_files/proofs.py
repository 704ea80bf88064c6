"""The engine's results with their proofs, to and from the parts of a result file."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mentorbot.domain.matching.left_out import left_out
from mentorbot.domain.matching.preferences import Market
from mentorbot.domain.matching.problem import (
    Ints,
    MatchedPair,
    Matching,
    Problem,
    Proof,
    Reason,
    Stage,
    Unmatched,
)
from mentorbot.domain.matching.problem import StageValue as ByScore
from mentorbot.domain.matching.ranked import Choice, Ranked
from mentorbot.domain.matching.ranked import Proof as BallotProof
from mentorbot.domain.matching.ranked import Stage as BallotStage
from mentorbot.domain.matching.two_sided import Stable
from mentorbot.matching_files.result_file import MadePair, Part, Prices, Reached, Unbounded
from mentorbot.matching_files.result_file import Unmatched as Without


def part_of_ballots(found: Ranked) -> Part:
    """What a matching by ballots reached, and its prices."""
    return Part(
        by="ballots",
        most=found.most,
        reached=_reached(found.stages),
        bound=() if found.bound == found.stages else _reached(found.bound),
        prices=_ballot_prices(found),
    )


def part_of_lists(found: Stable) -> Part:
    """What a matching by both sides' lists reached."""
    return Part(
        by="lists",
        reached=(
            Reached(name="matched", value=len(found.pairs)),
            Reached(name="blocking", value=0),
        ),
        promoted=found.promoted,
    )


def part_of_scores(problem: Problem, found: Matching) -> Part:
    """What a matching by score reached, its prices, and what bounds it where groups closed."""
    free = found.without_floors
    return Part(
        by="score",
        reached=_by_measure(found),
        closed=found.closed,
        prices=_score_prices(problem, found),
        without_floors=None
        if free is None
        else Unbounded(
            pairs=pairs_by_score(free),
            unmatched=without_by_score(free, {}),
            reached=_by_measure(free),
            prices=_score_prices(problem, free),
        ),
    )


def pairs_by_score(found: Matching) -> tuple[MadePair, ...]:
    """The pairs of a matching by score."""
    return tuple(
        MadePair(
            mentee=it.mentee_id,
            mentor=it.mentor_id,
            by="lock" if it.is_locked else "score",
            score=it.score,
        )
        for it in found.pairs
    )


def without_by_score(found: Matching, has: Mapping[str, int]) -> tuple[Without, ...]:
    """Those whom a matching by score leaves without; `has` counts what they had before it."""
    return tuple(
        Without(
            mentee=it.mentee_id,
            has=has.get(it.mentee_id, 0) + it.has,
            wants=has.get(it.mentee_id, 0) + it.wants,
            reason=it.reason,
        )
        for it in found.unmatched
    )


def without_by_lists(
    market: Market, pairs: Sequence[tuple[str, str]], *, is_mutual: bool
) -> tuple[Without, ...]:
    """Those whom a matching by lists leaves without; `is_mutual` where both sides have lists."""
    return tuple(
        Without(mentee=it.mentee, has=it.has, wants=it.wants, reason=it.reason)
        for it in left_out(market, pairs, is_mutual=is_mutual)
    )


def _by_measure(found: Matching) -> tuple[Reached, ...]:
    return tuple(
        Reached(name=it.stage, value=it.value, by_class=it.by_class) for it in found.stages
    )


def _score_prices(problem: Problem, found: Matching) -> tuple[Prices, ...]:
    return tuple(
        Prices(
            name=it.stage,
            mentees=_by_id(problem.mentee_ids, it.mentee_prices),
            mentors=_by_id(problem.mentor_ids, it.mentor_prices),
            salt=it.salt,
        )
        for it in found.proofs
    )


def ranked_of(part: Part, pairs: Sequence[MadePair]) -> Ranked:
    """A matching by ballots, as it was told."""
    stages = tuple(BallotStage(it.name, it.number, it.value) for it in part.reached)
    bound = tuple(BallotStage(it.name, it.number, it.value) for it in part.bound)
    return Ranked(
        tuple(Choice(it.mentee, it.mentor, it.rank or 0) for it in pairs),
        stages,
        part.most or 0,
        bound or stages,
        BallotProof(
            tuple(it.mentees for it in part.prices),
            tuple(it.mentors for it in part.prices),
            tuple(it.end for it in part.prices),
        ),
    )


def matching_of(
    problem: Problem,
    part: Part | Unbounded,
    pairs: Sequence[MadePair],
    unmatched: Sequence[Without],
    has: Mapping[str, int],
) -> Matching:
    """A matching by score, as it was told; raises ValueError for an unknown stage or reason.

    `has` counts the mentors that mentees had before it.
    """
    free = part.without_floors if isinstance(part, Part) else None
    return Matching(
        pairs=tuple(
            MatchedPair(it.mentee, it.mentor, -1 if it.score is None else it.score, it.by == "lock")
            for it in pairs
        ),
        unmatched=tuple(
            Unmatched(
                it.mentee,
                it.has - has.get(it.mentee, 0),
                it.wants - has.get(it.mentee, 0),
                Reason(it.reason),
            )
            for it in unmatched
        ),
        stages=tuple(ByScore(Stage(it.name), it.value, it.by_class) for it in part.reached),
        proofs=tuple(
            Proof(
                Stage(it.name),
                _in_order(problem.mentee_ids, it.mentees),
                _in_order(problem.mentor_ids, it.mentors),
                it.salt,
            )
            for it in part.prices
        ),
        closed=part.closed if isinstance(part, Part) else (),
        without_floors=None
        if free is None
        else matching_of(problem, free, free.pairs, free.unmatched, {}),
    )


def _reached(stages: Iterable[BallotStage]) -> tuple[Reached, ...]:
    return tuple(Reached(name=it.code, number=it.number, value=it.value) for it in stages)


def _ballot_prices(found: Ranked) -> tuple[Prices, ...]:
    if found.proof is None:
        return ()
    names = [*((it.code, it.number) for it in found.stages), ("digest", 0)]
    return tuple(
        Prices(name=name, number=number, mentees=mentees, mentors=mentors, end=end)
        for (name, number), mentees, mentors, end in zip(
            names, found.proof.mentees, found.proof.mentors, found.proof.ends, strict=True
        )
    )


def _by_id(ids: Sequence[str], prices: Ints) -> dict[str, int]:
    return {one: price for one, price in zip(ids, prices.tolist(), strict=True) if price}


def _in_order(ids: Sequence[str], prices: dict[str, int]) -> Ints:
    return np.array([prices.get(it, 0) for it in ids], dtype=np.int64)
