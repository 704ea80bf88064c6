"""Taking a break: the partner knows until when, nobody is asked meanwhile, and it ends itself."""

import pytest

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from tests.journeys.telling import group_texts, name_of, pair_up, times_told, told_since, when
from tests.world import AMARA, LINA, LUKASZ, ZOE, World


@pytest.mark.phrase("IMG-06", "IMG-08")
def test_break_of_two_weeks_is_quiet_and_ends_by_itself(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(5)
    answer = amara.command("pause 2 weeks")
    assert "Enjoy your break!" in answer
    assert "You are paused until Saturday, 12 December" in answer
    assert "Next: the closing, on Monday, 14 December at 10:00" in answer
    assert "Next: the closing, on Monday, 14 December at 10:00" in zoe.home()
    told = zoe.dm_texts()[-1]
    assert f"{name_of(amara)} is taking a break until Saturday, 12 December" in told
    assert "Your pairing stays" in told
    heard = {actor.id: len(actor.dms()) for actor in (amara, zoe)}
    world.pass_days(13.9)
    assert told_since(amara, heard[AMARA]) == told_since(zoe, heard[ZOE]) == []
    assert not any("quiet" in text for text in group_texts(amara, zoe))

    world.pass_days(1)
    (back,) = told_since(amara, heard[AMARA])
    assert "Welcome back! Your break is over" in back
    assert f"{when(amara.last_dm(), 'Europe/London'):%a %H:%M}" == "Sat 10:00"
    (hello,) = told_since(zoe, heard[ZOE])
    assert f"{name_of(amara)} is back from their break" in hello
    world.pass_days(2)
    assert times_told(amara, f"Your cycle with {name_of(zoe)} ends on") == 1
    assert times_told(zoe, f"Your cycle with {name_of(amara)} ends on") == 1


@pytest.mark.phrase("IMG-08")
def test_who_is_on_a_break_is_matched_with_nobody_until_they_resume(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    assert "For how long? For example `/mentorbot pause 2 weeks`" in amara.command("pause a bit")
    amara.command("pause 3 weeks")
    zoe.join("mentee")
    assert zoe.partners() == set()
    assert "no mentor free right now" in zoe.dm_texts()[-1]
    assert "Welcome back!" in amara.command("resume")
    assert zoe.partners() == {AMARA}
    assert "You are not paused, so there is nothing to resume." in amara.command("resume")
    assert times_told(amara, "in line") == 1


@pytest.mark.phrase("IMG-17", "IMG-18", "IMG-19")
def test_cycle_that_ends_during_a_break_asks_for_feedback_afterwards(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(15)
    zoe.command("pause 3 weeks")
    heard = len(zoe.dms())
    world.pass_days(6)
    assert f"Your cycle with {name_of(zoe)} ends on 21 December 2026" in amara.dm_texts()[-1]
    amara.press(amara.last_dm(), ids.OPT_OUT)
    world.pass_days(8)
    assert told_since(zoe, heard) == []
    assert amara.files() == []

    world.pass_days(7.5)
    over, place, ask = told_since(zoe, heard)
    assert "Your break is over" in over
    assert place.startswith("There is no mentor free right now. You are first in line")
    assert f"Your cycle with {name_of(amara)} ended while you were away" in ask
    assert f"{name_of(amara)}'s certificate depends on it" in ask
    assert "Would you like" not in ask
    zoe.give_feedback()
    assert len(amara.files()) == 1
    assert times_told(amara, "back from their break") == 0


def test_partner_who_leaves_during_a_break_still_gives_the_front_of_the_line(
    world: World,
) -> None:
    amara, zoe, lina = world.person(AMARA), world.person(ZOE), world.person(LINA)
    pair_up(amara, zoe)
    zoe.command("pause 1 week")
    lina.join("mentee")
    amara.command("leave")
    amara.press(amara.hands.messages(CHANNEL)[-1], ids.LEAVE)
    outlook = "When you are back from your break, you are at the front of the line."
    assert zoe.dm_texts()[-1].endswith(outlook)
    world.pass_days(7)
    assert "You are number 1 in line" in zoe.home()
    world.person(LUKASZ).join("mentor")
    assert zoe.partners() == {AMARA, LUKASZ}
    assert lina.partners() == set()


def test_break_taken_in_app_home_asks_how_long(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    amara.home()
    amara.hands.click("home", ids.PAUSE)
    assert "you are not matched with anybody new and get no check-ins" in str(amara.hands.modal)
    amara.hands.fill_in({"weeks": "4"})
    assert amara.hands.submit() == {}
    world.settle()
    assert "You are paused until Monday, 21 December" in amara.home()
    amara.press("home", ids.RESUME)
    assert "paused" not in amara.home()
