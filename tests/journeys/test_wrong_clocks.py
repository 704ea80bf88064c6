"""A cycle lived through by replicas whose clocks disagree by days: everything is said once."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mentorbot.bootstrap import build
from mentorbot.heartbeat import run_due
from mentorbot.slack.app import create_delivery
from tests.journeys.telling import assert_nobody_was_told_twice, pair_up
from tests.world import AMARA, ZOE, Actor, World, on_both_databases

ASKS = ("been in touch?", "Your cycle with", "A short reminder")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Replica:
    """Another bot over the same database, whose clock is wrong by so much, or stands still."""

    def __init__(self, world: World, name: str, wrong_by: timedelta | None) -> None:
        self.wrong_by = wrong_by
        self._began, self._right = world.clock(), world.clock
        self.bot = build(world.bot.settings, clock=self.clock, rng=random.Random(name))
        self._delivery = create_delivery(self.bot, name)

    def clock(self) -> datetime:
        """What its machine says."""
        return self._began if self.wrong_by is None else self._right() + self.wrong_by

    def beat(self) -> None:
        """Do and send what is due by its clock."""
        run_due(self.bot)
        self._delivery.drain()


def asked(who: Actor) -> int:
    """How often somebody was asked something that a cycle asks six times."""
    return sum(any(ask in text for ask in ASKS) for text in who.dm_texts())


@pytest.fixture
def replicas(world: World) -> Iterator[list[Replica]]:
    """An hour and a day behind, an hour and a day ahead, and one that stands still."""
    wrong = {"b1": -HOUR, "b24": -DAY, "a1": HOUR, "a24": DAY, "still": None}
    made = [Replica(world, name, by) for name, by in wrong.items()]
    yield made
    for replica in made:
        replica.bot.store.close()


@on_both_databases
def test_replicas_whose_clocks_disagree_live_through_a_cycle_and_say_everything_once(
    world: World, replicas: list[Replica]
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    for _half_day in range(2 * 29):
        world.clock.advance(DAY / 2)
        for replica in random.Random(str(world.clock())).sample(replicas, 3):
            replica.beat()
        world.settle()
    assert (asked(amara), asked(zoe)) == (6, 6)
    assert_nobody_was_told_twice(world)


@on_both_databases
def test_machine_whose_clock_jumps_forward_and_back_says_everything_once(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    replica, chance = Replica(world, "only", timedelta()), random.Random(3)
    for _day in range(29):
        world.clock.advance(DAY)
        for wrong_by in (*chance.sample((DAY, -DAY, HOUR, -HOUR, None), 2), timedelta()):
            replica.wrong_by = wrong_by
            replica.beat()
    replica.bot.store.close()
    assert (asked(amara), asked(zoe)) == (6, 6)
    assert_nobody_was_told_twice(world)
