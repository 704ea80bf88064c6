"""What a matching is asked, and what it answers: the shapes that every mode shares.

A pair is written mentee first, because scores have a row for each mentee.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.errors import MentorBotError

Ints = NDArray[np.int64]
Block = NDArray[np.int16]
BEST_SCORE = 1000
NOT_ALLOWED = -1
"""The score of a pair that a hard rule excludes."""
MOST_NAMED = 20
"""How many entries a fault names at most."""


class Pair(NamedTuple):
    """A mentee's and a mentor's stable id."""

    mentee_id: str
    mentor_id: str


class Fault(NamedTuple):
    """Something wrong with a problem: its code, `how_many` entries it is about, some named."""

    code: str
    entries: tuple[str, ...]
    how_many: int


class BadProblem(MentorBotError):
    """A problem that says something impossible, or contradicts itself; `faults` say what."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{it.code}: {', '.join(it.entries)}" for it in self.faults))


class Scores(Protocol):
    """Where scores come from, in blocks of rows, so that the whole is never needed at once."""

    @property
    def shape(self) -> tuple[int, int]:
        """Mentees, mentors."""

    def rows(self, start: int, stop: int) -> Block:
        """The scores of some mentees with every mentor: 0 to 1000, or -1 where not allowed.

        The caller may not write into what it gets.
        """


class ArrayScores:
    """Scores that are there already, one row for each mentee.

    Raises BadProblem for what is not a table of whole numbers from -1 to 1000.
    """

    def __init__(self, values: Sequence[Sequence[int]] | NDArray[np.generic]) -> None:
        given = np.asarray(values)
        if given.ndim != 2 or given.dtype.kind not in "iuf":
            raise BadProblem([fault("scores_not_a_table", [f"{given.dtype} {given.shape}"])])
        with np.errstate(invalid="ignore"):
            taken = given.astype(np.int16)
        wrong = np.argwhere((taken != given) | (taken < NOT_ALLOWED) | (taken > BEST_SCORE))
        if len(wrong):
            places = [f"{row + 1}:{column + 1}" for row, column in wrong[:MOST_NAMED]]
            raise BadProblem([Fault("score_not_in_range", tuple(places), len(wrong))])
        self._values = taken

    @property
    def shape(self) -> tuple[int, int]:
        """Mentees, mentors."""
        return self._values.shape[0], self._values.shape[1]

    def rows(self, start: int, stop: int) -> Block:
        """Some mentees' scores."""
        return self._values[start:stop]


@dataclass(frozen=True, eq=False)
class Problem:
    """Who can be matched with whom, and what has to be kept to; made by `of`.

    `ceilings` and `floors` count a mentor's mentees: somebody with fewer than their floor gets
    none. `wants` counts a mentee's mentors. `waiting_class` 0 is served before 1, and so on.
    `locks` are pairs that must be, `forbidden` pairs that must not. Pairs of the `draft` are kept
    where that costs nothing; it may name people who have left. A pair below `least_acceptable`
    (0 to 1000) is made only if it is locked. With `worst_first` the worst match is as good as can
    be before the total counts. Ids are stable; the same id on both sides says nothing: who is on
    both is kept from themselves by a forbidden pair. Raises BadProblem.
    """

    mentee_ids: tuple[str, ...]
    mentor_ids: tuple[str, ...]
    scores: Scores
    ceilings: Ints
    floors: Ints
    wants: Ints
    waiting_class: Ints
    locks: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()
    draft: frozenset[Pair] = frozenset()
    least_acceptable: int = 0
    worst_first: bool = True

    def __post_init__(self) -> None:
        from mentorbot.domain.matching.consistency import faults

        if found := faults(self):
            raise BadProblem(found)

    @classmethod
    def of(
        cls,
        mentee_ids: Iterable[str],
        mentor_ids: Iterable[str],
        scores: Scores,
        *,
        ceilings: Mapping[str, int] | int = 1,
        floors: Mapping[str, int] | int = 0,
        wants: Mapping[str, int] | int = 1,
        waiting_class: Mapping[str, int] | int = 0,
        locks: Iterable[tuple[str, str]] = (),
        forbidden: Iterable[tuple[str, str]] = (),
        draft: Iterable[tuple[str, str]] = (),
        least_acceptable: int = 0,
        worst_first: bool = True,
    ) -> "Problem":
        """A problem whose numbers are the same for all, or by id; those not named have the default.

        Raises BadProblem.
        """
        mentees, mentors = tuple(mentee_ids), tuple(mentor_ids)
        return cls(
            mentees,
            mentors,
            scores,
            ceilings=_by_id("ceilings", ceilings, mentors, 1),
            floors=_by_id("floors", floors, mentors, 0),
            wants=_by_id("wants", wants, mentees, 1),
            waiting_class=_by_id("waiting_class", waiting_class, mentees, 0),
            locks=frozenset(Pair(*pair) for pair in locks),
            forbidden=frozenset(Pair(*pair) for pair in forbidden),
            draft=frozenset(Pair(*pair) for pair in draft),
            least_acceptable=least_acceptable,
            worst_first=worst_first,
        )

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Each mentee's row."""
        return {mentee_id: row for row, mentee_id in enumerate(self.mentee_ids)}

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """Each mentor's column."""
        return {mentor_id: column for column, mentor_id in enumerate(self.mentor_ids)}

    def places_of(self, pairs: Iterable[Pair]) -> tuple[Ints, Ints]:
        """Rows and columns of the pairs whose people are both here, in order of place."""
        found = sorted(
            (self.row_of[mentee_id], self.column_of[mentor_id])
            for mentee_id, mentor_id in pairs
            if mentee_id in self.row_of and mentor_id in self.column_of
        )
        places = np.array(found, dtype=np.int64).reshape(-1, 2)
        return places[:, 0], places[:, 1]

    def score(self, pair: Pair) -> int:
        """What the source says of one pair."""
        row = self.row_of[pair.mentee_id]
        return int(self.scores.rows(row, row + 1)[0, self.column_of[pair.mentor_id]])


def _by_id(name: str, given: Mapping[str, int] | int, ids: tuple[str, ...], otherwise: int) -> Ints:
    if isinstance(given, Mapping):
        if unknown := [it for it in given if it not in set(ids)]:
            raise BadProblem([fault(f"{name}_of_unknown", unknown)])
        values: list[object] = [given.get(it, otherwise) for it in ids]
    else:
        values = [given] * len(ids)
    wrong = [it for it, value in zip(ids, values, strict=True) if type(value) is not int]
    if wrong:
        raise BadProblem([fault(f"{name}_not_whole", wrong)])
    return np.array(values, dtype=np.int64)


def fault(code: str, entries: Iterable[str]) -> Fault:
    """A fault that names its first entries, in order of their names."""
    found = sorted(entries)
    return Fault(code, tuple(found[:MOST_NAMED]), len(found))


class Stage(StrEnum):
    """What is made as good as can be, one after the other."""

    PLACES = "places"
    WORST = "worst"
    TOTAL = "total"
    KEPT = "kept"
    CANONICAL = "canonical"


class StageValue(NamedTuple):
    """What a stage reached.

    `PLACES`: how many first mentors each waiting class has in `by_class`, then second ones, and so
    on; `value` is their number. `WORST`: the lowest score, or 1000 where nothing was to be chosen.
    `TOTAL`: the sum of scores, locked pairs included. `KEPT`: pairs of the draft.
    """

    stage: Stage
    value: int
    by_class: tuple[tuple[int, ...], ...] = ()


class Reason(StrEnum):
    """Why a mentee has fewer mentors than they want. Each says something that is true."""

    NOBODY_ALLOWED = "nobody_allowed"
    """Every mentor is excluded by a rule, or forbidden."""
    NOBODY_CLOSE = "nobody_close"
    """Some mentors are allowed, but all score below what is acceptable."""
    NO_PLACES = "no_places"
    """No mentor who is left for them offers a place at all."""
    GROUPS_CLOSED = "groups_closed"
    """Those with a place for them get no group, because it would be smaller than their floor."""
    LOCKED_PLACES = "locked_places"
    """All places left for them are held by locked pairs."""
    LONGER_WAITS = "longer_waits"
    """All places left for them are taken, and by nobody of their own class or a later one."""
    ALL_TAKEN = "all_taken"
    """All places left for them are taken."""


class MatchedPair(NamedTuple):
    """A pair of the result; `score` is -1 for a locked pair whose score is not known."""

    mentee_id: str
    mentor_id: str
    score: int
    is_locked: bool = False


class Unmatched(NamedTuple):
    """A mentee who got `has` of the `wants` mentors that they want, and why not more."""

    mentee_id: str
    has: int
    wants: int
    reason: Reason


@dataclass(frozen=True, eq=False)
class Proof:
    """Why one stage cannot be better: a price for each mentee and mentor, as whole numbers.

    `certificate` says what has to hold of them. `salt` numbers the weights of `CANONICAL`.
    """

    stage: Stage
    mentee_prices: Ints
    mentor_prices: Ints
    salt: int = 0


@dataclass(frozen=True, eq=False)
class Matching:
    """A result: its pairs in order of their ids, what each stage reached, and the proofs.

    `closed` are mentors with a floor whose group does not come about. `without_floors` is then the
    best matching if floors counted for nothing: no choice of groups is better, so that it bounds
    what floors cost. `rounds` is how often pairs were looked for that could still improve it.
    """

    pairs: tuple[MatchedPair, ...]
    unmatched: tuple[Unmatched, ...]
    stages: tuple[StageValue, ...]
    proofs: tuple[Proof, ...]
    closed: tuple[str, ...] = ()
    rounds: int = 0
    without_floors: "Matching | None" = None

    @cached_property
    def assignment_hash(self) -> str:
        """SHA-256 of the sorted pairs, as hexadecimal digits: the same for the same assignment."""
        written = json.dumps(sorted(pair[:2] for pair in self.pairs), separators=(",", ":"))
        return sha256(written.encode()).hexdigest()
