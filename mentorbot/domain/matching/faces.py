"""What is left to choose once a step has been proven: its best sets, and whether there is one."""

from collections import deque

import numpy as np

from mentorbot.domain.matching.board import Board, Mask, Pairs, Side, Step
from mentorbot.domain.matching.problem import Ints, Proof


def after(board: Board, step: Step, made: Pairs, proof: Proof) -> tuple[Step, Pairs]:
    """The step that chooses among the best sets of one, and the pairs that are all of theirs.

    `made` is any best set, `proof` any right prices; the best sets are the same for all.
    """
    mentees, mentors = tightened(step, proof)
    certain = made.where(board.slack(step, proof, made) < 0)
    settled = np.union1d(step.settled, board.keys(certain))
    next_step = Step(
        step.stage,
        step.least,
        mentees.without(np.bincount(certain.rows, minlength=board.height)),
        mentors.without(np.bincount(certain.columns, minlength=board.width)),
        settled=settled,
        tight=(*step.tight, proof),
        salt=step.salt,
    )
    return next_step, certain


def tightened(step: Step, proof: Proof) -> tuple[Side, Side]:
    """How many partners each person has in every best set: mentees, mentors."""
    return _of_mentees(step, proof.mentee_prices), _of_mentors(step, proof.mentor_prices)


def _of_mentees(step: Step, prices: Ints) -> Side:
    side = step.mentees
    if step.rewards is None:
        return side.tightened(least=prices < 0, most=prices > 0)
    wanted = np.arange(step.rewards.shape[1]) < side.upper[:, None]
    gains = step.rewards + prices[:, None]
    return Side((wanted & (gains > 0)).sum(axis=1), (wanted & (gains >= 0)).sum(axis=1))


def _of_mentors(step: Step, prices: Ints) -> Side:
    side = step.mentors
    if step.floors is None:
        return side.tightened(least=prices < 0, most=prices > 0)
    first = np.minimum(step.floors.places, side.upper)
    others, gains = side.upper - first, prices + step.floors.reward
    return Side(
        np.where(gains > 0, first, 0) + np.where(prices > 0, others, 0),
        np.where(gains >= 0, first, 0) + np.where(prices >= 0, others, 0),
    )


def is_single(board: Board, step: Step, made: Pairs) -> bool:
    """Whether a set is the only one that a step leaves: nobody can change without a loss.

    Another one would differ by a round of changes, each of which makes or ends a pair.
    """
    ways = _ways(board, step, made)
    begins, ends = _loose_ends(board, step, made)
    order = _in_order(ways)
    if order is None:
        return False
    reached = np.zeros(len(ways), dtype=bool)
    for place in order:
        if reached[place] and ends[place]:
            return False
        if reached[place] or begins[place]:
            reached[ways[place]] = True
    return True


def _ways(board: Board, step: Step, made: Pairs) -> list[list[int]]:
    """From a mentee to mentors whom they could get, from a mentor to mentees they could lose."""
    ways: list[list[int]] = [[] for _ in range(board.height + board.width)]
    keys = board.keys(made)
    for pairs in board.near(step, step.tight[-1], 0):
        others = pairs.where(~np.isin(board.keys(pairs), keys))
        for row, column in zip(others.rows.tolist(), others.columns.tolist(), strict=True):
            ways[row].append(board.height + column)
    open_ = made.where(board.open(step, made))
    for row, column in zip(open_.rows.tolist(), open_.columns.tolist(), strict=True):
        ways[board.height + column].append(row)
    return ways


def _loose_ends(board: Board, step: Step, made: Pairs) -> tuple[Mask, Mask]:
    """Where a change can begin: who may have one more; and end: who may have one fewer."""
    of_mentee = np.bincount(made.rows, minlength=board.height)
    of_mentor = np.bincount(made.columns, minlength=board.width)
    begins = np.concatenate([of_mentee < step.mentees.upper, of_mentor > step.mentors.lower])
    ends = np.concatenate([of_mentee > step.mentees.lower, of_mentor < step.mentors.upper])
    return begins, ends


def _in_order(ways: list[list[int]]) -> list[int] | None:
    """All places, each after those that lead to it; None where a way leads round."""
    leading = [0] * len(ways)
    for heads in ways:
        for head in heads:
            leading[head] += 1
    ready = deque(place for place, number in enumerate(leading) if number == 0)
    order = []
    while ready:
        place = ready.popleft()
        order.append(place)
        for head in ways[place]:
            leading[head] -= 1
            if leading[head] == 0:
                ready.append(head)
    return order if len(order) == len(ways) else None
