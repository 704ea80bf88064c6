"""Lists of choices with ties, and the market of people who have made them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

Pair = tuple[str, str]
"""Stable ids: the mentee's, then the mentor's."""

Tiers = tuple[tuple[str, ...], ...]
"""A list of choices, best first; those in one tier are liked alike."""


@dataclass(frozen=True)
class Market:
    """Who takes part in a matching by lists, and what they may and must have.

    `choices` has a list for every mentee, `answers` one for every mentor who has made one; an empty
    list chooses nobody. A mentor takes at most `ceilings` mentees, and either none or at least
    `floors`. `wants` is how many mentors a mentee is to have, 1 where it is not told;
    `waiting_class` is 0 for those who come first, and for all of whom nothing is told. A locked
    pair has to be, a forbidden one must not; pairs of a `draft` are kept where that costs nothing.
    """

    choices: Mapping[str, Tiers]
    ceilings: Mapping[str, int]
    answers: Mapping[str, Tiers] = field(default_factory=dict)
    floors: Mapping[str, int] = field(default_factory=dict)
    wants: Mapping[str, int] = field(default_factory=dict)
    waiting_class: Mapping[str, int] = field(default_factory=dict)
    locks: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()
    draft: frozenset[Pair] = frozenset()

    def wanted(self, mentee: str) -> int:
        """How many mentors a mentee is to have."""
        return self.wants.get(mentee, 1)

    def class_of(self, mentee: str) -> int:
        """A mentee's waiting class; smaller ones come first."""
        return self.waiting_class.get(mentee, 0)

    def floor(self, mentor: str) -> int:
        """The least number of mentees that a mentor has who has any."""
        return self.floors.get(mentor, 0)


def ranks(tiers: Tiers) -> dict[str, int]:
    """The rank of everybody on a list, from 1; those in one tier share theirs."""
    return {one: rank for rank, tier in enumerate(tiers, start=1) for one in tier}


def digest(mentee: str, mentor: str) -> int:
    """A number of 256 bits that belongs to a pair, and decides between what is equal otherwise.

    The SHA-256 of the mentee's id, a line feed and the mentor's id, so that neither the order of
    the input nor the alphabet favours anybody.
    """
    return int.from_bytes(sha256(f"{mentee}\n{mentor}".encode()).digest(), "big")


def strict(mentee: str, tiers: Tiers) -> Iterator[str]:
    """A mentee's list without its ties, which their digests break."""
    for tier in tiers:
        yield from sorted(tier, key=lambda mentor: digest(mentee, mentor)) if tier[1:] else tier
