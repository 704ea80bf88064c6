"""Instant matching: the moment somebody is free, whoever waited longest first.

A match never joins people of one role or goes over capacity, and joins past partners only where
nothing else can be done. Among partners of one waiting class, shared answers decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Pair = tuple[str, str]
"""Participant ids: the mentor's, the mentee's."""


@dataclass(frozen=True)
class Candidate:
    """Somebody with open places; `waiting_on` is the programme's date on which the wait began."""

    participant_id: str
    open_places: int
    partners_now: int
    is_front_of_queue: bool
    waiting_on: date
    waiting_since_at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def waiting_class(self) -> tuple[bool, bool, date]:
        """Sorts first who lost a partner, then who has none, then who waited longest in days."""
        return (not self.is_front_of_queue, self.partners_now > 0, self.waiting_on)

    @property
    def order(self) -> tuple[datetime, int, str]:
        """The last tie-break: the exact wait, the load, the id."""
        return (self.waiting_since_at, self.partners_now, self.participant_id)


@dataclass(frozen=True)
class Proposal:
    """A mentor, a mentee and the reasons, as `{"question", "shared"}` in order of weight."""

    mentor_id: str
    mentee_id: str
    reasons: tuple[dict[str, Any], ...]
    is_repeat: bool


def shared_answers(
    one: Mapping[str, Any], other: Mapping[str, Any], weights: Mapping[str, int]
) -> tuple[dict[str, Any], ...]:
    """What two people have in common on the weighted questions, heaviest first.

    Texts are compared without regard to case, sets by what they share (in the first one's order).
    """
    found = []
    for question in sorted(weights, key=lambda name: (-weights[name], name)):
        mine, theirs = one.get(question), other.get(question)
        if isinstance(mine, list) and isinstance(theirs, list):
            common = [value for value in mine if value in theirs]
            if common:
                found.append({"question": question, "shared": common})
        elif isinstance(mine, str) and isinstance(theirs, str) and _same(mine, theirs):
            found.append({"question": question, "shared": mine})
    return tuple(found)


def _same(one: str, other: str) -> bool:
    return one.casefold().strip() == other.casefold().strip() != ""


def propose(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Iterable[Pair] = (),
    weights: Mapping[str, int] | None = None,
) -> tuple[Proposal, ...]:
    """Match everybody who can be matched now.

    As many mentees are matched as there are places; past partners meet again only where no
    rearrangement avoids it. Same people, same answer, whatever the order they come in.
    """
    return _Round(mentors, mentees, frozenset(past), weights or {}).propose()


class _Round:
    """One round of matching: the open places, and who took them so far."""

    def __init__(
        self,
        mentors: Sequence[Candidate],
        mentees: Sequence[Candidate],
        past: frozenset[Pair],
        weights: Mapping[str, int],
    ) -> None:
        self.mentors = {mentor.participant_id: mentor for mentor in mentors}
        self.mentees = {mentee.participant_id: mentee for mentee in mentees}
        self.past = past
        self.weights = weights
        self.taken: dict[str, set[str]] = {mentor_id: set() for mentor_id in self.mentors}
        self.mentor_of: dict[str, str] = {}

    def propose(self) -> tuple[Proposal, ...]:
        ranked = self._ranked_pairs()
        self._take_greedily(pair for pair in ranked if pair not in self.past)
        waiting = (m for m in self._mentees_in_order() if m.participant_id not in self.mentor_of)
        for mentee in waiting:
            if self._places_left():
                self._rearrange(mentee.participant_id, set())
        self._take_greedily(pair for pair in ranked if pair in self.past)
        return tuple(
            Proposal(
                mentor_id,
                mentee.participant_id,
                self._reasons(mentor_id, mentee.participant_id),
                (mentor_id, mentee.participant_id) in self.past,
            )
            for mentee in self._mentees_in_order()
            if (mentor_id := self.mentor_of.get(mentee.participant_id))
        )

    def _ranked_pairs(self) -> list[Pair]:
        def rank(pair: Pair) -> tuple[Any, ...]:
            mentor, mentee = self.mentors[pair[0]], self.mentees[pair[1]]
            return (
                mentee.waiting_class,
                mentor.waiting_class,
                -self._closeness(*pair),
                mentee.order,
                mentor.order,
            )

        return sorted(
            ((mentor_id, mentee_id) for mentor_id in self.mentors for mentee_id in self.mentees),
            key=rank,
        )

    def _closeness(self, mentor_id: str, mentee_id: str) -> int:
        total = 0
        for reason in self._reasons(mentor_id, mentee_id):
            shared = reason["shared"]
            times = min(len(shared), 2) if isinstance(shared, list) else 1
            total += self.weights[reason["question"]] * times
        return total

    def _reasons(self, mentor_id: str, mentee_id: str) -> tuple[dict[str, Any], ...]:
        mentor, mentee = self.mentors[mentor_id], self.mentees[mentee_id]
        return shared_answers(mentee.answers, mentor.answers, self.weights)

    def _mentees_in_order(self) -> list[Candidate]:
        return sorted(self.mentees.values(), key=lambda m: (m.waiting_class, m.order))

    def _places_left(self) -> bool:
        return any(self._has_place(mentor_id) for mentor_id in self.mentors)

    def _has_place(self, mentor_id: str) -> bool:
        return len(self.taken[mentor_id]) < self.mentors[mentor_id].open_places

    def _take_greedily(self, pairs: Iterable[Pair]) -> None:
        for mentor_id, mentee_id in pairs:
            if mentee_id not in self.mentor_of and self._has_place(mentor_id):
                self._take(mentor_id, mentee_id)

    def _take(self, mentor_id: str, mentee_id: str) -> None:
        self.taken[mentor_id].add(mentee_id)
        self.mentor_of[mentee_id] = mentor_id

    def _rearrange(self, mentee_id: str, tried: set[str]) -> bool:
        """Find the mentee a new partner by moving others along (an augmenting path)."""
        for mentor_id in sorted(self.mentors):
            if mentor_id in tried or (mentor_id, mentee_id) in self.past:
                continue
            tried.add(mentor_id)
            if self._has_place(mentor_id):
                self._take(mentor_id, mentee_id)
                return True
            for other_id in sorted(self.taken[mentor_id]):
                if self._rearrange(other_id, tried):
                    self.taken[mentor_id].discard(other_id)
                    self._take(mentor_id, mentee_id)
                    return True
        return False
