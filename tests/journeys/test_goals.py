"""Goals and actions: the mentee's own, shared one by one, carried into the next check-in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.domain.goals import GoalKind
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import goals as stored
from mentorbot.storage.sealing import Vault, new_key
from mentorbot.storage.store import Store
from mentorbot.usecases import admin, goals, secrets
from tests.journeys.telling import img, modal_words, pair_up, programme
from tests.operating.test_erasing import erase, everything, holding
from tests.world import AMARA, HANNAH, OMAR, ZOE, Actor, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
GOALS: dict[str, Any] = preset("miccai").model_dump(mode="json")["goals"]
GRANT, DRAFT = "Win a grant for my lab", "Send a first draft to Amara"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """IMG's four weeks with the examples of MICCAI."""
    with programme(tmp_path, MONDAY, img(goals=GOALS)) as running:
        yield running


def write(who: Actor, action_id: str, text: str, *ticked: str) -> None:
    """Add a goal or an action, from the command on."""
    who.command("goals")
    who.press("modal", action_id)
    who.hands.fill_in({"text": text, "ticked": list(ticked)})
    assert who.hands.submit() == {}


def change(who: Actor, text: str, *ticked: str) -> None:
    """Open the goal or action with a text, and tick what is said."""
    who.hands.close_modal(all=True)
    who.command("goals")
    modal = who.hands.modal
    assert modal is not None
    (line,) = [it for it in modal["blocks"] if text in words({"blocks": [it]})]
    who.hands.click("modal", ids.CHANGE_GOAL, block_id=line["block_id"])
    who.hands.fill_in({"ticked": list(ticked)})
    assert who.hands.submit() == {}


@pytest.mark.phrase("MICCAI-13")
def test_mentee_makes_a_list_of_goals_from_examples_and_the_mentor_reads_what_is_shared(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    zoe.command("goals")
    assert "Writing a grant or fellowship application" in modal_words(zoe)
    zoe.hands.close_modal(all=True)
    write(zoe, ids.ADD_GOAL, GRANT, "shared")
    assert "your mentor can read this" in modal_words(zoe)
    zoe.hands.close_modal(all=True)
    write(zoe, ids.ADD_GOAL, "Find out whether I want to stay")
    assert "only you" in modal_words(zoe)
    amara.command("goals")
    assert f"Goal: {GRANT}" in modal_words(amara)
    assert "whether I want to stay" not in modal_words(amara)
    assert ids.ADD_GOAL not in str(amara.hands.modal)
    amara.hands.close_modal()
    change(zoe, GRANT)
    amara.command("goals")
    assert "nothing yet" in modal_words(amara)


@pytest.mark.phrase("MILA-18")
def test_open_actions_come_along_with_the_next_check_in_until_they_are_done(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    write(zoe, ids.ADD_ACTION, DRAFT)
    world.pass_days(7)
    carried = words(zoe.dm_with(ids.SHOW_GOALS))
    assert "What you set out to do" in carried
    assert DRAFT in carried
    assert DRAFT not in str(amara.dms())
    zoe.press(zoe.dm_with(ids.SHOW_GOALS), ids.SHOW_GOALS)
    assert DRAFT in modal_words(zoe)
    change(zoe, DRAFT, "done")
    assert f"*Done*\n•  {DRAFT}" in modal_words(zoe)
    world.pass_days(7)
    assert DRAFT not in words(zoe.dm_with(ids.CHECK_IN_MET))


def test_long_actions_all_come_along_and_what_is_done_hides_nothing_from_the_mentor(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for number in range(30):
            text = f"Step {number} " + "of a long way " * 20
            kind, now = GoalKind.ACTION, world.clock() + timedelta(seconds=number)
            made = goals.add(tx, "img", ZOE, kind, text, is_shared=True, now=now)
            if number < 12:
                done = {"is_shared": True, "is_done": True, "now": now}
                goals.change(tx, made.goal_id, ZOE, text, **done)
    world.pass_days(5)
    carried = words(zoe.dm_with(ids.SHOW_GOALS))
    assert all(f"Step {number} of" in carried for number in range(12, 30))
    amara.command("goals")
    shared = modal_words(amara)
    assert all(f"Action: Step {number} of" in shared for number in range(12, 30))
    assert shared.index("Step 29 of") < shared.index("Step 11 of")
    assert "Step 1 of" not in shared


def test_goal_can_be_taken_out(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    write(zoe, ids.ADD_GOAL, GRANT)
    change(zoe, GRANT, "gone")
    assert GRANT not in modal_words(zoe)


def test_empty_goal_is_refused_under_its_field(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    zoe.command("goals")
    zoe.press("modal", ids.ADD_GOAL)
    zoe.hands.fill_in({"text": "  "})
    assert "Please fill this in" in zoe.hands.submit()["text"]


def test_more_goals_than_can_be_are_refused_kindly(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    for number in range(20):
        write(zoe, ids.ADD_ACTION, f"Step {number}")
        zoe.hands.close_modal(all=True)
    zoe.command("goals")
    zoe.press("modal", ids.ADD_ACTION)
    zoe.hands.fill_in({"text": "One more"})
    zoe.hands.submit()
    assert "You have 20 open goals and actions" in modal_words(zoe)


def test_mentor_reads_nothing_more_once_the_pair_has_ended(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    write(zoe, ids.ADD_GOAL, GRANT, "shared")
    zoe.hands.close_modal(all=True)
    zoe.command("leave")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.LEAVE)
    assert "You are in no pair" in amara.command("goals")


def test_goals_are_nobody_elses(world: World) -> None:
    amara, zoe, omar, hannah = (world.person(it) for it in (AMARA, ZOE, OMAR, HANNAH))
    pair_up(amara, zoe)
    write(zoe, ids.ADD_GOAL, GRANT, "shared")
    omar.join("mentee")
    omar.command("goals")
    assert GRANT not in modal_words(omar)
    shown = [hannah.command(word) for word in ("people", "pairs", "goals")]
    assert not any(GRANT in it for it in shown)


def test_goals_are_sealed_and_go_with_the_person(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    write(zoe, ids.ADD_GOAL, GRANT)
    before = everything(world.bot.store.engine)
    assert holding(before, GRANT) == {}
    assert len(before["goal"]) == 1
    erase(world)
    assert everything(world.bot.store.engine)["goal"] == []


def test_goals_open_with_a_new_key_once_they_are_renewed(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    write(zoe, ids.ADD_GOAL, GRANT)
    store, old, new = world.bot.store, world.bot.store.vault, new_key()
    known = world.bot.settings.secret_keys
    both = Store(store.engine, lambda: "n", vault=Vault([new, *known]))
    with both.begin(world.running.workspace_id) as tx:
        assert secrets.renew(tx) == 1
        (goal,) = stored.every(tx)
        assert Vault([new]).open(goal.sealed, goal.goal_id) == GRANT
        with pytest.raises(SecretKeyMissing):
            old.open(goal.sealed, goal.goal_id)


def test_programme_with_goals_is_not_set_up_without_a_key(world: World) -> None:
    keyless = Store(world.bot.store.engine, lambda: "n")
    with (
        pytest.raises(SecretKeyMissing),
        keyless.begin(world.running.workspace_id) as tx,
    ):
        admin.update(tx, img(goals=GOALS, name="Another name"), HANNAH, MONDAY)
