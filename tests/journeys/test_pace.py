"""A pair's own pace: how often it is asked, and going on longer when both want to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mentorbot.slack import ids
from mentorbot.storage import pairings
from tests import crafted
from tests.journeys.telling import (
    assert_nobody_was_told_twice,
    img,
    modal_words,
    pair_up,
    programme,
    times_told,
    when,
)
from tests.world import AMARA, OMAR, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
EVERGREEN = {"months": 3, "repeats": "evergreen"}
CHECK_IN = "have you and"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Pairs of three months that may go on for one or three more."""
    file = img(cycle=EVERGREEN, extension={"months": [1, 3]})
    with programme(tmp_path, MONDAY, file) as running:
        yield running


def set_pace(who: Actor, every: str) -> str:
    who.command("cadence")
    who.hands.fill_in({"every": every})
    assert who.hands.submit() == {}
    who.world.settle()
    said = modal_words(who)
    who.hands.close_modal(all=True)
    return said


def asked_on(who: Actor) -> list[date]:
    """The days on which somebody was asked how it goes."""
    return [when(it).date() for it in who.dms() if CHECK_IN in words(it)]


def ends_on(world: World) -> date:
    with world.bot.store.read(world.running.workspace_id) as tx:
        (found,) = pairings.in_cycle(tx, "img", 1)
        return found.ends_on


def wish(who: Actor, months: int) -> str:
    who.command("extend")
    who.hands.fill_in({"months": str(months)})
    assert who.hands.submit() == {}
    who.world.settle()
    said = modal_words(who)
    who.hands.close_modal(all=True)
    return said


@pytest.mark.phrase("MILA-15")
def test_pair_sets_how_often_it_is_asked_and_check_ins_follow(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(6)
    assert len(asked_on(zoe)) == 1
    assert "every three weeks" in set_pace(zoe, "three_weeks")
    assert times_told(amara, "look in on the two of you every three weeks") == 1
    assert "I ask how it goes every three weeks" in amara.home()
    world.pass_days(46)
    for who in (amara, zoe):
        assert asked_on(who) == [date(2026, 11, 27), date(2026, 12, 20), date(2027, 1, 10)]
    amara.press(amara.dm_with(ids.SET_CADENCE), ids.SET_CADENCE)
    amara.hands.fill_in({"every": "week"})
    assert amara.hands.submit() == {}
    world.pass_days(15)
    assert asked_on(zoe)[3:] == [date(2027, 1, 21), date(2027, 1, 28)]
    assert_nobody_was_told_twice(world)


@pytest.mark.phrase("MICCAI-10")
def test_pair_that_agrees_goes_on_and_every_later_date_moves_with_it(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    assert ends_on(world) == date(2027, 2, 23)
    world.move_to(datetime(2027, 2, 21, 11, tzinfo=UTC))
    closing = zoe.dm_with(ids.EXTEND)
    assert "rather go on together" in words(closing)
    zoe.press(zoe.dm_with(ids.CONTINUE), ids.CONTINUE)
    zoe.press(zoe.dm_with(ids.EXTEND), ids.EXTEND)
    zoe.hands.fill_in({"months": "3"})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "I have asked" in modal_words(zoe)
    zoe.hands.close_modal(all=True)
    assert ends_on(world) == date(2027, 2, 23)
    amara.press(amara.dm_with(ids.AGREE_TO_EXTEND), ids.AGREE_TO_EXTEND)
    assert ends_on(world) == date(2027, 5, 23)
    assert times_told(zoe, "your pairing goes on until") == 1
    before = len(asked_on(zoe))
    world.move_to(datetime(2027, 5, 5, 12, tzinfo=UTC))
    assert len(asked_on(zoe)) > before
    assert times_told(zoe, "Your cycle with") == 1
    world.move_to(datetime(2027, 5, 21, 12, tzinfo=UTC))
    assert times_told(zoe, "Your cycle with") == 2
    assert "until 23 May 2027" in zoe.home()
    world.move_to(datetime(2027, 5, 24, 12, tzinfo=UTC))
    with world.bot.store.read(world.running.workspace_id) as tx:
        assert not pairings.in_cycle(tx, "img", 1, active_only=True)
    assert_nobody_was_told_twice(world)


def test_one_who_would_rather_not_is_not_pressed_and_the_end_stays(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    assert "I have asked" in wish(amara, 3)
    asked = zoe.dm_with(ids.DECLINE_TO_EXTEND)
    zoe.press(asked, ids.DECLINE_TO_EXTEND)
    assert times_told(amara, "cannot go on longer this time") == 1
    assert ends_on(world) == date(2027, 2, 23)
    assert "nothing was changed" in crafted.click(
        zoe, ids.AGREE_TO_EXTEND, f"{_pairing_id(world)} 1"
    )
    assert ends_on(world) == date(2027, 2, 23)


def _pairing_id(world: World) -> str:
    with world.bot.store.read(world.running.workspace_id) as tx:
        return pairings.in_cycle(tx, "img", 1)[0].pairing_id


def test_both_who_wish_the_same_at_once_have_agreed_and_another_wish_takes_its_place(
    world: World,
) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    wish(amara, 3)
    stale = zoe.dm_with(ids.AGREE_TO_EXTEND)
    assert "I have asked" in wish(zoe, 1)
    zoe.press(stale, ids.AGREE_TO_EXTEND)
    assert ends_on(world) == date(2027, 2, 23)
    for forged in (ids.AGREE_TO_EXTEND, ids.DECLINE_TO_EXTEND):
        crafted.click(omar, forged, f"{_pairing_id(world)} 2")
    assert "How good" in wish(amara, 1)
    assert ends_on(world) == date(2027, 3, 23)


def test_extension_shorter_than_the_closing_takes_is_refused_in_the_file() -> None:
    closing = {"days_before_end": 30, "reminder_days": []}
    touchpoints = img().model_dump(mode="json")["touchpoints"] | {"closing": closing}
    with pytest.raises(ValueError, match="give more months"):
        img(cycle=EVERGREEN, extension={"months": [1]}, touchpoints=touchpoints)


def test_programme_whose_pairs_end_together_extends_none(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img()) as running:
        amara, zoe = running.person(AMARA), running.person(ZOE)
        pair_up(amara, zoe)
        assert "Pairs cannot go on longer here" in zoe.command("extend")
