"""What a set of pairs comes to: its pairs by name, what each stage reached, who is left and why."""

from collections.abc import Iterator

import numpy as np

from mentorbot.domain.matching.board import Board, Mask, Pairs
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
    found = []
    for rows, reasons in _reasons(board, made, has < problem.wants):
        for row, reason in zip(rows.tolist(), reasons, strict=True):
            wants = int(problem.wants[row])
            found.append(Unmatched(problem.mentee_ids[row], int(has[row]), wants, reason))
    return sorted(found)


def _reasons(board: Board, made: Pairs, is_left: Mask) -> Iterator[tuple[Ints, list[Reason]]]:
    """Why mentees have no further mentor, of all who are left for them: the first that is true."""
    problem = board.problem
    latest = np.full(board.width, -1, dtype=np.int64)
    np.maximum.at(latest, made.columns, problem.waiting_class[made.rows])
    for start, block in board.blocks():
        rows = start + np.flatnonzero(is_left[start : start + len(block)])
        scores = block[rows - start]
        mine = made.where(np.isin(made.rows, rows))
        scores[np.searchsorted(rows, mine.rows), mine.columns] = NOT_ALLOWED
        close = scores >= problem.least_acceptable
        with_places = close & (problem.ceilings > 0)
        truths = (
            (Reason.NOBODY_ALLOWED, ~(scores > NOT_ALLOWED).any(axis=1)),
            (Reason.NOBODY_CLOSE, ~close.any(axis=1)),
            (Reason.NO_PLACES, ~with_places.any(axis=1)),
            (Reason.GROUPS_CLOSED, ~(with_places & ~board.closed).any(axis=1)),
            (Reason.LOCKED_PLACES, ~(close & (board.mentors.upper > 0)).any(axis=1)),
            (
                Reason.LONGER_WAITS,
                np.where(close, latest, -1).max(axis=1) < problem.waiting_class[rows],
            ),
        )
        numbers = np.argmax([*(it for _, it in truths), np.ones(len(rows), dtype=bool)], axis=0)
        in_order = [*(it for it, _ in truths), Reason.ALL_TAKEN]
        yield rows, [in_order[it] for it in numbers.tolist()]
    if board.width == 0:
        rows = np.flatnonzero(is_left)
        yield rows, [Reason.NOBODY_ALLOWED] * len(rows)
