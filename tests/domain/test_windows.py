"""When people can apply: whole days of the programme's zone, also where midnight is skipped."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.windows import Opening, opens_at, window_of
from mentorbot.programmes import preset

SECOND = timedelta(seconds=1)
AUCKLAND, MONTREAL, CAIRO = "Pacific/Auckland", "America/Montreal", "Africa/Cairo"


def file(zone: str, **application: Any) -> ProgrammeFile:
    """The IMG file in a zone, with a window of applications."""
    changed = {"time_zone": zone, "application": application}
    return ProgrammeFile.model_validate(preset("img").model_dump(mode="json") | changed)


@pytest.mark.parametrize(
    ("zone", "on", "opens", "closes"),
    [
        (AUCKLAND, "2026-04-05", "2026-04-04T11:00", "2026-04-05T12:00"),
        (AUCKLAND, "2026-09-27", "2026-09-26T12:00", "2026-09-27T11:00"),
        (MONTREAL, "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00"),
        (MONTREAL, "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"),
        (CAIRO, "2026-04-24", "2026-04-23T22:00", "2026-04-24T21:00"),
    ],
)
def test_day_on_which_clocks_change_is_open_from_its_first_moment_to_its_last(
    zone: str, on: str, opens: str, closes: str
) -> None:
    """It has 23 or 25 hours; in Cairo midnight itself is left out that night."""
    one_day = file(zone, opens_on=on, closes_on=on)
    first, end = (datetime.fromisoformat(it).replace(tzinfo=UTC) for it in (opens, closes))
    assert opens_at(one_day) == first
    moments = (first - SECOND, first, end - SECOND, end)
    found = [window_of(one_day, it, zone).opening for it in moments]
    assert found == [Opening.EARLY, Opening.OPEN, Opening.OPEN, Opening.CLOSED]


def test_reader_whose_clock_agrees_reads_the_day_and_others_the_moment_on_theirs() -> None:
    rules = {"opens_on": "2026-04-01", "closes_on": "2026-04-05", "next_opens_on": "2026-10-01"}
    found = file(AUCKLAND, **rules)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    here = window_of(found, now, AUCKLAND)
    assert (here.opens_on, here.closes_on) == (date(2026, 4, 1), date(2026, 4, 5))
    there = window_of(found, now, MONTREAL)
    told = [it.isoformat() for it in (there.opens_on, there.closes_on, there.next_on) if it]
    assert told == [
        "2026-03-31T07:00:00-04:00",
        "2026-04-05T08:00:00-04:00",
        "2026-09-30T07:00:00-04:00",
    ]


def test_next_opening_is_told_until_its_day_has_come() -> None:
    found = file(MONTREAL, closes_on="2026-03-01", next_opens_on="2026-11-01")
    begins = datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert window_of(found, begins - SECOND, MONTREAL).next_on == date(2026, 11, 1)
    assert window_of(found, begins, MONTREAL).next_on is None
