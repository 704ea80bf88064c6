"""A programme whose cycles last a month: each ends on the day on which the first began."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests.journeys.telling import group_texts
from tests.world import AMARA, ZOE, World, world_at

LAST_OF_JANUARY = datetime(2027, 1, 31, 8, tzinfo=UTC)
ENDS = ("28 February 2027", "31 March 2027", "30 April 2027", "31 May 2027")


def let_cycles_last_a_month(world: World) -> None:
    """The coordinator's file says months where it said days."""
    file = preset("img")
    changes = {"cycle": file.cycle.model_copy(update={"days": None, "months": 1})}
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, file.model_copy(update=changes), "cli", world.clock())


def test_cycles_of_a_month_from_31_january_end_with_each_month(tmp_path: Path) -> None:
    with world_at(tmp_path, LAST_OF_JANUARY) as world:
        let_cycles_last_a_month(world)
        amara, zoe = world.person(AMARA), world.person(ZOE)
        amara.join("mentor")
        zoe.join("mentee")
        for number, end in enumerate(ENDS):
            told = group_texts(zoe, amara)
            assert sum("Your cycle runs until" in text for text in told) == number + 1
            assert f"Your cycle runs until {end}" in "\n".join(told)
            ends_on = datetime.strptime(end, "%d %B %Y").replace(tzinfo=UTC)
            world.move_to(ends_on - timedelta(days=6))
            for who in (amara, zoe):
                who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
            world.move_to(ends_on + timedelta(hours=11))
