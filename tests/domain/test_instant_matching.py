"""Instant matching: the rules as examples, and as properties over every small pool."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.instant import Candidate, Pair, Proposal, propose, shared_answers

WEIGHTS = {"specialty": 4, "place": 2, "languages": 1}
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def someone(
    name: str, *, days_waited: int = 0, places: int = 1, partners: int = 0, **more: Any
) -> Candidate:
    since = more.pop("since", MONDAY - timedelta(days=days_waited))
    front = more.pop("front", False)
    return Candidate(name, places, partners, front, since.date(), since, more)


def pairs(found: Sequence[Proposal]) -> set[Pair]:
    return {(one.mentor_id, one.mentee_id) for one in found}


def test_one_mentor_and_one_mentee_are_matched() -> None:
    assert pairs(propose([someone("mentor")], [someone("mentee")])) == {("mentor", "mentee")}


def test_nobody_is_matched_where_one_role_is_empty() -> None:
    crowd = [someone(name) for name in "abc"]
    assert propose(crowd, []) == propose([], crowd) == propose([], []) == ()


def test_mentee_who_waited_longest_goes_first() -> None:
    mentees = [someone("new"), someone("old", days_waited=3), someone("middle", days_waited=1)]
    assert pairs(propose([someone("mentor")], mentees)) == {("mentor", "old")}


def test_mentor_who_waited_longest_goes_first() -> None:
    mentors = [someone("new"), someone("old", days_waited=3), someone("middle", days_waited=1)]
    assert pairs(propose(mentors, [someone("mentee")])) == {("old", "mentee")}


def test_longer_wait_beats_every_shared_answer() -> None:
    like = {"specialty": "Cardiology", "place": "Leeds"}
    mentees = [someone("like", **like), someone("waited", days_waited=1)]
    assert pairs(propose([someone("mentor", **like)], mentees, weights=WEIGHTS)) == {
        ("mentor", "waited")
    }


def test_who_lost_a_partner_goes_before_who_waited_longer() -> None:
    mentees = [someone("waited", days_waited=30), someone("lost", front=True)]
    assert pairs(propose([someone("mentor")], mentees)) == {("mentor", "lost")}
    mentors = [someone("waited", days_waited=30), someone("lost", front=True)]
    assert pairs(propose(mentors, [someone("mentee")])) == {("lost", "mentee")}


def test_mentor_without_a_partner_goes_before_one_who_has_a_place_left() -> None:
    mentors = [someone("busy", days_waited=9, partners=1, places=2), someone("free")]
    assert pairs(propose(mentors, [someone("mentee")])) == {("free", "mentee")}


def test_every_mentor_has_a_first_mentee_before_one_has_a_second() -> None:
    mentors = [someone("waited", days_waited=9, places=3), someone("new")]
    found = propose(mentors, [someone("one"), someone("two")])
    assert {mentor for mentor, _ in pairs(found)} == {"waited", "new"}


def test_losing_a_partner_counts_for_one_place_only() -> None:
    mentors = [someone("lost", front=True, places=3), someone("waited", days_waited=9)]
    found = propose(mentors, [someone("one"), someone("two")])
    assert {mentor for mentor, _ in pairs(found)} == {"lost", "waited"}


def test_shared_answers_decide_between_those_who_waited_equally_long() -> None:
    mentors = [someone("a", specialty="Cardiology", place="York"), someone("b", place="Leeds")]
    mentee = someone("mentee", specialty="Cardiology", place="Leeds")
    assert pairs(propose(mentors, [mentee], weights=WEIGHTS)) == {("a", "mentee")}
    assert pairs(propose(mentors, [mentee], weights={"place": 1})) == {("b", "mentee")}


def test_hours_within_a_day_decide_only_after_shared_answers() -> None:
    early = someone("early", since=MONDAY - timedelta(hours=2))
    late = someone("late", since=MONDAY, place="Leeds")
    mentor = someone("mentor", place="Leeds")
    assert pairs(propose([mentor], [early, late], weights=WEIGHTS)) == {("mentor", "late")}
    assert pairs(propose([mentor], [early, late])) == {("mentor", "early")}


def test_past_partners_are_parted_while_another_is_free() -> None:
    mentors = [someone("past", days_waited=9), someone("other")]
    found = propose(mentors, [someone("mentee")], past=[("past", "mentee")])
    assert pairs(found) == {("other", "mentee")}
    assert not found[0].is_repeat


def test_past_partners_meet_again_where_nobody_else_is_free() -> None:
    (found,) = propose([someone("mentor")], [someone("mentee")], past=[("mentor", "mentee")])
    assert found.is_repeat


def test_others_are_moved_along_so_that_nobody_repeats() -> None:
    mentors = [someone("a"), someone("b", days_waited=1)]
    mentees = [someone("one", days_waited=5), someone("two")]
    found = propose(mentors, mentees, past=[("b", "two")])
    assert pairs(found) == {("b", "one"), ("a", "two")}


def test_moving_along_is_for_the_longest_wait_first() -> None:
    mentors = [someone("a", days_waited=2), someone("b", days_waited=1)]
    mentees = [someone("m1", days_waited=5), someone("m2", days_waited=5), someone("m3")]
    found = propose(mentors, mentees, past=[("b", "m2")])
    assert pairs(found) == {("b", "m1"), ("a", "m2")}


def test_place_of_the_longest_waiting_mentor_is_filled_by_moving_along() -> None:
    mentors = [someone("a", days_waited=3), someone("b", days_waited=2), someone("c")]
    mentees = [someone("m1", days_waited=5), someone("m2")]
    past = [("c", "m1"), ("b", "m2")]
    assert pairs(propose(mentors, mentees, past=past)) == {("b", "m1"), ("a", "m2")}


def test_reasons_come_heaviest_first_and_name_what_is_shared() -> None:
    one = {"place": "Leeds", "specialty": "Cardiology", "languages": ["Urdu", "English"]}
    other = {"place": " leeds", "specialty": "Cardiology", "languages": ["English", "Urdu"]}
    assert shared_answers(one, other, WEIGHTS) == (
        {"question": "specialty", "shared": "Cardiology"},
        {"question": "place", "shared": "Leeds"},
        {"question": "languages", "shared": ["Urdu", "English"]},
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"place": ""}, {"place": ""}),
        ({"place": "Leeds"}, {}),
        ({"place": "Leeds"}, {"place": "York"}),
        ({"languages": []}, {"languages": []}),
        ({"languages": ["Urdu"]}, {"languages": ["Hindi"]}),
        ({"languages": ["Urdu"]}, {"languages": "Urdu"}),
        ({"hopes": "Rest"}, {"hopes": "Rest"}),
    ],
)
def test_nothing_in_common_is_no_reason(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert shared_answers(one, other, WEIGHTS) == ()


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "specialty": st.sampled_from(["Cardiology", "Neurology"]),
        "place": st.sampled_from(["Leeds", "leeds ", "York"]),
        "languages": st.lists(st.sampled_from(["Urdu", "Hindi", "Polish"]), unique=True),
    },
)


@st.composite
def candidates(draw: st.DrawFn, prefix: str, most: int, most_places: int) -> list[Candidate]:
    return [
        Candidate(
            participant_id=f"{prefix}{number}",
            open_places=draw(st.integers(0 if most_places > 1 else 1, most_places)),
            partners_now=draw(st.integers(0, 1)),
            is_front_of_queue=draw(st.booleans()),
            waiting_on=draw(st.dates(date(2026, 11, 1), date(2026, 11, 3))),
            waiting_since_at=MONDAY + timedelta(minutes=draw(st.integers(0, 3))),
            answers=draw(ANSWERS),
        )
        for number in range(draw(st.integers(0, most)))
    ]


@st.composite
def pools(
    draw: st.DrawFn, most: int = 9, most_places: int = 3
) -> tuple[list[Candidate], list[Candidate], set[Pair]]:
    mentors = draw(candidates("mentor", most, most_places))
    mentees = draw(candidates("mentee", most, 1))
    every = [(m.participant_id, e.participant_id) for m in mentors for e in mentees]
    past = draw(st.sets(st.sampled_from(every))) if every else set()
    return mentors, mentees, past


@given(pools())
def test_capacity_holds_and_nobody_is_matched_with_their_own_role(pool: Any) -> None:
    mentors, mentees, past = pool
    found = propose(mentors, mentees, past, WEIGHTS)
    for mentor in mentors:
        taken = [one for one in found if one.mentor_id == mentor.participant_id]
        assert len(taken) <= mentor.open_places
    matched = [one.mentee_id for one in found]
    assert len(set(matched)) == len(matched)
    assert {one.mentor_id for one in found} <= {m.participant_id for m in mentors}
    assert set(matched) <= {m.participant_id for m in mentees}


@given(pools())
def test_as_many_are_matched_as_there_are_places(pool: Any) -> None:
    mentors, mentees, past = pool
    places = sum(mentor.open_places for mentor in mentors)
    assert len(propose(mentors, mentees, past, WEIGHTS)) == min(places, len(mentees))


@given(pools(), st.randoms(use_true_random=False))
def test_order_of_the_people_changes_nothing(pool: Any, chance: Any) -> None:
    mentors, mentees, past = pool
    before = propose(mentors, mentees, past, WEIGHTS)
    shuffled = [list(people) for people in (mentors, mentees, past)]
    for people in shuffled:
        chance.shuffle(people)
    assert propose(*shuffled, WEIGHTS) == before


@given(pools())
def test_reasons_are_true_and_repeats_are_owned_up_to(pool: Any) -> None:
    mentors, mentees, past = pool
    known = {one.participant_id: one for one in (*mentors, *mentees)}
    for one in propose(mentors, mentees, past, WEIGHTS):
        assert one.is_repeat == ((one.mentor_id, one.mentee_id) in past)
        answers = (known[one.mentor_id].answers, known[one.mentee_id].answers)
        for reason in one.reasons:
            for each in answers:
                assert _says(each[reason["question"]], reason["shared"])


def _says(answer: Any, shared: Any) -> bool:
    if isinstance(shared, list):
        return bool(shared) and set(shared) <= set(answer)
    return bool(answer.strip().casefold() == shared.strip().casefold())


@settings(max_examples=250)
@given(pools(most=4, most_places=2))
def test_repeats_are_the_fewest_and_the_longest_waits_are_served(pool: Any) -> None:
    """Against every way to match people who never met: most pairs, then the longest waits."""
    mentors, mentees, past = pool
    found = propose(mentors, mentees, past, WEIGHTS)
    fresh = [one for one in found if not one.is_repeat]
    mine = {(one.mentor_id, one.mentee_id) for one in fresh}
    best = max(_fresh_matchings(mentors, mentees, past), key=lambda m: _merit(mentors, mentees, m))
    assert len(mine) == len(best)
    assert _mentee_merit(mentees, mine) == _mentee_merit(mentees, best)
    best = max(_fresh_matchings(mentors, mentees, past), key=lambda m: _place_merit(mentors, m))
    assert _place_merit(mentors, mine) == _place_merit(mentors, best)


def _fresh_matchings(
    mentors: list[Candidate], mentees: list[Candidate], past: set[Pair]
) -> Iterator[frozenset[Pair]]:
    """Every way to match mentees with mentors whom they have not met, within capacity."""

    def extend(index: int, left: dict[str, int]) -> Iterator[frozenset[Pair]]:
        if index == len(mentees):
            yield frozenset()
            return
        yield from extend(index + 1, left)
        mentee_id = mentees[index].participant_id
        for mentor_id in left:
            if left[mentor_id] and (mentor_id, mentee_id) not in past:
                for rest in extend(index + 1, {**left, mentor_id: left[mentor_id] - 1}):
                    yield rest | {(mentor_id, mentee_id)}

    yield from extend(0, {m.participant_id: m.open_places for m in mentors})


def _merit(mentors: list[Candidate], mentees: list[Candidate], matching: Any) -> Any:
    return (_mentee_merit(mentees, matching), _place_merit(mentors, matching))


def _mentee_merit(mentees: list[Candidate], matching: Any) -> list[int]:
    """How many are served of each waiting class, the first class first."""
    served = {mentee_id for _, mentee_id in matching}
    classes = sorted({m.waiting_class for m in mentees})
    return [
        sum(m.waiting_class == one and m.participant_id in served for m in mentees)
        for one in classes
    ]


def _place_merit(mentors: list[Candidate], matching: Any) -> list[int]:
    """How many places are filled of each waiting class; a place after the first waits as busy."""
    every, filled = [], []
    for mentor in mentors:
        taken = sum(mentor_id == mentor.participant_id for mentor_id, _ in matching)
        for number in range(mentor.open_places):
            later = {"is_front_of_queue": False, "partners_now": mentor.partners_now + number}
            one = (replace(mentor, **later) if number else mentor).waiting_class
            every.append(one)
            if number < taken:
                filled.append(one)
    return [filled.count(one) for one in sorted(set(every))]


def test_every_pool_of_two_and_two_is_matched_fully() -> None:
    mentors, mentees = [someone("a"), someone("b")], [someone("x"), someone("y")]
    every = [(m.participant_id, e.participant_id) for m in mentors for e in mentees]
    for size in range(len(every) + 1):
        for past in combinations(every, size):
            assert len(propose(mentors, mentees, past)) == 2
