"""Fixed dates and years: through every change of clocks, on both hemispheres, four years long."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from tests.applications import apply
from tests.journeys.telling import accept, programme, times_told, when
from tests.world import NGUYEN, PRIYA

ASKS = ("been in touch?", "Your time with", "A short reminder")
ZONES = {PRIYA: "America/Toronto", NGUYEN: "Australia/Sydney"}
FIXED = {
    "starts_on": "2026-03-01",
    "ends_on": "2026-11-15",
    "repeats": "once",
    "join_until_day": 30,
}
MONTHLY = {
    "at": "10:00",
    "starter_day": 2,
    "check_in": {"first_day": 3, "every_months": 1},
    "closing": {"days_before_end": 7, "reminder_days": [3]},
}


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Montreal"])
def test_fixed_dates_hold_through_every_change_of_clocks_of_a_year(
    tmp_path: Path, zone: str
) -> None:
    """Priya's clocks go forward and then back, Nguyen's back and then forward."""
    changed: dict[str, Any] = {
        "time_zone": zone,
        "cycle": FIXED,
        "touchpoints": MONTHLY,
        "matching": {"mode": "best", "on": "2026-02-20"},
    }
    data = preset("img").model_dump(mode="json") | changed
    with programme(
        tmp_path, datetime(2026, 2, 16, 12, tzinfo=UTC), ProgrammeFile.model_validate(data)
    ) as world:
        priya, nguyen = world.person(PRIYA), world.person(NGUYEN)
        priya.join("mentor")
        nguyen.join("mentee")
        matched_at = datetime(2026, 2, 20, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        world.move_to(matched_at)
        assert priya.partners() == {NGUYEN}
        ended_at = datetime(2026, 11, 15, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        world.move_to(ended_at)
        met = [date(2026, month, 4) for month in range(3, 12)]
        closing = [date(2026, 11, 8), date(2026, 11, 11)]
        for who, days in ((priya, met + closing[:1]), (nguyen, met + closing)):
            told = [it for it in who.dms() if any(ask in it["text"] for ask in ASKS)]
            asked = [when(it, ZONES[who.id]) for it in told]
            assert [it.date() for it in asked] == days, who.id
            assert {f"{it:%H:%M}" for it in asked} == {"10:00"}
            assert len({it.utcoffset() for it in asked}) == 2
        assert "is over" in priya.home()
        world.pass_days(2)
        assert times_told(priya, "is over") == times_told(nguyen, "is over") == 1


@pytest.mark.phrase("ICAHN-02")
def test_student_goes_through_all_four_years_and_stays_in_the_last(tmp_path: Path) -> None:
    """Each year begins on the day on which the first did, at ten in the morning in New York."""
    start = datetime(2027, 8, 16, 15, tzinfo=UTC)
    with programme(tmp_path, start, preset("icahn")) as world:
        priya = world.person(PRIYA)
        given: dict[str, Any] = {
            "address": "priya@icahn.mssm.edu",
            "specialty": "Pediatrics",
            "help": ["Exploring specialties"],
            "place": "New York",
            "goals": "To find out what a paediatrician does all day.",
            "stage": "Year One",
        }
        priya.hands.change_profile(email=given["address"])
        apply(priya, Role.MENTEE, **given)
        accept(priya)
        for number, (year, before) in enumerate(
            [("Year Two", "Year One"), ("Year Three", "Year Two"), ("Year Four", "Year Three")], 1
        ):
            world.move_to(datetime(2027 + number, 8, 16, 13, 59, tzinfo=UTC))
            assert f"You are in: *{before}*" in priya.home()
            world.move_to(datetime(2027 + number, 8, 16, 14, 0, tzinfo=UTC))
            assert f"You are in: *{year}*" in priya.home()
            assert times_told(priya, f"begins for you: *{year}*") == 1
            assert f"{year}: " in priya.command("guide")
            assert f"{before}: " not in priya.command("guide")
        world.move_to(datetime(2032, 9, 1, tzinfo=UTC))
        assert "You are in: *Year Four*" in priya.home()
        assert times_told(priya, "begins for you") == 3
