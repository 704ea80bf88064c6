"""Those who come while a cycle runs: week 2 joins it, week 4 begins with the next."""

import pytest

from mentorbot.sandbox.demo import CHANNEL
from tests.journeys.telling import group_texts, name_of, pair_up, times_told, when
from tests.world import AMARA, LINA, LUKASZ, RAJESH, SOFIA, ZOE, Actor, World, on_both_databases


def arrive(world: World, slack_user_id: str) -> Actor:
    """Come to the workspace and to the programme's channel."""
    newcomer = world.person(slack_user_id)
    newcomer.hands.join_workspace()
    world.settle()
    return newcomer


@on_both_databases
@pytest.mark.phrase("IMG-03", "IMG-04", "IMG-05", "IMG-16")
def test_newcomer_in_week_two_is_welcomed_matched_and_closes_with_everybody(
    world: World,
) -> None:
    amara, zoe, rajesh = world.person(AMARA), world.person(ZOE), world.person(RAJESH)
    pair_up(amara, zoe)
    rajesh.join("mentor")
    world.pass_days(9)
    sofia = arrive(world, SOFIA)
    (welcome,) = sofia.dm_texts()
    assert "Welcome!" in welcome
    assert f"go to <#{CHANNEL}> and choose your role: mentor or mentee" in welcome
    sofia.hands.join_channel(CHANNEL)
    world.settle()
    assert "To take part in the IMG Mentorship Programme, choose your role" in sofia.dm_texts()[1]
    sofia.join("mentee")
    assert sofia.partners() == {RAJESH}
    hello = group_texts(sofia, rajesh)[0]
    assert "Your cycle runs until 21 December 2026" in hello

    world.pass_days(11.5)
    assert len(group_texts(sofia, rajesh)) == 2
    assert times_told(sofia, f"have you and {name_of(rajesh)} been in touch?") == 1
    world.pass_days(1)
    closings = [
        next(m for m in mentee.dms() if "Please give your feedback" in m["text"])
        for mentee in (zoe, sofia)
    ]
    assert {f"{when(closing):%d %H:%M}" for closing in closings} == {"14 10:00"}
    assert all("ends on 21 December 2026" in closing["text"] for closing in closings)
    sofia.give_feedback()
    assert len(rajesh.files()) == 1
    assert times_told(sofia, "Welcome!") == 1


@pytest.mark.phrase("IMG-16", "IMG-17")
def test_pair_made_in_week_four_belongs_to_the_next_cycle(world: World) -> None:
    amara, zoe, lukasz, lina = (world.person(who) for who in (AMARA, ZOE, LUKASZ, LINA))
    pair_up(amara, zoe)
    world.pass_days(23)
    pair_up(lukasz, lina)
    assert "Your cycle runs until 18 January 2027" in group_texts(lukasz, lina)[0]
    world.pass_days(6)
    assert times_told(zoe, "you are paused for now") == 1
    assert times_told(lina, "paused") == times_told(lukasz, "paused") == 0
    assert "You are paired with" in lina.home()
    assert times_told(lina, "Please give your feedback") == 0
    world.pass_days(20)
    assert times_told(lina, "Your cycle with") == 1
    assert "ends on 18 January 2027" in lina.dm_texts()[-1]
    lina.give_feedback()
    assert len(lukasz.files()) == 1
    assert amara.files() == []
