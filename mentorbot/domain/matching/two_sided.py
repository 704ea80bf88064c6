"""Matching by the lists of both sides, so that no two people would rather have each other.

Mentees propose, best choice first; mentors keep the best of those who came, up to their places
(deferred acceptance: Gale & Shapley, "College Admissions and the Stability of Marriage", 1962).
Where mentors like some people alike, a mentee whom everybody on their list has turned down goes
through it once more, and then wins every tie against those who do so for the first time. With ties
on the mentors' lists alone, at least two thirds as many are matched as in any stable matching
(Király, "Better and Simpler Approximation Algorithms for the Stable Marriage Problem",
Algorithmica 60, 2011; told more simply in Algorithms 6, 2013, section 2). Ties on a mentee's list
are broken by the digest of the pair; the result stays stable, but the two thirds are not promised.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mentorbot.domain.matching.preferences import Market, Pair, digest, ranks, strict


@dataclass(frozen=True)
class Stable:
    """A stable matching: its pairs, sorted, and who was let through their list a second time."""

    pairs: tuple[Pair, ...]
    promoted: tuple[str, ...]


def solve(market: Market) -> Stable:
    """The stable matching of a market in which everybody wants one mentor.

    Only who stands on each other's lists can meet. Locked pairs are made first and take their
    places with them. Of mentees that a mentor likes alike, and who are equally far through their
    lists, an earlier waiting class comes first, then the digest of the pair.
    """
    deferred = _Deferred(market)
    found = deferred.run()
    blocking = _blocking(market, found.pairs, deferred.answers)
    if blocking:
        raise AssertionError(f"not stable: {blocking[:3]}")
    return found


def blocking_pairs(market: Market, pairs: Collection[Pair]) -> list[Pair]:
    """The pairs who would both rather have each other: none, in a stable matching.

    A mentor with a place left would rather have anybody of their list. Nobody leaves a locked pair.
    """
    return _blocking(market, pairs, _answers(market))


def _answers(market: Market) -> dict[str, dict[str, int]]:
    return {mentor: ranks(market.answers.get(mentor, ())) for mentor in market.ceilings}


def _blocking(
    market: Market, pairs: Collection[Pair], answers: Mapping[str, Mapping[str, int]]
) -> list[Pair]:
    mentor_of = dict(pairs)
    mentees_of: dict[str, list[str]] = {mentor: [] for mentor in market.ceilings}
    for mentee, mentor in pairs:
        mentees_of[mentor].append(mentee)
    worst = {
        mentor: _worst_rank(market, mentor, mentees_of[mentor], answers[mentor])
        for mentor in market.ceilings
    }
    settled = {mentee for mentee, _ in market.locks}
    found = []
    for mentee in sorted(market.choices):
        own = mentor_of.get(mentee)
        for tier in () if mentee in settled else market.choices[mentee]:
            if own in tier:
                break
            for mentor in tier:
                rank = answers[mentor].get(mentee)
                is_open = (mentee, mentor) not in market.forbidden
                if is_open and rank is not None and rank < worst[mentor]:
                    found.append((mentee, mentor))
    return found


def _worst_rank(
    market: Market, mentor: str, mentees: Collection[str], answers: Mapping[str, int]
) -> float:
    """The rank that somebody has to be better than to be wanted by a mentor."""
    if len(mentees) < market.ceilings[mentor]:
        return float("inf")
    given = [answers[it] for it in mentees if (it, mentor) not in market.locks]
    return max(given, default=0)


class _Deferred:
    """One run: who still has whom to ask, and whom each mentor keeps for now."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.answers = _answers(market)
        self.likes_alike = {
            mentor for mentor, tiers in market.answers.items() if any(tier[1:] for tier in tiers)
        }
        locked = Counter(mentor for _, mentor in market.locks)
        self.places = {it: places - locked[it] for it, places in market.ceilings.items()}
        settled = {mentee for mentee, _ in market.locks}
        self.rest = {
            mentee: strict(mentee, tiers)
            for mentee, tiers in sorted(market.choices.items())
            if mentee not in settled
        }
        self.kept: dict[str, list[tuple[int, bool, int, int, str]]] = {
            mentor: [] for mentor in market.ceilings
        }
        self.asked: set[str] = set()
        self.promoted: set[str] = set()

    def _may_meet(self, mentee: str, mentor: str) -> bool:
        return mentee in self.answers[mentor] and (mentee, mentor) not in self.market.forbidden

    def run(self) -> Stable:
        free = list(reversed(self.rest))
        while free:
            mentee = free.pop()
            mentor = self._next(mentee)
            if mentor is None:
                continue
            turned_down = self._ask(mentee, mentor)
            if turned_down is not None:
                free.append(turned_down)
        kept = [(it[-1], mentor) for mentor, those in self.kept.items() for it in those]
        return Stable(
            tuple(sorted([*self.market.locks, *kept])),
            tuple(sorted(self.promoted)),
        )

    def _next(self, mentee: str) -> str | None:
        """Whom a mentee asks next; None once they were turned down by all of their list twice."""
        for mentor in self.rest[mentee]:
            if self._may_meet(mentee, mentor):
                self.asked.add(mentee)
                return mentor
        if mentee in self.promoted or mentee not in self.asked:
            return None
        self.promoted.add(mentee)
        self.rest[mentee] = strict(mentee, self.market.choices[mentee])
        return self._next(mentee)

    def _ask(self, mentee: str, mentor: str) -> str | None:
        """Ask a mentor, and say whom they turn down for it; None while they have places."""
        standing = (
            -self.answers[mentor][mentee],
            mentee in self.promoted,
            -self.market.class_of(mentee),
            -digest(mentee, mentor) if mentor in self.likes_alike else 0,
            mentee,
        )
        kept = self.kept[mentor]
        if len(kept) < self.places[mentor]:
            heapq.heappush(kept, standing)
            return None
        if not kept:
            return mentee
        return heapq.heappushpop(kept, standing)[-1]
