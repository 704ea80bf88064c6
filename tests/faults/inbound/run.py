"""A run of inbound chaos: people act, Slack repeats itself, replicas and the database fail."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from mentorbot.bootstrap import MentorBot, build, migrate, real_clock
from mentorbot.config import Settings
from mentorbot.domain.model import Role
from mentorbot.sandbox.calls import ApiCall, Calls
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import set_up
from mentorbot.sandbox.http_events import HttpEvents
from mentorbot.sandbox.population import Population, Resident
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.app import introduce_workspace
from tests.faults.chaos.databases import Home, OnPostgres
from tests.faults.inbound.acts import Hands, Story
from tests.faults.inbound.replicas import START_SECONDS, Replica, free_port
from tests.faults.inbound.verdict import Verdict, judge
from tests.faults.inbound.wires import Deliveries, SocketWire, Wire
from tests.web.stage import settings_of

STORIES_AT_ONCE = 16
LOOK_SECONDS = 0.02
ACTS_OF_A_GUEST = 10
JITTER_SECONDS = 0.1
MOST_THREADS = 32


@dataclass(frozen=True)
class Size:
    """How many payloads, how often a replica is killed and the database crashes.

    `retry_seconds` are the waits before Slack's redeliveries, which are minutes in earnest.
    """

    events: int
    kills: int
    db_crashes: int = 0
    is_socket_mode: bool = False
    replicas: int = 2
    seed: int = 7
    retry_seconds: tuple[float, ...] = (0.0, 1.0, 5.0)

    @property
    def pairs(self) -> int:
        """How many pairs take part in the programme; the others only look in."""
        return max(2, self.events // 170)

    @property
    def acts_each(self) -> int:
        """How many payloads come of one person."""
        return min(40, max(8, self.events // 20))

    @property
    def guests(self) -> int:
        """How many people only look in."""
        return (self.events - 2 * self.pairs * self.acts_each) // ACTS_OF_A_GUEST

    @property
    def spare(self) -> int:
        """How many more may come in place of those whose stories break off."""
        return 20 + self.events // 20


class EveryCall(Calls):
    """The calls of a run, none forgotten."""

    def keep(self, call: ApiCall) -> None:
        """Keep it."""
        self.append(call)


def _population(size: Size) -> Population:
    own = Population.read()
    names = [f"M{n:05}" for n in range(size.pairs)] + [f"E{n:05}" for n in range(size.pairs)]
    names += [f"G{n:05}" for n in range(size.guests + size.spare)]
    people = [Resident(f"U0{name}00", f"Person {name}") for name in names]
    return replace(own, people=(*own.people, *people))


class Run:
    """One run; `play` does everything."""

    def __init__(
        self, size: Size, home: Home, folder: Path, say: Callable[[str], object] = lambda _: None
    ) -> None:
        self.size, self._home, self._folder, self._say = size, home, folder, say
        self._chance = Random(size.seed)
        self._ending = ExitStack()
        self._kills = self._crashes = 0

    def play(self) -> tuple[Verdict, dict[str, Any]]:
        """Everything: the verdict, and the figures of the run."""
        began = time.monotonic()
        with self._ending:
            clock = VirtualClock(real_clock(), flowing=True)
            self._sandbox = Sandbox(clock, population=_population(self.size))
            self._sandbox.calls = EveryCall()
            self._sandbox.trigger_lifetime_seconds = 3600
            self._ending.enter_context(self._sandbox)
            bot = self._prepare()
            self._hands = Hands(self._sandbox, self._chance)
            stories = self._stories()
            asyncio.run(self._live(stories))
            for replica in self._replicas:
                replica.stop()
            verdict = judge(bot, self._sandbox, stories)
        return verdict, self._figures(verdict, time.monotonic() - began)

    def _settings(self, url: str = "") -> Settings:
        found = settings_of(self._folder, self._sandbox, url, single=True)
        is_postgres = isinstance(self._home, OnPostgres)
        return found.model_copy(
            update={
                **self._home.settings,
                "slack_app_token": type(found.slack_app_token)(self._sandbox.app_token),
                "mentorbot_engine": "procrastinate" if is_postgres else "inproc",
                "mentorbot_port": int(url.rpartition(":")[2] or 0),
                "mentorbot_log_level": "info",
                "mentorbot_log_format": "json",
            }
        )

    def _prepare(self) -> MentorBot:
        """The programme is set up, the replicas are started."""
        bot = build(self._settings())
        self._ending.callback(bot.store.close)
        migrate(bot)
        set_up(bot, introduce_workspace(bot))
        self._replicas, self._wires = [], list[Wire]()
        for number in range(self.size.replicas):
            url = "" if self.size.is_socket_mode else f"http://127.0.0.1:{free_port()}"
            replica = Replica(self._settings(url), self._folder / f"replica-{number}.log")
            self._ending.callback(replica.kill)
            replica.start()
            self._replicas.append(replica)
            if url:
                wire = HttpEvents(f"{url}/slack/events", self._sandbox.signing_secret)
                self._ending.callback(wire.close)
                self._wires.append(wire)
        if self.size.is_socket_mode:
            self._wires.append(SocketWire(self._sandbox))
            self._sandbox.wait_until_connected(START_SECONDS)
        else:
            for replica in self._replicas:
                replica.wait_until_listening()
        return bot

    def _stories(self) -> list[Story]:
        """Everybody: pairs who join first and act afterwards, guests who come all the while."""
        hands, count = self._hands, self.size.acts_each - 2
        found = []
        for number in range(self.size.pairs):
            mentor, mentee = f"U0M{number:05}00", f"U0E{number:05}00"
            joining = hands.enrols(mentor, Role.MENTOR), hands.enrols(mentee, Role.MENTEE)
            found.append(Story(mentor, [joining[0], hands.pauses(mentor, count)]))
            found.append(Story(mentee, [joining[1], hands.changes_details(mentee, count)]))
        for number in range(self.size.guests):
            guest = self._guest(number, ACTS_OF_A_GUEST)
            found.append(guest)
            if number % 3:
                guest.phases.insert(0, iter(()))
        return found

    def _guest(self, number: int, count: int) -> Story:
        who = f"U0G{number:05}00"
        return Story(who, [self._hands.visits(who, count)])

    async def _live(self, stories: list[Story]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(MOST_THREADS))
        self._deliveries = Deliveries(self._wires, self._chance, self.size.retry_seconds)
        blows = asyncio.create_task(self._blows_fall())
        for phase in range(2):
            self._chance.shuffle(stories)
            places = asyncio.Semaphore(STORIES_AT_ONCE)
            await asyncio.gather(*(self._tell(story, phase, places) for story in stories))
        await self._make_up(stories)
        await blows
        await self._deliveries.settle()

    async def _tell(self, story: Story, phase: int, places: asyncio.Semaphore) -> None:
        """A person's acts one after the other, until the outcome of one is unknown."""
        async with places:
            while story.unsure is None and phase < len(story.phases):
                act = next(story.phases[phase], None)
                if act is None:
                    return
                if await self._deliveries.deliver(act):
                    story.done.append(act)
                else:
                    story.unsure = act

    async def _make_up(self, stories: list[Story]) -> None:
        """More guests come in place of those whose stories broke off."""
        for number in range(self.size.guests, self.size.guests + self.size.spare):
            missing = self.size.events - self._deliveries.acts
            if missing <= 0:
                return
            stories.append(self._guest(number, min(missing, ACTS_OF_A_GUEST)))
            await self._tell(stories[-1], 0, asyncio.Semaphore())

    async def _blows_fall(self) -> None:
        """Kill a replica, or crash the database, each time that some more acts are through."""
        size, chance = self.size, self._chance
        blows = [self._kill] * size.kills + [self._crash] * size.db_crashes
        chance.shuffle(blows)
        moments = sorted(chance.randrange(size.events * 9 // 10) for _ in blows)
        for blow, moment in zip(blows, moments, strict=True):
            while self._deliveries.acts < moment:
                await asyncio.sleep(LOOK_SECONDS)
            await asyncio.sleep(chance.random() * JITTER_SECONDS)
            await asyncio.to_thread(blow)
            self._say(f"{self._deliveries.acts} acts, {dict(self._deliveries.counts)}")

    def _kill(self) -> None:
        victim = self._chance.choice(self._replicas)
        victim.kill()
        victim.start()
        self._kills += 1

    def _crash(self) -> None:
        self._home.crash(self._chance)
        self._crashes += 1

    def _figures(self, verdict: Verdict, seconds: float) -> dict[str, Any]:
        counts = self._deliveries.counts
        return {
            "events": self._deliveries.acts,
            "deliveries": counts["deliveries"],
            "answered": counts["answered"],
            "unsure": counts["unsure"],
            "kills": self._kills,
            "db_crashes": self._crashes,
            "lost": len(verdict.missing),
            "repeated": len(verdict.repeated),
            "half": len(verdict.half),
            "seconds": round(seconds, 1),
            "seed": self.size.seed,
        }
