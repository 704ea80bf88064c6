"""One step of a matching over some of its pairs: the best set, and prices that prove it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mentorbot.domain.matching.board import Board, Mask, Pairs, Step
from mentorbot.domain.matching.problem import Ints, Proof

LARGEST_COST = 1 << 61
"""Costs times places stay below this, so that nothing overflows within a solver."""


class NothingFits(Exception):
    """The bounds of a step cannot be kept to with the pairs that there are."""


class NotTheBest(ArithmeticError):
    """A set of pairs has no prices that prove it."""


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs with capacities and costs, and what each place sends (positive) or takes; all whole."""

    tails: Ints
    heads: Ints
    capacities: Ints
    costs: Ints
    supplies: Ints


Inner = Callable[[Network], Ints]
"""Finds a flow of least cost: how much each arc carries. Raises NothingFits."""


def min_cost_flow(network: Network) -> Ints:
    """OR-tools' cost-scaling solver. Raises NothingFits, and ArithmeticError for any other end."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    largest = int(np.abs(network.costs).max(initial=0))
    if largest * (len(network.supplies) + 1) >= LARGEST_COST:
        raise ArithmeticError(f"costs up to {largest} are too large for so many people")
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tails.astype(np.int32),
        network.heads.astype(np.int32),
        network.capacities,
        network.costs,
    )
    solver.set_nodes_supplies(np.arange(len(network.supplies), dtype=np.int32), network.supplies)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise NothingFits
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"the flow could not be found: {status}")
    flows: Ints = solver.flows(arcs)
    return flows


def largest(board: Board, step: Step, pairs: Pairs) -> Mask:
    """As many of some pairs as can be made within the most that each person may have."""
    return _carried(board, pairs, step.mentees.upper, step.mentors.upper)


def fits(board: Board, step: Step, pairs: Pairs) -> bool:
    """Whether some pairs can give everybody the least that they must have.

    It is enough that each side's least can be met for itself (Mendelsohn & Dulmage 1958).
    """
    mentees, mentors = step.mentees, step.mentors
    return all(
        int(_carried(board, pairs, rows, columns).sum()) == int(wanted.sum())
        for wanted, rows, columns in (
            (mentees.lower, mentees.lower, mentors.upper),
            (mentors.lower, mentees.upper, mentors.lower),
        )
        if wanted.any()
    )


def _carried(board: Board, pairs: Pairs, rows: Ints, columns: Ints) -> Mask:
    from ortools.graph.python.max_flow import SimpleMaxFlow

    source, sink = board.height + board.width, board.height + board.width + 1
    mentees, mentors = np.flatnonzero(rows), np.flatnonzero(columns)
    solver = SimpleMaxFlow()
    tails = [pairs.rows, np.full(len(mentees), source), board.height + mentors]
    heads = [board.height + pairs.columns, mentees, np.full(len(mentors), sink)]
    arcs = solver.add_arcs_with_capacity(
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.concatenate([np.ones(len(pairs), dtype=np.int64), rows[mentees], columns[mentors]]),
    )
    if solver.solve(source, sink) != solver.OPTIMAL:
        raise ArithmeticError("the largest flow could not be found")
    made: Mask = solver.flows(arcs)[: len(pairs)] > 0
    return made


def best_of(board: Board, step: Step, pairs: Pairs, proof: Proof, inner: Inner) -> Mask:
    """Which of some pairs make the step's best set; `proof` has prices that are not far off."""
    network = _network(board, step, pairs, proof)
    made: Mask = inner(network)[: len(pairs)] > 0
    return made


def _network(board: Board, step: Step, pairs: Pairs, proof: Proof) -> Network:
    """Pairs, then mentees from the source, then mentors to the sink, then past everybody.

    What is certain is sent and taken by people themselves. Prices lower the costs of pairs by as
    much as they raise those of people, which leaves every best set what it is.
    """
    height, width = board.height, board.width
    source, sink = height + width, height + width + 1
    places, room, gains = _slots(step)
    mentors, left, counting = _mentor_places(step)
    certain = int(step.mentees.lower.sum()), int(step.mentors.lower.sum())
    most = int(room.sum()) + certain[1]
    ones = np.ones(len(pairs), dtype=np.int64)
    return Network(
        np.concatenate([pairs.rows, np.full(len(places), source), height + mentors, [source]]),
        np.concatenate([height + pairs.columns, places, np.full(len(mentors), sink), [sink]]),
        np.concatenate([ones, room, left, [most]]),
        np.concatenate(
            [
                board.slack(step, proof, pairs),
                -gains - proof.mentee_prices[places],
                -counting - proof.mentor_prices[mentors],
                [0],
            ]
        ),
        np.concatenate(
            [
                step.mentees.lower,
                -step.mentors.lower,
                [most, certain[1] - certain[0] - most],
            ]
        ),
    )


def _slots(step: Step) -> tuple[Ints, Ints, Ints]:
    """Whose further pairs are open: the mentee, how many, and what each of them counts for."""
    free = step.mentees.upper - step.mentees.lower
    if step.rewards is None:
        places = np.flatnonzero(free)
        return places, free[places], np.zeros(len(places), dtype=np.int64)
    places, numbers = np.nonzero(np.arange(step.rewards.shape[1]) < free[:, None])
    return places, np.ones(len(places), dtype=np.int64), step.rewards[places, numbers]


def _mentor_places(step: Step) -> tuple[Ints, Ints, Ints]:
    """Who has places left, how many, and what each of them counts for."""
    free = step.mentors.upper - step.mentors.lower
    if step.floors is None:
        mentors = np.flatnonzero(free)
        return mentors, free[mentors], np.zeros(len(mentors), dtype=np.int64)
    first = np.minimum(step.floors.places, free)
    held, others = np.flatnonzero(first), np.flatnonzero(free - first)
    rewards = np.repeat([step.floors.reward, 0], [len(held), len(others)])
    left = np.concatenate([first[held], (free - first)[others]])
    return np.concatenate([held, others]), left, rewards


def prices_of(
    board: Board, step: Step, pairs: Pairs, made: Mask, patience: int | None = None
) -> Proof:
    """Prices under which no other set of these pairs is better: the lowest for mentors.

    They are longest ways through what could still be changed, corrected from place to place until
    all agree (Bellman and Ford). Raises NotTheBest, also where `patience` rounds are not enough.
    """
    height, width = board.height, board.width
    root = height + width
    tails, heads, lengths = _changes(board, step, pairs, made)
    price = np.zeros(root + 1, dtype=np.int64)
    price[:height] = -(1 << 60)
    patience = patience or 2 * len(price)
    found = _longest(price, tails, heads, lengths, np.arange(height, root + 1), patience)
    found -= found[root]
    mentees = np.where(step.mentees.upper > 0, -found[:height], 0)
    mentors = np.where(step.mentors.upper > 0, found[height:root], 0)
    return Proof(step.stage, mentees, mentors, step.salt)


def _changes(board: Board, step: Step, pairs: Pairs, made: Mask) -> tuple[Ints, Ints, Ints]:
    """What could be changed about a set: from, to, and by how much the second's price is more."""
    height = board.height
    root = height + board.width
    weights = board.weights(step, pairs)
    several = (step.mentees.upper[pairs.rows] > 1) & (step.mentors.upper[pairs.columns] > 1)
    more, less = np.flatnonzero(~(made & several)), np.flatnonzero(made)
    of_mentee = np.bincount(pairs.rows[made], minlength=height)
    of_mentor = np.bincount(pairs.columns[made], minlength=board.width)
    can_have, can_lose = of_mentee < step.mentees.upper, of_mentee > step.mentees.lower
    can_take, can_give = of_mentor < step.mentors.upper, of_mentor > step.mentors.lower
    parts = [
        (pairs.rows[more], height + pairs.columns[more], weights[more]),
        (height + pairs.columns[less], pairs.rows[less], -weights[less]),
        (None, np.flatnonzero(can_have), _reward(step, of_mentee)[can_have]),
        (np.flatnonzero(can_lose), None, -_reward(step, of_mentee - 1)[can_lose]),
        (None, height + np.flatnonzero(can_give), -_floor_reward(step, of_mentor - 1)[can_give]),
        (height + np.flatnonzero(can_take), None, _floor_reward(step, of_mentor)[can_take]),
    ]
    tails, heads, lengths = [], [], []
    for tail, head, length in parts:
        size = len(tail) if tail is not None else len(head) if head is not None else 0
        tails.append(np.full(size, root) if tail is None else tail)
        heads.append(np.full(size, root) if head is None else head)
        lengths.append(np.zeros(size, dtype=np.int64) if length is None else length)
    return np.concatenate(tails), np.concatenate(heads), np.concatenate(lengths)


def _reward(step: Step, number: Ints) -> Ints:
    """What each mentee's pair of a number from 0 counts for; 0 beyond the last."""
    if step.rewards is None:
        return np.zeros(len(number), dtype=np.int64)
    last = step.rewards.shape[1] - 1
    return step.rewards[np.arange(len(number)), np.clip(number, 0, last)]


def _floor_reward(step: Step, number: Ints) -> Ints:
    """What each mentor's place of a number from 0 counts for."""
    if step.floors is None:
        return np.zeros(len(number), dtype=np.int64)
    return np.where(number < step.floors.places, step.floors.reward, 0)


def _longest(
    price: Ints, tails: Ints, heads: Ints, lengths: Ints, changed: Ints, patience: int
) -> Ints:
    """Raise prices until no way to a place is longer than its price; starts from what changed."""
    order = np.argsort(tails, kind="stable")
    heads, lengths = heads[order], lengths[order]
    begin = np.searchsorted(tails[order], np.arange(len(price) + 1))
    for _ in range(patience):
        sizes = begin[changed + 1] - begin[changed]
        ends = np.cumsum(sizes)
        ways = np.repeat(begin[changed] - ends + sizes, sizes) + np.arange(sizes.sum())
        longer = np.repeat(price[changed], sizes) + lengths[ways]
        better = longer > price[heads[ways]]
        if not better.any():
            return price
        before = price.copy()
        np.maximum.at(price, heads[ways][better], longer[better])
        changed = np.flatnonzero(price > before)
    raise NotTheBest
