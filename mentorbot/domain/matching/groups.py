"""Which groups come about, where mentors take a least number of mentees or none at all.

That is no flow. Where there are few pairs, CP-SAT decides, stage by stage, with the same weights as
everywhere (`exact`); where there are many, groups that stay too small close one after the other,
those with the fewest people first (`by_least_loss`). Either way the best matching of the groups
that come about is proven as any other, and the matching without floors is told beside it, proven
as well: no choice of groups is better than that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mentorbot.domain.matching.board import Board, Mask, Pairs
from mentorbot.domain.matching.candidates import merged
from mentorbot.domain.matching.problem import (
    BEST_SCORE,
    BadProblem,
    Ints,
    Problem,
    fault,
)

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExprT

MOST_WORK = 60.0
"""CP-SAT's deterministic time for one stage, about as many seconds; then by least loss."""
DRAWN_BITS = 24
"""How long the weights are that decide between equal choices of groups."""

Solve = Callable[[Board], Pairs]
"""The best pairs of a board, locks aside."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Of each mentor, whether they get nobody, and whether their floor is to be reached."""

    closed: Mask
    held: Mask


def has_floors(problem: Problem) -> bool:
    """Whether somebody's group can be too small."""
    return bool(_asks(problem).any())


def groups_of(problem: Problem, closed: frozenset[str]) -> Groups:
    """The groups that a result names as closed, and so those that came about."""
    asks = _asks(problem)
    named = np.array([it in closed for it in problem.mentor_ids], dtype=bool)
    shut = asks & named & (Board(problem).locked_of_mentor == 0)
    return Groups(shut, asks & ~shut)


def decided(problem: Problem, without_floors: Pairs, solve: Solve, most_exact: int) -> Groups:
    """The groups that come about. Raises BadProblem where a locked pair's group cannot be filled.

    `without_floors` is the best set of pairs when floors count for nothing; among more pairs than
    `most_exact` groups close by least loss.
    """
    board = Board(problem)
    if not _too_small(board, without_floors).any():
        return _running(board, without_floors)
    pairs = _every_pair(board, most_exact)
    found = exact(board, pairs) if pairs is not None else None
    return found or by_least_loss(board, without_floors, solve)


def _asks(problem: Problem) -> Mask:
    asks: Mask = (problem.floors > 1) & (problem.ceilings > 0)
    return asks


def _sizes(board: Board, made: Pairs) -> Ints:
    sizes: Ints = board.locked_of_mentor + np.bincount(made.columns, minlength=board.width)
    return sizes


def _too_small(board: Board, made: Pairs) -> Mask:
    sizes = _sizes(board, made)
    small: Mask = _asks(board.problem) & (sizes > 0) & (sizes < board.problem.floors)
    return small


def _running(board: Board, made: Pairs) -> Groups:
    asks = _asks(board.problem)
    is_empty = _sizes(board, made) == 0
    return Groups(asks & is_empty, asks & ~is_empty)


def _every_pair(board: Board, most: int) -> Pairs | None:
    """All pairs that can be made, unless there are more; without prices, all are near."""
    step = board.first_step()
    found, number = [], 0
    for pairs in board.near(step, board.free_prices(step), 0):
        found.append(pairs)
        number += len(pairs)
        if number > most:
            return None
    return merged(board, found)


def by_least_loss(board: Board, made: Pairs, solve: Solve) -> Groups:
    """Close the groups that stay too small, fewest people and then lowest scores first.

    After each time the best matching of the rest is found anew; up to a quarter of the groups that
    are too small close at once. A group with a locked pair, or whose places are needed for all who
    had one, is filled instead, if it can be. Raises BadProblem.
    """
    problem = board.problem
    closed = np.zeros(board.width, dtype=bool)
    locked = _asks(problem) & (board.locked_of_mentor > 0)
    held, needed = locked.copy(), len(made)
    if locked.any():
        made = solve(Board(problem, closed, held))
        _check_filled(board, made, held)
    while len(small := _in_order(board, made)):
        for column in small[: max(1, len(small) // 4)]:
            left = int(board.mentors.upper[~closed].sum() - board.mentors.upper[column])
            if left >= needed or held[column]:
                closed[column], held[column] = True, False
            else:
                held[column] = True
        made = solve(Board(problem, closed, held))
        if (_too_small(board, made) & locked).any():
            closed, held = closed | (held & ~locked), locked.copy()
            made = solve(Board(problem, closed, held))
    return _running(board, made)


def _in_order(board: Board, made: Pairs) -> list[int]:
    """The groups that are too small, those first that lose least by closing."""
    sizes = _sizes(board, made)
    scores = np.bincount(made.columns, weights=made.scores, minlength=board.width)
    ids = board.problem.mentor_ids
    small = np.flatnonzero(_too_small(board, made) & (board.locked_of_mentor == 0)).tolist()
    return sorted(small, key=lambda it: (sizes[it], scores[it], ids[it]))


def _check_filled(board: Board, made: Pairs, held: Mask) -> None:
    empty = np.flatnonzero(held & (_sizes(board, made) < board.problem.floors))
    if len(empty):
        ids = board.problem.mentor_ids
        raise BadProblem([fault("floor_out_of_reach", [ids[it] for it in empty.tolist()])])


def exact(board: Board, pairs: Pairs) -> Groups | None:
    """The groups of a best matching that keeps to the floors; None where that takes too long.

    Between equal choices of groups weights of the mentors' ids decide. Raises BadProblem.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    choice = _Choice(board, pairs, model)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = MOST_WORK
    for aim in choice.aims():
        model.maximize(aim)
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            raise BadProblem([fault("floor_out_of_reach", choice.locked_groups())])
        if status != cp_model.OPTIMAL:
            return None
        model.add(aim == round(solver.objective_value))
    asks = _asks(board.problem)
    running = np.zeros(board.width, dtype=bool)
    running[[column for column, it in choice.runs.items() if solver.boolean_value(it)]] = True
    return Groups(asks & ~running, running)


class _Choice:
    """The model: which pairs are made, which groups run, whose first or second mentor that is."""

    def __init__(self, board: Board, pairs: Pairs, model: "CpModel") -> None:
        self._board, self._pairs, self._model = board, pairs, model
        self._made = [model.new_bool_var("") for _ in range(len(pairs))]
        self.runs = {it: model.new_bool_var("") for it in _columns(_asks(board.problem))}
        self._slots: dict[int, list[IntVar]] = {}
        for row in range(board.height):
            self._count_mentors(row)
        for column in range(board.width):
            self._bound_group(column)

    def _count_mentors(self, row: int) -> None:
        number = int(self._board.mentees.upper[row])
        slots = [self._model.new_bool_var("") for _ in range(number)]
        self._model.add(self._those(self._pairs.rows == row) == sum(slots))
        for level, slot in zip(self._board.levels[row].tolist(), slots, strict=False):
            self._slots.setdefault(level, []).append(slot)

    def _bound_group(self, column: int) -> None:
        board, model = self._board, self._model
        size = self._those(self._pairs.columns == column)
        model.add(size <= int(board.mentors.upper[column]))
        if column in self.runs:
            all_of_it = size + int(board.locked_of_mentor[column])
            model.add(all_of_it >= int(board.problem.floors[column]) * self.runs[column])
            model.add(all_of_it <= board.height * self.runs[column])

    def _those(self, which: Mask) -> "LinearExprT":
        return sum(self._made[it] for it in _columns(which))

    def aims(self) -> Iterator["LinearExprT"]:
        """What is made as large as can be, one after the other."""
        for level in sorted(self._slots):
            yield sum(self._slots[level])
        scored = list(zip(self._made, self._pairs.scores.tolist(), strict=True))
        if self._board.problem.worst_first:
            worst = self._model.new_int_var(0, BEST_SCORE, "")
            for pair, score in scored:
                self._model.add(worst <= BEST_SCORE - (BEST_SCORE - score) * pair)
            yield worst
        yield sum(pair * score for pair, score in scored)
        drawn = (self._board.mentor_draws >> np.uint64(64 - DRAWN_BITS)).tolist()
        yield sum(it * drawn[column] for column, it in self.runs.items())

    def locked_groups(self) -> list[str]:
        """The mentors whose locked pairs leave no choice of groups."""
        board = self._board
        locked = _asks(board.problem) & (board.locked_of_mentor > 0)
        return [board.problem.mentor_ids[it] for it in _columns(locked)]


def _columns(which: Mask) -> list[int]:
    found: list[int] = np.flatnonzero(which).tolist()
    return found
