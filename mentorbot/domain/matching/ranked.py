"""Matching by the mentees' lists alone: as many as can be, with the best choices that can be.

Three orders (Irving, Kavitha, Mehlhorn, Michail & Paluch, "Rank-maximal Matchings", 2006; Manlove,
Algorithmics of Matching Under Preferences, 2013, section 8.2.1): greedy-maximum matches as many as
can be, then gives as many first choices as can be, then second ones; generous matches as many, then
gives as few last choices as can be, then last but one; rank-maximal gives as many first choices as
can be whatever that costs others, so that it may leave people out who could have been matched.

Each measure is minimised exactly among what the ones before have left (`flow`), and its prices are
the proof, which `verify` checks without a solver. Least numbers of mentees are no flow: a mentor
with too few is closed or filled, whichever is better, by branch and bound; such a result has no
proof by prices, and is verified by finding it again.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mentorbot.domain.matching.flow import Face, Network, NoFlow, proves
from mentorbot.domain.matching.preferences import Market, Pair, digest, ranks

MOST_BRANCHES = 2_000
"""How many ways of closing and filling are looked into before the best so far is taken."""
_DIGEST_BITS = 40
"""Bits of a digest that decide between equals, so that a sum over a million people fits."""

Progress = Callable[[str, int], None]
"""Told the code and the number of each measure that is about to be minimised."""


class Order(StrEnum):
    """What comes first among the lists."""

    GREEDY_MAXIMUM = "greedy_maximum"
    GENEROUS = "generous"
    RANK_MAXIMAL = "rank_maximal"


class Stage(NamedTuple):
    """A measure and what it came to.

    `left_out` counts the mentees of waiting class `number` who have nobody, `missing` the mentors
    that its mentees have fewer than they want, `choice` the pairs who are a choice of rank
    `number`, `changed` the pairs of the draft that are not kept.
    """

    code: str
    number: int
    value: int


class Choice(NamedTuple):
    """A pair, and the rank that the mentor has on the mentee's list; 0 where they are not on it."""

    mentee: str
    mentor: str
    rank: int


@dataclass(frozen=True)
class Proof:
    """The prices of every step: by mentee, by mentor, and of the place that all flows end in."""

    mentees: tuple[dict[str, int], ...]
    mentors: tuple[dict[str, int], ...]
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Ranked:
    """A matching by lists, sorted by mentee.

    `most` is how many mentees could have been matched from the lists. `bound` is what no matching
    can be better than: the stages themselves, except where too many groups were too small for all
    ways of closing them to be looked into. `proof` is there where no group was too small.
    """

    pairs: tuple[Choice, ...]
    stages: tuple[Stage, ...]
    most: int
    bound: tuple[Stage, ...]
    proof: Proof | None


def solve(
    market: Market,
    order: Order = Order.GREEDY_MAXIMUM,
    progress: Progress | None = None,
    branches: int = MOST_BRANCHES,
) -> Ranked:
    """Match a market by its mentees' lists; raises NoFlow where the locks cannot all be kept."""
    best, bound = _search(market, order, branches, progress)
    most = best
    if order is Order.RANK_MAXIMAL:
        most, _ = _search(market, Order.GREEDY_MAXIMUM, branches, progress)
    return Ranked(
        best.pairs,
        best.stages,
        len({it.mentee for it in most.pairs}),
        bound.stages,
        None if best.closed or best.filled else best.proof,
    )


def verify(market: Market, order: Order, ranked: Ranked) -> bool:
    """Whether the proof of a matching shows that nothing is better by its order; no solver runs."""
    if ranked.proof is None:
        return False
    graph = _Graph(market)
    made = {(it.mentee, it.mentor) for it in ranked.pairs}
    flow = graph.flow_of(made)
    if flow is None or len(made) < len(ranked.pairs):
        return False
    measures = graph.measures(order)
    told = (ranked.pairs, ranked.stages) == (graph.choices(flow), graph.stages(measures, flow))
    if not told or graph.too_small(flow):
        return False
    steps = [*(it.costs for it in measures), graph.digests()]
    proof = ranked.proof
    if not len(steps) == len(proof.mentees) == len(proof.mentors) == len(proof.ends):
        return False
    prices = map(graph.prices_of, proof.mentees, proof.mentors, proof.ends)
    return proves(graph.network, flow, list(zip(steps, prices, strict=True)))


class _Measure(NamedTuple):
    code: str
    number: int
    costs: list[int]


@dataclass(frozen=True)
class _Leaf:
    """The best matching with some mentors closed and some filled to their least number."""

    pairs: tuple[Choice, ...]
    stages: tuple[Stage, ...]
    values: tuple[int, ...]
    too_small: tuple[str, ...]
    closed: frozenset[str]
    filled: frozenset[str]
    proof: Proof


def _search(
    market: Market, order: Order, branches: int, progress: Progress | None
) -> tuple[_Leaf, _Leaf]:
    """The best matching without a group that is too small, and the bound on it."""
    first = _leaf(market, order, frozenset(), frozenset(), progress)
    waiting = [(first.values, _name(first), first)]
    for _ in range(branches):
        *_, leaf = heapq.heappop(waiting)
        if not leaf.too_small:
            return leaf, leaf
        for one in _branches(market, order, leaf, progress):
            heapq.heappush(waiting, (one.values, _name(one), one))
        if not waiting:
            raise NoFlow
    bound = leaf = waiting[0][-1]
    while leaf.too_small:
        leaf = min(_branches(market, order, leaf, progress), key=lambda it: (it.values, _name(it)))
    return leaf, bound


def _name(leaf: _Leaf) -> tuple[list[str], list[str]]:
    return sorted(leaf.closed), sorted(leaf.filled)


def _branches(
    market: Market, order: Order, leaf: _Leaf, progress: Progress | None
) -> Iterator[_Leaf]:
    """The best with the first of the small groups closed, and with it filled, where that can be."""
    mentor = leaf.too_small[0]
    for closed, filled in (
        (leaf.closed | {mentor}, leaf.filled),
        (leaf.closed, leaf.filled | {mentor}),
    ):
        with suppress(NoFlow):
            yield _leaf(market, order, closed, filled, progress)


def _leaf(
    market: Market,
    order: Order,
    closed: frozenset[str],
    filled: frozenset[str],
    progress: Progress | None,
) -> _Leaf:
    graph = _Graph(market, closed, filled)
    face, measures = Face(graph.network), graph.measures(order)
    prices = []
    for measure in measures:
        if progress is not None:
            progress(measure.code, measure.number)
        prices.append(face.minimise(measure.costs)[1])
    flow, last = face.minimise(graph.digests())
    steps = [*(it.costs for it in measures), graph.digests()]
    return _Leaf(
        graph.choices(flow),
        graph.stages(measures, flow),
        tuple(sum(c * f for c, f in zip(costs, flow, strict=True)) for costs in steps),
        graph.too_small(flow),
        closed,
        filled,
        graph.proof([*prices, last]),
    )


class _Graph:
    """A market as a network: mentees send what they want to mentors, or past them to the end."""

    def __init__(
        self,
        market: Market,
        closed: frozenset[str] = frozenset(),
        filled: frozenset[str] = frozenset(),
    ) -> None:
        self.market = market
        self.mentees, self.mentors = sorted(market.choices), sorted(market.ceilings)
        self.pairs = _pairs(market)
        self.past = [it for it in self.mentees if market.wanted(it)]
        self.further = [it for it in self.mentees if market.wanted(it) > 1]
        place = {it: number for number, it in enumerate(self.mentees)}
        seat = {it: len(place) + number for number, it in enumerate(self.mentors)}
        end = len(place) + len(seat)
        wanted = [market.wanted(it) for it in self.mentees]
        self.network = Network(
            tails=[place[it.mentee] for it in self.pairs]
            + [place[it] for it in (*self.past, *self.further)]
            + [seat[it] for it in self.mentors],
            heads=[seat[it.mentor] for it in self.pairs]
            + [end] * (len(self.past) + len(self.further) + len(self.mentors)),
            lower=[int(it[:2] in market.locks) for it in self.pairs]
            + [0] * (len(self.past) + len(self.further))
            + [market.floor(it) if it in filled else 0 for it in self.mentors],
            upper=[1] * (len(self.pairs) + len(self.past))
            + [market.wanted(it) - 1 for it in self.further]
            + [0 if it in closed else market.ceilings[it] for it in self.mentors],
            supplies=[*wanted, *[0] * len(self.mentors), -sum(wanted)],
        )

    def measures(self, order: Order) -> list[_Measure]:
        """What is minimised in turn, as costs of the arcs."""
        classes = sorted({self.market.class_of(it) for it in self.mentees})
        deepest = max((it.rank for it in self.pairs), default=0)
        found = [_Measure("left_out", it, self._left_out(it)) for it in classes]
        if order is Order.RANK_MAXIMAL:
            found = found[:-1]
        elif self.further:
            found += [_Measure("missing", it, self._missing(it)) for it in classes]
        if order is Order.GENEROUS:
            found += [_Measure("choice", it, self._of_rank(it, 1)) for it in range(deepest, 1, -1)]
        else:
            found += [_Measure("choice", it, self._of_rank(it, -1)) for it in range(1, deepest + 1)]
        if self.market.draft:
            found.append(_Measure("changed", 0, self._changed()))
        return found

    def _left_out(self, waiting_class: int) -> list[int]:
        return self._costs([0] * len(self.pairs), self._in_class(self.past, waiting_class))

    def _missing(self, waiting_class: int) -> list[int]:
        those = self._in_class([*self.past, *self.further], waiting_class)
        return self._costs([0] * len(self.pairs), those)

    def _in_class(self, mentees: Sequence[str], waiting_class: int) -> list[int]:
        return [int(self.market.class_of(it) == waiting_class) for it in mentees]

    def _of_rank(self, rank: int, cost: int) -> list[int]:
        return self._costs([cost * (it.rank == rank) for it in self.pairs])

    def _changed(self) -> list[int]:
        return self._costs([-int(it[:2] in self.market.draft) for it in self.pairs])

    def digests(self) -> list[int]:
        """The last measure: the sum of the pairs' digests, which hardly any two matchings share."""
        return self._costs([digest(*it[:2]) >> (256 - _DIGEST_BITS) for it in self.pairs])

    def _costs(self, pairs: list[int], past: Sequence[int] = ()) -> list[int]:
        """Costs of the arcs: those of pairs, those past all mentors, and nothing for the rest."""
        return [*pairs, *past, *[0] * (len(self.network.tails) - len(pairs) - len(past))]

    def choices(self, flow: Sequence[int]) -> tuple[Choice, ...]:
        """The pairs that a flow goes through."""
        return tuple(it for it, made in zip(self.pairs, flow, strict=False) if made)

    def stages(self, measures: Iterable[_Measure], flow: Sequence[int]) -> tuple[Stage, ...]:
        """What each measure comes to, counted in people or pairs."""
        found = []
        for code, number, costs in measures:
            value = abs(sum(c * f for c, f in zip(costs, flow, strict=True)))
            if code == "changed":
                value = len(self.market.draft) - value
            found.append(Stage(code, number, value))
        return tuple(found)

    def too_small(self, flow: Sequence[int]) -> tuple[str, ...]:
        """The mentors who have somebody, but fewer than their least number."""
        sizes = flow[len(flow) - len(self.mentors) :]
        return tuple(
            mentor
            for mentor, size in zip(self.mentors, sizes, strict=True)
            if 0 < size < self.market.floor(mentor)
        )

    def flow_of(self, made: set[Pair]) -> list[int] | None:
        """The flow of some pairs; None where one of them cannot be, or somebody has too many."""
        if not made <= {it[:2] for it in self.pairs}:
            return None
        has = dict.fromkeys(self.mentees, 0)
        sizes = dict.fromkeys(self.mentors, 0)
        for mentee, mentor in made:
            has[mentee] += 1
            sizes[mentor] += 1
        left = {it: self.market.wanted(it) - has[it] for it in self.mentees}
        return [
            *(int(it[:2] in made) for it in self.pairs),
            *(int(left[it] > 0 and not has[it]) for it in self.past),
            *(left[it] - int(not has[it]) for it in self.further),
            *sizes.values(),
        ]

    def proof(self, prices: Sequence[list[int]]) -> Proof:
        """Prices by id; those of 0 are left out."""
        count = len(self.mentees)
        return Proof(
            tuple(_named(self.mentees, it[:count]) for it in prices),
            tuple(_named(self.mentors, it[count:-1]) for it in prices),
            tuple(it[-1] for it in prices),
        )

    def prices_of(self, mentees: dict[str, int], mentors: dict[str, int], end: int) -> list[int]:
        """The prices of one step, in the order of the places."""
        of_mentees = [mentees.get(it, 0) for it in self.mentees]
        return [*of_mentees, *(mentors.get(it, 0) for it in self.mentors), end]


def _pairs(market: Market) -> list[Choice]:
    """Everybody whom a mentee may get by their list or a lock."""
    found = []
    for mentee, tiers in market.choices.items():
        listed = ranks(tiers)
        kept = {mentor for one, mentor in market.locks if one == mentee}
        found += [
            Choice(mentee, mentor, listed.get(mentor, 0))
            for mentor in listed.keys() | kept
            if (mentee, mentor) not in market.forbidden
        ]
    return sorted(found)


def _named(ids: Sequence[str], prices: Sequence[int]) -> dict[str, int]:
    return {one: price for one, price in zip(ids, prices, strict=True) if price}
