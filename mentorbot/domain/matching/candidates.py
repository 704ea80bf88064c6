"""The pairs that a matching begins with, and those that could still improve it."""

import numpy as np

from mentorbot.domain.matching.board import Board, Pairs, Step, among
from mentorbot.domain.matching.problem import NOT_ALLOWED, Block, Ints, Proof

SAMPLED = 8
"""Every so many people of a large side are looked at to guess where its best begin."""
LARGE = 1024
NEAR_EACH = 16
"""How many pairs for each mentee are kept when those without hope are let go."""
MANY = 4
"""How many times as many have to be near before only some of them are kept."""
ASKED = 64
"""How many mentees are asked for how much slack is near."""


def promising(board: Board, step: Step, each: int) -> Pairs:
    """About the best `each` pairs of every mentee and of every mentor.

    Both sides, because mentors whom nobody likes best would have no candidates, and mentees would
    go without. Where many score alike, some are taken by lot, the same for the same ids.
    """
    columns = _Columns(board, each)
    found = [
        _promising(board, step, start, block, each, columns) for start, block in board.blocks()
    ]
    return merged(board, found)


def _promising(
    board: Board, step: Step, start: int, block: Block, each: int, columns: "_Columns"
) -> Pairs:
    of_rows = np.maximum(_highest(block, each), step.least)
    of_columns = np.maximum(columns.seen(block), step.least)
    places = np.flatnonzero((block >= of_rows[:, None]) | (block >= of_columns))
    rows, numbers = np.divmod(places, board.width)
    pairs = Pairs(rows + start, numbers, block[rows, numbers].astype(np.int64))
    most = 2 * (each * len(block) + columns.each * board.width * len(block) // board.height + 1)
    if len(pairs) > most:
        at_the_edge = (pairs.scores == of_rows[rows]) | (pairs.scores == of_columns[numbers])
        pairs = pairs.where(~at_the_edge | board.lot(pairs, most / len(pairs)))
    return pairs.where(board.open(step, pairs))


def _highest(block: Block, each: int) -> Block:
    """A score that about `each` of every row reach."""
    stride = SAMPLED if block.shape[1] >= LARGE else 1
    sample = block[:, ::stride]
    number = min(-(-each // stride), sample.shape[1])
    edge: Block = np.partition(sample, -number, axis=1)[:, -number]
    return edge


class _Columns:
    """The score that about `each` of every column reach, as far as its rows were seen.

    A mentor with many places looks for as many more.
    """

    def __init__(self, board: Board, each: int) -> None:
        self.each = each + int(2 * board.mentors.upper.mean()) if board.width else each
        self._stride = SAMPLED if board.height >= LARGE else 1
        number = min(-(-self.each // self._stride), board.height)
        self._best = np.full((number, board.width), NOT_ALLOWED, dtype=np.int16)

    def seen(self, block: Block) -> Block:
        number = len(self._best)
        both = np.concatenate([self._best, block[:: self._stride]])
        self._best = np.partition(both, len(both) - number, axis=0)[len(both) - number :]
        edge: Block = self._best.min(axis=0)
        return edge


def improving(
    board: Board, step: Step, proof: Proof, slack: int, made: Pairs, each: int
) -> tuple[Pairs, int]:
    """Pairs of at most some slack, and how many of them could improve the set.

    Of those that could, the best `each` of every mentee; of the others, if they are very many, some
    by lot.
    """
    made_keys = np.sort(board.keys(made))
    found: list[Pairs] = []
    could_improve = 0
    for pairs in board.near(step, proof, slack):
        slacks = board.slack(step, proof, pairs)
        better, others = pairs.where(slacks < 0), pairs.where(slacks >= 0)
        could_improve += int((~among(made_keys, board.keys(better))).sum())
        found.append(better.where(_least_each(board, better, slacks[slacks < 0], each)))
        if not len(pairs):
            continue
        most = MANY * NEAR_EACH * (1 + int(pairs.rows[-1] - pairs.rows[0]))
        if len(others) > most:
            others = others.where(board.lot(others, most / len(others)))
        found.append(others)
    return merged(board, found), could_improve


def _least_each(board: Board, pairs: Pairs, slacks: Ints, each: int) -> Ints:
    """Numbers of the pairs of least slack of each row; equals from all over the columns."""
    numbers = np.arange(len(pairs))
    if len(pairs) <= each:
        return numbers
    turned = (pairs.columns + pairs.rows * 7919) % board.width
    order = np.lexsort((turned, slacks, pairs.rows))
    rows = pairs.rows[order]
    return order[numbers - np.searchsorted(rows, rows) < each]


def near_slack(board: Board, step: Step, proof: Proof) -> int:
    """The slack up to which there are about `NEAR_EACH` pairs for each mentee.

    It is guessed from some mentees in equal distances.
    """
    slacks = [np.zeros(0, dtype=np.int64)]
    columns = np.arange(board.width)
    rows = range(0, board.height, max(board.height // ASKED, 1))
    for row in rows:
        pairs = Pairs(np.full(board.width, row), columns, board.row(row).astype(np.int64))
        slacks.append(board.slack(step, proof, pairs.where(board.open(step, pairs))))
    found = np.concatenate(slacks)
    wanted = NEAR_EACH * len(rows)
    if len(found) <= wanted:
        return int(found.max(initial=0))
    return max(int(np.partition(found, wanted)[wanted]) - 1, 0)


def merged(board: Board, parts: list[Pairs]) -> Pairs:
    """Pairs of several finds, each once, in order."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Pairs(nothing, nothing, nothing)
    everything = Pairs(
        np.concatenate([it.rows for it in parts]),
        np.concatenate([it.columns for it in parts]),
        np.concatenate([it.scores for it in parts]),
    )
    _, first = np.unique(board.keys(everything), return_index=True)
    return everything.where(first)
