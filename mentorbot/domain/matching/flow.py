"""Flows in a network that are best by one measure after another, each step with its proof.

A step finds a flow of least cost, and prices for the places of the network: an arc whose cost is
more than its prices allow carries as little as it can in every such flow, one whose cost is less as
much as it can. The next step chooses among what is left. All numbers are whole. Source: the
optimality of complementary slackness, Ahuja, Magnanti & Orlin, Network Flows (1993), section 9.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class NoFlow(Exception):
    """Nothing can be carried within the bounds."""


@dataclass(frozen=True)
class Network:
    """Arcs with bounds, and what each place sends (positive) or takes (negative); adds up to 0."""

    tails: Sequence[int]
    heads: Sequence[int]
    lower: Sequence[int]
    upper: Sequence[int]
    supplies: Sequence[int]


class Face:
    """The flows of a network that are best so far."""

    def __init__(self, network: Network) -> None:
        self._tails = np.array(network.tails, dtype=np.int64)
        self._heads = np.array(network.heads, dtype=np.int64)
        self._lower = np.array(network.lower, dtype=np.int64)
        self._upper = np.array(network.upper, dtype=np.int64)
        self._supplies = np.array(network.supplies, dtype=np.int64)
        self._flow: Ints | None = None

    def minimise(self, costs: Sequence[int]) -> tuple[list[int], list[int]]:
        """A flow of least cost among those that are left, and prices that prove it.

        Costs are whole numbers; times the number of places they stay under 2 to the 62nd. Raises
        NoFlow where nothing fits within the bounds.
        """
        by_arc = np.array(costs, dtype=np.int64)
        if self._flow is not None and not by_arc[self._lower < self._upper].any():
            return self._flow.tolist(), [0] * len(self._supplies)
        self._flow = self._least(by_arc)
        prices = self._prices(by_arc, self._flow)
        reduced = by_arc + prices[self._tails] - prices[self._heads]
        self._upper = np.where(reduced > 0, self._lower, self._upper)
        self._lower = np.where(reduced < 0, self._upper, self._lower)
        return self._flow.tolist(), prices.tolist()

    def _least(self, costs: Ints) -> Ints:
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

        open_ = np.flatnonzero(self._lower < self._upper)
        left = self._supplies.copy()
        np.subtract.at(left, self._tails, self._lower)
        np.add.at(left, self._heads, self._lower)
        solver = SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            self._tails[open_],
            self._heads[open_],
            (self._upper - self._lower)[open_],
            costs[open_],
        )
        solver.set_nodes_supplies(np.arange(len(left)), left)
        status = solver.solve()
        if status == solver.INFEASIBLE:
            raise NoFlow
        if status != solver.OPTIMAL:
            raise ArithmeticError(f"the flow could not be found: {status}")
        flow = self._lower.copy()
        flow[open_] += solver.flows(arcs)
        return flow

    def _prices(self, costs: Ints, flow: Ints) -> Ints:
        """The shortest ways to each place through what can still be changed (Bellman and Ford)."""
        more, less = flow < self._upper, flow > self._lower
        tails = np.concatenate([self._tails[more], self._heads[less]])
        heads = np.concatenate([self._heads[more], self._tails[less]])
        lengths = np.concatenate([costs[more], -costs[less]])
        prices = np.zeros(len(self._supplies), dtype=np.int64)
        for _ in range(len(prices) + 1):
            shorter = prices.copy()
            np.minimum.at(shorter, heads, prices[tails] + lengths)
            if np.array_equal(shorter, prices):
                return prices
            prices = shorter
        raise ArithmeticError("the flow that was found is not of least cost")


def proves(
    network: Network,
    flow: Sequence[int],
    steps: Sequence[tuple[Sequence[int], Sequence[int]]],
) -> bool:
    """Whether prices prove a flow best by each step's costs in turn; needs no solver.

    `steps` are the costs of the arcs and the prices of the places, in order.
    """
    lower, upper = list(network.lower), list(network.upper)
    sent = list(network.supplies)
    for tail, head, carried in zip(network.tails, network.heads, flow, strict=True):
        sent[tail] -= carried
        sent[head] += carried
    if any(sent) or not all(
        low <= it <= high for low, it, high in zip(lower, flow, upper, strict=True)
    ):
        return False
    for costs, prices in steps:
        for arc, (tail, head) in enumerate(zip(network.tails, network.heads, strict=True)):
            reduced = costs[arc] + prices[tail] - prices[head]
            if reduced > 0:
                upper[arc] = lower[arc]
            elif reduced < 0:
                lower[arc] = upper[arc]
            if not lower[arc] <= flow[arc] <= upper[arc]:
                return False
    return True
