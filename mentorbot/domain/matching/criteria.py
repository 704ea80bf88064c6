"""What brings a mentee and a mentor together: the kinds of criteria, and what each counts for.

A kind turns answers into rows of numbers once (`encoded`), and compares very many of them (`points`
for every mentee of a block with every mentor). All of it is whole numbers, so that a pair looked
at alone counts for what it counts among all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import cached_property
from math import gcd
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.matching.problem import Block, Ints

Codes = NDArray[Any]
WEEK_MINUTES = 7 * 24 * 60
_WORD_BITS = 64


@dataclass(frozen=True, eq=False)
class Encoded:
    """A side's answers: a row of numbers for each person, and who gave none."""

    rows: Codes
    missing: NDArray[np.bool_]


class Kind(Protocol):
    """A way to compare answers."""

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Both sides' answers as numbers; None stands for no answer."""

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """What every one of some mentees and every mentor get, from 0 to `most`."""


@dataclass(frozen=True)
class Shared:
    """How much of what a mentee names the mentor names too; `most` values make it complete.

    Texts are compared without regard to case. Values in `ignore` count as not named.
    """

    most: int = 3
    ignore: frozenset[str] = frozenset()

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Sets as bits, and how many shared values would be complete."""
        ignored = {bare(it) for it in self.ignore}
        sides = [[self._named(it, ignored) for it in side] for side in (mentees, mentors)]
        known = {it: number for number, it in enumerate(sorted(set().union(*sides[0], *sides[1])))}
        return _sets(sides[0], known, self.most), _sets(sides[1], known, self.most)

    def _named(self, answer: Any, ignored: set[str]) -> frozenset[str]:
        values = () if answer is None else (answer,) if isinstance(answer, str) else answer
        return frozenset(bare(str(it)) for it in values) - ignored - {""}

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """The share of the values that would be complete."""
        found = in_common(mentees[:, 1:], mentors[:, 1:])
        for needed in np.unique(mentees[:, 0]).tolist():
            rows = mentees[:, 0] == needed
            had = np.minimum(found[rows], needed).astype(np.int32)
            found[rows] = (2 * most * had + needed) // (2 * needed)
        return found


def _sets(named: Sequence[frozenset[str]], known: Mapping[str, int], most: int) -> Encoded:
    bits = np.zeros((len(named), max(len(known), 1)), dtype=bool)
    for row, values in enumerate(named):
        bits[row, [known[it] for it in values]] = True
    sizes = bits.sum(axis=1)
    needed = np.clip(sizes, 1, most).astype(np.uint64)
    return Encoded(np.concatenate([needed[:, None], _words(bits)], axis=1), sizes == 0)


def _words(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % _WORD_BITS)))
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def in_common(mentees: Codes, mentors: Codes) -> NDArray[np.int16]:
    """How many bits each of some rows of words has in common with each of others."""
    found = np.zeros((len(mentees), len(mentors)), dtype=np.int16)
    for word in range(mentees.shape[1]):
        found += np.bitwise_count(mentees[:, word, None] & mentors[:, word])
    return found


@dataclass(frozen=True)
class Same:
    """Whether both gave the same answer, or with `is_same` off another one.

    Texts are compared without regard to case. Answers in `ignore` count as not given.
    """

    is_same: bool = True
    ignore: frozenset[str] = frozenset()

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Each different answer as a number."""
        ignored = {bare(it) for it in self.ignore} | {""}
        sides = [[_bare_or_none(it, ignored) for it in side] for side in (mentees, mentors)]
        known = {it: number for number, it in enumerate(_given(*sides))}
        return _numbered(sides[0], known), _numbered(sides[1], known)

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """All or nothing."""
        is_same = mentees[:, 0, None] == mentors[:, 0]
        return np.where(is_same == self.is_same, most, 0).astype(np.int16)


@dataclass(frozen=True)
class Level:
    """Whether a mentor is at least `above` steps over the mentee; `levels` from the lowest.

    An answer that is no level counts as not given.
    """

    levels: tuple[str, ...]
    above: int = 0

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Levels as numbers."""
        known = {bare(it): number for number, it in enumerate(self.levels)}
        sides = [[_bare_or_none(it, set()) for it in side] for side in (mentees, mentors)]
        return _numbered(sides[0], known), _numbered(sides[1], known)

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """All or nothing."""
        is_above = mentors[:, 0] >= mentees[:, 0, None] + self.above
        return np.where(is_above, most, 0).astype(np.int16)


@dataclass(frozen=True)
class Near:
    """How near two numbers are: all for the same, nothing from a distance of `within` on.

    Numbers count to the hundredth; an answer that is no number counts as not given.
    """

    within: Fraction

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Numbers in hundredths."""
        return _hundredths(mentees), _hundredths(mentors)

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """Less by as much for every step away, halves rounded up."""
        within = max(round(self.within * 100), 1)
        away = np.abs(mentees[:, 0, None] - mentors[:, 0])
        left = within - np.minimum(away, within)
        found: Block = ((2 * most * left + within) // (2 * within)).astype(np.int16)
        return found


def _hundredths(answers: Sequence[Any]) -> Encoded:
    numbers = [_number(it) for it in answers]
    missing = np.array([it is None for it in numbers], dtype=bool)
    values = [0 if it is None else it for it in numbers]
    return Encoded(np.array(values, dtype=np.int64).reshape(-1, 1), missing)


def _number(answer: Any) -> int | None:
    try:
        return None if answer is None else round(Fraction(str(answer)) * 100)
    except (ValueError, ZeroDivisionError):
        return None


@dataclass(frozen=True)
class Region:
    """Whether two places are the same, which counts fully, or lie in one wider region, for half.

    `wider` leads from a place to its region.
    """

    wider: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Places and regions as numbers; a place without a region is its own."""
        sides = [[_bare_or_none(it, {""}) for it in side] for side in (mentees, mentors)]
        places = _given(*sides)
        regions = {it: self._regions.get(it, it) for it in places}
        known = {it: number for number, it in enumerate(sorted({*places, *regions.values()}))}
        wide = {it: known[region] for it, region in regions.items()}
        found = [
            Encoded(np.hstack([_numbered(it, known).rows, _numbered(it, wide).rows]), _none(it))
            for it in sides
        ]
        return found[0], found[1]

    @cached_property
    def _regions(self) -> Mapping[str, str]:
        return {bare(place): bare(region) for place, region in self.wider.items()}

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """All, half of it rounded up, or nothing."""
        is_same = mentees[:, 0, None] == mentors[:, 0]
        is_near = mentees[:, 1, None] == mentors[:, 1]
        return np.where(is_same, most, np.where(is_near, (most + 1) // 2, 0)).astype(np.int16)


@dataclass(frozen=True)
class Weekly:
    """When somebody has time, in minutes since Monday 00:00 on their own clock."""

    zone: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hours:
    """How much of `enough_minutes` a week both have time, each in their own time zone.

    Clocks stand as they do at noon UTC on the date `on`, the cycle's first.
    """

    enough_minutes: int
    on: date

    def encoded(self, mentees: Sequence[Any], mentors: Sequence[Any]) -> tuple[Encoded, Encoded]:
        """Weeks in UTC as bits, all as long as divides everything, after that length in minutes."""
        sides = [[self._in_utc(it) for it in side] for side in (mentees, mentors)]
        edges = [edge for side in sides for spans in side for span in spans for edge in span]
        bit_minutes = gcd(WEEK_MINUTES, self.enough_minutes, *edges)
        return _weeks(sides[0], bit_minutes), _weeks(sides[1], bit_minutes)

    def points(self, mentees: Codes, mentors: Codes, most: int) -> Block:
        """The share of enough time, halves rounded up."""
        bit_minutes = int(mentees[0, 0]) if len(mentees) else 1
        minutes = in_common(mentees[:, 1:], mentors[:, 1:]).astype(np.int32) * bit_minutes
        enough = self.enough_minutes
        had = np.minimum(minutes, enough)
        found: Block = ((2 * most * had + enough) // (2 * enough)).astype(np.int16)
        return found

    def _in_utc(self, weekly: Weekly | None) -> list[tuple[int, int]]:
        if weekly is None:
            return []
        noon = datetime.combine(self.on, time(12), tzinfo=UTC)
        offset = noon.astimezone(ZoneInfo(weekly.zone)).utcoffset()
        shift = 0 if offset is None else round(offset.total_seconds() / 60)
        return [(start - shift, end - shift) for start, end in weekly.spans]


def _weeks(people: Sequence[Sequence[tuple[int, int]]], bit_minutes: int) -> Encoded:
    size = WEEK_MINUTES // bit_minutes
    bits = np.zeros((len(people), size), dtype=bool)
    for row, spans in enumerate(people):
        for start, end in spans:
            bits[row, np.arange(start // bit_minutes, end // bit_minutes) % size] = True
    lengths = np.full((len(people), 1), bit_minutes, dtype=np.uint64)
    missing = np.array([not spans for spans in people], dtype=bool)
    return Encoded(np.concatenate([lengths, _words(bits)], axis=1), missing)


def bare(text: str) -> str:
    """A text as it is compared."""
    return text.casefold().strip()


def _bare_or_none(answer: Any, ignored: set[str]) -> str | None:
    found = None if answer is None else bare(str(answer))
    return None if found in ignored else found


def _numbered(answers: Sequence[str | None], known: Mapping[str, int]) -> Encoded:
    numbers = [-1 if it is None else known.get(it, -1) for it in answers]
    rows: Ints = np.array(numbers, dtype=np.int64).reshape(-1, 1)
    return Encoded(rows, rows[:, 0] < 0)


def _given(*sides: Sequence[str | None]) -> list[str]:
    return sorted({it for side in sides for it in side if it is not None})


def _none(answers: Sequence[str | None]) -> NDArray[np.bool_]:
    return np.array([it is None for it in answers], dtype=bool)
