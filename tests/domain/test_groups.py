"""Groups in a programme's file: what it takes, refuses and says, and how many come about."""

from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from mentorbot.domain.matching.instant import Candidate
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.steps import nobody_meets
from mentorbot.programmes import preset
from mentorbot.slack.described import programme_in_words
from mentorbot.usecases.best_matching import propose_best
from mentorbot.usecases.matching import some_of

SINCE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def file_with(group: dict[str, int], *, asks_capacity: bool = False, **matching: Any) -> Any:
    """The IMG file with groups, as data."""
    data = preset("img").model_dump(mode="json")
    if not asks_capacity:
        data["form"] = [asked for asked in data["form"] if asked["id"] != "capacity"]
    data["matching"] = {"mode": "best", "on": "2027-01-04", "group": group, **matching}
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (file_with({"least": 3, "most": 8}), "less than or equal to 7"),
        (file_with({"least": 1, "most": 3}), "greater than or equal to 2"),
        (file_with({"least": 4, "most": 3}), "fewer than the least, 4"),
        (file_with({"least": 3, "most": 4}, mode="instant", on=None), "belongs to mode: best"),
        (file_with({"least": 3, "most": 4}, late="instant"), "belongs to mode: best"),
        (file_with({"least": 3, "most": 4}, asks_capacity=True), "drop capacity"),
    ],
)
def test_group_that_cannot_come_about_is_refused(data: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ProgrammeFile.model_validate(data)


def test_programme_in_words_says_how_large_groups_are() -> None:
    file = ProgrammeFile.model_validate(file_with({"least": 3, "most": 6}))
    said = "\n".join(map(str, programme_in_words(file, "en")))
    assert "a group of 3 to 6 mentees" in said


def someone(name: str, places: int, topic: str) -> Candidate:
    return Candidate(name, places, 0, False, SINCE.date(), SINCE, {"topic": topic})


@pytest.mark.parametrize("seed", range(15))
def test_mentor_has_a_whole_group_or_nobody_and_as_many_are_in_one_as_can_be(seed: int) -> None:
    chance = Random(seed)
    least, most = chance.choice([(2, 3), (3, 3), (3, 5), (2, 7)])
    topics = ("Vision", "Language", "Climate")
    mentors = [someone(f"m{it}", most, chance.choice(topics)) for it in range(chance.randint(1, 3))]
    mentees = [someone(f"e{it}", 1, chance.choice(topics)) for it in range(chance.randint(0, 12))]
    past = [("m0", it.participant_id) for it in mentees if chance.random() < 0.2]
    found = propose_best(mentors, mentees, past, {"topic": 1}, (), least=least)
    sizes = Counter(one.mentor_id for one in found)
    assert all(least <= size <= most for size in sizes.values())
    assert len({one.mentee_id for one in found}) == len(found)
    if not past:
        assert len(found) == max(
            min(len(mentees), groups * most) if len(mentees) >= groups * least else 0
            for groups in range(len(mentors) + 1)
        )


def test_slice_of_introductions_takes_no_group_apart() -> None:
    pairs = [{"mentor_id": mentor, "mentee_id": str(at)} for at, mentor in enumerate("aaabbbcc")]
    some, rest = some_of(pairs, 4)
    assert ["".join(it["mentor_id"] for it in half) for half in (some, rest)] == ["aaabbb", "cc"]
    assert some_of(pairs, 99) == (pairs, [])
    assert some_of([], 4) == ([], [])


@pytest.mark.parametrize(
    ("are_away", "rests"),
    [
        ([], False),
        ([False, True], True),
        ([True, False], True),
        ([False, True, False], False),
        ([False, True, True], True),
        ([True, False, False], True),
    ],
)
def test_pairing_rests_without_its_mentor_or_all_of_its_mentees(
    are_away: list[bool], rests: bool
) -> None:
    assert nobody_meets(are_away) is rests
