"""Two who are kept apart are matched by nothing, and nobody else goes without because of it."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from mentorbot.domain.matching.instant import Candidate, Pair, propose
from mentorbot.domain.partners import Matching
from mentorbot.usecases.ballot_matching import propose_by_ballot
from mentorbot.usecases.best_matching import propose_best
from mentorbot.usecases.rearranging import Wanted, rearrange

SINCE = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULES = Matching.model_validate(
    {"mode": "ranked", "ballot": {"choices": 3, "hours": 48, "shown": []}}
)


def crowd(role: str, number: int) -> list[Candidate]:
    return [
        Candidate(f"{role}{it}", 1, 0, False, SINCE.date(), SINCE, {"path": it % 2})
        for it in range(number)
    ]


def kept_apart(
    mentors: list[Candidate], mentees: list[Candidate], pairs: set[Pair]
) -> tuple[list[Candidate], list[Candidate]]:
    """The same people, some of whom are never to meet."""
    return (
        [
            replace(it, apart=frozenset(b for a, b in pairs if a == it.participant_id))
            for it in mentors
        ],
        [
            replace(it, apart=frozenset(a for a, b in pairs if b == it.participant_id))
            for it in mentees
        ],
    )


def most(mentors: list[str], mentees: list[str], never: set[Pair]) -> int:
    """How many can be matched, by trying everything."""
    if not mentees:
        return 0
    found = most(mentors, mentees[1:], never)
    for mentor in mentors:
        if (mentor, mentees[0]) not in never:
            rest = [it for it in mentors if it != mentor]
            found = max(found, 1 + most(rest, mentees[1:], never))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_nothing_joins_two_who_are_apart_and_as_many_are_matched_as_can_be(seed: int) -> None:
    chance = Random(seed)
    mentors, mentees = crowd("mentor", chance.randint(1, 4)), crowd("mentee", chance.randint(1, 5))
    every = [(a.participant_id, b.participant_id) for a in mentors for b in mentees]
    never = set(chance.sample(every, chance.randint(1, len(every))))
    past = {*never, *chance.sample(every, chance.randint(0, len(every)))}
    mentors, mentees = kept_apart(mentors, mentees, never)
    cast = {it.participant_id: [chance.choice(mentors).participant_id] for it in mentees}

    def by_ballot(*given: object) -> tuple[object, ...]:
        def best(*those: object, first: object) -> tuple[object, ...]:
            return propose_best(*those, (), first=first)  # type: ignore[arg-type]

        return propose_by_ballot(*given, cast=cast, rules=RULES, best=best)  # type: ignore[arg-type]

    for found in (
        propose(mentors, mentees, past, {"path": 1}),
        propose_best(mentors, mentees, past, {"path": 1}, ()),
        by_ballot(mentors, mentees, past, {"path": 1}),
    ):
        made = {(it.mentor_id, it.mentee_id) for it in found}  # type: ignore[attr-defined]
        assert not made & never
    can = most([it.participant_id for it in mentors], [it.participant_id for it in mentees], never)
    assert len(propose(mentors, mentees, never, {"path": 1})) == can
    assert len(propose_best(mentors, mentees, never, {"path": 1}, ())) == can


def test_hand_cannot_bring_together_who_is_apart() -> None:
    mentors, mentees = kept_apart(crowd("mentor", 2), crowd("mentee", 2), {("mentor0", "mentee0")})
    change = ("mentor0", "mentee0")
    wanted = Wanted(frozenset(), frozenset([change]), frozenset(), change)
    assert rearrange(mentors, mentees, (), {"path": 1}, (), wanted) is None
