"""The steps of a matching as linear problems, as the solver and the checker both read them.

A pair has a weight, a mentee a price `u`, a mentor a price `v`; what is left of `u + v` beyond the
weight is the pair's slack. Prices are right for a set of pairs when no slack is negative apart from
pairs that are made anyway, pairs that are made have none, and whoever has a positive price has all
the partners they may have, whoever has a negative one as few as they must. Then the set is the
best of its step, and the best sets are exactly those made of pairs without slack that keep to the
same bounds (complementary slackness; Schrijver, Combinatorial Optimization, 2003, section 21).
Every later step chooses among those.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.matching.problem import NOT_ALLOWED, Block, Ints, Pair, Problem, Proof, Stage

Mask = NDArray[np.bool_]
BLOCK_PAIRS = 1 << 20
"""How many pairs are looked at together: few enough for a processor's cache."""
HASH_BITS = 36
"""How long the weights of `CANONICAL` are; times the number of people they fit a flow's costs."""
_NARROW = 10_000
"""Prices below this, two of them and a slack, are added as 16 bits."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some pairs: their rows, columns and scores."""

    rows: Ints
    columns: Ints
    scores: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, which: Mask | Ints) -> "Pairs":
        """Those that a mask or numbers pick."""
        return Pairs(self.rows[which], self.columns[which], self.scores[which])


@dataclass(frozen=True, eq=False)
class Side:
    """How many partners each person of a side has at least and at most."""

    lower: Ints
    upper: Ints

    def tightened(self, least: Mask, most: Mask) -> "Side":
        """With some kept at the least that they may have, and some at the most."""
        return Side(np.where(most, self.upper, self.lower), np.where(least, self.lower, self.upper))

    def without(self, taken: Ints) -> "Side":
        """What is left once some of each person's partners are settled."""
        return Side(np.maximum(self.lower - taken, 0), self.upper - taken)


@dataclass(frozen=True, eq=False)
class Floors:
    """How many of each mentor's places have to be filled, and what each of these counts for.

    That is more than everything else together, so that they are filled wherever they can be.
    """

    places: Ints
    reward: int


@dataclass(frozen=True, eq=False)
class Step:
    """One stage's problem: which pairs may be made, and how many of them for whom.

    `least` is the lowest score of a pair that may be made. `settled` are keys of pairs that earlier
    stages make in any case, and `tight` the proofs of those stages, in whose best sets it stays.
    `rewards` are, for each mentee, what their first, second ... pair counts for, `floors` what
    places of mentors count for.
    """

    stage: Stage
    least: int
    mentees: Side
    mentors: Side
    rewards: Ints | None = None
    floors: "Floors | None" = None
    settled: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tight: tuple[Proof, ...] = ()
    salt: int = 0

    def of(self, stage: Stage, salt: int = 0) -> "Step":
        """The same choice for another stage, whose pairs alone count."""
        return replace(self, stage=stage, rewards=None, floors=None, salt=salt)


class Board:
    """A problem with its locks set aside: what is left to be decided.

    `closed` are mentors who get no mentees, `held` those whose group comes about, with at least
    their floor; apart from these, floors count for nothing.
    """

    def __init__(
        self, problem: Problem, closed: Mask | None = None, held: Mask | None = None
    ) -> None:
        self.problem = problem
        self.height, self.width = problem.scores.shape
        self.lock_rows, self.lock_columns = problem.places_of(problem.locks)
        shut_rows, shut_columns = problem.places_of(problem.locks | problem.forbidden)
        self._shut_rows, self._shut_columns = shut_rows, shut_columns
        self.draft = self.keys_of(problem.draft - problem.locks)
        wanted = np.minimum(problem.wants, self.width)
        self.locked_of_mentee = np.bincount(self.lock_rows, minlength=self.height)
        self.locked_of_mentor = np.bincount(self.lock_columns, minlength=self.width)
        places = np.minimum(problem.ceilings, self.height) - self.locked_of_mentor
        self.closed = np.zeros(self.width, dtype=bool) if closed is None else closed
        self.mentees = Side(np.zeros_like(wanted), wanted - self.locked_of_mentee)
        self.mentors = Side(np.zeros_like(places), np.where(self.closed, 0, places))
        least = np.zeros_like(places) if held is None else np.where(held, problem.floors, 0)
        self.held = np.maximum(least - self.locked_of_mentor, 0)

    def keys_of(self, pairs: frozenset[Pair]) -> Ints:
        """Numbers that stand for pairs: the row times the width, and the column."""
        rows, columns = self.problem.places_of(pairs)
        return rows * self.width + columns

    def first_step(self, least: int | None = None) -> Step:
        """Who is matched at all: as many as can be of each waiting class in turn."""
        return Step(
            Stage.PLACES,
            max(self.problem.least_acceptable, least or 0),
            self.mentees,
            self.mentors,
            self.rewards,
            Floors(self.held, 1 + int(self.rewards.sum())),
        )

    @cached_property
    def levels(self) -> Ints:
        """Each mentee's first, second ... mentor as a level: those of level 0 are served first.

        Everybody's first mentor comes before anybody's second, whichever their class.
        """
        _, classes = np.unique(self.problem.waiting_class, return_inverse=True)
        most = max(int(self.mentees.upper.max(initial=0)), 1)
        number = self.locked_of_mentee[:, None] + np.arange(most)
        return number * (int(classes.max(initial=0)) + 1) + classes[:, None]

    @cached_property
    def rewards(self) -> Ints:
        """What a mentee's next pair counts for, at least 1; 0 beyond what they want.

        Numbers that merely fall from level to level are enough: the sets of mentees who can be
        served are those of a matroid, whose heaviest sets serve each level as well as can be.
        """
        wanted = np.arange(self.levels.shape[1]) < self.mentees.upper[:, None]
        found, numbers = np.unique(self.levels[wanted], return_inverse=True)
        rewards = np.zeros(self.levels.shape, dtype=np.int64)
        rewards[wanted] = len(found) - numbers
        return rewards

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """All scores, some rows at a time; -1 for what is locked, forbidden or not allowed."""
        height = max(BLOCK_PAIRS // max(self.width, 1), 1)
        if self.width == 0:
            return
        for start in range(0, self.height, height):
            yield start, self._block(start, min(start + height, self.height))

    def row(self, row: int) -> Block:
        """A mentee's scores as in `blocks`, to be written into."""
        scores: Block = self._block(row, row + 1)[0].copy()
        return scores

    def _block(self, start: int, stop: int) -> Block:
        scores = self.problem.scores.rows(start, stop)
        first, last = np.searchsorted(self._shut_rows, [start, stop])
        if first == last:
            return scores
        scores = scores.copy()
        scores[self._shut_rows[first:last] - start, self._shut_columns[first:last]] = NOT_ALLOWED
        return scores

    def pairs(self, keys: Ints) -> Pairs:
        """The pairs that some sorted keys stand for, with their scores as in `blocks`."""
        rows, columns = np.divmod(keys, max(self.width, 1))
        scores = np.empty(len(keys), dtype=np.int64)
        if len(keys) == 0:
            return Pairs(rows, columns, scores)
        for start, block in self.blocks():
            first, last = np.searchsorted(rows, [start, start + len(block)])
            scores[first:last] = block[rows[first:last] - start, columns[first:last]]
        return Pairs(rows, columns, scores)

    def lot(self, pairs: Pairs, share: float) -> Mask:
        """About a share of some pairs, always the same ones."""
        return self._drawn(pairs, 0) < int(share * (1 << HASH_BITS))

    def free_prices(self, step: Step) -> Proof:
        """Prices before anything is known: nothing costs anything."""
        mentees, mentors = (np.zeros(it, dtype=np.int64) for it in (self.height, self.width))
        return Proof(step.stage, mentees, mentors, step.salt)

    def worth(self, made: Pairs) -> int:
        """What a set of pairs counts for in the first step."""
        of_mentor = np.bincount(made.columns, minlength=self.width)
        filled = int(np.minimum(of_mentor, self.held).sum())
        each = np.bincount(made.rows, minlength=self.height)
        counted = np.arange(self.rewards.shape[1]) < each[:, None]
        return int(self.rewards[counted].sum()) + filled * (1 + int(self.rewards.sum()))

    def keys(self, pairs: Pairs) -> Ints:
        """The numbers that stand for pairs."""
        return pairs.rows * self.width + pairs.columns

    def weights(self, step: Step | Proof, pairs: Pairs) -> Ints:
        """What pairs count for in a stage."""
        if step.stage is Stage.TOTAL:
            return pairs.scores
        if step.stage is Stage.KEPT:
            return among(self.draft, self.keys(pairs)).astype(np.int64)
        if step.stage is Stage.CANONICAL:
            return self._drawn(pairs, step.salt)
        return np.zeros(len(pairs), dtype=np.int64)

    def slack(self, step: Step | Proof, proof: Proof, pairs: Pairs) -> Ints:
        """How much pairs' prices exceed their weight."""
        prices = proof.mentee_prices[pairs.rows] + proof.mentor_prices[pairs.columns]
        return prices - self.weights(step, pairs)

    def open(self, step: Step, pairs: Pairs) -> Mask:
        """Which of some pairs a step may still make or leave."""
        found = (
            (pairs.scores >= step.least)
            & (step.mentees.upper[pairs.rows] > 0)
            & (step.mentors.upper[pairs.columns] > 0)
        )
        for proof in step.tight:
            found &= self.slack(proof, proof, pairs) == 0
        if len(step.settled):
            found &= ~among(step.settled, self.keys(pairs))
        return found

    def near(self, step: Step, proof: Proof, slack: int) -> Iterator[Pairs]:
        """All open pairs of at most some slack under a proof's prices, block by block."""
        reach = _Reach(step, proof, slack)
        for start, block in self.blocks():
            rows, columns = np.divmod(reach.places(start, block), self.width)
            found = Pairs(rows + start, columns, block[rows, columns].astype(np.int64))
            found = found.where(self.open(step, found))
            if len(found):
                yield found.where(self.slack(step, proof, found) <= slack)

    @cached_property
    def _digests(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        return _digested("mentee", self.problem.mentee_ids), _digested(
            "mentor", self.problem.mentor_ids
        )

    @property
    def mentor_draws(self) -> NDArray[np.uint64]:
        """A number of 64 bits for each mentor, by their id."""
        return self._digests[1]

    def _drawn(self, pairs: Pairs, salt: int) -> Ints:
        """A weight drawn for each pair by its people's ids, the same wherever they stand."""
        mentees, mentors = self._digests
        salted = np.uint64((salt + 1) * _ODD % (1 << 64))
        mixed = _stirred(mentees[pairs.rows] + salted) ^ mentors[pairs.columns]
        return (_stirred(mixed) >> np.uint64(64 - HASH_BITS)).astype(np.int64)


def among(sorted_keys: Ints, keys: Ints) -> Mask:
    """Which of some keys are among others, which are sorted."""
    if len(sorted_keys) == 0:
        return np.zeros(len(keys), dtype=bool)
    places = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    found: Mask = sorted_keys[places] == keys
    return found


_ODD = 0x9E3779B97F4A7C15


def _digested(side: str, ids: tuple[str, ...]) -> NDArray[np.uint64]:
    digests = b"".join(sha256(f"{side}\n{it}".encode()).digest()[:8] for it in ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _stirred(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Steele, Lea & Flood's SplitMix64 finaliser (OOPSLA 2014), which spreads every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed


class _Reach:
    """A quick look through a block for what may be near; `Board.near` looks again, exactly.

    Where the total is settled, only pairs without slack in it are near, whatever comes after.
    """

    def __init__(self, step: Step, proof: Proof, slack: int) -> None:
        totals = [it for it in step.tight if it.stage is Stage.TOTAL]
        self._is_settled = bool(totals)
        self._counts_scores = self._is_settled or step.stage is Stage.TOTAL
        self._slack = 0 if self._is_settled else slack
        prices = totals[0] if totals else proof
        u, v = prices.mentee_prices, prices.mentor_prices
        most = max(np.abs(u).max(initial=0), np.abs(v).max(initial=0), abs(self._slack))
        is_narrow = most < _NARROW
        far = _NARROW if is_narrow else 1 << 60
        self._mentees = _priced(u, step.mentees.upper, far, is_narrow)
        self._mentors = _priced(v, step.mentors.upper, far, is_narrow)
        self._cheapest = int(self._mentors.min(initial=0))

    def places(self, start: int, block: Block) -> Ints:
        """Numbers of the block's pairs, row after row, that may be near."""
        mentees = self._mentees[start : start + len(block), None]
        if not self._counts_scores and int(mentees.min()) + self._cheapest > self._slack:
            return np.zeros(0, dtype=np.int64)
        prices = mentees + self._mentors
        if self._is_settled:
            return np.flatnonzero(block == prices)
        if self._counts_scores:
            return np.flatnonzero(block >= prices - self._slack)
        return np.flatnonzero(prices <= self._slack)


def _priced(prices: Ints, upper: Ints, far: int, is_narrow: bool) -> Ints | Block:
    """Prices, out of reach for those who can have nobody, as narrow as they can be."""
    out = np.where(upper > 0, prices, far)
    return out.astype(np.int16) if is_narrow else out
