"""What people agree to before they begin, and how a mentor keeps it as much as they can give."""

import pytest

from mentorbot.domain.model import Role
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests.journeys.telling import (
    group_texts,
    modal_words,
    name_of,
    pair_up,
    times_told,
    told_since,
)
from tests.world import AMARA, HANNAH, LINA, LUKASZ, OMAR, ZOE, Actor, World

NEW_POINT = "Answer within three days, even if only to say that you are busy."


def change_mentors_guidelines(world: World) -> None:
    """Bring in a new version of the programme file, with one more point for mentors."""
    file = preset("img")
    before = file.guidelines[Role.MENTOR]
    points = (*before.points, NEW_POINT)
    after = before.model_copy(update={"version": before.version + 1, "points": points})
    changed = file.model_copy(update={"guidelines": {**file.guidelines, Role.MENTOR: after}})
    with world.bot.store.begin(world.running.workspace_id) as tx:
        assert admin.update(tx, changed, HANNAH, world.clock()) == [Role.MENTOR]
    world.settle()


@pytest.mark.phrase("IMG-07", "IMG-08")
def test_nobody_begins_before_they_agree_to_the_guidelines_of_their_role(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.fill_role_form("mentor")
    assert amara.hands.submit() == {}
    shown = modal_words(amara)
    assert "Take this on only if you have the time and the knowledge to give." in shown
    assert "You can pause or lower the number of mentees at any time." in shown
    assert "raise it locally with those who can help" in shown
    assert amara.hands.submit() != {}
    amara.hands.close_modal(all=True)
    zoe.fill_role_form("mentee")
    assert zoe.hands.submit() == {}
    assert "Your mentor is a volunteer and a colleague" in modal_words(zoe)
    assert "Take this on only" not in modal_words(zoe)
    zoe.agree()
    assert zoe.partners() == set()
    assert "One step left: read the guidelines and agree to them." in amara.home()
    amara.hands.click("home", ids.READ_GUIDELINES)
    amara.agree()
    assert amara.partners() == {ZOE}


@pytest.mark.phrase("IMG-07")
def test_changed_guidelines_are_asked_again_before_the_next_match(world: World) -> None:
    amara, zoe, omar, lukasz = (world.person(who) for who in (AMARA, ZOE, OMAR, LUKASZ))
    pair_up(amara, zoe, capacity="2")
    zoe_heard = len(zoe.dms())
    change_mentors_guidelines(world)
    assert "The guidelines of IMG Mentorship Programme have changed." in amara.dm_texts()[-1]
    assert "Your pairing goes on as it is; new matches wait" in amara.dm_texts()[-1]
    assert told_since(zoe, zoe_heard) == []
    assert "The guidelines have changed. Please read them" in amara.command("status")

    omar.join("mentee")
    assert omar.partners() == set()
    assert "There is no mentor free right now" in omar.dm_texts()[-1]
    world.pass_days(4)
    assert times_told(amara, f"Week 1: have you and {name_of(zoe)} been in touch?") == 1
    amara.press(amara.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
    assert NEW_POINT in modal_words(amara)
    amara.agree()
    assert amara.partners() == {ZOE, OMAR}
    assert "guidelines have changed" not in amara.home()
    assert times_told(amara, "have changed") == 1

    lukasz.fill_role_form("mentor")
    assert lukasz.hands.submit() == {}
    assert NEW_POINT in modal_words(lukasz)
    lukasz.agree()
    assert times_told(lukasz, "have changed") == 0


@pytest.mark.phrase("IMG-07")
def test_old_guidelines_still_open_on_a_screen_are_not_what_is_agreed_to(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    zoe.join("mentee")
    amara.fill_role_form("mentor")
    assert amara.hands.submit() == {}
    change_mentors_guidelines(world)
    amara.hands.fill_in({"acknowledged": ["acknowledged"]})
    assert amara.hands.submit() == {}
    world.settle()
    assert "nothing was changed" in modal_words(amara)
    assert amara.partners() == set()
    amara.hands.close_modal(all=True)
    amara.home()
    amara.hands.click("home", ids.READ_GUIDELINES)
    assert NEW_POINT in modal_words(amara)
    amara.agree()
    assert amara.partners() == {ZOE}


def set_capacity(amara: Actor, capacity: str) -> None:
    """Change one's details in App Home."""
    amara.home()
    amara.hands.click("home", ids.CHANGE_DETAILS)
    assert "What you change here counts from your next match on." in modal_words(amara)
    amara.hands.fill_in({"capacity": capacity})
    assert amara.hands.submit() == {}
    amara.world.settle()


@pytest.mark.phrase("IMG-08")
def test_mentor_takes_fewer_and_more_without_a_pairing_being_broken(world: World) -> None:
    amara, zoe, lina, omar = (world.person(who) for who in (AMARA, ZOE, LINA, OMAR))
    amara.join("mentor", capacity="2")
    zoe.join("mentee")
    lina.join("mentee")
    heard = [len(zoe.dms()), len(lina.dms())]
    set_capacity(amara, "1")
    assert [len(zoe.dms()), len(lina.dms())] == heard
    assert amara.home().count("You are paired with") == 2

    zoe.home()
    zoe.press("home", ids.LEAVE)
    told = amara.dm_texts()[-1]
    assert told.endswith("so your pairing has ended. It says nothing about you.")
    omar.join("mentee")
    assert omar.partners() == set()
    assert "room for one more" not in amara.home()
    set_capacity(amara, "3")
    assert amara.partners() == {ZOE, LINA, OMAR}
    assert "You have room for one more mentee" in amara.home()


@pytest.mark.phrase("IMG-11")
def test_first_meeting_begins_with_boundaries_and_what_is_written_stays_unread(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    (hello,) = group_texts(amara, zoe)
    card = hello[hello.index("Your first meeting") :]
    assert card.index("Agree on your boundaries first") < card.index("Then ask each other")
    assert "When is a good time to write, and when is not?" in card
    assert "What stays between you? As a rule, everything." in card
    assert "I read nothing that you write here." in card
    for text in ("I find night shifts hard, please keep that to yourself.", "help", "leave"):
        zoe.hands.say(zoe.groups()[0]["id"], text)
    world.pass_days(14)
    assert not any(event.startswith("message") for event in ids.EVENTS)
    asked = {call.method for call in world.sandbox.calls}
    assert not asked & {"conversations.history", "conversations.replies", "search.messages"}
    assert [text for text in group_texts(amara, zoe) if "night shifts" in text] != []
