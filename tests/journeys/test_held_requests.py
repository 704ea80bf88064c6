"""Requests beside a matching: a held place stays held, and nobody hears of what is no more."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from tests.journeys.telling import img, pair_up, programme, times_told
from tests.journeys.test_requests import MONDAY, NO, YES, answer, ask, asking, update
from tests.world import AMARA, OMAR, RAJESH, ZOE, World, action_ids, words


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A programme in which everybody is matched with one mentor, and can ask others."""
    with programme(tmp_path, MONDAY, asking("instant")) as running:
        yield running


def test_no_matching_gives_away_a_place_that_a_request_holds(world: World) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor", capacity="1")
    ask(zoe, amara)
    omar.join("mentee")
    assert omar.partners() == set()
    answer(amara, YES)
    assert zoe.partners() == {RAJESH, AMARA}


def test_place_that_a_request_has_let_go_is_given_to_whoever_waits(world: World) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor", capacity="1")
    ask(zoe, amara)
    omar.join("mentee")
    zoe.command("requests")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.WITHDRAW_REQUEST)
    assert omar.partners() == {AMARA}


def test_place_of_a_request_that_nobody_answered_is_given_to_whoever_waits(world: World) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor", capacity="1")
    ask(zoe, amara)
    omar.join("mentee")
    world.pass_days(6)
    assert omar.partners() == set()
    world.pass_days(2)
    assert omar.partners() == {AMARA}


@pytest.mark.parametrize("how", ["decline", "pause"])
def test_place_that_a_mentor_or_a_mentee_lets_go_is_given_to_whoever_waits(
    world: World, how: str
) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor", capacity="1")
    ask(zoe, amara)
    omar.join("mentee")
    if how == "decline":
        answer(amara, NO)
    else:
        zoe.command("pause 2 weeks")
    assert omar.partners() == {AMARA}


def test_two_who_are_matched_while_one_asks_the_other_are_introduced_once(world: World) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor", capacity="2")
    ask(zoe, amara)
    rajesh.command("leave")
    rajesh.press(rajesh.hands.messages(CHANNEL)[-1], ids.LEAVE)
    assert AMARA in zoe.partners()
    amara.press(amara.dm_with(YES), YES)
    assert len([it for it in zoe.groups() if AMARA in it["members"]]) == 1
    assert zoe.home().count(f"<@{AMARA}>") == 1
    world.pass_days(8)
    assert times_told(zoe, "has not found the time") == 0


def test_mentor_never_hears_of_a_request_that_was_taken_back_before_their_morning(
    world: World,
) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    amara.hands.change_profile(time_zone="Pacific/Auckland")
    pair_up(rajesh, zoe)
    amara.join("mentor")
    world.move_to(datetime(2026, 11, 23, 14, tzinfo=UTC))
    before = amara.dm_texts()
    ask(zoe, amara)
    zoe.command("requests")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.WITHDRAW_REQUEST)
    world.pass_days(2)
    assert amara.dm_texts() == before


@pytest.mark.parametrize("says", [YES, NO])
def test_request_stands_though_a_newer_file_has_nobody_ask_any_more(
    world: World, says: str
) -> None:
    zoe, amara, rajesh = (world.person(it) for it in (ZOE, AMARA, RAJESH))
    pair_up(rajesh, zoe)
    amara.join("mentor")
    ask(zoe, amara)
    update(world, img(cycle={"days": 60, "repeats": "evergreen"}))
    answer(amara, says)
    if says == YES:
        assert AMARA in zoe.partners()
    else:
        assert "cannot be your mentor this time" in zoe.dm_texts()[-1]
        assert "/mentorbot find" not in zoe.dm_texts()[-1]
    world.pass_days(8)
    assert times_told(zoe, "has not found the time") == 0


def test_mentor_with_fewer_places_than_requests_reads_what_they_can_do(world: World) -> None:
    zoe, omar, amara, rajesh = (world.person(it) for it in (ZOE, OMAR, AMARA, RAJESH))
    rajesh.join("mentor", capacity="2")
    for mentee in (zoe, omar):
        mentee.join("mentee")
    amara.join("mentor", capacity="2")
    for mentee in (zoe, omar):
        ask(mentee, amara)
    first, second = [it for it in amara.dms() if YES in action_ids(it)]
    amara.hands.open_home()
    amara.hands.click("home", ids.CHANGE_DETAILS)
    amara.hands.fill_in({"capacity": "1"})
    assert amara.hands.submit() == {}
    world.settle()
    amara.press(first, YES)
    amara.press(second, YES)
    said = words(amara.hands.messages(amara.hands.bot_dm() or "")[-1])
    assert "The place for this request is not free any more" in said
    assert amara.partners() == {ZOE}
