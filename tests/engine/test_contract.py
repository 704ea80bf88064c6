"""What every engine promises, held against each of them."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mentorbot.bootstrap import MentorBot, build, migrate
from mentorbot.domain.messages import MessageKind
from mentorbot.engine.port import Engine, Work
from mentorbot.engine.procrastinate import Procrastinate
from mentorbot.heartbeat import Heartbeat
from mentorbot.running import create_engine
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import demo_settings
from mentorbot.slack.lanes import nothing_done
from mentorbot.usecases import admin
from mentorbot.usecases.messages import enqueue
from tests.postgres import on_postgres
from tests.world import MONDAY

TEAM, OTHER_TEAM = "T0ENGINE00", "T0OTHER000"
PATIENCE_SECONDS = 20


def wait_for(holds: Callable[[], bool]) -> float:
    """Wait until something holds; returns how long it took, in seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE_SECONDS, "it never happened"
        time.sleep(0.02)
    return time.monotonic() - began


class Desk:
    """Work as a test sees it: which workspaces were worked on, and how many at a time."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.most_at_once = 0
        self.may_finish = threading.Event()
        self.may_finish.set()
        self._lock = threading.Lock()
        self._under_way: list[str] = []

    def send(self, workspace_id: str) -> Future[int]:
        """There is nothing to send."""
        return nothing_done()

    def catch_up(self, workspace_id: str) -> int:
        """Take a while when the test says so."""
        with self._lock:
            self._under_way.append(workspace_id)
            self.most_at_once = max(self.most_at_once, self._under_way.count(workspace_id))
        self.may_finish.wait(PATIENCE_SECONDS)
        with self._lock:
            self._under_way.remove(workspace_id)
            self.seen.append(workspace_id)
        return 0

    @property
    def is_busy(self) -> bool:
        return bool(self._under_way)


class Office:
    """A bot, an engine and its heartbeat, as `mentorbot.running` joins them."""

    def __init__(self, bot: MentorBot, work: Work, engine: Engine | None = None) -> None:
        self.bot = bot
        self.engine = engine or create_engine(bot, work)
        self.heartbeat = Heartbeat(bot, self.engine.look)

    def start(self) -> None:
        self.engine.start()
        self.heartbeat.start()

    def stop(self) -> None:
        self.heartbeat.stop()
        self.engine.stop()


@pytest.fixture(params=["inproc", "procrastinate"])
def bot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MentorBot]:
    """A bot of two workspaces; what it sends goes nowhere."""
    settings = demo_settings(tmp_path, "http://127.0.0.1:9/api/", "xoxb-0", "xapp-0")
    if request.param == "procrastinate":
        database = request.getfixturevalue("postgres")
        settings = on_postgres(settings, replace(database, engine="procrastinate"))
    made = build(settings, clock=VirtualClock(MONDAY))
    migrate(made)
    for workspace_id in (TEAM, OTHER_TEAM):
        with made.store.begin(workspace_id) as tx:
            admin.know_workspace(tx, workspace_id, "U0BOT", MONDAY)
    yield made
    made.store.close()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def office(bot: MentorBot, desk: Desk) -> Iterator[Office]:
    """The engine at work, after its first look around."""
    opened = Office(bot, desk)
    opened.start()
    yield opened
    desk.may_finish.set()
    opened.stop()


def say_something(bot: MentorBot, subject: str, workspace_id: str = TEAM) -> None:
    """A transaction with a message in it."""
    with bot.store.begin(workspace_id) as tx:
        enqueue(tx, MessageKind.WELCOME, ["U1"], programme_id="img", subject=subject, now=MONDAY)


def test_who_is_woken_is_looked_at(office: Office, desk: Desk) -> None:
    office.engine.wake(OTHER_TEAM)
    wait_for(lambda: OTHER_TEAM in desk.seen)


def test_who_is_woken_many_times_is_looked_at_by_one_at_a_time(office: Office, desk: Desk) -> None:
    desk.may_finish.clear()
    for _time in range(20):
        office.engine.wake(TEAM)
    wait_for(lambda: desk.is_busy)
    for _time in range(20):
        office.engine.wake(TEAM)
    desk.may_finish.set()
    wait_for(lambda: TEAM in desk.seen)
    wait_for(lambda: not desk.is_busy)
    assert desk.most_at_once == 1
    assert desk.seen.count(TEAM) < 20


def test_what_is_due_is_found_without_being_woken(office: Office, desk: Desk) -> None:
    say_something(office.bot, "first")
    wait_for(lambda: TEAM in desk.seen)


def test_failed_work_stops_neither_the_others_nor_the_next_time(bot: MentorBot) -> None:
    tried: list[str] = []

    class FailsOnce(Desk):
        def catch_up(self, workspace_id: str) -> int:
            tried.append(workspace_id)
            if tried.count(TEAM) == 1 and workspace_id == TEAM:
                raise RuntimeError("this one is bad")
            return 0

    office = Office(bot, FailsOnce())
    office.start()
    for workspace_id in (TEAM, OTHER_TEAM):
        office.engine.wake(workspace_id)
    wait_for(lambda: {TEAM, OTHER_TEAM} <= set(tried))
    office.engine.wake(TEAM)
    wait_for(lambda: tried.count(TEAM) >= 2)
    office.stop()


def test_stopping_finishes_the_work_in_hand_and_takes_up_no_more(
    office: Office, desk: Desk
) -> None:
    desk.may_finish.clear()
    office.engine.wake(TEAM)
    wait_for(lambda: desk.is_busy)
    stopping = threading.Thread(target=office.stop)
    stopping.start()
    stopping.join(0.3)
    assert stopping.is_alive()
    desk.may_finish.set()
    stopping.join(PATIENCE_SECONDS)
    assert not stopping.is_alive()
    seen = list(desk.seen)
    assert seen
    say_something(office.bot, "too late")
    time.sleep(0.3)
    assert desk.seen == seen


def test_a_lane_that_takes_long_keeps_neither_time_nor_others_waiting(bot: MentorBot) -> None:
    sending: Future[int] = Future()

    class SendsForLong(Desk):
        def send(self, workspace_id: str) -> Future[int]:
            return sending if workspace_id == TEAM else nothing_done()

    desk = SendsForLong()
    office = Office(bot, desk)
    office.start()
    for workspace_id in (TEAM, OTHER_TEAM):
        say_something(bot, "first", workspace_id)
    wait_for(lambda: TEAM in desk.seen and OTHER_TEAM in desk.seen)
    times = desk.seen.count(TEAM)
    wait_for(lambda: desk.seen.count(TEAM) > times)
    sending.set_result(1)
    office.stop()


def _work_until_killed(settings: Any, began: Any) -> None:
    """A replica that takes a lane up and never finishes."""
    bot = build(settings, clock=VirtualClock(MONDAY))

    class Hangs(Desk):
        def catch_up(self, workspace_id: str) -> int:
            began.set()
            threading.Event().wait()
            return 0

    office = Office(bot, Hangs())
    office.start()
    threading.Event().wait()


def test_the_lane_of_a_killed_worker_is_taken_over(bot: MentorBot, desk: Desk) -> None:
    say_something(bot, "left behind")
    context = multiprocessing.get_context("spawn")
    began = context.Event()
    replica = context.Process(target=_work_until_killed, args=(bot.settings, began))
    replica.start()
    assert began.wait(PATIENCE_SECONDS)
    say_something(bot, "came meanwhile")
    assert replica.pid is not None
    os.kill(replica.pid, signal.SIGKILL)
    replica.join()
    is_replicated = bot.settings.mentorbot_engine == "procrastinate"
    engine = Procrastinate(bot, desk, stalled_seconds=1.0) if is_replicated else None
    office = Office(bot, desk, engine)
    office.start()
    wait_for(lambda: TEAM in desk.seen)
    office.stop()


class SlowPost(Desk):
    """Work whose messages wait for Slack until the test lets them go."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, Future[int]] = {}

    def send(self, workspace_id: str) -> Future[int]:
        """Begin, and come to no end yet."""
        return self.waiting.setdefault(workspace_id, Future())

    def let_go(self) -> None:
        """Slack takes everything."""
        for sent in self.waiting.values():
            sent.set_result(1)


def test_many_workspaces_that_wait_for_slack_keep_no_other_waiting(bot: MentorBot) -> None:
    post = SlowPost()
    office = Office(bot, post)
    names = [f"T{number:09d}" for number in range(120)]
    for name in names:
        with bot.store.begin(name) as tx:
            admin.know_workspace(tx, name, "U0BOT", MONDAY)
            enqueue(tx, MessageKind.WELCOME, ["U1"], programme_id="img", subject="s", now=MONDAY)
    office.start()
    wait_for(lambda: set(names) <= set(post.waiting))
    post.let_go()
    office.stop()
