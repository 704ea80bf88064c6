"""Asking a mentor: found in the directory, accepted, declined with somebody else, expired."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests import crafted
from tests.journeys.telling import (
    group_texts,
    img,
    modal_words,
    name_of,
    pair_up,
    programme,
    times_told,
    told_since,
    when,
)
from tests.world import (
    AMARA,
    CLAIRE,
    HANNAH,
    LINA,
    LUKASZ,
    OMAR,
    RAJESH,
    ZOE,
    Actor,
    World,
    action_ids,
    words,
)

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
YES, NO = ids.ACCEPT_REQUEST, ids.DECLINE_REQUEST


def asking(mode: str = "request", **rules: Any) -> ProgrammeFile:
    """An evergreen programme in which mentees ask mentors."""
    requests = {"answer_within_days": 7, "open_at_once": 2, "partners_at_once": 3} | rules
    criteria = [{"question": "specialty", "weight": 4}, {"question": "place", "weight": 1}]
    return img(
        matching={"mode": mode, "requests": requests, "criteria": criteria},
        directory={"shown": ["specialty", "place", "offer"]},
        cycle={"days": 60, "repeats": "evergreen"},
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A programme in which nobody is matched unasked."""
    with programme(tmp_path, MONDAY, asking()) as running:
        yield running


def find(who: Actor, text: str = "") -> dict[str, Any]:
    """The directory, opened by the word."""
    if who.hands.modal is not None:
        who.hands.close_modal(all=True)
    who.command(f"find {text}")
    assert who.hands.modal is not None
    return who.hands.modal


def open_asking(who: Actor, mentor: Actor) -> None:
    """Press the button below a mentor in the directory."""
    blocks = find(who)["blocks"]
    for at, block in enumerate(blocks):
        if name_of(mentor) in words({"blocks": [block]}):
            who.hands.click("modal", ids.ASK_MENTOR, block_id=blocks[at + 1]["block_id"])
            return
    raise AssertionError(f"{mentor.id} is not listed")


def ask(who: Actor, mentor: Actor, note: str = "") -> str:
    """Ask a mentor from the directory; what is said then."""
    open_asking(who, mentor)
    who.hands.fill_in({"note": note})
    assert who.hands.submit() == {}
    who.world.settle()
    said = modal_words(who)
    who.hands.close_modal(all=True)
    return said


def answer(mentor: Actor, action_id: str, **fields: Any) -> None:
    """Answer the newest request, from its message."""
    mentor.press(mentor.dm_with(action_id), action_id)
    if action_id == NO:
        mentor.hands.fill_in(fields)
        assert mentor.hands.submit() == {}
        mentor.hands.close_modal(all=True)
        mentor.world.settle()


@pytest.mark.phrase("ICAHN-04")
def test_student_searches_the_database_asks_and_is_offered_an_alternative(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    amara.join("mentor", specialty="Paediatrics", offer="Mock interviews in paediatrics.")
    rajesh.join("mentor", specialty="Psychiatry", offer="Anatomy, knots and patience.")
    zoe.join("mentee")
    assert "Mentees find you by your answers" in words(amara.last_dm())
    assert "You choose your mentor yourself" in words(zoe.last_dm())
    assert zoe.partners() == set()
    assert "mock interviews" in words(find(zoe, "mock intervews")).lower()

    assert "until Monday, 30 November" in ask(zoe, amara, "I would love to practise interviews.")
    told = amara.dm_with(YES)
    assert "would like you as their mentor" in words(told)
    assert ">I would love to practise interviews." in words(told)
    assert "1 mentee has asked you" in amara.home()
    assert "who is still to answer" in zoe.home()

    amara.press(told, NO)
    options = modal_words(amara)
    assert "A colleague with a place" in options
    assert amara.hands.modal is not None
    (field,) = [it for it in amara.hands.modal["blocks"] if it.get("block_id") == "colleague"]
    amara.hands.fill_in({"colleague": field["element"]["options"][0]["value"]})
    assert amara.hands.submit() == {}
    world.settle()
    offered = zoe.dm_with(ids.ASK_MENTOR)
    assert "says nothing about you" in words(offered)
    assert f"They think of {name_of(rajesh)}" in words(offered)

    zoe.press(offered, ids.ASK_MENTOR)
    zoe.hands.fill_in({"note": ""})
    assert zoe.hands.submit() == {}
    world.settle()
    answer(rajesh, YES)
    assert zoe.partners() == {RAJESH}
    assert name_of(zoe) in rajesh.home()


@pytest.mark.phrase("ICAHN-07")
def test_student_has_several_mentors_at_one_time_and_is_told_when_that_is_as_many_as_can_be(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, asking("instant")) as world:
        zoe = world.person(ZOE)
        mentors = [world.person(it) for it in (AMARA, RAJESH, LUKASZ, CLAIRE)]
        pair_up(mentors[0], zoe)
        for mentor in mentors[1:]:
            mentor.join("mentor", capacity="2")
        for mentor in mentors[1:3]:
            ask(zoe, mentor)
            answer(mentor, YES)
        assert zoe.partners() == {AMARA, RAJESH, LUKASZ}
        assert "you both work in paediatrics in Leeds" in group_texts(zoe, mentors[2])[0]
        open_asking(zoe, mentors[3])
        assert "has 3 mentors at most" in modal_words(zoe)
        zoe.hands.close_modal(all=True)
        world.pass_days(7)
        for mentor in mentors[:3]:
            assert name_of(mentor) in zoe.home()


def test_request_holds_a_place_until_it_expires_and_then_the_next_best_is_offered(
    world: World,
) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    amara.join("mentor", capacity="1")
    rajesh.join("mentor", capacity="1", specialty="Psychiatry", place="York")
    zoe.join("mentee")
    omar.join("mentee")
    ask(zoe, amara)
    listed = find(omar)["blocks"]
    assert len([it for it in listed if ids.ASK_MENTOR in action_ids({"blocks": [it]})]) == 1
    omar.hands.close_modal(all=True)
    world.pass_days(5.5)
    assert times_told(amara, "A short reminder") == 1
    world.pass_days(2)
    told = zoe.dm_with(ids.ASK_MENTOR)
    assert "has not found the time to answer" in words(told)
    assert f"{name_of(rajesh)} has a place" in words(told)
    amara.press(amara.dm_with(YES), YES)
    assert "nothing was changed" in words(amara.hands.messages(amara.hands.bot_dm() or "")[-1])
    assert zoe.partners() == set()


def test_request_taken_back_is_told_to_the_mentor_and_cannot_be_accepted(world: World) -> None:
    zoe, amara = world.person(ZOE), world.person(AMARA)
    amara.join("mentor")
    zoe.join("mentee")
    ask(zoe, amara)
    zoe.command("requests")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.WITHDRAW_REQUEST)
    assert "does not need your answer any more" in words(amara.last_dm())
    amara.press(amara.dm_with(YES), YES)
    assert zoe.partners() == set()
    ask(zoe, amara)
    answer(amara, YES)
    assert zoe.partners() == {AMARA}


@pytest.mark.parametrize("how", ["leave", "pause 2 weeks"])
def test_request_to_a_mentor_who_goes_comes_back_with_somebody_else(world: World, how: str) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    for mentor in (amara, rajesh):
        mentor.join("mentor")
    zoe.join("mentee")
    ask(zoe, amara)
    amara.command(how)
    if how == "leave":
        amara.press(amara.hands.messages(CHANNEL)[-1], ids.LEAVE)
    told = zoe.dm_with(ids.ASK_MENTOR)
    assert "is not available at the moment" in words(told)
    assert name_of(rajesh) in words(told)
    world.pass_days(9)
    assert times_told(zoe, "has not found the time") == 0


def test_more_requests_than_can_be_open_are_refused_kindly(world: World) -> None:
    zoe, mentors = world.person(ZOE), [world.person(it) for it in (AMARA, RAJESH, LUKASZ)]
    for mentor in mentors:
        mentor.join("mentor")
    zoe.join("mentee")
    for mentor in mentors[:2]:
        ask(zoe, mentor)
    open_asking(zoe, mentors[2])
    assert "You have asked 2 mentors" in modal_words(zoe)


def test_somebody_elses_request_cannot_be_answered(world: World) -> None:
    zoe, amara, omar, lina = (world.person(it) for it in (ZOE, AMARA, OMAR, LINA))
    amara.join("mentor")
    for mentee in (zoe, omar):
        mentee.join("mentee")
    ask(zoe, amara)
    told = amara.dm_with(YES)
    (value,) = {
        it["value"] for block in told["blocks"] for it in block.get("elements", []) if "value" in it
    }
    for stranger in (omar, lina, world.person(HANNAH)):
        assert "nothing was changed" in crafted.click(stranger, YES, value)
        assert "nothing was changed" in crafted.click(stranger, ids.WITHDRAW_REQUEST, value)
    assert zoe.partners() == set()
    answer(amara, YES)
    assert zoe.partners() == {AMARA}


def test_mentee_whose_mentor_leaves_may_ask_somebody_else(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    for mentor in (amara, rajesh):
        mentor.join("mentor")
    zoe.join("mentee")
    ask(zoe, amara)
    answer(amara, YES)
    before = len(zoe.dms())
    amara.command("leave")
    amara.press(amara.hands.messages(CHANNEL)[-1], ids.LEAVE)
    (told,) = told_since(zoe, before)
    assert "You can ask somebody else" in told
    assert "in line" not in told
    assert "You choose your mentor yourself" in zoe.home()
    world.move_to(MONDAY + timedelta(days=3))
    ask(zoe, rajesh)
    answer(rajesh, YES)
    assert RAJESH in zoe.partners()


def test_two_who_parted_do_not_find_or_ask_each_other_again(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    for mentor in (amara, rajesh):
        mentor.join("mentor", capacity="3")
    zoe.join("mentee")
    ask(zoe, rajesh)
    offered = rajesh.dm_with(YES)
    ask(zoe, amara)
    answer(amara, YES)
    zoe.command("end")
    assert zoe.hands.submit() == {}
    world.settle()
    shown = words(find(zoe))
    assert name_of(amara) not in shown
    assert name_of(rajesh) in shown
    rajesh.press(offered, NO)
    assert name_of(amara) not in str(rajesh.hands.modal)
    assert "Amara" not in str(rajesh.hands.modal)


def test_match_now_says_that_people_ask(world: World) -> None:
    assert "mentees ask mentors themselves" in world.person(HANNAH).command("match now")


def test_nobody_stays_in_line_once_people_ask_and_all_are_in_line_once_they_do_not(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, asking("instant")) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        assert "in line" in zoe.home()
        update(world, asking())
        assert "in line" not in zoe.home()
        assert "You choose your mentor yourself" in zoe.home()
        update(world, asking("instant"))
        assert "in line" in zoe.home()


def update(world: World, file: ProgrammeFile) -> None:
    """A coordinator brings the programme's file up to date."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, file, HANNAH, world.clock())
    world.settle()


def test_mentor_who_sleeps_hears_of_a_request_in_the_morning(world: World) -> None:
    zoe, amara = world.person(ZOE), world.person(AMARA)
    amara.hands.change_profile(time_zone="Pacific/Auckland")
    amara.join("mentor")
    zoe.join("mentee")
    world.move_to(datetime(2026, 11, 23, 14, tzinfo=UTC))
    ask(zoe, amara)
    assert times_told(amara, "would like you as their mentor") == 0
    world.pass_days(1)
    assert when(amara.dm_with(YES), "Pacific/Auckland").hour == 10


def test_colleague_who_has_left_by_the_morning_is_not_suggested(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    for mentor in (amara, rajesh):
        mentor.join("mentor")
    zoe.join("mentee")
    zoe.hands.change_profile(time_zone="Pacific/Auckland")
    world.move_to(datetime(2026, 11, 23, 14, tzinfo=UTC))
    ask(zoe, amara)
    offered = amara.dm_with(NO)
    amara.press(offered, NO)
    assert amara.hands.modal is not None
    (field,) = [it for it in amara.hands.modal["blocks"] if it.get("block_id") == "colleague"]
    amara.hands.fill_in({"colleague": field["element"]["options"][0]["value"]})
    assert amara.hands.submit() == {}
    amara.hands.close_modal(all=True)
    rajesh.command("leave")
    rajesh.press(rajesh.hands.messages(CHANNEL)[-1], ids.LEAVE)
    world.pass_days(1)
    told = zoe.dm_texts()[-1]
    assert "cannot be your mentor this time" in told
    assert name_of(rajesh) not in told


def test_colleague_whom_a_mentee_has_asked_already_is_not_offered(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    for mentor in (amara, rajesh):
        mentor.join("mentor", capacity="3")
    zoe.join("mentee")
    for mentor in (amara, rajesh):
        ask(zoe, mentor)
    amara.press(amara.dm_with(NO), NO)
    assert "A colleague with a place" not in modal_words(amara)
