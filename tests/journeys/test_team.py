"""A programme's team: offices with roles of their own, and advisers of a specialty."""

from typing import Any

import pytest

from mentorbot import operating
from mentorbot.domain.permissions import TeamRole
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.storage import appointments, participants
from mentorbot.usecases import admin, updating
from tests import crafted
from tests.journeys.telling import img, name_of, pair_up, times_told
from tests.world import AMARA, CLAIRE, HANNAH, LINA, OMAR, RAJESH, ZOE, Actor, World, words

GRACE = "U0GRACE000"


def team_of(world: World, programme_id: str = "img") -> set[tuple[str, TeamRole, str]]:
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = appointments.of_programme(tx, programme_id)
    return {(it.slack_user_id, it.role, it.specialty) for it in found}


@pytest.mark.phrase("ICAHN-14")
def test_offices_share_a_programme_with_permissions_of_their_own(world: World) -> None:
    hannah, grace, omar, claire = (world.person(it) for it in (HANNAH, GRACE, OMAR, CLAIRE))
    assert "now coordinator" in hannah.command(f"appoint {name_of(grace)} coordinator")
    assert "You run it together with its owners." in grace.dm_texts()[-1]
    assert "now reviewer" in grace.command(f"appoint {name_of(omar)} reviewer")
    assert "You look after its applications, and the pairs that it proposes." in omar.dm_texts()[-1]
    assert "now safeguarding lead" in grace.command(f"appoint {name_of(claire)} Safeguarding Lead")
    assert "That is for owners only." in grace.command(f"appoint {name_of(omar)} owner")
    assert "That is for owners only." in grace.command(f"dismiss {name_of(hannah)} owner")
    shown = hannah.command("team")
    for line in (
        f"{name_of(hannah)}: owner",
        f"{name_of(grace)}: coordinator",
        f"{name_of(omar)}: reviewer",
        f"{name_of(claire)}: safeguarding lead",
    ):
        assert line in shown
    assert "That is for owners" in omar.command("team")
    assert "reviewer already" in hannah.command(f"appoint {name_of(omar)} reviewer")
    assert times_told(omar, "You look after its applications, and the pairs that it proposes.") == 1
    assert "no longer reviewer" in hannah.command(f"dismiss {name_of(omar)} reviewer")
    assert "You are no longer reviewer" in omar.dm_texts()[-1]
    assert f"{name_of(omar)} is not reviewer here" in hannah.command(
        f"dismiss {name_of(omar)} reviewer"
    )
    acts = [row for row in crafted.rows(world)["audit_entry"] if "team." in "".join(row)]
    assert len(acts) == 4


def test_a_safeguarding_lead_hears_a_call_for_help_and_of_no_silence(world: World) -> None:
    hannah, claire, amara, zoe = (world.person(it) for it in (HANNAH, CLAIRE, AMARA, ZOE))
    hannah.command(f"appoint {name_of(claire)} safeguarding lead")
    pair_up(amara, zoe)
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    for who in (hannah, claire):
        assert f"{name_of(zoe)} asked for help in a check-in." in who.dm_texts()[-1]
    world.pass_days(15)
    assert times_told(hannah, "No answer to two check-ins") == 1
    assert times_told(claire, "No answer to two check-ins") == 0


def test_owner_appoints_and_dismisses_by_the_buttons_of_app_home(world: World) -> None:
    hannah, omar = world.person(HANNAH), world.person(OMAR)
    hannah.hands.open_home()
    hannah.press("home", ids.SHOW_TEAM)
    hannah.hands.fill_in({"person": OMAR, "role": "viewer"})
    assert hannah.hands.submit() == {}
    world.settle()
    shown = hannah.hands.modal
    assert f"{name_of(omar)}: viewer" in words(shown or {})
    assert "in numbers" in omar.dm_texts()[-1]
    hannah.hands.click("modal", ids.DISMISS, block_id=block_of(shown or {}, f"viewer {OMAR}"))
    world.settle()
    assert f"{name_of(omar)}: viewer" not in words(hannah.hands.modal or {})
    assert "You are no longer viewer" in omar.dm_texts()[-1]
    assert team_of(world) == {(HANNAH, TeamRole.OWNER, "")}


def test_two_who_do_the_same_with_the_team_do_it_once(world: World) -> None:
    hannah, amara, omar = (world.person(it) for it in (HANNAH, AMARA, OMAR))
    hannah.command(f"appoint {name_of(amara)} owner")
    for who in (hannah, amara):
        who.hands.open_home()
        who.press("home", ids.SHOW_TEAM)
        who.hands.fill_in({"person": OMAR, "role": "viewer"})
    for who in (hannah, amara):
        assert who.hands.submit() == {}
        world.settle()
    assert times_told(omar, "You are now viewer") == 1
    views = {who.id: who.hands.modal or {} for who in (hannah, amara)}
    for who in (hannah, amara):
        block_id = block_of(views[who.id], f"viewer {OMAR}")
        who.hands.click("modal", ids.DISMISS, block_id=block_id)
        world.settle()
    assert times_told(omar, "You are no longer viewer") == 1
    assert "is not viewer here" in words(amara.hands.modal or {})


def block_of(view: dict[str, Any], value: str) -> str:
    """The block whose button carries a value."""
    return next(
        str(it["block_id"])
        for it in view["blocks"]
        if it.get("accessory", {}).get("value") == value
    )


def test_the_last_owner_stays_until_there_is_another(world: World) -> None:
    hannah, grace = world.person(HANNAH), world.person(GRACE)
    assert "this is its last" in hannah.command(f"dismiss {name_of(hannah)} owner")
    hannah.command(f"appoint {name_of(grace)} owner")
    assert "no longer owner" in grace.command(f"dismiss {name_of(hannah)} owner")
    assert "this is its last" in grace.command(f"dismiss {name_of(grace)} owner")
    assert team_of(world) == {(GRACE, TeamRole.OWNER, "")}


def test_who_is_deactivated_loses_their_roles_and_the_others_hear_of_it(world: World) -> None:
    hannah, grace, omar = (world.person(it) for it in (HANNAH, GRACE, OMAR))
    hannah.command(f"appoint {name_of(grace)} coordinator")
    hannah.command(f"appoint {name_of(omar)} reviewer")
    omar.hands.deactivate()
    world.settle()
    for who in (hannah, grace):
        assert (
            f"{name_of(omar)} has no account here any more, and was reviewer"
            in who.last_dm()["text"]
        )
    hannah.hands.deactivate()
    world.settle()
    assert "Nobody owns it now: please ask an admin" in grace.dm_texts()[-1]
    assert team_of(world) == {(GRACE, TeamRole.COORDINATOR, "")}


def test_an_admin_names_an_owner_where_there_is_none(world: World) -> None:
    hannah, grace, omar = (world.person(it) for it in (HANNAH, GRACE, OMAR))
    hannah.command(f"appoint {name_of(grace)} owner")
    hannah.command(f"dismiss {name_of(hannah)} owner")
    assert "That is for owners" in hannah.command(f"appoint {name_of(hannah)} owner")
    grace.hands.deactivate()
    world.settle()
    assert "That is for owners only." in omar.command(f"appoint {name_of(omar)} owner")
    assert "That is for owners" in hannah.command(f"appoint {name_of(hannah)} reviewer")
    assert "now owner" in hannah.command(f"appoint {name_of(hannah)} owner")
    assert team_of(world) == {(HANNAH, TeamRole.OWNER, "")}


def test_neither_bots_nor_strangers_nor_made_up_roles_are_appointed(world: World) -> None:
    hannah = world.person(HANNAH)
    before = crafted.rows(world)
    how = "Please name a person and a role"
    for rest in ("", "reviewer", "<@U0OMAR0000>", f"<@{OMAR}> king", f"<@{OMAR}> reviewer of it"):
        assert how in hannah.command(f"appoint {rest}"), rest
        assert how in hannah.command(f"dismiss {rest}"), rest
    bot = world.sandbox.bot_user_id
    for nobody in (bot, "U0NOBODY00"):
        said = hannah.command(f"appoint <@{nobody}> reviewer")
        assert "is not an account of a person" in said
    assert "has no advisers for specialties" in hannah.command(f"appoint <@{OMAR}> adviser Surgery")
    assert crafted.rows(world) == before


@pytest.fixture
def advised(world: World) -> World:
    """The IMG programme with advisers for each specialty."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = img(advisers={"question": "specialty"})
        admin.update(tx, file, HANNAH, world.clock())
    return world


@pytest.mark.phrase("ICAHN-06")
def test_a_student_finds_the_adviser_of_their_specialty_and_asks_to_talk(advised: World) -> None:
    hannah, rajesh, zoe, lina = (advised.person(it) for it in (HANNAH, RAJESH, ZOE, LINA))
    assert "Did you mean Paediatrics?" in hannah.command(
        f"appoint {name_of(rajesh)} adviser Pediatrics"
    )
    hannah.command(f"appoint {name_of(rajesh)} adviser paediatrics")
    assert "You are now adviser for Paediatrics" in rajesh.dm_texts()[-1]
    zoe.join("mentee")
    zoe.hands.open_home()
    zoe.press("home", ids.SHOW_ADVISERS)
    assert f"Paediatrics: your adviser is {name_of(rajesh)}" in _plain(zoe.hands.modal)
    ask(zoe, "Which exam comes first?")
    assert f"{name_of(rajesh)} knows that you would like to talk" in words(zoe.hands.modal or {})
    heard = rajesh.dm_texts()[-1]
    assert f"{name_of(zoe)} would like to talk to you about Paediatrics." in heard
    assert "Which exam comes first?" in heard
    look_again(zoe)
    ask(zoe, "And another thing.")
    assert "From 30 November 2026 on you can ask again." in words(zoe.hands.modal or {})
    advised.pass_days(7)
    look_again(zoe)
    ask(zoe, "And another thing.")
    assert "And another thing." in rajesh.dm_texts()[-1]

    assert "There is no specialty “Alchemy”" in lina.command("adviser Alchemy")
    assert "nobody yet" in lina.command("adviser psychiatry")
    assert "Did you mean" in lina.command("adviser")


def test_a_specialty_that_the_file_drops_takes_its_adviser_along_and_asks_the_coordinators(
    advised: World,
) -> None:
    hannah, rajesh, zoe, lina = (advised.person(it) for it in (HANNAH, RAJESH, ZOE, LINA))
    for who, specialty in ((rajesh, "paediatrics"), (rajesh, "psychiatry"), (lina, "psychiatry")):
        hannah.command(f"appoint {name_of(who)} adviser {specialty}")
    zoe.join("mentee")
    zoe.home()
    zoe.press("home", ids.SHOW_ADVISERS)
    without = [it.model_dump(mode="json") for it in preset("img").form]
    for question in without:
        if question["id"] == "specialty":
            question["options"].remove("Paediatrics")
    newer = img(advisers={"question": "specialty"}, form=without)
    with advised.bot.store.begin(advised.running.workspace_id) as tx:
        programme = participants.programme(tx)
        assert programme is not None
        told = [
            (it.key, it.values) for it in updating.changes_of(tx, programme, newer, advised.clock())
        ]
        assert ("specialty_dropped", {"specialty": "Paediatrics", "count": 1}) in told
        admin.update(tx, newer, HANNAH, advised.clock())
    advised.settle()
    assert "You are no longer adviser for Paediatrics" in rajesh.dm_texts()[-1]
    assert "has no advisers for Paediatrics any more" in hannah.dm_texts()[-1]
    assert name_of(rajesh) in hannah.dm_texts()[-1]
    assert "your advisers are" in lina.command("adviser psychiatry")

    ask(zoe, "Which exam comes first?")
    assert f"{name_of(hannah)} knows that you would like to talk" in words(zoe.hands.modal or {})
    assert "talk about Paediatrics, for which there is no adviser" in hannah.dm_texts()[-1]
    zoe.hands.close_modal(all=True)
    assert "*Paediatrics*: nobody yet. The coordinators can help you." in zoe.command("adviser")
    assert "There is no specialty “Paediatrics”" in lina.command("adviser Paediatrics")
    operating.erase_person(
        advised.bot.settings, advised.running.workspace_id, RAJESH, advised.clock
    )
    assert RAJESH not in str(crafted.rows(advised))


def _plain(view: dict[str, Any] | None) -> str:
    return words(view or {}).replace("*", "")


def look_again(who: Actor) -> None:
    """Close what is open, and press the button in App Home."""
    while who.hands.modal is not None:
        who.hands.close_modal()
    who.press("home", ids.SHOW_ADVISERS)


def ask(who: Actor, text: str) -> None:
    """Press the button beside the adviser and send some words."""
    who.hands.click("modal", ids.ASK_ADVISER)
    who.hands.fill_in({"words": text})
    assert who.hands.submit() == {}
    who.world.settle()


def test_nothing_of_what_an_erased_person_asked_an_adviser_is_left(advised: World) -> None:
    hannah, rajesh, zoe = (advised.person(it) for it in (HANNAH, RAJESH, ZOE))
    hannah.command(f"appoint {name_of(rajesh)} adviser paediatrics")
    zoe.join("mentee")
    zoe.hands.open_home()
    zoe.press("home", ids.SHOW_ADVISERS)
    ask(zoe, "Quokka")
    assert "Quokka" in str(crafted.rows(advised))
    operating.erase_person(advised.bot.settings, advised.running.workspace_id, ZOE, advised.clock)
    operating.erase_person(
        advised.bot.settings, advised.running.workspace_id, RAJESH, advised.clock
    )
    advised.settle()
    left = str(crafted.rows(advised))
    for gone in ("Quokka", ZOE, RAJESH):
        assert gone not in left
    assert "somebody no longer on record has no account here any more" in str(hannah.dm_texts())


def test_adviser_of_a_specialty_with_an_ampersand_is_appointed_by_its_words(world: World) -> None:
    form = img().model_dump(mode="json")["form"]
    (asked,) = [it for it in form if it["id"] == "specialty"]
    asked["options"] = ["Obstetrics & gynaecology", "Paediatrics"]
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = img(form=form, advisers={"question": "specialty"})
        admin.update(tx, file, HANNAH, world.clock())
    hannah, rajesh = world.person(HANNAH), world.person(RAJESH)
    hannah.command(f"appoint {name_of(rajesh)} adviser Obstetrics &amp; gynaecology")
    assert (RAJESH, TeamRole.ADVISER, "Obstetrics & gynaecology") in team_of(world)
