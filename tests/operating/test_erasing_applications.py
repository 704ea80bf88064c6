"""Erasing a person takes what they applied with, and what was decided on it, along."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.domain.model import ApplicationState, Role
from mentorbot.slack import ids
from mentorbot.storage import applications
from mentorbot.storage.applications import Round
from mentorbot.usecases import applying, reviewing
from tests.applications import apply, programme_file, run
from tests.operating.test_erasing import MARK, TEAM, erase, everything, holding
from tests.world import HANNAH, LINA, OMAR, ZOE, World, world_at

FIRST = {
    "validation": "none",
    "selection": {"mentee": {"mode": "first_come", "places": 1}},
}
GOALS = f"{MARK}, I would like to find my way into industry."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in January 2025, no programme yet."""
    with world_at(tmp_path, datetime(2025, 1, 6, 10, tzinfo=UTC), is_set_up=False) as made:
        yield made


def test_nothing_of_an_erased_applicant_is_left(world: World) -> None:
    run(world, programme_file())
    zoe = world.person(ZOE)
    apply(zoe, goals=GOALS, year="2", email=f"{MARK}@example.org")
    with world.bot.store.begin(TEAM) as tx:
        (found,) = applications.of_person(tx, Round("img", 1), ZOE)
        mine = found.application_id
        reviewing.ask(tx, HANNAH, mine, found.version, f"Why, {MARK}?", world.clock())
        applying.reply(tx, ZOE, mine, f"Because of {MARK}.", world.clock())
        reviewing.decline(tx, HANNAH, mine, found.version, f"No, {MARK}.", world.clock())
    world.settle()
    before = everything(world.bot.store.engine)
    assert set(holding(before, MARK, MARK.lower())) == {"application"}
    erase(world)
    after = everything(world.bot.store.engine)
    assert holding(after, ZOE, MARK, MARK.lower(), "Okonkwo") == {}
    assert len(after["application"]) == len(before["application"])


def test_place_of_an_erased_applicant_goes_to_the_next_in_line(world: World) -> None:
    run(world, programme_file(**FIRST))
    zoe, omar, lina = (world.person(it) for it in (ZOE, OMAR, LINA))
    apply(zoe)
    world.pass_days(0.1)
    apply(omar)
    lina.hands.click(lina.channel_card(), ids.JOIN_AS_MENTEE)
    erase(world)
    world.settle()
    assert "You have a place as a mentee" in omar.dm_texts()[-1]
    with world.bot.store.read(TEAM) as tx:
        taken = applications.count(tx, Round("img", 1), ApplicationState.SELECTED, Role.MENTEE)
    assert taken == 1
