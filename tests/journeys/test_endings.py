"""Ending one pairing: by either side, kindly, with a reason that the partner never reads."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.slack import ids
from mentorbot.storage import pairings
from tests import crafted
from tests.journeys.telling import (
    assert_nobody_was_told_twice,
    img,
    name_of,
    pair_up,
    programme,
    times_told,
)
from tests.operating.test_erasing import erase, everything, holding
from tests.world import AMARA, HANNAH, LINA, OMAR, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
WHY = "We never found an hour that suited us both"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with programme(tmp_path, MONDAY, img()) as running:
        yield running


def pairs(world: World) -> set[frozenset[str]]:
    """The people of each pairing that runs."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        every = pairings.in_cycle(tx, "img", 1, active_only=True)
        every += pairings.in_cycle(tx, "img", 2, active_only=True)
        return {
            frozenset(one.slack_user_id for one in pairings.members(tx, it.pairing_id))
            for it in every
        }


def option_of(who: Actor, block_id: str, name: str) -> str:
    """The value of the option that bears a name, in the open modal."""
    assert who.hands.modal is not None
    (block,) = [it for it in who.hands.modal["blocks"] if it.get("block_id") == block_id]
    found = [it for it in block["element"]["options"] if name in it["text"]["text"]]
    return str(found[0]["value"])


def end(who: Actor, **answers: Any) -> dict[str, str]:
    """End a pairing by the word; the errors of the form."""
    who.command("end")
    if answers:
        who.hands.fill_in(answers)
    errors = who.hands.submit()
    who.world.settle()
    return errors


@pytest.mark.phrase("MICCAI-11")
def test_either_ends_a_pairing_and_the_programme_reads_why_but_the_partner_never(
    world: World,
) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(3)
    assert end(zoe, reason=WHY) == {}
    assert times_told(amara, "has ended your pairing before its time") == 1
    assert times_told(amara, "front of the line") == 1
    assert times_told(hannah, WHY) == 1
    assert times_told(hannah, f"{name_of(zoe)} has ended the pairing with {name_of(amara)}") == 1
    everything_amara_reads = "\n".join([*amara.dm_texts(), amara.command("status")])
    assert "hour that suited" not in everything_amara_reads
    assert pairs(world) == set()
    world.pass_days(30)
    assert times_told(zoe, "Have you met") == 0
    assert_nobody_was_told_twice(world)


def test_two_who_parted_are_never_matched_again_however_few_there_are(world: World) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    end(zoe)
    world.pass_days(60)
    assert pairs(world) == set()
    omar.join("mentor")
    assert pairs(world) == {frozenset({ZOE, OMAR})}


def test_whoever_ends_a_pairing_may_rest_and_is_counted_in_again_when_they_like(
    world: World,
) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    end(zoe, wish="rest")
    omar.join("mentor")
    assert pairs(world) == set()
    zoe.command("resume")
    assert pairs(world) == {frozenset({ZOE, OMAR})}


def test_mentor_of_several_ends_one_pairing_and_keeps_the_others(world: World) -> None:
    amara, zoe, lina = (world.person(it) for it in (AMARA, ZOE, LINA))
    pair_up(amara, zoe, capacity="2")
    lina.join("mentee")
    assert amara.partners() == {ZOE, LINA}
    amara.command("end")
    amara.hands.fill_in({"pairing": option_of(amara, "pairing", "李娜"), "wish": "rest"})
    assert amara.hands.submit() == {}
    world.settle()
    assert pairs(world) == {frozenset({AMARA, ZOE})}
    assert times_told(lina, "has ended your pairing") == 1
    assert times_told(zoe, "has ended your pairing") == 0
    world.person(OMAR).join("mentee")
    assert pairs(world) == {frozenset({AMARA, ZOE})}


def test_mentee_whose_pairing_was_ended_can_still_thank_and_the_mentor_is_certified(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(10)
    assert end(amara) == {}
    told = zoe.dm_with(ids.GIVE_FEEDBACK)
    assert "certificate comes of it" in words(told)
    zoe.press(told, ids.GIVE_FEEDBACK)
    zoe.hands.fill_in({"rating": "5", "helped_with": "Courage", "could_improve": ""})
    assert zoe.hands.submit() == {}
    world.settle()
    assert times_told(amara, "certificate") == 1


def test_forged_and_repeated_endings_change_nothing(world: World) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    zoe.command("end")
    assert zoe.hands.modal is not None
    pairing_id, form = option_of(zoe, "pairing", "Amara"), dict(zoe.hands.modal)
    omar.join("mentee")
    theirs = {"pairing": {"pairing": {"selected_option": {"value": pairing_id}}}}
    forged = {**form, "callback_id": ids.END_FORM, "state": {"values": theirs}}
    assert "nothing was changed" in str(crafted.submit_as(omar, forged))
    assert pairs(world) == {frozenset({AMARA, ZOE})}
    assert zoe.hands.submit() == {}
    world.settle()
    assert "nothing was changed" in str(crafted.submit_as(zoe, forged))
    assert "You are in no pair" in zoe.command("end")
    assert times_told(amara, "has ended your pairing") == 1


def test_reason_is_sealed_and_goes_with_either_of_the_two(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    end(zoe, reason=WHY)
    held = everything(world.bot.store.engine)
    assert holding(held, "suited us both") == {}
    assert "kept_apart" in holding(held, ZOE)
    assert len(held["parting"]) == 1
    erase(world, AMARA)
    after = everything(world.bot.store.engine)
    assert after["parting"][0].endswith("null]")
    assert after["kept_apart"] == []


def test_coordinator_who_is_the_partner_reads_no_reason(world: World) -> None:
    hannah, zoe = world.person(HANNAH), world.person(ZOE)
    pair_up(hannah, zoe)
    end(zoe, reason=WHY)
    assert times_told(hannah, "has ended your pairing") == 1
    assert times_told(hannah, "suited us both") == 0
