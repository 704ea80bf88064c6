"""Tracks: only people who share one are matched, and no fewer of them than can be."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from mentorbot.domain.matching.instant import Candidate, propose
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.slack.described import programme_in_words
from mentorbot.usecases.best_matching import propose_best

SINCE = datetime(2026, 11, 23, 9, tzinfo=UTC)
TRACKS = ("Academia", "Industry", "Entrepreneurship")


def someone(name: str, tracks: Collection[str], places: int = 1) -> Candidate:
    chosen = frozenset(tracks)
    told = {"path": sorted(chosen)}
    return Candidate(name, places, 0, False, SINCE.date(), SINCE, told, tracks=chosen)


def most(mentors: Sequence[Candidate], mentees: Sequence[Candidate]) -> int:
    """How many can be matched, by trying everything."""
    if not mentees:
        return 0
    first, *rest = mentees
    found = most(mentors, rest)
    for at, mentor in enumerate(mentors):
        if mentor.open_places and (not first.tracks or mentor.tracks & first.tracks):
            left = someone(mentor.participant_id, mentor.tracks, mentor.open_places - 1)
            found = max(found, 1 + most([*mentors[:at], left, *mentors[at + 1 :]], rest))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_as_many_are_matched_as_share_a_track_at_once_or_together(seed: int) -> None:
    chance = Random(seed)

    def pool(role: str, number: int) -> list[Candidate]:
        return [
            someone(f"{role}{it}", chance.sample(TRACKS, chance.choice((1, 1, 2))), 1)
            for it in range(number)
        ]

    mentors, mentees = pool("mentor", chance.randint(1, 4)), pool("mentee", chance.randint(1, 5))
    tracks = {it.participant_id: it.tracks for it in (*mentors, *mentees)}
    for found in (
        propose(mentors, mentees, (), {"path": 1}),
        propose_best(mentors, mentees, (), {"path": 0}, ()),
    ):
        assert len(found) == most(mentors, mentees)
        for pair in found:
            both = tracks[pair.mentor_id] & tracks[pair.mentee_id]
            assert both
            (reason,) = pair.reasons
            assert set(reason["shared"]) == both


def test_past_partners_of_different_tracks_are_not_brought_together_again() -> None:
    mentors, mentees = [someone("a", ["Academia"])], [someone("b", ["Industry"])]
    assert propose(mentors, mentees, [("a", "b")]) == ()
    assert propose_best(mentors, mentees, [("a", "b")], {}, ()) == ()


def test_programme_in_words_says_what_divides_people() -> None:
    said = "\n".join(map(str, programme_in_words(preset("miccai"), "en")))
    assert "share an answer to “Which path you want to talk about” are matched" in said


@pytest.mark.parametrize(
    ("matching", "said"),
    [
        ({"mode": "instant", "tracks": "path"}, "the form has no question 'path'"),
        ({"mode": "instant", "tracks": "hopes"}, "hopes needs options"),
        ({"mode": "instant", "tracks": "seniority"}, "seniority needs an answer from everybody"),
        (
            {"mode": "ranked", "tracks": "level", "ballot": {"choices": 1, "hours": 48}},
            "tracks belong to mode: instant or best",
        ),
        (
            {
                "mode": "instant",
                "tracks": "languages",
                "criteria": [{"question": "languages", "weight": 1, "ignore": ["English"]}],
            },
            "its answers all count",
        ),
    ],
)
def test_tracks_that_divide_nobody_are_refused(matching: dict[str, Any], said: str) -> None:
    data = preset("img").model_dump(mode="json")
    asked = {
        "id": "seniority",
        "kind": "choice",
        "label": "Seniority",
        "options": ["New", "Old"],
        "roles": ["mentor"],
    }
    with pytest.raises(ValueError, match=said):
        ProgrammeFile.model_validate(data | {"form": [*data["form"], asked], "matching": matching})
