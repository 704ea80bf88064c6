"""Beyond the pair: questions without a name, introductions by a mentor, and who came by whom."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.slack import ids
from tests import crafted
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme, times_told
from tests.operating.test_erasing import erase, everything, holding
from tests.world import AMARA, HANNAH, LINA, OMAR, RAJESH, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
QUESTION = "Is it normal not to know how to hold a scalpel?"
ANSWER = "Entirely. I learned it in my third month."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Amara mentors Zoe; Rajesh is a mentor without a mentee."""
    with programme(tmp_path, MONDAY, img()) as running:
        pair_up(running.person(AMARA), running.person(ZOE), capacity="2")
        running.person(RAJESH).join("mentor")
        yield running


def ask(who: Actor, text: str = QUESTION) -> None:
    who.command("ask")
    who.hands.fill_in({"words": text})
    assert who.hands.submit() == {}
    who.world.settle()
    who.hands.close_modal(all=True)


def answer(who: Actor, text: str = ANSWER) -> dict[str, str]:
    who.press(who.dm_with(ids.ANSWER_QUESTION), ids.ANSWER_QUESTION)
    who.hands.fill_in({"words": text})
    errors = who.hands.submit()
    who.world.settle()
    return errors


@pytest.mark.phrase("IMG-14")
def test_question_without_a_name_is_answered_without_one(world: World) -> None:
    amara, zoe, rajesh = (world.person(it) for it in (AMARA, ZOE, RAJESH))
    assert "No mentor here answers such questions" in zoe.command("ask")
    for mentor in (amara, rajesh):
        assert "now and then" in mentor.command("questions")
    ask(zoe)
    assert times_told(amara, "scalpel") == 0
    told = rajesh.dm_with(ids.ANSWER_QUESTION)
    assert f">{QUESTION}" in words(told)
    assert name_of(zoe) not in words(told)
    assert answer(rajesh) == {}
    (said,) = [it for it in zoe.dm_texts() if ANSWER in it]
    assert name_of(rajesh) not in said
    assert QUESTION in said
    assert holding(everything(world.bot.store.engine), "scalpel", "third month") == {}
    rajesh.hands.close_modal(all=True)
    assert "nothing was changed" in crafted.click(
        rajesh, ids.ANSWER_QUESTION, _value(told, ids.ANSWER_QUESTION)
    )


def _value(shown: dict[str, object], action_id: str) -> str:
    found = [
        element["value"]
        for block in shown["blocks"]  # type: ignore[attr-defined]
        for element in block.get("elements", [])
        if element.get("action_id") == action_id
    ]
    return str(found[0])


def test_question_that_is_passed_on_reaches_another_and_three_a_week_are_enough(
    world: World,
) -> None:
    zoe, rajesh, omar = (world.person(it) for it in (ZOE, RAJESH, OMAR))
    rajesh.command("questions")
    ask(zoe)
    omar.join("mentor")
    omar.command("questions")
    rajesh.press(rajesh.dm_with(ids.LEAVE_QUESTION), ids.LEAVE_QUESTION)
    assert times_told(omar, "scalpel") == 1
    ask(zoe, "Another one?")
    ask(zoe, "And one more?")
    assert "You have asked 3 questions this week" in zoe.command("ask")
    world.pass_days(8)
    ask(zoe, "A new week?")
    omar.command("questions")
    assert times_told(omar, "A new week?") + times_told(rajesh, "A new week?") >= 1


def test_mentees_answer_none_and_strangers_to_a_question_read_nothing(world: World) -> None:
    zoe, rajesh, lina = (world.person(it) for it in (ZOE, RAJESH, LINA))
    lina.join("mentee")
    assert "Only mentors" in lina.command("questions")
    rajesh.command("questions")
    ask(zoe)
    value = _value(rajesh.dm_with(ids.ANSWER_QUESTION), ids.ANSWER_QUESTION)
    for who in (lina, zoe, world.person(HANNAH)):
        assert "nothing was changed" in crafted.click(who, ids.ANSWER_QUESTION, value)
    erase(world, ZOE)
    assert "nothing was changed" in crafted.click(rajesh, ids.ANSWER_QUESTION, value)


@pytest.mark.phrase("IMG-15")
def test_mentor_introduces_a_mentee_to_somebody_once_both_would_like_it(world: World) -> None:
    amara, zoe, rajesh = (world.person(it) for it in (AMARA, ZOE, RAJESH))
    amara.command("introduce")
    amara.hands.fill_in({"other": [RAJESH], "note": "Both of you love sutures."})
    assert amara.hands.submit() == {}
    world.settle()
    assert times_told(rajesh, "introduce their mentee") == 0
    zoe.press(zoe.dm_with(ids.AGREE_ACQUAINTANCE), ids.AGREE_ACQUAINTANCE)
    told = rajesh.dm_with(ids.AGREE_ACQUAINTANCE)
    assert "Both of you love sutures." in words(told)
    before = len(zoe.groups())
    rajesh.press(told, ids.AGREE_ACQUAINTANCE)
    assert len(zoe.groups()) == before + 1
    group = rajesh.groups()[-1]
    assert {AMARA, ZOE, RAJESH} <= set(group["members"])
    assert any("Say hello!" in words(it) for it in rajesh.hands.messages(group["id"]))


def test_declined_introduction_is_told_kindly_and_not_by_whom(world: World) -> None:
    amara, zoe, rajesh = (world.person(it) for it in (AMARA, ZOE, RAJESH))
    amara.command("introduce")
    amara.hands.fill_in({"other": [RAJESH]})
    assert amara.hands.submit() == {}
    world.settle()
    zoe.press(zoe.dm_with(ids.DECLINE_ACQUAINTANCE), ids.DECLINE_ACQUAINTANCE)
    assert times_told(amara, "is not to be, this time") == 1
    assert times_told(rajesh, "introduce their mentee") == 0


def test_introduction_to_somebody_who_takes_no_part_or_is_oneself_is_refused(world: World) -> None:
    amara = world.person(AMARA)
    for other in (LINA, AMARA, ZOE):
        amara.command("introduce")
        amara.hands.fill_in({"other": [other]})
        assert "choose somebody else" in amara.hands.submit()["other"]
        amara.hands.close_modal(all=True)
    assert "You are in no pair" in world.person(RAJESH).command("introduce")


@pytest.mark.phrase("IMG-22")
def test_words_are_passed_on_and_one_learns_who_came_by_them(world: World) -> None:
    amara, omar, hannah = (world.person(it) for it in (AMARA, OMAR, HANNAH))
    shown = amara.command("invite")
    found = re.search(r"/mentorbot from ([a-z0-9]+)", shown)
    assert found is not None
    assert "Join our Slack here" in shown
    assert f"{name_of(amara)} told you" in omar.command(f"from {found[1]}")
    assert times_told(amara, "has joined") == 0
    omar.join("mentee")
    assert times_told(amara, f"{name_of(omar)} has joined") == 1
    assert f"{name_of(amara)}: 1 came, 1 joined" in hannah.command("invite")
    omar.command(f"from {found[1]}")
    assert times_told(amara, "has joined") == 1
    assert "do not know this code" in omar.command("from nonsense")
    amara.command(f"from {found[1]}")
    assert "1 came, 1 joined" in hannah.command("invite")


@pytest.mark.phrase("ICAHN-01")
def test_coordinators_see_who_has_no_mentor_since_when_and_why(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(coverage={"within_days": 7})) as world:
        zoe, lina, hannah = (world.person(it) for it in (ZOE, LINA, HANNAH))
        zoe.join("mentee")
        lina.join("mentee")
        lina.command("pause 4 weeks")
        world.pass_days(6)
        said = hannah.command("coverage")
        assert "2 mentees have no mentor" in said
        assert f"{name_of(zoe)}, since 23 November 2026: no mentor is free" in said
        assert f"{name_of(lina)}, since 23 November 2026: is on a break" in said
        assert times_told(hannah, "without a mentor for more than 7 days") == 0
        world.pass_days(8.5)
        assert times_told(hannah, "2 mentees have been without a mentor for more than 7 days") == 1
        world.person(AMARA).join("mentor")
        assert "1 mentee has no mentor" in hannah.command("coverage")
        world.pass_days(7)
        assert times_told(hannah, "1 mentee has been without a mentor") == 1


def test_everything_that_was_asked_and_said_goes_with_the_person(world: World) -> None:
    zoe, rajesh, amara = (world.person(it) for it in (ZOE, RAJESH, AMARA))
    rajesh.command("questions")
    ask(zoe)
    answer(rajesh)
    amara.command("introduce")
    amara.hands.fill_in({"other": [RAJESH], "note": "Both of you love sutures."})
    assert amara.hands.submit() == {}
    world.settle()
    world.person(OMAR).command("from " + re.findall(r"from (\w+)", amara.command("invite"))[0])
    for who in (ZOE, OMAR):
        erase(world, who)
    held = everything(world.bot.store.engine)
    assert holding(held, ZOE, OMAR, "sutures") == {}
    assert all("null" in row for row in held["relay"])


CHECKLIST = {
    "id": "ranks",
    "title": "Your rank order list",
    "items": [{"id": f"i{n}", "text": f"Step {n}"} for n in range(3)],
}


@pytest.mark.phrase("ICAHN-12")
def test_mentee_ticks_off_a_checklist_and_the_mentor_sees_it_once_they_may(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(checklists=[CHECKLIST])) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        pair_up(amara, zoe)
        zoe.command("checklist")
        zoe.hands.fill_in({"done": ["i0", "i2"]})
        assert zoe.hands.submit() == {}
        assert "1 is still to do" in modal_words(zoe)
        zoe.hands.close_modal(all=True)
        assert "no checklist here for you" in amara.command("checklist")
        zoe.command("checklist")
        zoe.hands.fill_in({"shared": ["shared"]})
        assert zoe.hands.submit() == {}
        amara.command("checklist")
        assert "Your rank order list*: 2 of 3 done" in modal_words(amara)
        assert "Step 1" in modal_words(amara)
        assert "Step 0" not in modal_words(amara)
        erase(world, ZOE)
        assert everything(world.bot.store.engine)["checklist"] == []
