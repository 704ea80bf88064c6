"""Bad input: a clear answer to the person, nothing half-written."""

from typing import Any

import pytest

from mentorbot.domain.model import EndReason
from mentorbot.slack import ids
from mentorbot.storage import pairings, participants
from mentorbot.wording import say
from tests import crafted
from tests.world import AMARA, CLAIRE, HANNAH, LINA, OMAR, ZOE, Actor, World, words

FAILED = say("refusal.unexpected")
STALE = say("refusal.stale")


def notice(answer: dict[str, Any]) -> str:
    """The words of the modal that a submission was answered with."""
    assert answer["response_action"] == "update"
    assert answer["view"]["callback_id"] == "notice"
    return words(answer["view"])


def test_a_form_sent_past_the_clients_checks_is_answered_field_by_field(world: World) -> None:
    amara = world.person(AMARA)
    amara.fill_role_form("mentor")
    before = crafted.rows(world)
    missing, listed = say("form.missing"), say("form.not_on_offer")
    empty = dict.fromkeys(("specialty", "level", "place", "offer", "capacity"), None)
    said = crafted.submit(amara, {**empty, "languages": []})
    assert said["errors"] == dict.fromkeys([*empty, "languages"], missing)
    blank = {"place": " \n\t", "offer": " " * 600, "capacity": "", "specialty": ""}
    assert crafted.submit(amara, blank)["errors"] == dict.fromkeys(blank, missing)
    long = {"place": "x" * 61, "offer": "é" * 501, "specialty": "Alchemy", "level": "x" * 5000}
    said = crafted.submit(amara, {**long, "languages": ["English", "Klingon"], "capacity": "4"})
    assert said["errors"] == {
        "place": say("form.too_long", found=61, most=60),
        "offer": say("form.too_long", found=501, most=500),
        "specialty": listed,
        "level": listed,
        "languages": listed,
        "capacity": say("form.out_of_range", least=1, most=3),
    }
    for nonsense in ("0", "-1", "1.5", "²", "many", "9" * 5000, ["1"]):
        assert set(crafted.submit(amara, {"capacity": nonsense})["errors"]) == {"capacity"}
    for wrong in ({"place": {"a": 1}}, {"languages": [["English"]]}, {"specialty": 7}):
        assert crafted.submit(amara, wrong)["errors"] == dict.fromkeys(wrong, missing)
    assert crafted.submit(amara, {"offer": "\x00"})["errors"] == {"offer": missing}
    after = crafted.rows(world)
    after["person"] = before["person"]
    assert after == before
    assert amara.hands.submit() == {}
    amara.agree()
    assert "no mentee free right now" in amara.dm_texts()[-1]


def test_a_role_chosen_twice_is_one_role(world: World) -> None:
    amara, lina = world.person(AMARA), world.person(LINA)
    amara.join("mentor")
    before = crafted.rows(world)
    amara.hands.click(amara.channel_card(), ids.JOIN_AS_MENTOR)
    assert amara.hands.modal is None
    assert words(amara.hands.messages(amara.channel_card()["channel"])[-1]) == say(
        "refusal.already_in_role", role="mentor"
    )
    assert crafted.rows(world) == before

    for place in ("Leeds", "Hull"):
        lina.fill_role_form("mentee", place=place)
    assert lina.hands.modal_depth == 2
    assert lina.hands.submit() == {}
    lina.hands.fill_in({"acknowledged": ["acknowledged"]})
    lina.hands.close_modal()
    assert lina.hands.submit() == {}
    lina.agree()
    (only,) = [row for row in crafted.rows(world)["participant"] if LINA in row]
    assert "Leeds" in "".join(only)
    assert len(lina.groups()) == 1


def test_buttons_and_forms_of_what_has_ended_change_nothing(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    world.pass_days(4)
    check_in = amara.last_dm()
    world.pass_days(17.5)
    closing = zoe.dm_with(ids.CONTINUE)
    zoe.hands.click(closing, ids.GIVE_FEEDBACK)
    world.pass_days(8)
    for who, message, action_id in (
        (amara, check_in, ids.CHECK_IN_MET),
        (amara, check_in, ids.CHECK_IN_HELP),
        (zoe, closing, ids.CONTINUE),
        (zoe, closing, ids.OPT_OUT),
    ):
        before = crafted.rows(world)
        who.press(message, action_id)
        assert who.dm_texts()[-1] == STALE
        assert crafted.rows(world) == before

    answers = {"rating": "5", "helped_with": "Much.", "could_improve": ""}
    bad = {"rating": None, "helped_with": " ", "could_improve": "x" * 1501}
    assert set(crafted.submit(zoe, bad)["errors"]) == set(bad)
    zoe.hands.fill_in(answers)
    zoe.hands.click(closing, ids.GIVE_FEEDBACK)
    zoe.hands.fill_in(answers)
    assert zoe.hands.submit() == {}
    zoe.hands.close_modal()
    assert zoe.hands.submit() == {}
    assert say("refusal.already_given") in words(zoe.hands.modal or {})
    zoe.hands.close_modal()
    zoe.press(closing, ids.GIVE_FEEDBACK)
    assert zoe.hands.modal is None
    assert zoe.dm_texts()[-1] == say("refusal.already_given")
    assert len(crafted.rows(world)["feedback"]) == 1
    assert len(amara.files()) == 1


def test_forms_that_are_sent_after_leaving_change_nothing(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    amara.hands.open_home()
    for action_id in (ids.PAUSE, ids.CHANGE_DETAILS):
        amara.hands.click("home", action_id)
    zoe.fill_role_form("mentee")
    zoe.hands.submit()
    amara.command("leave")
    amara.press(_ephemeral(amara), ids.LEAVE)
    before = crafted.rows(world)
    for _form in ("details", "pause"):
        assert amara.hands.submit() == {}
        assert say("refusal.not_enrolled") in words(amara.hands.modal or {})
        amara.hands.close_modal()
    assert crafted.rows(world) == before
    assert say("refusal.not_enrolled") in amara.command("leave")
    assert say("refusal.not_enrolled") in amara.command("pause 2 weeks")
    assert say("refusal.not_enrolled") in amara.command("resume")
    assert crafted.rows(world) == before
    zoe.agree()
    assert "no mentor free right now" in zoe.dm_texts()[-1]


def _ephemeral(who: Actor) -> dict[str, Any]:
    channel = who.channel_card()["channel"]
    return [it for it in who.hands.messages(channel) if it["ephemeral"]][-1]


def test_what_is_for_coordinators_is_refused_to_everybody_else(world: World) -> None:
    amara, claire, hannah = (world.person(it) for it in (AMARA, CLAIRE, HANNAH))
    amara.join("mentor")
    before = crafted.rows(world)
    for who in (amara, claire):
        for text in (f"people <@{AMARA}> because", "PEOPLE x", "Certificate"):
            assert "That is for owners" in who.command(text), text
        assert "for coordinators" not in who.home().lower()
        assert "certificate" not in who.command("help")
    assert "Amara" not in hannah.command("people")
    assert f"<@{AMARA}>" in hannah.command("people")
    setup = {
        "type": "modal",
        "callback_id": ids.SETUP_FORM,
        "private_metadata": "",
        "state": {
            "values": {
                "channel": {"channel": {"selected_conversation": "C0GENERAL0"}},
                "coordinators": {"coordinators": {"selected_users": [CLAIRE]}},
            }
        },
    }
    assert "An admin of this workspace" in notice(crafted.submit_as(claire, setup))
    after = crafted.rows(world)
    assert {**after, "person": before["person"]} == before


def test_unknown_words_get_the_help(world: World) -> None:
    claire, hannah = world.person(CLAIRE), world.person(HANNAH)
    for who in (claire, hannah):
        help_text = who.command("help")
        assert say("help.everyone") in help_text
        for text in (
            "",
            "  ",
            "halp",
            "HELP",
            "🎉",
            "<@U0AMARA000>",
            "x" * 10_000,
            "help me",
            "\x00",
        ):
            assert who.command(text) == help_text, text[:40]


def test_nonsense_after_pause_is_refused_with_an_example(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    before = crafted.rows(world)
    refused = say("refusal.bad_pause", most_weeks=26)
    for rest in (
        "",
        "0 days",
        "900 weeks",
        "27 weeks",
        "-2 weeks",
        "two weeks",
        "2",
        "weeks",
        "1.5 weeks",
        "2 fortnights",
        "² weeks",
        "🌴",
        "x" * 10_000,
        "9" * 10_000 + " weeks",
        "2 weeks; DROP TABLE participant",
        "\x00",
    ):
        assert amara.command(f"pause {rest}") == refused, rest[:40]
    assert crafted.rows(world) == before
    assert "paused" in amara.command("pause 2 Weeks")


def test_malformed_certificates_are_refused_with_how_to_write_them(world: World) -> None:
    hannah, amara, zoe = (world.person(it) for it in (HANNAH, AMARA, ZOE))
    amara.join("mentor")
    zoe.join("mentee")
    before = crafted.rows(world)
    for rest in (
        "because",
        "@Amara because",
        AMARA,
        "<@> because",
        "<@nobody> because",
        f"because <@{AMARA}>",
        f"<@{ZOE}> because",
        f"<@{OMAR}> because",
        f"<@{HANNAH}|hannah> because",
        "<@U0NOBODY00> because",
        "<!channel> because",
        "<@U0AMARA000",
        "x" * 10_000,
    ):
        said = hannah.command(f"certificate {rest}")
        assert "I know of no mentor" in said, rest[:40]
        assert "<!" not in said
    for rest in (f"<@{AMARA}>", f"<@{AMARA}|amara>", f"<@{AMARA}>   ", f"<@{AMARA}> \x00"):
        assert hannah.command(f"certificate {rest}") == say("refusal.reason_missing"), rest
    assert crafted.rows(world) == before
    assert "on its way" in hannah.command(f"certificate <@{AMARA}|amara>  her mentee moved away")
    assert hannah.command(f"certificate <@{AMARA}> again") == say("refusal.certificate_exists")
    assert len(amara.files()) == 1


def test_made_up_buttons_change_nothing_and_are_answered(world: World) -> None:
    amara, zoe, lina, claire = (world.person(it) for it in (AMARA, ZOE, LINA, CLAIRE))
    amara.join("mentor")
    zoe.join("mentee")
    lina.join("mentee")
    world.pass_days(4)
    with world.bot.store.read(world.running.workspace_id) as tx:
        mentor = participants.of_person(tx, "img", AMARA)
        assert mentor is not None
        (theirs,) = (it.pairing_id for it in pairings.of_participant(tx, mentor.participant_id))
    before = crafted.rows(world)
    made_up = ["", "x", "x y", f"{theirs} 1 2", f"{theirs} ²", "x" * 2000, "' OR 1=1 --", None]
    made_up += [f"{theirs} {n}" for n in (0, -1, 2, 10**30)]
    for action_id in (ids.CHECK_IN_MET, ids.CHECK_IN_NOT_YET, ids.CHECK_IN_HELP):
        for value in made_up:
            assert crafted.click(amara, action_id, value) in (FAILED, STALE), value
        for outsider in (lina, claire):
            assert crafted.click(outsider, action_id, f"{theirs} 1") == STALE
    for action_id in (ids.GIVE_FEEDBACK, ids.CONTINUE, ids.OPT_OUT):
        for value in made_up:
            assert crafted.click(zoe, action_id, value) in (FAILED, STALE), value
        for outsider in (lina, claire):
            assert crafted.click(outsider, action_id, theirs) == STALE
    assert crafted.click(amara, ids.GIVE_FEEDBACK, theirs) == STALE
    for action_id in (ids.LEAVE, ids.PAUSE, ids.RESUME, ids.CHANGE_DETAILS, ids.READ_GUIDELINES):
        assert crafted.click(claire, action_id) == say("refusal.not_enrolled")
    assert crafted.click(amara, ids.RESUME) == say("refusal.nothing_to_resume")
    assert crafted.rows(world) == before


@pytest.mark.parametrize("who_goes", [AMARA, ZOE])
def test_an_account_deactivated_before_the_introduction_leaves_a_partner_who_is_told(
    world: World, who_goes: str
) -> None:
    amara, zoe, lina = (world.person(it) for it in (AMARA, ZOE, LINA))
    stays = zoe if who_goes == AMARA else amara
    amara.join("mentor")
    world.sandbox.faults.ratelimit("conversations.open", 60)
    zoe.fill_role_form("mentee")
    zoe.hands.submit()
    zoe.agree()
    assert zoe.groups() == []
    world.person(who_goes).hands.deactivate()
    world.settle()
    world.pass_days(0.1)
    assert stays.groups() == []
    assert "have had to leave before I could introduce you" in stays.dm_texts()[-1]
    (pairing,) = crafted.rows(world)["pairing"]
    assert EndReason.DEACTIVATED in pairing
    if stays is amara:
        lina.join("mentee")
        assert amara.partners() == {LINA}
