"""Concerns: in confidence, to those alone who may read them, by a clock, and acted on at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.errors import OperatorRefused
from mentorbot.slack import ids
from mentorbot.storage import pairings
from tests import crafted
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme, times_told
from tests.operating.test_erasing import erase, everything, holding
from tests.world import AMARA, CLAIRE, HANNAH, LINA, OMAR, RAJESH, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
WORDS = "He keeps asking me to meet him alone at night"
SOMETHING = "reported a concern"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Amara mentors Zoe; Lina and Rajesh are safeguarding leads, Hannah owns the programme."""
    file = img(signposts=SIGNPOSTS)
    with programme(tmp_path, MONDAY, file) as running:
        hannah = running.person(HANNAH)
        for who in (LINA, RAJESH):
            hannah.command(f"appoint <@{who}> safeguarding lead")
        hannah.command(f"appoint <@{CLAIRE}> coordinator")
        running.settle()
        pair_up(running.person(AMARA), running.person(ZOE), capacity="2")
        yield running


SIGNPOSTS = [
    {"label": "A helpline for everybody", "url": "https://example.org/all"},
    {"label": "The helpline of Leeds", "url": "https://example.org/leeds", "place": "Leeds"},
    {"label": "The helpline of York", "url": "https://example.org/york", "place": "York"},
]


def report(who: Actor, *about: str, **answers: Any) -> dict[str, str]:
    """Report a concern by the word; the errors of the form."""
    who.command("report")
    told = {"kind": "boundaries", "words": WORDS, "about": list(about), "ticks": []}
    who.hands.fill_in(told | answers)
    errors = who.hands.submit()
    who.world.settle()
    return errors


def open_case(who: Actor) -> str:
    """Open the newest case from its message; what it says."""
    who.press(who.dm_with(ids.OPEN_CASE), ids.OPEN_CASE)
    return modal_words(who)


def everything_said_to(who: Actor) -> str:
    return "\n".join([*who.dm_texts(), who.home(), who.command("status"), who.command("pairs")])


@pytest.mark.phrase("IMG-21")
def test_concern_reaches_the_leads_alone_is_read_and_the_pairing_is_paused_at_once(
    world: World,
) -> None:
    zoe, amara, lina, claire = (world.person(it) for it in (ZOE, AMARA, LINA, CLAIRE))
    assert report(zoe, AMARA) == {}
    assert times_told(zoe, "Thank you for telling us") == 1
    for lead in (lina, world.person(RAJESH)):
        assert times_told(lead, SOMETHING) == 1
    assert WORDS not in "\n".join(lina.dm_texts())
    case = open_case(lina)
    assert WORDS in case
    assert f"It names {name_of(amara)}" in case
    lina.press("modal", ids.CASE_ACKNOWLEDGE)
    assert times_told(zoe, "has read what you told us") == 1
    before = len(amara.dms())
    lina.press("modal", ids.CASE_HOLD)
    assert "Let the pairing go on" in modal_words(lina)
    assert times_told(amara, "is on hold for now") == 1
    world.pass_days(10)
    assert len(amara.dms()) == before + 1
    assert times_told(zoe, "have you and") == 0
    for outsider in (amara, claire, world.person(HANNAH)):
        said = everything_said_to(outsider)
        assert "concern" not in said.replace("Report a concern", "").lower()
        assert WORDS not in said


def test_lead_who_is_named_is_routed_around_and_reads_nothing(world: World) -> None:
    omar, lina, rajesh = (world.person(it) for it in (OMAR, LINA, RAJESH))
    assert report(omar, LINA) == {}
    assert times_told(lina, SOMETHING) == 0
    assert times_told(rajesh, SOMETHING) == 1
    case = rajesh.dm_with(ids.OPEN_CASE)
    (value,) = {it["value"] for block in case["blocks"] for it in block.get("elements", [])}
    assert "nothing was changed" in crafted.click(lina, ids.OPEN_CASE, value)
    assert "nothing was changed" in crafted.click(lina, ids.CASE_ACKNOWLEDGE, value)
    lina.command("concerns")
    assert "There are 0 cases" in modal_words(lina)


def test_where_every_lead_is_named_the_owner_hears_and_where_all_are_nobody_does(
    world: World,
) -> None:
    omar, hannah = world.person(OMAR), world.person(HANNAH)
    assert report(omar, LINA, RAJESH) == {}
    assert times_told(hannah, SOMETHING) == 1
    omar.hands.close_modal(all=True)
    omar.command("report")
    omar.hands.fill_in(
        {"kind": "other", "words": "All", "about": [LINA, RAJESH, HANNAH, CLAIRE], "ticks": []}
    )
    omar.hands.submit()
    world.settle()
    assert "Everybody here who could read this is named" in str(omar.hands.modal)
    assert times_told(world.person(CLAIRE), SOMETHING) == 0


def test_concern_that_nobody_reads_is_said_again_and_the_owner_hears(world: World) -> None:
    zoe, lina, hannah = (world.person(it) for it in (ZOE, LINA, HANNAH))
    report(zoe, AMARA)
    world.pass_days(0.9)
    assert times_told(lina, "and nobody has") == times_told(hannah, "and nobody has") == 0
    world.pass_days(0.2)
    assert times_told(lina, "and nobody has") == times_told(hannah, "and nobody has") == 1
    assert WORDS in open_case(hannah)
    hannah.press("modal", ids.CASE_ACKNOWLEDGE)
    world.pass_days(5)
    assert times_told(lina, "and nobody has") == 1


def test_immediate_danger_is_said_plainly_and_the_clock_is_an_hour(world: World) -> None:
    zoe, lina = world.person(ZOE), world.person(LINA)
    report(zoe, AMARA, ticks=["immediate"])
    assert times_told(lina, "immediate danger") == 1
    world.pass_days(1.1 / 24)
    assert times_told(lina, "Nobody has read a concern that tells of immediate danger") == 1


def test_message_is_reported_from_its_menu_with_its_words_and_its_author(world: World) -> None:
    zoe, amara, lina = (world.person(it) for it in (ZOE, AMARA, LINA))
    group = zoe.groups()[-1]["id"]
    amara.hands.say(group, "You will never make it here.")
    zoe.hands.use_shortcut(zoe.hands.messages(group)[-1], ids.REPORT_MESSAGE)
    assert "You will never make it here." in str(zoe.hands.modal)
    zoe.hands.fill_in({"kind": "harassment"})
    assert zoe.hands.submit() == {}
    world.settle()
    case = open_case(lina)
    assert "You will never make it here." in case
    assert f"It names {name_of(amara)}" in case


def test_what_the_bot_said_is_reported_without_naming_the_bot(world: World) -> None:
    zoe, lina = world.person(ZOE), world.person(LINA)
    said = zoe.hands.messages(zoe.groups()[-1]["id"])[0]
    zoe.hands.use_shortcut(said, ids.REPORT_MESSAGE)
    assert "initial_users" not in str(zoe.hands.modal)
    zoe.hands.fill_in({"kind": "other"})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "It names" not in open_case(lina)


def test_ended_by_the_team_the_two_are_apart_for_good_and_hear_it_neutrally(world: World) -> None:
    zoe, amara, lina = (world.person(it) for it in (ZOE, AMARA, LINA))
    report(zoe, AMARA)
    open_case(lina)
    lina.press("modal", ids.CASE_END)
    assert times_told(zoe, "The team of the programme has ended your pairing") == 1
    assert times_told(zoe, "front of the line") == 1
    assert times_told(amara, "brought to an end by the team") == 1
    world.pass_days(60)
    with world.bot.store.read(world.running.workspace_id) as tx:
        for cycle in (1, 2, 3):
            assert not pairings.in_cycle(tx, "img", cycle, active_only=True)


def test_whoever_is_on_hold_gets_nobody_new_and_is_let_go_with_the_case(world: World) -> None:
    zoe, amara, lina, omar = (world.person(it) for it in (ZOE, AMARA, LINA, OMAR))
    report(zoe, AMARA)
    open_case(lina)
    lina.press("modal", ids.CASE_HOLD)
    omar.join("mentee")
    world.pass_days(2)
    assert omar.partners() == set()
    lina.press("modal", ids.CASE_NOTE)
    lina.hands.fill_in({"words": "A misunderstanding, both agree", "closes": ["closes"]})
    assert lina.hands.submit() == {}
    world.settle()
    assert times_told(zoe, "the case is closed") == 1
    assert times_told(amara, "goes on from today") == 1
    assert omar.partners() == {AMARA}
    world.pass_days(4)
    assert times_told(zoe, "have you and") == 1


def test_words_are_sealed_and_every_look_is_on_record(world: World) -> None:
    zoe, lina = world.person(ZOE), world.person(LINA)
    report(zoe, AMARA)
    assert holding(everything(world.bot.store.engine), "alone at night") == {}
    open_case(lina)
    noted = everything(world.bot.store.engine)["audit_entry"]
    (looked,) = [row for row in noted if "concern.view" in row]
    assert LINA in looked


def test_help_near_the_reader_comes_first_and_nothing_is_filed_for_reading_it(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.command("report")
    shown = modal_words(zoe)
    assert "emergency number" in shown
    assert "Leeds" in shown
    assert "York" not in shown
    zoe.hands.close_modal(all=True)
    assert times_told(world.person(LINA), SOMETHING) == 0


def test_form_says_truly_who_reads_it(tmp_path: Path, world: World) -> None:
    zoe = world.person(ZOE)
    zoe.command("report")
    assert "It goes to the safeguarding leads of this programme alone" in modal_words(zoe)
    with programme(tmp_path / "other", MONDAY, img()) as other:
        omar = other.person(OMAR)
        omar.command("report")
        assert "It goes to the owners of this programme alone" in modal_words(omar)


def test_nobody_is_erased_out_of_an_open_case_and_all_words_go_once_it_is_closed(
    world: World,
) -> None:
    zoe, lina = world.person(ZOE), world.person(LINA)
    report(zoe, AMARA)
    open_case(lina)
    for who in (ZOE, AMARA):
        with pytest.raises(OperatorRefused, match="safeguarding leads"):
            erase(world, who)
    lina.press("modal", ids.CASE_NOTE)
    lina.hands.fill_in({"words": "Done", "closes": ["closes"]})
    assert lina.hands.submit() == {}
    world.settle()
    erase(world, AMARA)
    held = everything(world.bot.store.engine)
    assert holding(held, AMARA) == {}
    lina.hands.close_modal(all=True)
    lina.command("concerns")
    lina.press("modal", ids.OPEN_CASE)
    assert "has been erased" in modal_words(lina)


def test_nothing_is_taken_that_could_not_be_kept_or_read(world: World) -> None:
    zoe = world.person(ZOE)
    assert "words" in report(zoe, words=" ")
    zoe.hands.close_modal(all=True)
    lina = world.person(LINA)
    assert "There are 0 cases" in (lina.command("concerns") or modal_words(lina))


def test_strangers_to_a_case_cannot_act_on_it_by_forged_clicks(world: World) -> None:
    zoe, amara, claire, lina = (world.person(it) for it in (ZOE, AMARA, CLAIRE, LINA))
    report(zoe, AMARA)
    case = lina.dm_with(ids.OPEN_CASE)
    assert words(case)
    (value,) = {it["value"] for block in case["blocks"] for it in block.get("elements", [])}
    for who in (zoe, amara, claire, world.person(HANNAH)):
        for action in (ids.OPEN_CASE, ids.CASE_HOLD, ids.CASE_END, ids.CASE_NOTE):
            assert "nothing was changed" in crafted.click(who, action, value)
    assert times_told(zoe, "has read what") == 0
