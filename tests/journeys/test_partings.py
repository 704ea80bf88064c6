"""Pairs that end early: somebody leaves, changes role or is gone; the partner is cared for."""

import pytest

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, pair_up, times_told, told_since
from tests.world import AMARA, LINA, LUKASZ, OMAR, RAJESH, ZOE, Actor, World, on_both_databases

LEFT = "has had to leave the programme, so your pairing has ended. It says nothing about you."


def leave(actor: Actor) -> None:
    """Use the command, and the button in its answer."""
    assert "your partner would be told kindly" in actor.command("leave")
    actor.press(actor.hands.messages(CHANNEL)[-1], ids.LEAVE)


@on_both_databases
@pytest.mark.phrase("IMG-05", "IMG-06")
def test_whoever_lost_a_partner_goes_before_those_who_waited_longer(world: World) -> None:
    amara, zoe, lina, lukasz = (world.person(who) for who in (AMARA, ZOE, LINA, LUKASZ))
    pair_up(amara, zoe)
    lina.join("mentee")
    world.pass_days(5)
    amara_heard = len(amara.dms())
    leave(amara)
    assert told_since(amara, amara_heard) == []
    assert f"{name_of(amara)} {LEFT}" in zoe.dm_texts()[-1]
    assert "You are at the front of the line" in zoe.dm_texts()[-1]
    assert "You have no role yet" in amara.home()
    lukasz.join("mentor")
    assert zoe.partners() == {AMARA, LUKASZ}
    assert lina.partners() == set()
    world.pass_days(3)
    assert times_told(zoe, f"have you and {name_of(amara)}") == 1
    assert told_since(amara, amara_heard) == []
    assert not any("It has been quiet" in text for text in group_texts(amara, zoe))


@pytest.mark.phrase("IMG-05", "IMG-06")
def test_where_somebody_is_free_a_new_partner_comes_at_once(world: World) -> None:
    amara, zoe, rajesh, omar = (world.person(who) for who in (AMARA, ZOE, RAJESH, OMAR))
    pair_up(amara, zoe)
    rajesh.join("mentor")
    world.pass_days(5)
    heard = len(zoe.dms())
    leave(amara)
    assert zoe.partners() == {AMARA, RAJESH}
    assert len(told_since(zoe, heard)) == 1
    assert "Your first meeting" in group_texts(zoe, rajesh)[0]
    omar.join("mentee")
    assert omar.partners() == set()


def test_button_of_a_pairing_that_has_ended_says_so_and_changes_nothing(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(4)
    leave(amara)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    assert "This belongs to something that has ended" in zoe.dm_texts()[-1]
    assert not any("You met with" in text for text in zoe.dm_texts())


@pytest.mark.phrase("IMG-06")
def test_account_gone_before_the_introduction_ends_the_match_without_a_riddle(
    world: World,
) -> None:
    """Nobody is told that they lost a partner of whom they had never heard."""
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.fill_role_form("mentee")
    assert zoe.hands.submit() == {}
    zoe.hands.fill_in({"acknowledged": ["acknowledged"]})
    assert zoe.hands.submit() == {}
    amara.hands.deactivate()
    world.settle()
    assert zoe.groups() == []
    (told,) = zoe.dm_texts()
    assert name_of(amara) not in told
    assert "I had found a mentor for you, but they have had to leave" in told
    assert "You are at the front of the line" in told
    lukasz = world.person(LUKASZ)
    lukasz.join("mentor")
    assert zoe.partners() == {LUKASZ}


@pytest.mark.phrase("IMG-06")
def test_account_gone_mid_cycle_ends_the_pairing_kindly(world: World) -> None:
    amara, zoe, lukasz = (world.person(who) for who in (AMARA, ZOE, LUKASZ))
    pair_up(amara, zoe)
    world.pass_days(6)
    amara.hands.deactivate()
    world.settle()
    assert f"{name_of(amara)} {LEFT}" in zoe.dm_texts()[-1]
    lukasz.join("mentor")
    assert zoe.partners() == {AMARA, LUKASZ}
    world.pass_days(20)
    assert times_told(zoe, f"have you and {name_of(amara)}") == 1
    assert times_told(zoe, "Please give your feedback") == 1
    with world.sandbox.state.lock:
        asked = [call for call in world.sandbox.calls if not call.response.get("ok")]
    assert asked == []


@pytest.mark.phrase("IMG-04", "IMG-05")
def test_change_of_role_ends_the_pairing_and_is_told_as_what_it_is(world: World) -> None:
    amara, zoe, lina = world.person(AMARA), world.person(ZOE), world.person(LINA)
    pair_up(amara, zoe)
    world.pass_days(2)
    assert "Look for a mentor instead" in amara.home()
    amara.hands.click("home", ids.JOIN_AS_MENTEE)
    assert "Your present role ends with this" in str(amara.hands.modal)
    amara.hands.fill_in({"hopes": "A change of specialty."})
    assert amara.hands.submit() == {}
    amara.agree()
    told = zoe.dm_texts()[-1]
    assert f"{name_of(amara)} has taken another role in the programme" in told
    assert "leave the programme" not in told
    assert "You are at the front of the line" in told
    assert "You are a *mentee*" in amara.home()
    assert "There is no mentor free right now" in amara.dm_texts()[-1]
    lina.join("mentor")
    assert zoe.partners() == {AMARA, LINA}
    assert amara.partners() == {ZOE}


def test_two_who_swap_roles_meet_again_only_where_nobody_else_is_free(world: World) -> None:
    amara, zoe, omar = world.person(AMARA), world.person(ZOE), world.person(OMAR)
    pair_up(amara, zoe)
    for person in (amara, zoe):
        leave(person)
    amara.join("mentee", specialty="Cardiology", place="Hull")
    omar.join("mentee", specialty="Cardiology", place="Hull")
    zoe.join("mentor")
    assert zoe.partners() == {AMARA, OMAR}
    assert amara.partners() == {ZOE}
    assert "no mentor free" in amara.dm_texts()[-1]
