"""Two cycles in a row and into a third: rematching, certificates, opting out, and coming back."""

import pytest

from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, times_told
from tests.world import AMARA, LINA, LUKASZ, OMAR, RAJESH, ZOE, Actor, World

MENTORS, MENTEES = (AMARA, RAJESH, LUKASZ), (ZOE, LINA, OMAR)


def everybody(world: World) -> tuple[list[Actor], list[Actor]]:
    """Three mentors and three mentees."""
    mentors = [world.person(mentor) for mentor in MENTORS]
    mentees = [world.person(mentee) for mentee in MENTEES]
    for mentor in mentors:
        mentor.join("mentor")
    for mentee in mentees:
        mentee.join("mentee")
    return mentors, mentees


def partner_of(actor: Actor) -> str:
    """Whom App Home names as the partner now."""
    line = next(line for line in actor.home().splitlines() if "You are paired with" in line)
    return line.split("<@")[1].split(">")[0]


def live_to_the_closing(world: World, mentees: list[Actor]) -> None:
    """Three weeks, with every mentee's feedback as soon as it is asked for."""
    world.pass_days(21.5)
    for mentee in mentees:
        mentee.give_feedback()


def choose(actor: Actor, action_id: str) -> None:
    """Press the button in the newest closing."""
    actor.press(actor.dm_with(action_id), action_id)


@pytest.mark.phrase("IMG-06", "IMG-16", "IMG-17", "IMG-18", "IMG-19")
def test_six_people_go_through_two_cycles_and_meet_somebody_new_each_time(world: World) -> None:
    mentors, mentees = everybody(world)
    everyone = [*mentors, *mentees]
    first = {actor.id: partner_of(actor) for actor in everyone}
    live_to_the_closing(world, mentees)
    for actor in everyone:
        choose(actor, ids.CONTINUE)
        assert times_told(actor, "I will look for somebody new for you when the cycle ends") == 1
    assert [len(mentor.files()) for mentor in mentors] == [1, 1, 1]
    world.pass_days(6)
    assert {actor.id: partner_of(actor) for actor in everyone} == first

    world.pass_days(1)
    second = {actor.id: partner_of(actor) for actor in everyone}
    assert all(first[who] != second[who] for who in second)
    assert sorted(second[mentee] for mentee in MENTEES) == sorted(MENTORS)
    zoe = mentees[0]
    hello = group_texts(zoe, world.person(second[ZOE]))[0]
    assert "Your cycle runs until 18 January 2027" in hello
    assert "nobody new is free" not in hello
    live_to_the_closing(world, mentees)
    assert [len(mentor.files()) for mentor in mentors] == [2, 2, 2]
    the_second_cycle_ends(world, mentors, mentees)
    the_two_who_rested_come_back(world, mentors[0], mentees[0])


def the_second_cycle_ends(world: World, mentors: list[Actor], mentees: list[Actor]) -> None:
    """Amara sits one out, Zoë says nothing, the others go on."""
    amara, zoe = mentors[0], mentees[0]
    for actor in (*mentors[1:], *mentees[1:]):
        choose(actor, ids.CONTINUE)
    choose(amara, ids.OPT_OUT)
    assert times_told(amara, "You sit the next cycle out") == 1
    world.pass_days(7)
    assert "As you wished, you are sitting this cycle" in amara.dm_texts()[-1]
    assert "I did not hear whether you would like to go on" in zoe.dm_texts()[-1]
    assert "Nothing is lost" in zoe.dm_texts()[-1]
    for actor in (amara, zoe):
        assert "You are paused: you will not be matched until you come back." in actor.home()
    third = {actor.id: partner_of(actor) for actor in mentees[1:]}
    assert set(third.values()) == {RAJESH, LUKASZ}
    heard = [len(actor.dms()) for actor in (amara, zoe)]
    world.pass_days(5)
    assert [len(actor.dms()) for actor in (amara, zoe)] == heard


def the_two_who_rested_come_back(world: World, amara: Actor, zoe: Actor) -> None:
    """By the button of the message that told them they are paused."""
    zoe.press(zoe.dm_with(ids.RESUME), ids.RESUME)
    assert times_told(zoe, "Welcome back! You are part of the programme again") == 1
    assert "There is no mentor free right now. You are first in line" in zoe.dm_texts()[-1]
    assert "you are in!" not in zoe.dm_texts()[-1]
    choose(amara, ids.RESUME)
    assert partner_of(zoe) == AMARA
    assert partner_of(amara) == ZOE


@pytest.mark.phrase("IMG-17")
def test_mind_may_change_until_the_cycle_ends_and_not_after(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    world.pass_days(21)
    choose(zoe, ids.OPT_OUT)
    choose(zoe, ids.CONTINUE)
    assert "You continue" in zoe.dm_texts()[-1]
    choose(amara, ids.CONTINUE)
    choose(amara, ids.OPT_OUT)
    world.pass_days(7)
    assert "As you wished, you are sitting this cycle" in amara.dm_texts()[-1]
    assert "There is no mentor free right now. You are first in line" in zoe.dm_texts()[-1]
    choose(amara, ids.CONTINUE)
    assert times_told(amara, "This belongs to something that has ended") == 1
    assert "You are paused" in amara.home()


@pytest.mark.phrase("IMG-17")
def test_past_partners_meet_again_where_nobody_else_is_free_and_are_told_so(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    world.pass_days(21)
    for actor in (amara, zoe):
        choose(actor, ids.CONTINUE)
    world.pass_days(7)
    texts = group_texts(amara, zoe)
    hello = [text for text in texts if f"{name_of(amara)}, meet {name_of(zoe)}" in text]
    assert len(hello) == 2
    assert "nobody new is free, so you meet again" in hello[-1]
