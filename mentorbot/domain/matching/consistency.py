"""What is wrong with a problem of matching, named with the entries that are to blame."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mentorbot.domain.matching.problem import (
    BEST_SCORE,
    NOT_ALLOWED,
    Fault,
    Ints,
    Pair,
    Problem,
    fault,
)


def faults(problem: Problem) -> list[Fault]:
    """All that is wrong; what is looked at first has to be right for the rest to be looked at."""
    looks: tuple[Callable[[Problem], Iterator[Fault]], ...] = (_shape, _numbers, _people, _locks)
    for look in looks:
        if found := list(look(problem)):
            return found
    return []


def _locks_to_take_back(problem: Problem) -> tuple[Pair, ...]:
    """The fewest locks without which the others fit.

    As many as possible are kept, by moving along chains of locks (a largest b-matching).
    """
    bad = {
        pair for pair in problem.locks if pair in problem.forbidden or _is_excluded(problem, pair)
    }
    kept: set[Pair] = set()
    room = _Room(problem, kept)
    for pair in sorted(problem.locks - bad):
        room.admit(pair)
    return tuple(sorted(problem.locks - kept))


class _Room:
    """Locks that are kept, and the places that they leave."""

    def __init__(self, problem: Problem, kept: set[Pair]) -> None:
        self.kept = kept
        self.wants = dict(zip(problem.mentee_ids, problem.wants.tolist(), strict=True))
        self.places = dict(zip(problem.mentor_ids, problem.ceilings.tolist(), strict=True))
        self.known: list[Pair] = []

    def admit(self, pair: Pair) -> None:
        """Keep a lock, if that makes one more; others may change places for it."""
        self.known.append(pair)
        for mentee_id in sorted({it.mentee_id for it in self.known}):
            if self._free(mentee_id) and self._find(mentee_id, set()):
                return

    def _free(self, mentee_id: str) -> bool:
        held = sum(it.mentee_id == mentee_id for it in self.kept)
        return bool(held < self.wants[mentee_id])

    def _find(self, mentee_id: str, seen: set[str]) -> bool:
        for pair in self.known:
            if pair.mentee_id != mentee_id or pair in self.kept or pair.mentor_id in seen:
                continue
            seen.add(pair.mentor_id)
            held = sorted(it for it in self.kept if it.mentor_id == pair.mentor_id)
            if len(held) < self.places[pair.mentor_id]:
                self.kept.add(pair)
                return True
            for other in held:
                self.kept.discard(other)
                if self._find(other.mentee_id, seen):
                    self.kept.add(pair)
                    return True
                self.kept.add(other)
        return False


def _shape(problem: Problem) -> Iterator[Fault]:
    for side, ids in (("mentee", problem.mentee_ids), ("mentor", problem.mentor_ids)):
        if wrong := [repr(it) for it in ids if not isinstance(it, str) or not it]:
            yield fault(f"{side}_id_missing", wrong)
        elif twice := [it for it, count in Counter(ids).items() if count > 1]:
            yield fault(f"{side}_twice", twice)
    people = (len(problem.mentee_ids), len(problem.mentor_ids))
    if problem.scores.shape != people:
        yield fault("scores_of_others", [f"{problem.scores.shape} {people}"])
    for name, size in _sizes(problem):
        if getattr(problem, name).shape != (size,):
            yield fault(f"{name}_of_others", [str(getattr(problem, name).shape)])


def _sizes(problem: Problem) -> Iterator[tuple[str, int]]:
    yield from ((it, len(problem.mentor_ids)) for it in ("ceilings", "floors"))
    yield from ((it, len(problem.mentee_ids)) for it in ("wants", "waiting_class"))


def _numbers(problem: Problem) -> Iterator[Fault]:
    for name, size in _sizes(problem):
        values: Ints = getattr(problem, name)
        ids = problem.mentor_ids if name in ("ceilings", "floors") else problem.mentee_ids
        if values.dtype.kind not in "iu":
            yield fault(f"{name}_not_whole", [str(values.dtype)])
        elif size and values.min() < 0:
            yield fault(f"{name}_below_zero", _named(ids, values < 0))
    if not 0 <= problem.least_acceptable <= BEST_SCORE:
        yield fault("least_acceptable_not_in_range", [str(problem.least_acceptable)])
    too_high = (problem.floors > problem.ceilings) & (problem.ceilings > 0)
    if too_high.any():
        yield fault("floor_above_ceiling", _named(problem.mentor_ids, too_high))


def _named(ids: Sequence[str], which: NDArray[np.bool_]) -> list[str]:
    return [name for name, is_named in zip(ids, which.tolist(), strict=True) if is_named]


def _people(problem: Problem) -> Iterator[Fault]:
    for name, pairs in (("lock", problem.locks), ("forbidden", problem.forbidden)):
        strange = {it.mentee_id for it in pairs if it.mentee_id not in problem.row_of}
        strange |= {it.mentor_id for it in pairs if it.mentor_id not in problem.column_of}
        if strange:
            yield fault(f"{name}_of_unknown", strange)


def _locks(problem: Problem) -> Iterator[Fault]:
    if found := list(_lock_faults(problem)):
        yield from found
        yield fault("locks_to_take_back", _written(_locks_to_take_back(problem)))


def _lock_faults(problem: Problem) -> Iterator[Fault]:
    if both := problem.locks & problem.forbidden:
        yield fault("lock_forbidden", _written(both))
    excluded = [it for it in problem.locks - both if _is_excluded(problem, it)]
    if excluded:
        yield fault("lock_not_allowed", _written(excluded))
    of_mentees = Counter(pair.mentee_id for pair in problem.locks)
    of_mentors = Counter(pair.mentor_id for pair in problem.locks)
    for mentee_id, count in sorted(of_mentees.items()):
        wanted = int(problem.wants[problem.row_of[mentee_id]])
        if count > wanted:
            those = (it for it in problem.locks if it.mentee_id == mentee_id)
            yield fault("more_locks_than_wanted", _written(those))
    for mentor_id, count in sorted(of_mentors.items()):
        places = int(problem.ceilings[problem.column_of[mentor_id]])
        if count > places:
            those = (it for it in problem.locks if it.mentor_id == mentor_id)
            yield fault("more_locks_than_places", _written(those))


def _is_excluded(problem: Problem, pair: Pair) -> bool:
    return problem.score(pair) == NOT_ALLOWED


def _written(pairs: Iterable[Pair]) -> list[str]:
    return [f"{it.mentee_id}:{it.mentor_id}" for it in pairs]
