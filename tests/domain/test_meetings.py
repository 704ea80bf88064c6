"""What people say of a meeting, what cannot be so, and what a pair's meetings come to."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mentorbot.domain.errors import UnclearMeeting
from mentorbot.domain.meetings import (
    Format,
    Meeting,
    MeetingRules,
    Told,
    minutes_counted,
    problems,
    progress,
    read_meeting,
)
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.prudence import warnings
from mentorbot.programmes import preset

TODAY = date(2026, 11, 23)
BEGAN = date(2026, 11, 1)
RULES = MeetingRules(least_hours=3, least_minutes_each=60, formats=(Format.VIDEO, Format.PHONE))


def meeting(on: date, minutes: int, next_on: date | None = None) -> Meeting:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Meeting("T", f"m {on}", "p", on, minutes, Format.VIDEO, next_on, "x", at)


@pytest.mark.parametrize(
    ("said", "minutes", "how", "days_ago"),
    [
        ("45", 45, Format.VIDEO, 0),
        ("45 min", 45, Format.VIDEO, 0),
        ("1h", 60, Format.VIDEO, 0),
        ("1 hour", 60, Format.VIDEO, 0),
        ("1.5 hours by phone", 90, Format.PHONE, 0),
        ("1,5h", 90, Format.VIDEO, 0),
        ("1h30 in person", 90, Format.IN_PERSON, 0),
        ("1:30 yesterday", 90, Format.VIDEO, 1),
        ("In person, for 2 hours on 2026-11-20", 120, Format.IN_PERSON, 3),
        ("today 50 minutes chat", 50, Format.CHAT, 0),
        ("25h", 1500, Format.VIDEO, 0),
    ],
)
def test_meeting_is_read_as_people_write_it(
    said: str, minutes: int, how: Format, days_ago: int
) -> None:
    told = read_meeting(said, Format.VIDEO, TODAY)
    assert told == Told(TODAY - timedelta(days=days_ago), minutes, how)


@pytest.mark.parametrize(
    "said",
    ["", "video", "forty-five", "-45", "45 60", "45 tomorrow", "45 2026-02-30", "1h 5x", "1.555h"],
)
def test_what_says_no_clear_length_is_refused(said: str) -> None:
    with pytest.raises(UnclearMeeting):
        read_meeting(said, Format.VIDEO, TODAY)


@given(st.text(max_size=200))
def test_no_words_break_the_reading_of_a_meeting(said: str) -> None:
    try:
        told = read_meeting(said, Format.VIDEO, TODAY)
    except UnclearMeeting:
        return
    assert told.minutes >= 0


@pytest.mark.parametrize(
    ("changed", "field", "key"),
    [
        ({"minutes": 25 * 60}, "minutes", "meeting.too_long"),
        ({"minutes": 4}, "minutes", "meeting.too_short"),
        ({"met_on": TODAY + timedelta(days=1)}, "met_on", "meeting.in_future"),
        ({"met_on": BEGAN - timedelta(days=1)}, "met_on", "meeting.too_early"),
        ({"format": Format.IN_PERSON}, "format", "meeting.other_format"),
        ({"next_on": TODAY - timedelta(days=1)}, "next_on", "meeting.next_not_so"),
        ({"next_on": TODAY + timedelta(days=400)}, "next_on", "meeting.next_not_so"),
    ],
)
def test_what_cannot_be_so_is_told_by_its_field(
    changed: dict[str, Any], field: str, key: str
) -> None:
    told = Told(TODAY, 60, Format.VIDEO)._replace(**changed)
    found = problems(RULES, told, BEGAN, TODAY)
    assert {name: problem[0] for name, problem in found.items()} == {field: key}


def test_what_stands_already_may_stay_in_a_correction() -> None:
    before = meeting(TODAY - timedelta(days=9), 60, TODAY - timedelta(days=2))
    before.format = Format.CHAT
    told = Told(before.met_on, 90, Format.CHAT, before.next_on)
    assert problems(RULES, told, BEGAN, TODAY, before) == {}


def test_meeting_counts_from_the_least_length_on_and_there_is_no_most() -> None:
    held = [meeting(BEGAN + timedelta(days=n), minutes) for n, minutes in enumerate([59, 60, 600])]
    assert minutes_counted(RULES, held) == 660
    assert progress(RULES, held, TODAY).times == 3


def test_next_date_is_that_of_the_last_meeting_until_it_is_over() -> None:
    held = [
        meeting(BEGAN, 60, TODAY + timedelta(days=5)),
        meeting(TODAY, 60, TODAY + timedelta(days=9)),
    ]
    assert progress(RULES, held, TODAY).next_on == TODAY + timedelta(days=9)
    assert progress(RULES, held, TODAY + timedelta(days=10)).next_on is None


def test_more_than_two_hours_a_week_is_called_unwise() -> None:
    data = preset("img").model_dump(mode="json")
    for hours, is_unwise in ((8, False), (9, True)):
        file = ProgrammeFile.model_validate(data | {"meetings": {"least_hours": hours}})
        assert ("many_hours" in dict(warnings(file, BEGAN))) is is_unwise


@pytest.mark.parametrize(
    "wrong",
    [
        {"usual_minutes": 30, "least_minutes_each": 60},
        {"formats": ["video", "video"]},
        {"formats": []},
        {"notes": True},
    ],
)
def test_rules_that_cannot_be_kept_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MeetingRules.model_validate(wrong)
