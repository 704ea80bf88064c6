"""The score of every pair, from what people answered and what a programme asks for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.matching.criteria import Encoded, Kind
from mentorbot.domain.matching.problem import (
    BEST_SCORE,
    NOT_ALLOWED,
    BadProblem,
    Block,
    Ints,
    fault,
)

Answers = Mapping[str, Any]
"""A person's answers by question; a question that is not there was not answered."""
KEPT_BYTES = 512 << 20
"""Scores that fit into this are worked out once, and kept: 20,000 people with 10,000."""
LARGEST_TABLE = 1 << 22
"""Answers are compared once for all who gave the same, where so many comparisons do."""


@dataclass(frozen=True)
class Criterion:
    """Something that counts, by its weight, and with `must` is a rule; a mere rule has weight 0.

    It compares answers to `question`, or the mentee's to that with the mentor's to
    `mentors_question`. A pair that fails a rule altogether is not allowed. Whoever gave no answer
    gets half of the points with everybody, rounded up, and fails no rule: that speaks neither for
    nor against anyone.
    """

    id: str
    kind: Kind
    weight: int
    question: str
    mentors_question: str | None = None
    must: bool = False


def points_of(criteria: Sequence[Criterion]) -> dict[str, int]:
    """The most points that each criterion gives: in proportion to weights, 1000 together.

    What rounding down leaves goes to the largest remainders, the first criteria in doubt.
    """
    total = max(sum(it.weight for it in criteria), 1)
    found = {it.id: BEST_SCORE * it.weight // total for it in criteria}
    by_remainder = sorted(criteria, key=lambda it: -(BEST_SCORE * it.weight % total))
    left = BEST_SCORE - sum(found.values()) if any(it.weight for it in criteria) else 0
    for criterion in by_remainder[:left]:
        found[criterion.id] += 1
    return found


class CriteriaScores:
    """Scores worked out from answers, a block at a time; a source for a `Problem`.

    Raises BadProblem where two criteria have one id, or a weight is below zero.
    """

    def __init__(
        self,
        criteria: Sequence[Criterion],
        mentees: Sequence[Answers],
        mentors: Sequence[Answers],
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        _check(criteria)
        self._shape = (len(mentees), len(mentors))
        points = points_of(criteria)
        self._parts = [_part(it, points[it.id], mentees, mentors) for it in criteria]
        self._rules = [_part(it, BEST_SCORE, mentees, mentors) for it in criteria if it.must]
        is_small = 2 * len(mentees) * len(mentors) <= kept_bytes
        self._kept: NDArray[np.int16] | None = None
        if is_small:
            self._kept = np.empty(self._shape, dtype=np.int16)
        self._known = np.zeros(len(mentees), dtype=bool)

    @property
    def shape(self) -> tuple[int, int]:
        """Mentees, mentors."""
        return self._shape

    def rows(self, start: int, stop: int) -> Block:
        """Some mentees' scores."""
        if self._kept is None:
            return self._scores(start, stop)
        if not self._known[start:stop].all():
            self._kept[start:stop] = self._scores(start, stop)
            self._known[start:stop] = True
        return self._kept[start:stop]

    def _scores(self, start: int, stop: int) -> Block:
        total = np.zeros((stop - start, self._shape[1]), dtype=np.int16)
        for part in self._parts:
            if part.points:
                total += part.block(start, stop)
        for rule in self._rules:
            total[rule.block(start, stop) == 0] = NOT_ALLOWED
        return total

    def components(self, row: int, column: int) -> dict[str, int]:
        """What each criterion gives one pair, heaviest first; they add up to its score.

        A pair that a rule excludes has components, too.
        """
        parts = sorted(self._parts, key=lambda it: -it.points)
        return {it.criterion.id: int(it.block(row, row + 1)[0, column]) for it in parts}


def _check(criteria: Sequence[Criterion]) -> None:
    twice = [it for it, number in Counter(it.id for it in criteria).items() if number > 1]
    negative = [it.id for it in criteria if it.weight < 0]
    told = (("criterion_twice", twice), ("weight_below_zero", negative))
    if found := [fault(code, ids) for code, ids in told if ids]:
        raise BadProblem(found)


class _Part(Protocol):
    criterion: Criterion
    points: int

    def block(self, start: int, stop: int) -> Block: ...


def _part(
    criterion: Criterion, points: int, mentees: Sequence[Answers], mentors: Sequence[Answers]
) -> _Part:
    of_mentors = criterion.mentors_question or criterion.question
    rows, columns = criterion.kind.encoded(
        [it.get(criterion.question) for it in mentees], [it.get(of_mentors) for it in mentors]
    )
    different = [_different(it) for it in (rows, columns)]
    if len(different[0][0].rows) * len(different[1][0].rows) <= LARGEST_TABLE:
        return _Tabled(criterion, points, different[0], different[1])
    return _Compared(criterion, points, rows, columns)


def _different(side: Encoded) -> tuple[Encoded, Ints]:
    """The different answers of a side, and which of them each person gave."""
    whole = np.concatenate([side.missing[:, None], side.rows], axis=1)
    plain = np.ascontiguousarray(whole).view(f"V{whole.dtype.itemsize * whole.shape[1]}")
    _, first, numbers = np.unique(plain, return_index=True, return_inverse=True)
    return Encoded(side.rows[first], side.missing[first]), numbers.reshape(-1)


class _Compared:
    """A criterion whose answers are compared for every pair anew."""

    def __init__(self, criterion: Criterion, points: int, rows: Encoded, columns: Encoded) -> None:
        self.criterion, self.points = criterion, points
        self._rows, self._columns = rows, columns

    def block(self, start: int, stop: int) -> Block:
        return _points(self.criterion, self.points, self._rows, self._columns, start, stop)


class _Tabled:
    """A criterion whose answers are few enough to compare each with each beforehand."""

    def __init__(
        self,
        criterion: Criterion,
        points: int,
        rows: tuple[Encoded, Ints],
        columns: tuple[Encoded, Ints],
    ) -> None:
        self.criterion, self.points = criterion, points
        size = len(rows[0].rows)
        self._table = _points(criterion, points, rows[0], columns[0], 0, size)
        self._rows, self._columns = rows[1], columns[1]

    def block(self, start: int, stop: int) -> Block:
        wanted, numbers = np.unique(self._rows[start:stop], return_inverse=True)
        found: Block = self._table[wanted][:, self._columns][numbers]
        return found


def _points(
    criterion: Criterion, points: int, rows: Encoded, columns: Encoded, start: int, stop: int
) -> Block:
    found = criterion.kind.points(rows.rows[start:stop], columns.rows, points)
    found[rows.missing[start:stop]] = (points + 1) // 2
    found[:, columns.missing] = (points + 1) // 2
    return found
