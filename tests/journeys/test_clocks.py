"""Touchpoints come at ten by each reader's own clock, wherever they are and when clocks change."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mentorbot.slack import ids
from tests.journeys.telling import assert_nobody_was_told_twice, when
from tests.world import AMARA, NGUYEN, PRIYA, RAJESH, Actor, World, world_at

ZONES = {
    AMARA: "Europe/London",
    RAJESH: "Asia/Kolkata",
    PRIYA: "America/Toronto",
    NGUYEN: "Australia/Sydney",
}
LONDON_AND_TORONTO_FALL_BACK = datetime(2026, 10, 12, 10, 30, tzinfo=UTC)
SYDNEY_SPRINGS_FORWARD = datetime(2026, 9, 30, 10, 30, tzinfo=UTC)
ASKS = ("been in touch?", "Your cycle with", "A short reminder")


@pytest.fixture(params=[LONDON_AND_TORONTO_FALL_BACK, SYDNEY_SPRINGS_FORWARD], ids=["oct", "sep"])
def four_places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A cycle across a change of clocks, with people in London, Chennai, Toronto and Sydney."""
    with world_at(tmp_path, request.param) as made:
        yield made
        assert_nobody_was_told_twice(made)


def asked(actor: Actor) -> list[datetime]:
    """When somebody was asked something, by their own clock."""
    return [
        when(message, ZONES[actor.id])
        for message in actor.dms()
        if any(ask in message["text"] for ask in ASKS)
    ]


@pytest.mark.phrase("IMG-10", "IMG-16")
def test_everybody_is_asked_at_ten_by_their_own_clock_also_when_clocks_change(
    four_places: World,
) -> None:
    world = four_places
    began_on: date = world.clock().date()
    everyone = [world.person(who) for who in ZONES]
    amara, rajesh, priya, nguyen = everyone
    for mentor in (amara, rajesh):
        mentor.join("mentor")
    for mentee in (priya, nguyen):
        mentee.join("mentee")
    world.pass_days(29)
    days = [began_on + timedelta(days=number) for number in (4, 11, 18, 21, 23, 26)]
    for actor in everyone:
        assert [f"{at:%H:%M}" for at in asked(actor)] == ["10:00"] * len(days), actor.id
        assert [at.date() for at in asked(actor)] == days, actor.id
    offsets = {at.utcoffset() for actor in everyone for at in asked(actor)}
    assert len(offsets) > len(ZONES)


def test_home_says_when_the_next_thing_comes_by_the_readers_clock(world: World) -> None:
    rajesh, priya = world.person(RAJESH), world.person(PRIYA)
    rajesh.join("mentor")
    priya.join("mentee")
    for actor in (rajesh, priya):
        coming = r"Next: a question to start a conversation, on .*(25 November|November 25) at 10"
        assert re.search(coming, actor.home())
    world.pass_days(2)
    assert "Next: your check-in, on Friday, " in rajesh.home()


def test_whoever_moves_is_asked_at_ten_where_they_are_now(world: World) -> None:
    amara, priya = world.person(AMARA), world.person(PRIYA)
    amara.join("mentor")
    priya.join("mentee")
    world.pass_days(4.5)
    assert f"{when(priya.dm_with(ids.CHECK_IN_MET), 'America/Toronto'):%H:%M}" == "10:00"
    priya.hands.change_profile(time_zone="Europe/London")
    world.settle()
    world.pass_days(7)
    assert f"{when(priya.dm_with(ids.CHECK_IN_MET), 'Europe/London'):%H:%M}" == "10:00"
