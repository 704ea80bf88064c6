"""Agreements: asked for in the first month, written by the mentee, signed and amended by both."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import agreements as stored
from mentorbot.usecases import agreements
from tests import crafted
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme, times_told
from tests.journeys.test_sessions import run_update
from tests.operating.test_erasing import erase, everything, holding
from tests.world import AMARA, HANNAH, LINA, OMAR, PRIYA, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
AGREEMENT: dict[str, Any] = preset("miccai").model_dump(mode="json")["agreement"]
WORDS = {
    "aims": "A first grant of my own",
    "duration": "Six months",
    "frequency": "Every month",
    "format": ["By video"],
    "boundaries": "Everything stays here",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """IMG in a cycle of two months, with the agreement of MICCAI."""
    file = img(agreement=AGREEMENT, cycle={"days": 60, "join_until_day": 14})
    with programme(tmp_path, MONDAY, file) as running:
        yield running


def write(who: Actor, **changes: Any) -> str:
    """Fill the form from the newest message that leads to it; what is said then."""
    who.press(who.dm_with(ids.OPEN_AGREEMENT), ids.OPEN_AGREEMENT)
    who.hands.fill_in(WORDS | changes)
    assert who.hands.submit() == {}
    who.world.settle()
    said = modal_words(who)
    who.hands.close_modal(all=True)
    return said


@pytest.mark.phrase("MICCAI-07")
def test_pair_agrees_on_goals_duration_and_frequency_in_the_first_month_and_both_sign(
    world: World,
) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    assert "Their agreement is not signed yet" in hannah.command("pairs")
    world.pass_days(11)
    assert times_told(zoe, "What do you want to reach together") == 1
    assert times_told(amara, "agreement") == 0
    assert "I have asked" in write(zoe)
    told = amara.dm_with(ids.SIGN_AGREEMENT)
    assert "A first grant of my own" in words(told)
    assert "Every month" in words(told)
    amara.press(told, ids.SIGN_AGREEMENT)
    assert times_told(zoe, "is signed by all") == 1
    assert "Their agreement is signed." in hannah.command("pairs")
    assert "grant" not in hannah.command("pairs")
    world.pass_days(20)
    assert times_told(zoe, "is still to be written") == 0
    assert times_told(amara, "waits for you to sign") == 0
    assert "signed by all" in amara.command("agreement")


def test_changed_agreement_is_signed_anew_by_the_other(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(11)
    write(zoe)
    write(amara, frequency="Every week")
    told = zoe.dm_with(ids.SIGN_AGREEMENT)
    assert "Every week" in words(told)
    stale = amara.dm_with(ids.SIGN_AGREEMENT)
    amara.press(stale, ids.SIGN_AGREEMENT)
    assert times_told(zoe, "is signed by all") == 0
    zoe.press(told, ids.SIGN_AGREEMENT)
    assert times_told(amara, "is signed by all") == 1


def test_words_of_somebody_who_wrote_at_the_same_time_are_not_lost(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(11)
    write(zoe)
    amara.press(amara.dm_with(ids.OPEN_AGREEMENT), ids.OPEN_AGREEMENT)
    amara.hands.fill_in({"aims": "Two papers"})
    zoe.hands.command(ids.COMMAND, "agreement", CHANNEL)
    world.settle()
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.OPEN_AGREEMENT)
    zoe.hands.fill_in({"aims": "A grant and a paper"})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "while you wrote" in amara.hands.submit()["aims"]
    assert "Two papers" in str(amara.hands.modal)


def test_silence_is_reminded_of_once_and_then_left(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(40)
    assert times_told(zoe, "What do you want to reach together") == 1
    assert times_told(zoe, "is still to be written") == 1
    write(zoe)
    world.pass_days(12)
    assert times_told(amara, "have an agreement to sign") == 1
    assert times_told(amara, "waits for you to sign or change it") == 1


def test_mentor_signs_what_the_mentee_has_written_and_outsiders_read_nothing(world: World) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    assert "Your mentee writes it" in amara.command("agreement")
    world.pass_days(11)
    message = zoe.dm_with(ids.OPEN_AGREEMENT)
    (pairing_id,) = {it["value"] for block in message["blocks"] for it in block.get("elements", [])}
    assert "nothing was changed" in crafted.click(omar, ids.OPEN_AGREEMENT, pairing_id)
    assert "nothing was changed" in crafted.click(omar, ids.SIGN_AGREEMENT, f"{pairing_id} 1")
    write(zoe)
    with world.bot.store.read(world.running.workspace_id) as tx:
        held = stored.agreement(tx, pairing_id)
    assert held is not None
    assert "grant" not in held.sealed
    assert "You are in no pair" in omar.command("agreement")


def test_agreement_is_erased_with_either_of_the_pair(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(11)
    write(zoe)
    assert holding(everything(world.bot.store.engine), "A first grant") == {}
    erase(world, ZOE)
    assert everything(world.bot.store.engine)["agreement"] == []


def test_mentor_of_many_reads_every_agreement_of_theirs(tmp_path: Path) -> None:
    data = preset("img").model_dump(mode="json")
    form = [it | {"most": 5} if it["id"] == "capacity" else it for it in data["form"]]
    most = {"kind": "long_text", "most": 2000}
    questions = [{"id": f"q{it}", "label": f"Question {it}"} | most for it in range(12)]
    agreement = {"ask_day": 7, "due_day": 28, "questions": questions}
    file = img(agreement=agreement, form=form, cycle={"days": 60, "join_until_day": 14})
    with programme(tmp_path, MONDAY, file) as world:
        amara, mentees = world.person(AMARA), [world.person(it) for it in (ZOE, OMAR, LINA, PRIYA)]
        amara.join("mentor", capacity="5")
        for mentee in mentees:
            mentee.join("mentee")
        world.pass_days(11)
        for mentee in mentees:
            mentee.press(mentee.dm_with(ids.OPEN_AGREEMENT), ids.OPEN_AGREEMENT)
            mentee.hands.fill_in({it["id"]: "& words " * 200 for it in questions})
            assert mentee.hands.submit() == {}
            mentee.hands.close_modal(all=True)
            world.settle()
        told = amara.command("agreement")
        assert all(name_of(it) in told for it in mentees)
        amara.hands.open_home()
        amara.hands.click("home", ids.SHOW_AGREEMENTS)
        assert all(name_of(it) in modal_words(amara) for it in mentees)
        let_the_team_read_all(world, AMARA)
        hannah = world.person(HANNAH)
        hannah.command("agreement team")
        assert all(name_of(it) in modal_words(hannah) for it in mentees)


def let_the_team_read_all(world: World, mentor: str) -> None:
    """Everybody signs, and lets the team read, what a mentor has agreed on."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for held in agreements.own(tx, "img", mentor):
            pairing_id, now = held.pairing.pairing_id, world.clock()
            for who in (it.slack_user_id for it in held.members):
                agreements.sign(tx, pairing_id, who, held.version, now)
                agreements.share(tx, pairing_id, who, held.version, now, is_on=True)


@pytest.mark.phrase("MICCAI-15")
def test_team_reads_what_a_pair_has_agreed_on_only_while_both_would_let_it(world: World) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(11)
    write(zoe)
    amara.press(amara.dm_with(ids.SIGN_AGREEMENT), ids.SIGN_AGREEMENT)

    def tell(who: Actor) -> None:
        who.command("agreement")
        who.press(who.hands.messages(CHANNEL)[-1], ids.SHARE_AGREEMENT)

    def read_by_team() -> str:
        hannah.command("agreement team")
        said = modal_words(hannah)
        hannah.hands.close_modal(all=True)
        return said

    assert "0 pairs let the team read" in read_by_team()
    tell(zoe)
    assert "A first grant" not in read_by_team()
    assert f"{name_of(zoe)} would let the programme's team read" in amara.command("agreement")
    tell(amara)
    assert "A first grant of my own" in read_by_team()
    tell(zoe)
    assert "A first grant" not in read_by_team()
    tell(zoe)
    write_again = zoe.command("agreement")
    assert "as you all agreed to" in write_again
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.OPEN_AGREEMENT)
    zoe.hands.fill_in({"aims": "Another one"})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "Another one" not in read_by_team()
    assert "Another one" not in amara.command("pairs") + hannah.command("pairs")
    assert "let the team read" not in amara.command("agreement team")


@pytest.mark.parametrize("how", ["no longer in the file", "on a break"])
def test_agreement_is_not_asked_for_in_vain(world: World, how: str) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    if how == "on a break":
        zoe.command("pause 5 weeks")
    else:
        run_update(world, img(cycle={"days": 60, "join_until_day": 14}))
    world.pass_days(30)
    assert times_told(zoe, "What do you want to reach together") == 0
    assert times_told(zoe, "is still to be written") == 0
