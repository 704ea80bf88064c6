"""Bringing a running programme's file up to date, and moving it."""

from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.errors import CycleRunning
from mentorbot.domain.model import Programme
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.programmes import preset
from mentorbot.storage import tables
from mentorbot.usecases import admin
from tests.world import AMARA, HANNAH, ZOE, World

GENERAL = "C0GENERAL0"


def changed(**parts: Any) -> ProgrammeFile:
    """The IMG file with other parts."""
    return ProgrammeFile.model_validate(preset("img").model_dump(mode="json") | parts)


def test_dates_do_not_change_under_a_running_pair(world: World) -> None:
    world.person(AMARA).join("mentor")
    world.person(ZOE).join("mentee")
    longer = changed(cycle={"days": 56, "join_until_day": 14})
    with (
        pytest.raises(CycleRunning),
        world.bot.store.begin(world.running.workspace_id) as tx,
    ):
        admin.update(tx, longer, HANNAH, world.clock())
    with world.bot.store.begin(world.running.workspace_id) as tx:
        assert admin.update(tx, changed(name="IMG friends"), HANNAH, world.clock()) == []


def test_dates_change_between_cycles(world: World) -> None:
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, changed(cycle={"days": 56, "join_until_day": 14}), HANNAH, world.clock())
        stored = tx.session.scalars(
            select(Programme).where(tables.programmes.c.workspace_id == tx.workspace_id)
        ).one()
    assert parse_stored(stored.definition).cycle.days == 56


def test_programme_that_moves_posts_its_buttons_in_the_new_channel_once(world: World) -> None:
    hannah = world.person(HANNAH)
    with world.sandbox.state.change():
        world.sandbox.state.conversations[GENERAL].members.append(world.sandbox.bot_user_id)
    workspace = world.running.workspace_id
    for _again in range(2):
        with world.bot.store.begin(workspace) as tx:
            admin.move(tx, "img", GENERAL, HANNAH, world.clock())
        world.settle()
    posted = [m for m in hannah.hands.messages(GENERAL) if m.get("bot_id")]
    assert len(posted) == 1
