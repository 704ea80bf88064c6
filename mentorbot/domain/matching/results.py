"""What a set of pairs comes to: its pairs by name, what each stage reached, who is left and why."""

import numpy as np

from mentorbot.domain.matching.board import Board, Pairs
from mentorbot.domain.matching.problem import (
    BEST_SCORE,
    NOT_ALLOWED,
    Ints,
    MatchedPair,
    Matching,
    Proof,
    Reason,
    Stage,
    StageValue,
    Unmatched,
)


def matching_of(board: Board, made: Pairs, proofs: tuple[Proof, ...], rounds: int) -> Matching:
    """The result that a board's made pairs and its locks are together."""
    return Matching(
        pairs=_named(board, made),
        unmatched=tuple(_left(board, made)),
        stages=stage_values(board, made),
        proofs=proofs,
        closed=tuple(sorted(board.problem.mentor_ids[it] for it in np.flatnonzero(board.closed))),
        rounds=rounds,
    )


def stage_values(board: Board, made: Pairs) -> tuple[StageValue, ...]:
    """What each stage reaches with some pairs and the locks."""
    problem = board.problem
    of_mentee = board.locked_of_mentee + np.bincount(made.rows, minlength=board.height)
    by_class = _by_class(problem.waiting_class, of_mentee)
    locked = sum(problem.score(it) for it in problem.locks)
    found = [StageValue(Stage.PLACES, int(of_mentee.sum()), by_class)]
    if problem.worst_first:
        found.append(StageValue(Stage.WORST, int(made.scores.min(initial=BEST_SCORE))))
    found.append(StageValue(Stage.TOTAL, int(made.scores.sum()) + locked))
    if problem.draft:
        kept = np.isin(board.keys(made), board.draft).sum() + len(problem.draft & problem.locks)
        found.append(StageValue(Stage.KEPT, int(kept)))
    return tuple(found)


def _by_class(waiting_class: Ints, of_mentee: Ints) -> tuple[tuple[int, ...], ...]:
    classes = np.unique(waiting_class)
    return tuple(
        tuple(int((of_mentee[waiting_class == it] > number).sum()) for it in classes)
        for number in range(int(of_mentee.max(initial=0)))
    )


def _named(board: Board, made: Pairs) -> tuple[MatchedPair, ...]:
    problem = board.problem
    mentees, mentors = problem.mentee_ids, problem.mentor_ids
    free = zip(made.rows.tolist(), made.columns.tolist(), made.scores.tolist(), strict=True)
    found = [MatchedPair(mentees[row], mentors[column], score) for row, column, score in free]
    found += [MatchedPair(*it, problem.score(it), is_locked=True) for it in problem.locks]
    return tuple(sorted(found))


def _left(board: Board, made: Pairs) -> list[Unmatched]:
    problem = board.problem
    has = board.locked_of_mentee + np.bincount(made.rows, minlength=board.height)
    reasons = _Reasons(board, made)
    return sorted(
        Unmatched(problem.mentee_ids[row], int(has[row]), int(problem.wants[row]), reasons.of(row))
        for row in np.flatnonzero(has < problem.wants).tolist()
    )


class _Reasons:
    """Why a mentee has no further mentor: what is true of all who are left for them."""

    def __init__(self, board: Board, made: Pairs) -> None:
        self._board = board
        problem = board.problem
        self._partners = board.keys(made)
        self._places = board.mentors.upper
        self._latest = np.full(board.width, -1, dtype=np.int64)
        np.maximum.at(self._latest, made.columns, problem.waiting_class[made.rows])

    def of(self, row: int) -> Reason:
        """The first of the reasons that holds."""
        board = self._board
        scores = board.row(row)
        scores[self._partners[self._partners // board.width == row] % board.width] = NOT_ALLOWED
        allowed = scores > NOT_ALLOWED
        close = scores >= max(board.problem.least_acceptable, 0)
        if not allowed.any():
            return Reason.NOBODY_ALLOWED
        if not close.any():
            return Reason.NOBODY_CLOSE
        if not board.problem.ceilings[close].any():
            return Reason.NO_PLACES
        if board.closed[close & (board.problem.ceilings > 0)].all():
            return Reason.GROUPS_CLOSED
        if not self._places[close].any():
            return Reason.LOCKED_PLACES
        if self._latest[close].max() < board.problem.waiting_class[row]:
            return Reason.LONGER_WAITS
        return Reason.ALL_TAKEN
