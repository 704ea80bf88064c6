"""The heartbeat: APScheduler only knocks, from memory; the database is the schedule.

APScheduler waits by the wall clock. After that clock has been set back it would wait for as long
again; a watchdog that counts monotonic seconds sees that no knock came and asks for one.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mentorbot.bootstrap import MentorBot
from mentorbot.storage import schedule
from mentorbot.usecases import tick

log = structlog.get_logger(__name__)
MOST_ROUNDS = 100
SILENT_SECONDS = 30.0
"""How long the scheduler may be silent before the watchdog steps in."""
SWEEP_LOOK_SECONDS = 600
"""How often the heartbeat looks whether the daily sweep is due."""


class Drains(Protocol):
    """Whatever sends what is due."""

    def drain(self) -> int:
        """Send; returns how many messages were taken up."""


def run_due(bot: MentorBot) -> int:
    """Do everything that time has brought, each in a transaction of its own; returns how many."""
    now = bot.clock()
    return sum(_run_workspace(bot, workspace, now) for workspace in bot.store.workspace_ids())


def _run_workspace(bot: MentorBot, workspace_id: str, now: datetime) -> int:
    handled = 0
    for _round in range(MOST_ROUNDS):
        with bot.store.read(workspace_id) as tx:
            items = tick.due(tx, now)
        if not items:
            break
        for item in items:
            bot.pulse.feel()
            _run_one(bot, workspace_id, item, now)
        handled += len(items)
    return handled


def _run_one(bot: MentorBot, workspace_id: str, item: tick.Due, now: datetime) -> None:
    try:
        with bot.store.begin(workspace_id) as tx:
            tick.handle(tx, item, now)
    except Exception:  # one bad pairing never stops the others
        log.exception("tick.set_aside", workspace=workspace_id, kind=item.kind, key=item.key)
        with bot.store.begin(workspace_id) as tx:
            tick.set_aside(tx, item, now)


def next_at(bot: MentorBot) -> datetime | None:
    """When the next thing happens in any workspace."""
    moments = []
    for workspace_id in bot.store.workspace_ids():
        with bot.store.read(workspace_id) as tx:
            moments.append(schedule.next_at(tx))
    return min((moment for moment in moments if moment is not None), default=None)


class Heartbeat:
    """Beats every few seconds, and at once when the bot knocks."""

    def __init__(
        self,
        bot: MentorBot,
        delivery: Drains,
        sweep: Callable[[str], bool] | None = None,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._bot = bot
        self._sweep = sweep
        self._delivery = delivery
        self._beating = threading.Lock()
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._listener = threading.Thread(target=self._listen, name="knock", daemon=True)
        self._silent_seconds = silent_seconds
        self._knocked_at = time.monotonic()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def beat(self) -> None:
        """Do what is due and send what is due; never raises."""
        with self._beating:
            self._bot.pulse.feel()
            with self._bot.metrics.ticks.time():
                try:
                    run_due(self._bot)
                    self._delivery.drain()
                except Exception:
                    log.exception("heartbeat.failed")
            self._bot.pulse.feel()

    def sweep(self) -> None:
        """Go through every workspace's people where the day has come; never raises."""
        if self._sweep is None:
            return
        try:
            for workspace_id in self._bot.store.workspace_ids():
                self._sweep(workspace_id)
        except Exception:
            log.exception("sweep.failed")

    def start(self) -> None:
        """Beat now, and from now on."""
        self._scheduler.add_job(
            self._knocked,
            "interval",
            seconds=self._bot.settings.mentorbot_heartbeat_seconds,
            id="heartbeat",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.add_job(
            self.sweep,
            "interval",
            seconds=SWEEP_LOOK_SECONDS,
            id="sweep",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        self._knocked_at = time.monotonic()
        self._listener.start()
        self._watchdog.start()
        self._bot.knock.set()

    def stop(self) -> None:
        """Finish the beat under way, then stop; harmless where it never started."""
        if not self._scheduler.running:
            return
        self._stopping.set()
        self._bot.knock.set()
        self._scheduler.shutdown(wait=True)
        self._listener.join(timeout=30)
        self._watchdog.join(timeout=30)

    def _knocked(self) -> None:
        self._knocked_at = time.monotonic()
        self.beat()
        self._knocked_at = time.monotonic()

    def _watch(self) -> None:
        while not self._stopping.wait(self._silent_seconds / 5):
            silent_seconds = time.monotonic() - self._knocked_at
            if silent_seconds > self._silent_seconds and not self._beating.locked():
                log.warning("heartbeat.rearmed", silent_seconds=round(silent_seconds))
                self._knocked_at = time.monotonic()
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))

    def _listen(self) -> None:
        while not self._stopping.is_set():
            self._bot.knock.wait()
            self._bot.knock.clear()
            if not self._stopping.is_set():
                self.beat()
