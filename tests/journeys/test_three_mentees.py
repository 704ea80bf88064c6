"""One mentor, three mentees: each pair has its own story, and the mentor is asked things once."""

import pytest

from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, times_told, told_since
from tests.world import LINA, MARGARET, OMAR, PRIYA, ZOE, Actor, World, on_both_databases


def three_pairs(world: World) -> tuple[Actor, list[Actor]]:
    """Margaret, with three mentees."""
    margaret = world.person(MARGARET)
    margaret.join("mentor", capacity="3")
    mentees = [world.person(mentee) for mentee in (ZOE, LINA, OMAR)]
    for mentee in mentees:
        mentee.join("mentee")
    assert margaret.partners() == {ZOE, LINA, OMAR}
    return margaret, mentees


@on_both_databases
@pytest.mark.phrase("IMG-05", "IMG-06", "IMG-19")
def test_when_one_of_three_mentees_leaves_the_others_go_on_and_the_place_is_free_again(
    world: World,
) -> None:
    margaret, (zoe, lina, omar) = three_pairs(world)
    world.pass_days(4)
    for mentee in (zoe, lina, omar):
        assert times_told(margaret, f"Week 1: have you and {name_of(mentee)}") == 1
        assert times_told(mentee, f"Week 1: have you and {name_of(margaret)}") == 1
    before = {mentee: len(mentee.dms()) for mentee in (lina, omar)}
    margaret_before = len(margaret.dms())

    zoe.command("leave")
    zoe.press(zoe.hands.messages(zoe.channel_card()["channel"])[-1], ids.LEAVE)
    (told,) = told_since(margaret, margaret_before)
    assert f"{name_of(zoe)} has had to leave the programme" in told
    assert "It says nothing about you" in told
    assert all(told_since(mentee, count) == [] for mentee, count in before.items())
    assert "You have room for one more mentee" in margaret.home()
    assert "leave the programme" not in zoe.home()
    zoe_before = len(zoe.dms())

    priya = world.person(PRIYA)
    priya.join("mentee")
    assert priya.partners() == {MARGARET}
    assert "You have room" not in margaret.home()
    world.pass_days(7)
    assert times_told(margaret, "Week 2: have you and") == 2
    assert times_told(margaret, f"Week 1: have you and {name_of(priya)}") == 1
    assert times_told(lina, "Week 2: have you and") == 1
    assert len(group_texts(margaret, zoe)) == 2
    assert told_since(zoe, zoe_before) == []

    closing_comes_once(world, margaret, [lina, omar, priya])


def closing_comes_once(world: World, margaret: Actor, mentees: list[Actor]) -> None:
    """One question to the mentor about all three, one certificate for all three."""
    world.pass_days(10.5)
    assert times_told(margaret, "Thank you for all you gave!") == 1
    closing = margaret.dm_texts()[-1]
    assert all(name_of(mentee) in closing for mentee in mentees)
    for mentee in mentees:
        mentee.give_feedback()
    (certificate,) = margaret.files()
    assert certificate["name"].endswith(".pdf")
