"""Twelve people in odd numbers: nobody over capacity, and whoever is left over knows where."""

import pytest

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, times_told
from tests.world import (
    ABEBE,
    AMARA,
    CLAIRE,
    LINA,
    LUKASZ,
    MARGARET,
    NGUYEN,
    OMAR,
    PRIYA,
    RAJESH,
    SOFIA,
    ZOE,
    Actor,
    World,
)

GRACE = "U0GRACE000"
PLACES = {AMARA: "1", RAJESH: "1", LUKASZ: "1", MARGARET: "2", CLAIRE: "1"}
MENTEES = (ZOE, LINA, OMAR, PRIYA, NGUYEN, ABEBE, GRACE)


def everybody(world: World) -> tuple[list[Actor], list[Actor]]:
    """Five mentors with six places, then seven mentees."""
    mentors = [world.person(mentor) for mentor in PLACES]
    for mentor, places in zip(mentors, PLACES.values(), strict=True):
        mentor.join("mentor", capacity=places)
    mentees = [world.person(mentee) for mentee in MENTEES]
    mentees[-1].hands.join_channel(CHANNEL)
    for mentee in mentees:
        mentee.join("mentee")
    return mentors, mentees


@pytest.mark.phrase("IMG-04", "IMG-05")
def test_seven_mentees_share_six_places_and_the_seventh_is_served_when_somebody_joins(
    world: World,
) -> None:
    mentors, mentees = everybody(world)
    for mentor in mentors:
        assert len(mentor.partners()) == int(PLACES[mentor.id])
        assert mentor.partners() <= set(MENTEES)
    *served, last = mentees
    assert sorted(len(mentee.partners()) for mentee in served) == [1] * 6
    assert last.partners() == set()
    assert "no mentor free right now. You are first in line" in last.dm_texts()[-1]
    assert "no mentor free right now. You are number 1 in line" in last.command("status")

    world.pass_days(3)
    assert last.partners() == set()
    assert times_told(last, "in line") == 1
    sofia = world.person(SOFIA)
    sofia.hands.join_workspace()
    sofia.hands.join_channel(CHANNEL)
    world.settle()
    sofia.join("mentor")
    assert last.partners() == {SOFIA}
    hello = group_texts(last, sofia)[0]
    assert f"{name_of(sofia)}, meet {name_of(last)}! You are matched" in hello
    assert f"{name_of(sofia)} as mentor, {name_of(last)} as mentee" in hello
    assert "You are paired with" in last.command("status")


def test_those_who_wait_move_up_in_their_order(world: World) -> None:
    zoe, lina, omar = (world.person(mentee) for mentee in (ZOE, LINA, OMAR))
    for mentee, place in ((zoe, "first"), (lina, "number 2"), (omar, "number 3")):
        mentee.join("mentee")
        assert f"You are {place} in line" in mentee.dm_texts()[-1]
        world.pass_days(0.1)
    world.person(AMARA).join("mentor")
    assert zoe.partners() == {AMARA}
    assert "You are next in line: the next mentor who is free will be yours." in lina.dm_texts()[-1]
    assert times_told(omar, "in line") == 1
    assert "You are number 2 in line" in omar.home()
    world.person(RAJESH).join("mentor")
    world.person(LUKASZ).join("mentor")
    assert (lina.partners(), omar.partners()) == ({RAJESH}, {LUKASZ})


def test_mentor_who_joins_twice_is_told_that_there_is_nothing_to_do(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    amara.hands.click(amara.channel_card(), ids.JOIN_AS_MENTOR)
    assert amara.hands.modal is None
    told = [m["text"] for m in amara.hands.messages(CHANNEL) if m["ephemeral"]]
    assert "You are a mentor already, so there is nothing to do." in told[-1]
