"""Small problems of matching, and the answer that trying everything gives."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mentorbot.domain.matching.board import Board, Pairs
from mentorbot.domain.matching.groups import DRAWN_BITS
from mentorbot.domain.matching.problem import (
    NOT_ALLOWED,
    ArrayScores,
    Pair,
    Problem,
    Stage,
)

Answer = frozenset[Pair]


@st.composite
def problems(draw: st.DrawFn, most: int = 4, floors: bool = False) -> Problem:
    """Few mentees and mentors, many ties, and something of everything a problem can say."""
    mentees = [f"e{number}" for number in range(draw(st.integers(0, most)))]
    mentors = [f"o{number}" for number in range(draw(st.integers(0, most - 1)))]
    one = st.sampled_from([NOT_ALLOWED, 0, 1, 2, 3, 10, 500, 999, 1000])
    rows = [[draw(one) for _ in mentors] for _ in mentees]
    scores = np.array(rows, dtype=np.int16).reshape(len(mentees), len(mentors))
    wants = {it: draw(st.integers(0, 2)) for it in mentees}
    ceilings = {it: draw(st.integers(0, 3)) for it in mentors}
    pairs = [Pair(mentee, mentor) for mentee in mentees for mentor in mentors]
    some = st.frozensets(st.sampled_from(pairs), max_size=3) if pairs else st.just(frozenset())
    forbidden = draw(some)
    return Problem.of(
        mentees,
        mentors,
        ArrayScores(scores),
        ceilings=ceilings,
        floors={it: draw(st.integers(0, ceilings[it])) for it in mentors if floors},
        wants=wants,
        waiting_class={it: draw(st.integers(0, 2)) for it in mentees},
        locks=_fitting(draw(some) - forbidden, wants, ceilings, scores, mentees, mentors),
        forbidden=forbidden,
        draft=draw(some),
        least_acceptable=draw(st.sampled_from([0, 0, 2, 10])),
        worst_first=draw(st.booleans()),
    )


def _fitting(
    locks: frozenset[Pair], wants: Any, ceilings: Any, scores: Any, mentees: Any, mentors: Any
) -> frozenset[Pair]:
    kept: list[Pair] = []
    for lock in sorted(locks):
        allowed = scores[mentees.index(lock.mentee_id), mentors.index(lock.mentor_id)] >= 0
        wanted = sum(it.mentee_id == lock.mentee_id for it in kept) < wants[lock.mentee_id]
        room = sum(it.mentor_id == lock.mentor_id for it in kept) < ceilings[lock.mentor_id]
        if allowed and wanted and room:
            kept.append(lock)
    return frozenset(kept)


def brute_force(problem: Problem) -> Answer | None:
    """The best assignment, found by trying every one; None where there is none at all."""
    free = [
        Pair(mentee, mentor)
        for mentee in problem.mentee_ids
        for mentor in problem.mentor_ids
        if problem.score(Pair(mentee, mentor)) >= problem.least_acceptable
        and Pair(mentee, mentor) not in problem.forbidden | problem.locks
    ]
    every = (
        frozenset(chosen)
        for size in range(len(free) + 1)
        for chosen in combinations(free, size)
        if _keeps_to_numbers(problem, chosen)
    )
    best = max(every, key=lambda chosen: _key(problem, chosen), default=None)
    return None if best is None else best | problem.locks


def _keeps_to_numbers(problem: Problem, chosen: tuple[Pair, ...]) -> bool:
    pairs = [*chosen, *problem.locks]
    return all(
        sum(it.mentee_id == name for it in pairs) <= most
        for name, most in zip(problem.mentee_ids, problem.wants, strict=True)
    ) and all(
        size == 0 or least <= size <= most
        for size, least, most in zip(
            _sizes(problem, pairs), problem.floors, problem.ceilings, strict=True
        )
    )


def _sizes(problem: Problem, pairs: Iterable[Pair]) -> list[int]:
    made = list(pairs)
    return [sum(it.mentor_id == name for it in made) for name in problem.mentor_ids]


def _key(problem: Problem, chosen: Answer) -> tuple[Any, ...]:
    scores = [problem.score(it) for it in chosen]
    return (
        places(problem, chosen | problem.locks),
        min(scores, default=1000) if problem.worst_first else 0,
        sum(scores),
        _drawn_groups(problem, chosen),
        len(chosen & problem.draft),
        _drawn(problem, chosen),
    )


def places(problem: Problem, pairs: Answer) -> list[int]:
    """How many mentees of each class have a first mentor, then a second one, and so on."""
    has = [sum(it.mentee_id == name for it in pairs) for name in problem.mentee_ids]
    return [
        sum(
            count > number and of_class == waiting
            for count, of_class in zip(has, problem.waiting_class, strict=True)
        )
        for number in range(max(has, default=0))
        for waiting in range(max(problem.waiting_class, default=0) + 1)
    ]


def _drawn_groups(problem: Problem, chosen: Answer) -> int:
    drawn = Board(problem).mentor_draws >> np.uint64(64 - DRAWN_BITS)
    sizes = _sizes(problem, chosen | problem.locks)
    return sum(
        int(weight)
        for size, floor, weight in zip(sizes, problem.floors, drawn, strict=True)
        if size and floor > 1
    )


def _drawn(problem: Problem, chosen: Answer) -> int:
    board = Board(problem)
    rows, columns = problem.places_of(chosen)
    pairs = Pairs(rows, columns, np.zeros(len(rows), dtype=np.int64))
    return int(board.weights(board.first_step().of(Stage.CANONICAL), pairs).sum())
