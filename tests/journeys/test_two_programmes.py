"""Two programmes in one workspace: everybody is heard about the one they mean."""

import json
from typing import Any

import pytest

from mentorbot.domain.errors import ChannelTaken
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL, DemoControls
from mentorbot.slack import ids
from mentorbot.storage import participants
from mentorbot.usecases import admin
from mentorbot.usecases.progress import coming, progress
from tests import crafted
from tests.applications import ANSWERS, fill_pages, programme_file, send
from tests.journeys.telling import modal_words, name_of, times_told
from tests.world import (
    AMARA,
    CLAIRE,
    HANNAH,
    LINA,
    OMAR,
    RAJESH,
    SOFIA,
    ZOE,
    Actor,
    World,
    action_ids,
    words,
)

SECOND = "C0GENERAL0"


@pytest.fixture
def both(world: World) -> World:
    """The IMG programme, and a second one with other words, in another channel, run by Claire."""
    data = preset("img").model_dump(mode="json") | {"id": "peers", "name": "Peer Circle"}
    file = ProgrammeFile.model_validate(data)
    with world.sandbox.state.change():
        world.sandbox.state.conversations[SECOND].members.append(world.sandbox.bot_user_id)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.set_up(tx, file, SECOND, CLAIRE, world.clock())
    world.settle()
    return world


def join(who: Actor, channel: str, role: str) -> None:
    """Choose a role with the buttons in a channel."""
    card = next(
        it
        for it in who.hands.messages(channel)
        if any(block["type"] == "actions" for block in it.get("blocks", []))
    )
    action = ids.JOIN_AS_MENTOR if role == "mentor" else ids.JOIN_AS_MENTEE
    who.hands.click(card, action)
    answers = {
        "specialty": "Paediatrics",
        "level": "Registrar or specialty trainee",
        "place": "Leeds",
        "languages": ["English"],
    }
    more = {"offer": "Time.", "capacity": "2"} if role == "mentor" else {"hopes": "Courage."}
    who.hands.fill_in({**answers, **more})
    assert who.hands.submit() == {}
    who.agree()


def states(world: World, who: str) -> dict[str, str]:
    """What somebody is in each programme."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = participants.enrolments(tx, who)
    return {it.programme_id: f"{it.role} {it.state}" for it in found}


def test_buttons_forms_and_home_keep_to_the_programme_they_belong_to(both: World) -> None:
    amara, zoe, omar = (both.person(it) for it in (AMARA, ZOE, OMAR))
    join(amara, SECOND, "mentor")
    join(zoe, CHANNEL, "mentee")
    assert states(both, AMARA) == {"peers": "mentor active"}
    assert states(both, ZOE) == {"img": "mentee active"}
    assert zoe.partners() == set()
    join(zoe, SECOND, "mentee")
    assert zoe.partners() == {AMARA}
    assert "in the Peer Circle" in words(zoe.hands.messages(zoe.groups()[0]["id"])[0])

    home = zoe.home()
    assert home.index("IMG Mentorship Programme") < home.index("Peer Circle")
    pause_in(zoe, "peers")
    assert states(both, ZOE) == {"img": "mentee active", "peers": "mentee paused"}
    join(omar, CHANNEL, "mentee")
    view = omar.hands.open_home()
    assert view is not None
    named = [it["block_id"] for it in view["blocks"] if it["type"] == "actions"]
    assert {it.split()[0] for it in named} == {"programme:img", "programme:peers"}


def pause_in(who: Actor, programme_id: str) -> None:
    """Take a break with the button of a programme in App Home."""
    view = who.hands.open_home()
    assert view is not None
    block_id = next(
        it["block_id"]
        for it in view["blocks"]
        if it["type"] == "actions"
        and it["block_id"].startswith(f"programme:{programme_id} ")
        and any(element["action_id"] == ids.PAUSE for element in it["elements"])
    )
    who.hands.click("home", ids.PAUSE, block_id=block_id)
    who.hands.fill_in({"weeks": "2"})
    assert who.hands.submit() == {}
    who.world.settle()


def test_goals_keep_to_the_programme_in_which_they_were_opened(both: World) -> None:
    rajesh, zoe = both.person(RAJESH), both.person(ZOE)
    with both.bot.store.begin(both.running.workspace_id) as tx:
        data = preset("img").model_dump(mode="json") | {"id": "peers", "name": "Peer Circle"}
        file = ProgrammeFile.model_validate(data | {"goals": {"examples": []}})
        tx.meant = lambda _tx: "peers"
        admin.update(tx, file, "cli", both.clock())
    join(rajesh, SECOND, "mentor")
    join(zoe, SECOND, "mentee")
    zoe.join("mentee")
    zoe.command("goals programme:peers")
    zoe.press("modal", ids.ADD_GOAL)
    zoe.hands.fill_in({"text": "Courage", "ticked": ["shared"]})
    assert zoe.hands.submit() == {}
    assert "your mentor can read this" in modal_words(zoe)
    zoe.press("modal", ids.CHANGE_GOAL)
    zoe.hands.fill_in({"text": "More courage"})
    assert zoe.hands.submit() == {}
    assert "More courage" in modal_words(zoe)


def test_a_command_is_about_the_channels_programme_or_the_one_it_names(both: World) -> None:
    hannah, claire, zoe, lina = (both.person(it) for it in (HANNAH, CLAIRE, ZOE, LINA))
    join(zoe, CHANNEL, "mentee")
    join(zoe, SECOND, "mentor")
    assert "You are a *mentee*" in at(zoe, CHANNEL, "status")
    assert "You are a *mentor*" in at(zoe, SECOND, "status")
    assert "You are a *mentor*" in at(zoe, CHANNEL, "status programme:peers")
    open_question = at(zoe, elsewhere(zoe), "status")
    assert "Several programmes run here" in open_question
    assert "Peer Circle (programme:peers)" in open_question
    assert "Several programmes run here" in at(zoe, CHANNEL, "status programme:chess")
    join(lina, SECOND, "mentee")
    assert "You are a *mentee*" in at(lina, elsewhere(lina), "status")

    assert name_of(zoe) in at(hannah, CHANNEL, "people")
    assert "That is for owners" in at(hannah, SECOND, "people")
    assert name_of(lina) in at(claire, SECOND, "people")
    assert "That is for owners" in at(claire, CHANNEL, "people")
    at(zoe, CHANNEL, "pause 2 weeks")
    assert states(both, ZOE) == {"img": "mentee paused", "peers": "mentor active"}


def elsewhere(who: Actor) -> str:
    """A conversation in which no programme lives."""
    return who.hands.bot_dm() or str(who.groups()[0]["id"])


def at(who: Actor, channel: str, text: str) -> str:
    """Use the slash command in a conversation."""
    answers = who.hands.command(ids.COMMAND, text, channel)
    who.world.settle()
    return "\n".join(words(answer) for answer in answers)


def test_who_waits_in_both_reads_of_which_each_message_is(both: World) -> None:
    """Neither of the two messages would say so by itself."""
    zoe, lina = both.person(ZOE), both.person(LINA)
    for channel in (CHANNEL, SECOND):
        join(zoe, channel, "mentee")
    first, second = (it for it in zoe.dm_texts() if "Thank you, you are in!" in it)
    assert first.endswith("IMG Mentorship Programme")
    assert second.endswith("Peer Circle")
    join(lina, SECOND, "mentor")
    assert "in the Peer Circle" in words(zoe.hands.messages(zoe.groups()[0]["id"])[0])
    assert "You are number 1 in line" in at(zoe, CHANNEL, "status")


COORDINATING = (
    "people",
    "pairs",
    "feedback",
    "certificate",
    "team",
    "review",
    "match now",
    "lottery",
    "equity",
    "import",
    "list members",
    "setup",
)


def test_coordinator_of_one_does_nothing_in_the_other_in_which_they_take_part(
    both: World,
) -> None:
    hannah, claire, zoe, amara = (both.person(it) for it in (HANNAH, CLAIRE, ZOE, AMARA))
    join(claire, CHANNEL, "mentor")
    join(zoe, CHANNEL, "mentee")
    join(amara, SECOND, "mentor")
    for word in COORDINATING:
        for said in (at(claire, CHANNEL, word), at(claire, SECOND, f"{word} programme:img")):
            assert "That is for" in said, word
            assert claire.hands.modal is None, word
    assert "IMG" not in at(claire, CHANNEL, "oversight")
    home = claire.hands.open_home()
    assert home is not None
    rows = [it for it in home["blocks"] if it["type"] == "actions"]
    steering = [it for it in rows if ids.SHOW_PEOPLE in action_ids({"blocks": [it]})]
    assert [it["block_id"].split()[0] for it in steering] == ["programme:peers"]
    claire.hands.click("home", ids.SHOW_PEOPLE, block_id=steering[0]["block_id"])
    shown = words(claire.hands.modal or {})
    assert name_of(amara) in shown
    assert name_of(zoe) not in shown
    claire.hands.close_modal()
    assert name_of(amara) not in at(hannah, CHANNEL, "people")
    assert "Several programmes run here" in at(claire, elsewhere(claire), "leave")
    assert "You are a *mentor*" in at(claire, CHANNEL, "status")
    assert "You have no role" in at(claire, SECOND, "status")


def test_a_newcomer_hears_of_both_and_is_offered_the_roles_of_each_in_its_channel(
    both: World,
) -> None:
    sofia = both.person(SOFIA)
    sofia.hands.join_workspace()
    both.settle()
    (welcome,) = (it for it in sofia.dm_texts() if "Welcome!" in it)
    assert f"IMG Mentorship Programme, in <#{CHANNEL}>" in welcome
    assert f"Peer Circle, in <#{SECOND}>" in welcome
    sofia.hands.join_channel(CHANNEL)
    both.settle()
    assert times_told(sofia, "To take part in the IMG Mentorship Programme") == 1
    assert times_told(sofia, "To take part in the Peer Circle") == 1
    sofia.press(sofia.last_dm(), ids.JOIN_AS_MENTEE)
    assert sofia.hands.modal is not None
    assert str(sofia.hands.modal["private_metadata"]).startswith("programme:")


def test_a_channel_is_one_programmes_alone(both: World) -> None:
    data = preset("img").model_dump(mode="json") | {"id": "third", "name": "Third"}
    third = ProgrammeFile.model_validate(data)
    with (
        pytest.raises(ChannelTaken),
        both.bot.store.begin(both.running.workspace_id) as tx,
    ):
        admin.set_up(tx, third, SECOND, CLAIRE, both.clock())
    with (
        pytest.raises(ChannelTaken),
        both.bot.store.begin(both.running.workspace_id) as tx,
    ):
        admin.move(tx, "peers", CHANNEL, CLAIRE, both.clock())


def test_nobody_brings_anothers_programme_up_to_date_through_their_own(both: World) -> None:
    claire = both.person(CLAIRE)
    changed = preset("img").model_dump(mode="json") | {"name": "IMG of this hospital"}
    with both.bot.store.begin(both.running.workspace_id) as tx:
        admin.update(tx, ProgrammeFile.model_validate(changed), HANNAH, both.clock())
    before = crafted.rows(both)
    wanted = {"preset": "img", "file_id": None, "digest": "", "channel_id": "", "coordinators": []}
    form = {
        "type": "modal",
        "callback_id": ids.CONFIRM_UPDATE_FORM,
        "private_metadata": f"programme:peers {json.dumps(wanted)}",
        "state": {"values": {}},
    }
    assert "That is for owners" in words(crafted.submit_as(claire, form)["view"])
    assert crafted.rows(both) == before


@pytest.mark.phrase("ICAHN-13")
def test_a_dean_oversees_every_programme_in_numbers_and_sees_nobody(both: World) -> None:
    hannah, claire, rajesh, zoe = (both.person(it) for it in (HANNAH, CLAIRE, RAJESH, ZOE))
    join(zoe, CHANNEL, "mentee")
    join(both.person(AMARA), CHANNEL, "mentor")
    refused = at(hannah, CHANNEL, f"appoint {name_of(rajesh)} viewer everywhere")
    assert "That is for owners only." in refused
    at(claire, SECOND, f"appoint {name_of(hannah)} owner")
    said = at(hannah, CHANNEL, f"appoint {name_of(rajesh)} viewer everywhere")
    assert "is now viewer of every programme here" in said
    assert "You are now viewer of every programme here" in rajesh.dm_texts()[-1]

    seen = at(rajesh, SECOND, "oversight")
    assert "*IMG Mentorship Programme*\nCycle 1 runs until" in seen
    assert "Mentors: 1. Mentees: 1. Pairs: 1." in seen
    assert "*Peer Circle*\nNo cycle is running yet" in seen
    assert "Mentors: 0. Mentees: 0. Pairs: 0." in seen
    rajesh.hands.open_home()
    assert "Mentors: 1. Mentees: 1. Pairs: 1." in rajesh.home()
    for told in (seen, at(rajesh, CHANNEL, "help")):
        assert "<@" not in told
    for word in ("people", "pairs", "feedback", "team", "certificate"):
        assert "That is for" in at(rajesh, CHANNEL, word)
    assert "That is for" in at(zoe, CHANNEL, "oversight")
    hannah_takes_it_back = f"dismiss {name_of(rajesh)} viewer everywhere"
    assert "no longer viewer of every programme" in at(hannah, CHANNEL, hannah_takes_it_back)
    assert "That is for" in at(rajesh, SECOND, "oversight")


def test_who_leaves_one_programme_still_hears_of_their_place_in_the_other(both: World) -> None:
    data = programme_file(validation="none", results_on="2026-12-01").model_dump(mode="json")
    with both.bot.store.begin(both.running.workspace_id) as tx:
        file = ProgrammeFile.model_validate(data | {"id": "peers", "name": "Peer Circle"})
        admin.update(tx, file, CLAIRE, both.clock())
    zoe = both.person(ZOE)
    join(zoe, CHANNEL, "mentee")
    card = next(it for it in zoe.hands.messages(SECOND) if ids.JOIN_AS_MENTEE in action_ids(it))
    zoe.hands.click(card, ids.JOIN_AS_MENTEE)
    fill_pages(zoe, ANSWERS[Role.MENTEE])
    assert "Everybody hears on 1 December 2026" in send(zoe)
    zoe.hands.open_home()
    zoe.press("home", ids.LEAVE)
    assert states(both, ZOE)["img"] == "mentee left"
    both.pass_days(9)
    assert "You have a place as a mentee in the Peer Circle" in zoe.dm_texts()[-1]


def test_each_programme_has_its_own_progress(both: World) -> None:
    join(both.person(AMARA), SECOND, "mentor")
    join(both.person(OMAR), SECOND, "mentee")
    both.pass_days(8)
    with both.bot.store.read(both.running.workspace_id) as tx:
        found, following = progress(tx, both.clock()), coming(tx)
    img, peers = found
    assert (img.programme, img.cycle_number) == ("IMG Mentorship Programme", None)
    assert (peers.programme, peers.cycle_number, peers.day, peers.week) == ("Peer Circle", 1, 9, 2)
    assert following is not None
    assert following.kind in ("starter", "check_in")
    (line,) = [it for it in controls_of(both)["programmes"] if it["fraction"]]
    assert line["label"].startswith("Peer Circle: Cycle 1 · week 2 of 4")


def controls_of(world: World) -> dict[str, Any]:
    """What the demo's page would show."""
    controls = DemoControls(world.clock, "Europe/London")
    controls.running = world.running
    found = controls.progress()
    assert found is not None
    return found
