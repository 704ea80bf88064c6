"""A wish holds: to sit a cycle out, to be on a break, to look at a role and not take it."""

import io

from pypdf import PdfReader

from mentorbot.slack import ids
from tests.journeys.telling import name_of, pair_up, times_told
from tests.world import AMARA, HANNAH, LINA, RAJESH, ZOE, Actor, World, action_ids


def sit_out(world: World, mentor: Actor, mentee: Actor) -> None:
    """Pair the two; three weeks on, the mentee wishes to sit the next cycle out."""
    pair_up(mentor, mentee)
    world.pass_days(21)
    mentee.press(mentee.dm_with(ids.OPT_OUT), ids.OPT_OUT)


def leave(actor: Actor) -> None:
    """Leave by the button in App Home."""
    actor.hands.open_home()
    actor.press("home", ids.LEAVE)


def test_who_sits_the_next_cycle_out_is_matched_with_nobody_until_they_change_their_mind(
    world: World,
) -> None:
    amara, zoe, lina = world.person(AMARA), world.person(ZOE), world.person(LINA)
    pair_up(amara, zoe, capacity="2")
    assert "room for one more mentee" in amara.home()
    world.pass_days(21)
    amara.press(amara.dm_with(ids.OPT_OUT), ids.OPT_OUT)
    assert "room for one more mentee" not in amara.home()
    lina.join("mentee")
    assert lina.partners() == set()

    amara.press(amara.dm_with(ids.CONTINUE), ids.CONTINUE)
    assert lina.partners() == {AMARA}


def test_partner_who_leaves_does_not_undo_the_wish_to_sit_out(world: World) -> None:
    amara, zoe, rajesh = world.person(AMARA), world.person(ZOE), world.person(RAJESH)
    sit_out(world, amara, zoe)
    rajesh.join("mentor")
    leave(amara)
    assert zoe.partners() == {AMARA}
    assert "front of the line" not in zoe.dm_texts()[-1]
    assert "As you wished, you are sitting the next cycle out" in zoe.dm_texts()[-1]
    world.pass_days(8)
    assert zoe.partners() == {AMARA}
    assert times_told(zoe, "sitting") == 1

    zoe.command("resume")
    assert zoe.partners() == {AMARA, RAJESH}


def test_who_comes_back_before_the_cycle_ends_is_matched(world: World) -> None:
    amara, zoe, rajesh = world.person(AMARA), world.person(ZOE), world.person(RAJESH)
    sit_out(world, amara, zoe)
    rajesh.join("mentor")
    leave(amara)
    zoe.command("resume")
    assert zoe.partners() == {AMARA, RAJESH}


def test_who_rejoins_after_sitting_out_is_matched(world: World) -> None:
    amara, zoe, rajesh = world.person(AMARA), world.person(ZOE), world.person(RAJESH)
    sit_out(world, amara, zoe)
    leave(zoe)
    rajesh.join("mentor", capacity="2")
    zoe.join("mentee")
    assert zoe.partners() == {AMARA, RAJESH}


def test_break_is_not_taken_for_silence(world: World) -> None:
    amara, zoe, hannah = world.person(AMARA), world.person(ZOE), world.person(HANNAH)
    pair_up(amara, zoe)
    for days in (4, 7):
        world.pass_days(days)
        amara.press(amara.last_dm(), ids.CHECK_IN_MET)
    zoe.command("pause 3 weeks")
    world.pass_days(10)
    assert times_told(amara, f"I have not heard from {name_of(zoe)}") == 0
    assert times_told(hannah, "No answer to two check-ins") == 0


def test_role_that_was_looked_at_and_not_taken_leaves_everything_as_it_was(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    amara.fill_role_form("mentee")
    assert amara.hands.submit() == {}
    amara.hands.close_modal(all=True)
    home = amara.hands.open_home()
    assert home is not None
    buttons = action_ids(home)
    assert buttons >= {ids.CHANGE_DETAILS, ids.PAUSE, ids.JOIN_AS_MENTEE, ids.LEAVE}
    assert ids.READ_GUIDELINES not in buttons


def test_certificate_counts_colleagues_and_only_those_who_were_mentored(world: World) -> None:
    amara, zoe, rajesh = world.person(AMARA), world.person(ZOE), world.person(RAJESH)
    pair_up(rajesh, amara)
    leave(rajesh)
    amara.join("mentor")
    zoe.join("mentee")
    leave(zoe)
    zoe.join("mentee")
    world.pass_days(21)
    zoe.give_feedback()
    (file,) = amara.files()
    page = PdfReader(io.BytesIO(amara.hands.download(file["id"]))).pages[0].extract_text()
    assert "mentor to a colleague" in " ".join(page.split())


def test_override_is_for_the_cycle_whose_feedback_never_came(world: World) -> None:
    amara, zoe, lina, hannah = (world.person(who) for who in (AMARA, ZOE, LINA, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(21)
    amara.press(amara.dm_with(ids.CONTINUE), ids.CONTINUE)
    lina.join("mentee")
    world.pass_days(8)
    assert amara.partners() == {ZOE, LINA}
    hannah.command(f"certificate {name_of(amara)} feedback never came")
    (file,) = amara.files()
    page = PdfReader(io.BytesIO(amara.hands.download(file["id"]))).pages[0].extract_text()
    assert "23 November 2026 to 21 December 2026" in page
