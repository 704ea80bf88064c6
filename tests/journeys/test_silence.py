"""Pairs that go quiet: raised gently, once, and at an hour that suits whoever reads it."""

import pytest

from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, pair_up, times_told, when
from tests.world import AMARA, HANNAH, RAJESH, ZOE, World

NUDGE = "It has been quiet here for a while"
REPORT = "No answer to two check-ins in a row from"


@pytest.mark.phrase("IMG-06", "IMG-10")
def test_two_who_are_both_silent_are_nudged_together_and_the_coordinator_hears_of_it(
    world: World,
) -> None:
    amara, zoe, hannah = world.person(AMARA), world.person(ZOE), world.person(HANNAH)
    pair_up(amara, zoe)
    world.pass_days(17.9)
    assert not any(NUDGE in text for text in group_texts(amara, zoe))
    assert hannah.dms() == []
    world.pass_days(1)
    assert sum(NUDGE in text for text in group_texts(amara, zoe)) == 1
    assert times_told(amara, "I have not heard from") == times_told(zoe, "I have not heard") == 0
    (report,) = hannah.dm_texts()
    assert f"{REPORT} {name_of(amara)} and {name_of(zoe)}" in report
    world.pass_days(5)
    assert sum(NUDGE in text for text in group_texts(amara, zoe)) == 1
    assert len(hannah.dms()) == 1


@pytest.mark.phrase("IMG-06", "IMG-10")
def test_where_one_is_silent_the_other_is_asked_to_say_hello(world: World) -> None:
    amara, zoe, hannah = world.person(AMARA), world.person(ZOE), world.person(HANNAH)
    pair_up(amara, zoe)
    for days in (4, 7):
        world.pass_days(days)
        zoe.press(zoe.last_dm(), ids.CHECK_IN_NOT_YET)
        assert "Not yet, noted" in zoe.dm_texts()[-1]
    world.pass_days(7)
    hint = f"I have not heard from {name_of(amara)} for two check-ins. A short hello"
    assert times_told(zoe, hint) == 1
    assert "it is nobody's fault" in next(text for text in zoe.dm_texts() if hint in text)
    assert not any("heard from" in text for text in amara.dm_texts())
    assert not any(NUDGE in text for text in group_texts(amara, zoe))
    (report,) = hannah.dm_texts()
    assert f"{REPORT} {name_of(amara)} (pair: {name_of(amara)} and {name_of(zoe)})" in report

    amara.press(amara.last_dm(), ids.CHECK_IN_MET)
    world.pass_days(4)
    assert times_told(zoe, "I have not heard") == 1
    assert len(hannah.dms()) == 1


def test_silence_is_raised_at_ten_by_the_clock_of_whoever_reads_of_it(world: World) -> None:
    """Rajesh reads in Chennai, hours before the others are up."""
    rajesh, zoe, hannah = world.person(RAJESH), world.person(ZOE), world.person(HANNAH)
    pair_up(rajesh, zoe)
    for days in (4, 7):
        world.pass_days(days)
        zoe.press(zoe.last_dm(), ids.CHECK_IN_NOT_YET)
    world.pass_days(7)
    hint = next(m for m in zoe.dms() if "I have not heard from" in m["text"])
    assert f"{when(hint, 'Europe/London'):%H:%M}" == "10:00"
    assert f"{when(hannah.last_dm(), 'Europe/London'):%H:%M}" == "10:00"


def test_quiet_pair_in_two_time_zones_is_nudged_when_both_are_up(world: World) -> None:
    rajesh, zoe = world.person(RAJESH), world.person(ZOE)
    pair_up(rajesh, zoe)
    world.pass_days(18)
    group = zoe.groups()[0]["id"]
    nudge = next(m for m in zoe.hands.messages(group) if NUDGE in m["text"])
    assert f"{when(nudge, 'Europe/London'):%H:%M}" == "10:00"
