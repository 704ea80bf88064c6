"""Instant matching: the moment somebody is free, whoever waited longest first.

A match never joins people of one role, of different tracks or who are kept apart, or goes over
capacity, and joins past partners only where nothing else can be done. Among partners of one
waiting class, shared answers decide.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar

from mentorbot.domain.matching.closeness import closeness, comparable, shared_answers

Key = TypeVar("Key")
Pair = tuple[str, str]
"""Participant ids: the mentor's, the mentee's."""

Place = tuple[str, int]
"""One open place of a mentor: the mentor's id, and its number from 0."""


@dataclass(frozen=True)
class Candidate:
    """Somebody with open places; `waiting_on` is the programme's date on which the wait began.

    People with `tracks` are matched only within one that they share, and nobody with those whose
    ids are `apart`.
    """

    participant_id: str
    open_places: int
    partners_now: int
    is_front_of_queue: bool
    waiting_on: date
    waiting_since_at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    tracks: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def may_meet(self, other: "Candidate") -> bool:
        """Whether the two may be matched; whoever is in no track may be with anybody."""
        if other.participant_id in self.apart:
            return False
        return not (self.tracks and other.tracks) or not self.tracks.isdisjoint(other.tracks)

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


def propose(
    mentors: Sequence[Candidate],
    mentees: Sequence[Candidate],
    past: Iterable[Pair] = (),
    weights: Mapping[str, int] | None = None,
) -> tuple[Proposal, ...]:
    """Match everybody who can be matched now.

    As many mentees are matched as there are places; past partners meet again only where no
    rearrangement avoids it. A mentor's second place waits like that of a mentor who has a partner.
    Same people, same answer, whatever the order they come in.
    """
    return _Round(mentors, mentees, frozenset(past), weights or {}).propose()


def _open_places(mentor: Candidate, most: int) -> dict[Place, Candidate]:
    """A mentor's open places, each waiting as the mentor will once those before it are taken."""
    places = {(mentor.participant_id, 0): mentor} if mentor.open_places > 0 else {}
    for number in range(1, min(mentor.open_places, most)):
        partners = mentor.partners_now + number
        later = replace(mentor, is_front_of_queue=False, partners_now=partners)
        places[mentor.participant_id, number] = later
    return places


def _wait(candidate: Candidate) -> tuple[Any, ...]:
    return (candidate.waiting_class, candidate.order)


def _ranks(candidates: Mapping[Key, Candidate]) -> dict[Key, tuple[int, int]]:
    """Each one's waiting class and order as numbers, which sort alike and much faster."""
    classes = sorted({candidate.waiting_class for candidate in candidates.values()})
    class_numbers = {waiting_class: number for number, waiting_class in enumerate(classes)}
    in_order = sorted(candidates, key=lambda key: candidates[key].order)
    return {
        key: (class_numbers[candidates[key].waiting_class], number)
        for number, key in enumerate(in_order)
    }


class _Round:
    """One round of matching: the open places, longest wait first, and who took them so far."""

    def __init__(
        self,
        mentors: Sequence[Candidate],
        mentees: Sequence[Candidate],
        past: frozenset[Pair],
        weights: Mapping[str, int],
    ) -> None:
        self.mentees = {mentee.participant_id: mentee for mentee in sorted(mentees, key=_wait)}
        places = {}
        for mentor in mentors:
            places.update(_open_places(mentor, len(mentees)))
        self.places = dict(sorted(places.items(), key=lambda item: _wait(item[1])))
        self.past = past
        self.weights = weights
        self.place_of: dict[str, Place] = {}
        self.mentee_in: dict[Place, str] = {}

    def propose(self) -> tuple[Proposal, ...]:
        ranked = self._ranked_pairs()
        for _, pairs in groupby(ranked, key=lambda pair: self.mentees[pair[1]].waiting_class):
            of_one_class = list(pairs)
            self._take_greedily(pair for pair in of_one_class if not self._have_met(*pair))
            for mentee_id in dict.fromkeys(mentee_id for _, mentee_id in of_one_class):
                self._rearrange(mentee_id)
        self._fill_the_longest_waiting_places()
        self._take_greedily(pair for pair in ranked if self._have_met(*pair))
        return tuple(
            self._proposal(mentee_id) for mentee_id in self.mentees if self._has(mentee_id)
        )

    def _proposal(self, mentee_id: str) -> Proposal:
        place = self.place_of[mentee_id]
        reasons = self._reasons(self.places[place], self.mentees[mentee_id])
        return Proposal(place[0], mentee_id, reasons, self._have_met(place, mentee_id))

    def _ranked_pairs(self) -> list[tuple[Place, str]]:
        """Every place with every mentee: the mentee's class, the place's, then what they share."""
        mentor_says = {
            place[0]: comparable(mentor.answers, self.weights)
            for place, mentor in self.places.items()
            if place[1] == 0
        }
        place_ranks, mentee_ranks = _ranks(self.places), _ranks(self.mentees)
        ranked = []
        for mentee_id, (mentee_class, mentee_order) in mentee_ranks.items():
            says = comparable(self.mentees[mentee_id].answers, self.weights)
            distance = {
                mentor_id: -closeness(says, theirs, self.weights)
                for mentor_id, theirs in mentor_says.items()
            }
            ranked += [
                (
                    mentee_class,
                    place_class,
                    distance[place[0]],
                    mentee_order,
                    order,
                    place,
                    mentee_id,
                )
                for place, (place_class, order) in place_ranks.items()
                if self._may_meet(place, mentee_id)
            ]
        ranked.sort()
        return [(place, mentee_id) for *_, place, mentee_id in ranked]

    def _reasons(self, mentor: Candidate, mentee: Candidate) -> tuple[dict[str, Any], ...]:
        return shared_answers(mentee.answers, mentor.answers, self.weights)

    def _have_met(self, place: Place, mentee_id: str) -> bool:
        return (place[0], mentee_id) in self.past

    def _may_meet(self, place: Place, mentee_id: str) -> bool:
        return self.places[place].may_meet(self.mentees[mentee_id])

    def _is_open_to(self, place: Place, mentee_id: str) -> bool:
        return not self._have_met(place, mentee_id) and self._may_meet(place, mentee_id)

    def _has(self, mentee_id: str) -> bool:
        return mentee_id in self.place_of

    def _take_greedily(self, pairs: Iterable[tuple[Place, str]]) -> None:
        for place, mentee_id in pairs:
            if not self._has(mentee_id) and place not in self.mentee_in:
                self._take(place, mentee_id)

    def _take(self, place: Place, mentee_id: str) -> None:
        self.mentee_in[place] = mentee_id
        self.place_of[mentee_id] = place

    def _rearrange(self, mentee_id: str) -> None:
        """Find somebody without a place one, by moving others along (an augmenting path)."""
        if self._has(mentee_id) or len(self.mentee_in) == len(self.places):
            return
        taker: dict[Place, str] = {}
        asking = deque([mentee_id])
        while asking:
            one = asking.popleft()
            for place in self.places:
                if place in taker or not self._is_open_to(place, one):
                    continue
                taker[place] = one
                if place not in self.mentee_in:
                    self._move_along(place, taker)
                    return
                asking.append(self.mentee_in[place])

    def _move_along(self, place: Place, taker: Mapping[Place, str]) -> None:
        left: Place | None = place
        while left is not None:
            mentee_id = taker[left]
            before = self.place_of.get(mentee_id)
            self._take(left, mentee_id)
            left = before

    def _fill_the_longest_waiting_places(self) -> None:
        """Empty places take mentees from those who waited less, by moving others along."""
        for place in (place for place in self.places if place not in self.mentee_in):
            filled = [self.places[other].waiting_class for other in self.mentee_in]
            if filled and self.places[place].waiting_class < max(filled):
                self._draw_to(place)

    def _draw_to(self, empty: Place) -> None:
        goal: dict[str, Place] = {}
        asking = deque([empty])
        while asking:
            place = asking.popleft()
            for mentee_id, taken in self.place_of.items():
                if mentee_id not in goal and self._is_open_to(place, mentee_id):
                    goal[mentee_id] = place
                    asking.append(taken)
        reached = [self.place_of[mentee_id] for mentee_id in goal]
        last = max(reached, key=lambda place: self.places[place].waiting_class, default=empty)
        if self.places[last].waiting_class <= self.places[empty].waiting_class:
            return
        mentee: str | None = self.mentee_in.pop(last)
        while mentee is not None:
            evicted = self.mentee_in.get(goal[mentee])
            self._take(goal[mentee], mentee)
            mentee = evicted
