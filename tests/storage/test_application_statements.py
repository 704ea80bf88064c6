"""What applying and reviewing say to the database: each names its workspace, and finds by index."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.slack import ids
from tests.applications import apply, programme_file, run
from tests.storage.test_statements import listening, names_its_workspace, wasteful_of
from tests.world import HANNAH, OMAR, ZOE, World, world_at


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in January 2025, a programme with one place."""
    with world_at(tmp_path, datetime(2025, 1, 6, 10, tzinfo=UTC), is_set_up=False) as made:
        places = {"mentee": {"mode": "first_come", "places": 1}}
        run(made, programme_file(selection=places, lists={"members": "The members"}))
        yield made


def test_statements_of_applying_and_reviewing_name_their_workspace_and_find_by_index(
    world: World,
) -> None:
    zoe, omar, hannah = (world.person(it) for it in (ZOE, OMAR, HANNAH))
    with listening(world.bot.store) as heard:
        for who in (zoe, omar):
            apply(who, email="shared@example.org")
        hannah.home()
        hannah.command("review")
        hannah.hands.click("modal", ids.REVIEW_SKIP)
        hannah.hands.click("modal", ids.REVIEW_APPROVE)
        hannah.hands.click("modal", ids.REVIEW)
        hannah.hands.click("modal", ids.REVIEW_APPROVE)
        world.settle()
        omar.home()
        omar.press("home", ids.WITHDRAW)
        zoe.command("status")
    queries = [said for said, _given in heard.queries()]
    assert sum("application" in said for said in queries) > 10
    crossing = [said for said in queries if not names_its_workspace(said)]
    assert all("FROM workspace" in said for said in crossing)
    assert wasteful_of(world.bot.store, heard) == []
