"""Mila's lottery: from applications to results, committed to before and replayed after."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from mentorbot import cli
from mentorbot.domain.model import Application, AuditEntry
from mentorbot.domain.model import ApplicationState as State
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import draws, tables
from mentorbot.usecases import admin, reviewing
from tests.applications import apply, run
from tests.journeys.telling import assert_nobody_was_told_twice
from tests.lottery import (
    AUTUMN,
    SEED,
    answer_confidentially,
    channel_files,
    crowd,
    lottery_file,
    published,
    states,
)
from tests.world import HANNAH, LINA, OMAR, ZOE, Actor, World, on_both_databases, words, world_at

NEW_YEAR = datetime(2023, 1, 2, 15, tzinfo=UTC)
DRAW_DAY = datetime(2023, 1, 5, 15, tzinfo=UTC)
_AUDIT = tables.audit_entries.c


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A Monday in November 2022, no programme yet."""
    is_postgres = getattr(request, "param", "sqlite") == "postgres"
    database = request.getfixturevalue("postgres") if is_postgres else None
    with world_at(tmp_path, AUTUMN, database=database, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def commit(hannah: Actor) -> str:
    """Commit to the draw; the words of the answer."""
    hannah.command("lottery")
    assert hannah.hands.modal is not None
    assert hannah.hands.submit() == {}
    hannah.world.settle()
    said = words(hannah.hands.modal or {})
    hannah.hands.close_modal(all=True)
    return said


def enter(hannah: Actor, seed: str) -> str:
    """Enter a seed; the words of the last look at it."""
    hannah.command("lottery")
    hannah.hands.fill_in({"seed": seed})
    assert hannah.hands.submit() == {}
    return words(hannah.hands.modal or {})


def draw(hannah: Actor, seed: str = SEED) -> str:
    """Enter the seed, confirm it and draw; the words of the answer."""
    enter(hannah, seed)
    assert hannah.hands.submit() == {}
    hannah.world.settle()
    said = words(hannah.hands.modal or {})
    hannah.hands.close_modal(all=True)
    return said


@on_both_databases
@pytest.mark.phrase("MILA-04", "MILA-05", "MILA-06", "MILA-07")
def test_places_are_drawn_replayed_and_told_to_all_at_once(world: World, tmp_path: Path) -> None:
    run(world, lottery_file())
    zoe, lina, omar, hannah = map(world.person, (ZOE, LINA, OMAR, HANNAH))
    for who in (zoe, lina, omar):
        assert "Confidential questions" in apply(who)
    assert answer_confidentially(lina) == {}
    crowd(world, 33, members=range(8), before=range(20, 33))
    assert "Applications are taken until 31 December 2022" in hannah.command("lottery")

    world.move_to(NEW_YEAR)
    assert "36 applicants are approved" in words(_lottery_modal(hannah))
    assert "on its way" in commit(hannah)
    announced = words(hannah.hands.messages(CHANNEL)[-1])
    digest = announced.rpartition("`")[0].rpartition("`")[2]
    assert "36 applicants are in the draw" in announced
    assert "2023-01-04" in announced
    number = zoe.home().partition("Your number in the draw is `")[2][:19]
    omar.hands.open_home()
    omar.press("home", ids.WITHDRAW)
    assert "comes on 4 January 2023" in hannah.command("lottery")

    world.move_to(DRAW_DAY)
    assert "6 of 36 have a place" in draw(hannah)
    assert states(world) == {State.SELECTED: 6, State.WAITING_LIST: 29, State.WITHDRAWN: 1}
    assert channel_files(zoe) == []
    assert "Everybody hears on 23 January 2023" in zoe.command("status")
    heard = len(zoe.dms())

    world.move_to(datetime(2023, 1, 24, 15, tzinfo=UTC))
    assert len(zoe.dms()) == heard + 1
    (file,) = channel_files(zoe)
    told = published(zoe)
    assert told["commitment"] == digest
    assert told["seed"] == SEED
    assert number in {it["id"] for it in told["entrants"]}
    assert len(told["withdrawn"]) == 1
    by_id = {it["id"]: it for it in told["entrants"]}
    assert sum(by_id[it]["member"].get("value", False) for it in told["selected"]) >= 3
    assert all(by_id[it]["newcomer"]["value"] for it in told["selected"])
    without_place = set(by_id) - set(told["selected"])
    assert not any(by_id[it]["member"].get("value") for it in without_place)
    assert not any("value" in by_id[told["withdrawn"][0]][it] for it in ("member", "newcomer"))
    has_place = number in told["selected"]
    assert ("You have a place" in zoe.dm_texts()[-1]) == has_place

    copy = tmp_path / "draw.json"
    copy.write_bytes(zoe.hands.download(file["id"]))
    assert b"U0" not in copy.read_bytes()
    verified = CliRunner().invoke(cli.app, ["lottery", "verify", str(copy), "--commitment", digest])
    assert verified.exit_code == 0, verified.output
    assert "The draw holds: 36 applicants, 1 withdrawn, 6 places (3 reserved)" in verified.output


MILA = {
    "topics": ["Not decided yet"],
    "field": "Another field",
    "spoken": ["French"],
    "goals": "To find out whether academia or industry is for me. " * 2,
    "time_mentee": ["agreed"],
    "evaluation": ["agreed"],
}


@pytest.mark.phrase("MILA-04", "MILA-05", "MILA-06", "MILA-07")
def test_milas_own_file_draws_twenty_of_its_researchers(world: World, tmp_path: Path) -> None:
    run(world, preset("mila"))
    zoe, hannah = world.person(ZOE), world.person(HANNAH)
    zoe.hands.change_profile(email="zoe@mila.quebec")
    assert "with the programme's team" in apply(zoe, **MILA, address="zoe@mila.quebec")
    zoe.hands.open_home()
    zoe.hands.click("home", ids.OPEN_SENSITIVE)
    zoe.hands.fill_in({"member": ["agreed"], "consent.member": ["agreed"]})
    assert zoe.hands.submit() == {}
    zoe.hands.close_modal(all=True)
    crowd(world, 33, question="member", members=range(4), answers=MILA)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for one in tx.session.scalars(select(Application)):
            reviewing.verify(tx, HANNAH, one.application_id, one.version, ["researcher"], AUTUMN)
            reviewing.approve(tx, HANNAH, one.application_id, one.version, AUTUMN)
    world.move_to(datetime(2023, 1, 9, 15, tzinfo=UTC))
    assert "on its way" in commit(hannah)
    world.move_to(datetime(2023, 1, 16, 15, tzinfo=UTC))
    assert "20 of 34 have a place" in draw(hannah, "3-14-15-22-35-42")
    world.move_to(datetime(2023, 1, 23, 14, tzinfo=UTC))
    assert channel_files(zoe) == []
    world.move_to(datetime(2023, 1, 23, 20, tzinfo=UTC))
    told = published(zoe)
    members = {it["id"] for it in told["entrants"] if it["member"].get("value")}
    assert len(members) == 5
    assert members <= set(told["selected"])
    assert "You have a place" in zoe.dm_texts()[-1]
    copy = tmp_path / "draw.json"
    copy.write_bytes(zoe.hands.download(channel_files(zoe)[0]["id"]))
    verified = CliRunner().invoke(cli.app, ["lottery", "verify", str(copy)])
    assert verified.exit_code == 0, verified.output


def _lottery_modal(hannah: Actor) -> dict[str, object]:
    hannah.command("lottery")
    view = hannah.hands.modal
    assert view is not None
    hannah.hands.close_modal(all=True)
    return json.loads(json.dumps(view))  # type: ignore[no-any-return]  # as it was shown


def test_nobody_can_tell_before_the_day_what_the_draw_has_brought_them(world: World) -> None:
    run(world, lottery_file(lottery={"places": 1, "reserved": 0, "waiting_list": 1}))
    applicants, hannah = [world.person(who) for who in (ZOE, LINA, OMAR)], world.person(HANNAH)
    for who in applicants:
        apply(who)
    world.move_to(NEW_YEAR)
    commit(hannah)
    world.move_to(DRAW_DAY)
    draw(hannah)
    assert set(states(world)) == {State.SELECTED, State.WAITING_LIST, State.NOT_SELECTED}
    assert len({_all_that_is_seen(who) for who in applicants}) == 1
    for who in applicants:
        who.hands.open_home()
        who.press("home", ids.WITHDRAW)
        assert "Everybody hears" not in who.home()
    assert set(states(world)) == {State.WITHDRAWN}


def _all_that_is_seen(who: Actor) -> str:
    """What somebody reads wherever they look and press, apart from their number in the draw."""
    seen = [who.home(), *(who.command(f"apply {it}") for it in ("", "mentee", "mentor"))]
    return re.sub(r"`[0-9a-f-]{19}`", "", "\n".join(seen))


def test_seed_is_shown_once_more_and_nothing_is_drawn_before_it_is_confirmed(world: World) -> None:
    run(world, lottery_file())
    hannah = world.person(HANNAH)
    crowd(world, 9)
    world.move_to(NEW_YEAR)
    commit(hannah)
    world.move_to(DRAW_DAY)
    looked = enter(hannah, "  3.14.15.22.35.24 ")
    assert "`3.14.15.22.35.24`" in looked
    assert "the Lotto 6/49 draw, its six numbers ascending" in looked
    assert "cannot be made again" in looked
    hannah.hands.close_modal(all=True)
    world.settle()
    assert states(world) == {State.APPROVED: 9}
    assert "6 of 9 have a place" in draw(hannah)
    assert "nothing can be drawn again" in words(_lottery_modal(hannah))
    with world.bot.store.read(world.running.workspace_id) as tx:
        noted = tx.session.scalars(select(AuditEntry).where(_AUDIT.action == "lottery.draw")).one()
    assert (noted.actor, noted.details["seed"]) == (HANNAH, SEED)
    world.move_to(datetime(2023, 1, 24, 15, tzinfo=UTC))
    assert published(hannah)["seed"] == SEED


@on_both_databases
def test_two_coordinators_who_confirm_at_once_make_one_draw(world: World) -> None:
    run(world, lottery_file())
    omar, hannah = world.person(OMAR), world.person(HANNAH)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.add_coordinator(tx, "img", OMAR, HANNAH, world.clock())
    crowd(world, 9)
    world.move_to(NEW_YEAR)
    commit(hannah)
    world.move_to(DRAW_DAY)
    both = {omar: "1.2.3", hannah: SEED}
    for who, seed in both.items():
        enter(who, seed)
    threads = [threading.Thread(target=who.hands.submit) for who in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    said = {who: words(who.hands.modal or {}) for who in both}
    (drawn_by,) = [who for who in both if "6 of 9 have a place" in said[who]]
    (late,) = set(both) - {drawn_by}
    assert f"drawn already, with the seed `{both[drawn_by]}`" in said[late]
    assert states(world) == {State.SELECTED: 6, State.WAITING_LIST: 3}
    with world.bot.store.read(world.running.workspace_id) as tx:
        (made,) = draws.every(tx)
    assert (made.seed, made.drawn_by) == (both[drawn_by], drawn_by.id)
