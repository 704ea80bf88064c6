"""The best matching there is, by one measure after another, with a proof of each.

A flow is found among promising pairs; its prices say which other pairs could improve it; those are
added, until no pair of all can. The next measure then chooses among everything that is best by the
measures before (`board`). Method: column generation for the transportation problem (Dantzig &
Wolfe 1960), with every pair priced. Whatever the order of the input or the solver within, there is
one result: ties end in weights drawn from the SHA-256 of the people's ids.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import numpy as np

from mentorbot.domain.matching.board import Board, Pairs, Step
from mentorbot.domain.matching.candidates import improving, merged, near_slack, promising
from mentorbot.domain.matching.faces import after, is_single
from mentorbot.domain.matching.groups import decided, has_floors
from mentorbot.domain.matching.problem import BEST_SCORE, Matching, Problem, Proof, Stage
from mentorbot.domain.matching.results import matching_of
from mentorbot.domain.matching.transport import (
    Inner,
    NotTheBest,
    best_of,
    fits,
    largest,
    min_cost_flow,
    prices_of,
)

CANDIDATES = 12
"""How many pairs of each person a matching begins with."""
ADDED_EACH = 40
"""How many pairs of a mentee are added in a round at most."""
THINNED = 1
"""In how many rounds pairs that are far from improving anything are let go."""
EXACT_PAIRS = 4000
"""So many pairs groups are chosen from exactly; from more, by closing what is too small."""
PATIENCE = 200
"""How many rounds a guess has to be proven in before the solver is asked."""

Progress = Callable[[Stage, int, int], None]
"""Told of each round: the stage, the round's number, how many pairs could still improve it."""


def solve(
    problem: Problem,
    *,
    candidates: int = CANDIDATES,
    inner: Inner = min_cost_flow,
    exact_pairs: int = EXACT_PAIRS,
    progress: Progress = lambda _stage, _round, _left: None,
) -> Matching:
    """The one best matching of a problem; `candidates` and `inner` only change how long it takes.

    Where mentors have floors, and more pairs than `exact_pairs` can be made, the groups that come
    about are a good choice and not always the best.

    Raises BadProblem where a locked pair's group cannot be filled, ArithmeticError where the solver
    within fails.
    """

    def run(board: Board) -> Run:
        search = Search(board, candidates, inner, progress)
        made, proofs = search.run()
        return Run(board, made, proofs, search.rounds)

    found = run(Board(problem))
    if not has_floors(problem):
        return matching_of(found.board, found.made, found.proofs, found.rounds)
    groups = decided(problem, found.made, lambda board: run(board).made, exact_pairs)
    kept = run(Board(problem, groups.closed, groups.held))
    return replace(
        matching_of(kept.board, kept.made, kept.proofs, kept.rounds),
        without_floors=matching_of(found.board, found.made, found.proofs, found.rounds),
    )


class Run(NamedTuple):
    """What a search found on a board."""

    board: Board
    made: Pairs
    proofs: tuple[Proof, ...]
    rounds: int


class Search:
    """One run over a board: the pairs in play, and how many rounds it took."""

    def __init__(self, board: Board, candidates: int, inner: Inner, progress: Progress) -> None:
        self.rounds = 0
        self._board = board
        self._inner = inner
        self._progress = progress
        self._pool = promising(board, board.first_step(), candidates)

    def run(self) -> tuple[Pairs, tuple[Proof, ...]]:
        """The one best set of pairs, locks aside, and the proof of each stage."""
        board, first = self._board, self._board.first_step()
        made, proof = self._best(first, merged(board, []))
        proofs = [proof]
        step, certain = after(board, first, made, proof)
        settled = [certain]
        if board.problem.worst_first and len(made):
            least, bound = self._worst(first, step, made.where(board.open(step, made)), certain)
            proofs.append(bound)
            step = replace(step, least=least)
        made = made.where(board.open(step, made))
        for next_stage, salt in self._stages():
            step = step.of(next_stage, salt)
            made, proof = self._best(step, made)
            proofs.append(proof)
            step, certain = after(board, step, made, proof)
            settled.append(certain)
            made = made.where(board.open(step, made))
            if next_stage is Stage.CANONICAL and is_single(board, step, made):
                break
        return merged(board, [*settled, made]), tuple(proofs)

    def _stages(self) -> Iterator[tuple[Stage, int]]:
        yield Stage.TOTAL, 0
        if len(self._board.draft):
            yield Stage.KEPT, 0
        yield from ((Stage.CANONICAL, salt) for salt in count())

    def _best(self, step: Step, known: Pairs) -> tuple[Pairs, Proof]:
        """The best set of a step, and prices that hold for all pairs; `known` is one that fits."""
        board = self._board
        proof = board.free_prices(step)
        pool = self._pool
        if any(it.stage is Stage.TOTAL for it in step.tight):
            pool, _ = improving(board, step, proof, 0, known, ADDED_EACH)
        pool = merged(board, [pool.where(board.open(step, pool)), known])
        for number in count(1):
            made, proof = self._best_among(step, pool, proof)
            slack = -1
            if step.stage is Stage.TOTAL:
                slack = near_slack(board, step, proof)
            found, left = improving(board, step, proof, slack, made, ADDED_EACH)
            self.rounds += 1
            self._progress(step.stage, number, left)
            if left == 0:
                self._pool = merged(board, [self._pool, pool])
                return made, proof
            is_thinned = step.stage is Stage.TOTAL and number <= THINNED
            pool = merged(board, [made if is_thinned else pool, found])
        raise AssertionError("unreachable")

    def _best_among(self, step: Step, pool: Pairs, near: Proof) -> tuple[Pairs, Proof]:
        """The best set of some pairs; as large a one as there is may do, where places count."""
        if step.stage is Stage.PLACES:
            chosen = largest(self._board, step, pool)
            with suppress(NotTheBest):
                proof = prices_of(self._board, step, pool, chosen, PATIENCE)
                return pool.where(chosen), proof
        chosen = best_of(self._board, step, pool, near, self._inner)
        return pool.where(chosen), prices_of(self._board, step, pool, chosen)

    def _worst(self, first: Step, step: Step, made: Pairs, certain: Pairs) -> tuple[int, Proof]:
        """How good the worst pair can be in a set of the same worth.

        The proof has prices under which pairs that all score more would be worth less.
        """
        board = self._board
        both = merged(board, [made, certain])
        lowest = int(both.scores.min())
        highest = min(self._highest(step), int(certain.scores.min(initial=BEST_SCORE)))
        while True:
            lowest = self._raised(step, lowest, highest)
            beyond = replace(first, least=lowest + 1)
            better, proof = self._best(beyond, merged(board, []))
            if board.worth(better) < board.worth(both):
                return lowest, replace(proof, stage=Stage.WORST)
            lowest += 1

    def _raised(self, step: Step, lowest: int, highest: int) -> int:
        """The same among the pairs in play alone, by halving what is possible."""
        pool = self._pool.where(self._board.open(step, self._pool))
        while lowest < highest:
            middle = (lowest + highest + 1) // 2
            if fits(self._board, step, pool.where(pool.scores >= middle)):
                lowest = middle
            else:
                highest = middle - 1
        return lowest

    def _highest(self, step: Step) -> int:
        """A score that the worst pair cannot exceed: the best of somebody who has to be paired."""
        rows = step.mentees.lower > 0
        columns = step.mentors.lower > 0
        of_columns = np.full(self._board.width, -1, dtype=np.int64)
        highest = BEST_SCORE
        for start, block in self._board.blocks():
            needed = rows[start : start + len(block)]
            highest = min(highest, int(block.max(axis=1)[needed].min(initial=BEST_SCORE)))
            np.maximum(of_columns, block.max(axis=0), out=of_columns)
        return min(highest, int(of_columns[columns].min(initial=BEST_SCORE)))
