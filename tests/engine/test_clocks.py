"""Machines whose clocks are wrong, jump or stand still: nothing is said twice, early or never."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.bootstrap import real_clock
from mentorbot.domain.messages import MessageKind
from mentorbot.usecases.messages import enqueue
from tests.engine.machine_clock import MachineClock, library
from tests.engine.test_replicas import wait_for
from tests.engine.test_rolling_upgrade import environment
from tests.world import AMARA, ZOE, World, world_at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="session")
def clockwork(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lets a process have a clock of its own."""
    return library(tmp_path_factory.mktemp("clockwork"))


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workspace of today, whose own bot only writes."""
    database = None
    if request.param == "postgres":
        database = replace(request.getfixturevalue("postgres"), engine="procrastinate")
    with world_at(tmp_path, real_clock(), database) as made:
        yield made


@contextmanager
def worker(world: World, clock: MachineClock) -> Iterator[None]:
    """`mentorbot work` on a machine with a clock of its own."""
    command = [sys.executable, "-m", "mentorbot", "work"]
    env = {**environment(world), **clock.environment}
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def write(world: World, about: str, to: str, wrong_by: timedelta = timedelta()) -> None:
    """A welcome, due in a second by a clock that is wrong by so much."""
    now = real_clock()
    with world.bot.store.begin(world.running.workspace_id) as tx:
        enqueue(
            tx,
            MessageKind.WELCOME,
            [to],
            programme_id="img",
            subject=about,
            now=now,
            not_before=now + wrong_by + timedelta(seconds=1),
        )


def arrived(world: World, who: str) -> Counter[str]:
    """How often each message stands in somebody's DM, by its key."""
    return Counter(m["metadata"]["event_payload"]["key"] for m in world.person(who).dms())


@pytest.mark.parametrize("world", ["postgres"], indirect=True)
def test_replicas_whose_clocks_disagree_say_everything_once_and_nothing_early(
    world: World, clockwork: Path, tmp_path: Path
) -> None:
    clocks = [MachineClock(clockwork, tmp_path / f"clock {number}") for number in range(3)]
    for clock, wrong_by in zip(clocks, (-DAY, HOUR, DAY), strict=True):
        clock.set(wrong_by)
    for about, wrong_by in (("soon", HOUR / 2), ("tomorrow", DAY - HOUR)):
        write(world, about, AMARA, wrong_by)
    with ExitStack() as stack:
        for clock in clocks:
            stack.enter_context(worker(world, clock))
        for number in range(8):
            write(world, f"before {number}", ZOE)
        wait_for(lambda: len(arrived(world, ZOE)) == 8)
        clocks[0].set(DAY)
        clocks[1].stop(time.time())
        clocks[2].set(-DAY)
        for number in range(8):
            write(world, f"after {number}", ZOE)
        wait_for(lambda: len(arrived(world, ZOE)) == 16)
    assert set(arrived(world, ZOE).values()) == {1}
    assert arrived(world, AMARA) == {}


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_machine_whose_clock_is_set_goes_on_and_repeats_nothing(
    world: World, clockwork: Path, tmp_path: Path
) -> None:
    """By its own clock, which is all it has: also after it was set back by a day."""
    clock = MachineClock(clockwork, tmp_path / "clock")
    told = 0
    with worker(world, clock):
        for wrong_by in (timedelta(), HOUR, DAY, -HOUR, -DAY):
            clock.set(wrong_by)
            write(world, f"wrong by {wrong_by}", ZOE, wrong_by)
            told += 1
            wait_for(lambda told=told: len(arrived(world, ZOE)) == told)
        clock.stop(time.time())
        write(world, "stopped", ZOE, -DAY)
        wait_for(lambda: len(arrived(world, ZOE)) == told + 1)
    assert set(arrived(world, ZOE).values()) == {1}
