"""How fair a matching by score is: its scores, by group too, who envies whom, and next to greed.

Groups go by what people have consented to have counted. Small ones are left out of the report, and
as many others as it takes that they cannot be computed from the rest (`domain.equity`).
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import quantiles

import numpy as np

from mentorbot.domain.equity import LEAST, suppress
from mentorbot.domain.matching.preferences import digest
from mentorbot.domain.matching.problem import BEST_SCORE, NOT_ALLOWED, Pair, Problem

_ROWS = 512
_NOBODY = BEST_SCORE + 1
"""The worst score among a mentor's mentees, where there are none."""


@dataclass(frozen=True)
class Spread:
    """Scores, 0 to 1000: how many, their sum, the least, the quarters between, and the most."""

    pairs: int
    total: int
    least: int
    lower: int
    median: int
    upper: int
    most: int


@dataclass(frozen=True)
class GroupLine:
    """A group: how many mentees, how many of them matched, their median score; None is left out."""

    people: int | None
    matched: int | None
    median: int | None


@dataclass(frozen=True)
class Fairness:
    """What a coordinator is told of a matching as a whole.

    `envious` mentees would score higher with somebody else's mentor; `justly_envious` ones would
    also score higher there than somebody who is there. Those without a mentor count too. `greedy`
    is what taking the best pair that is left, again and again, would have come to; that keeps to
    no least numbers.
    """

    scores: Spread | None
    greedy: Spread | None
    envious: int
    justly_envious: int
    groups: Mapping[str, GroupLine]


def fairness(
    problem: Problem, pairs: Collection[Pair], groups: Mapping[str, str] | None = None
) -> Fairness:
    """The report on some pairs of a problem; `groups` has the groups of mentees that have one."""
    envious, justly = _envy(problem, pairs)
    return Fairness(
        spread([problem.score(it) for it in pairs]),
        spread([score for _, score in greedy(problem)]),
        envious,
        justly,
        _by_group(problem, pairs, groups or {}),
    )


def spread(scores: Sequence[int]) -> Spread | None:
    """How scores are spread; None where there are none. Quarters are rounded down."""
    if not scores:
        return None
    cuts = [scores[0]] * 3 if len(scores) == 1 else quantiles(scores, method="inclusive")
    lower, median, upper = (int(it) for it in cuts)
    return Spread(len(scores), sum(scores), min(scores), lower, median, upper, max(scores))


def greedy(problem: Problem) -> list[tuple[Pair, int]]:
    """The pairs, with their scores, that taking the best that is left comes to.

    Locked pairs first; of equal ones that with the smaller digest. Takes four bytes for each pair.
    """
    room = dict(zip(problem.mentor_ids, problem.ceilings.tolist(), strict=True))
    wants = dict(zip(problem.mentee_ids, problem.wants.tolist(), strict=True))
    made = [(pair, problem.score(pair)) for pair in sorted(problem.locks)]
    for pair, _ in made:
        room[pair.mentor_id] -= 1
        wants[pair.mentee_id] -= 1
    rows = [_best_first(problem, row) for row in range(len(problem.mentee_ids))]
    waiting = [(*first, row) for row, it in enumerate(rows) if (first := next(it, None))]
    heapq.heapify(waiting)
    while waiting:
        loss, _, pair, row = heapq.heappop(waiting)
        if wants[pair.mentee_id] <= 0:
            continue
        if room[pair.mentor_id] > 0:
            room[pair.mentor_id] -= 1
            wants[pair.mentee_id] -= 1
            made.append((pair, -loss))
        if (then := next(rows[row], None)) is not None:
            heapq.heappush(waiting, (*then, row))
    return made


def _best_first(problem: Problem, row: int) -> Iterator[tuple[int, int, Pair]]:
    """The pairs that a mentee may be in, best first: what they lack, the digest, the pair."""
    mentee = problem.mentee_ids[row]
    scores = problem.scores.rows(row, row + 1)[0].astype(np.int32)
    order = np.argsort(-scores, kind="stable").astype(np.int32)
    order = order[scores[order] >= problem.least_acceptable]
    for loss, level in groupby(order, key=lambda column: -int(scores[column])):
        pairs = [Pair(mentee, problem.mentor_ids[column]) for column in level]
        open_ = (it for it in pairs if it not in problem.forbidden and it not in problem.locks)
        yield from sorted((loss, digest(*it), it) for it in open_)


def _envy(problem: Problem, pairs: Collection[Pair]) -> tuple[int, int]:
    """How many mentees would rather be with somebody's mentor, and of them with good reason."""
    has = np.full(len(problem.mentee_ids), NOT_ALLOWED)
    worst = np.full(len(problem.mentor_ids), _NOBODY)
    for pair in pairs:
        row, column = problem.row_of[pair.mentee_id], problem.column_of[pair.mentor_id]
        has[row] = max(has[row], problem.score(pair))
        worst[column] = min(worst[column], problem.score(pair))
    rows, columns = problem.places_of(pairs)
    envious = justly = 0
    for start in range(0, len(has), _ROWS):
        scores = problem.scores.rows(start, min(start + _ROWS, len(has))).astype(np.int64)
        here = (rows >= start) & (rows < start + len(scores))
        scores[rows[here] - start, columns[here]] = NOT_ALLOWED
        least = np.maximum(has[start : start + len(scores)] + 1, problem.least_acceptable)
        better = (scores >= least[:, None]) & (worst < _NOBODY)
        better[problem.wants[start : start + len(scores)] == 0] = False
        envious += int(better.any(axis=1).sum())
        justly += int((better & (scores > worst)).any(axis=1).sum())
    return envious, justly


def _by_group(
    problem: Problem, pairs: Collection[Pair], groups: Mapping[str, str]
) -> dict[str, GroupLine]:
    matched = {it.mentee_id for it in pairs}
    counts: dict[str, list[int]] = {}
    scores: dict[str, list[int]] = defaultdict(list)
    for mentee, group in groups.items():
        line = counts.setdefault(group, [0, 0])
        line[0] += 1
        line[1] += mentee in matched
    for pair in pairs:
        if pair.mentee_id in groups:
            scores[groups[pair.mentee_id]].append(problem.score(pair))
    hidden_from = suppress(counts)
    return {
        group: _line(counts[group], hidden_from[group], scores[group]) for group in sorted(counts)
    }


def _line(counts: Sequence[int], hidden_from: int, scores: Sequence[int]) -> GroupLine:
    people, matched = (None if at >= hidden_from else it for at, it in enumerate(counts))
    told = spread(scores) if matched is not None and matched >= LEAST else None
    return GroupLine(people, matched, told.median if told else None)
