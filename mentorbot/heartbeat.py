"""The heartbeat: APScheduler only knocks, from memory; the database is the schedule.

APScheduler waits by the wall clock. After that clock has been set back it would wait for as long
again; a watchdog that counts monotonic seconds sees that no knock came and asks for one.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mentorbot.bootstrap import MentorBot
from mentorbot.storage import schedule
from mentorbot.storage.store import DATABASE_AWAY, reason
from mentorbot.usecases import tick

log = structlog.get_logger(__name__)
Act = Callable[[MentorBot, str, tick.Due, datetime], None]
LATE_SECONDS = 5.0
"""How late the scheduler may knock before the watchdog steps in: well before health fails."""
WATCH_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0
"""How long a database that is away is left alone at most, before it is asked again."""
SWEEP_LOOK_SECONDS = 600
"""How often the heartbeat looks whether the daily sweep is due."""


def run_due(bot: MentorBot) -> int:
    """Do everything that time has brought, the workspaces in turn; returns how many things."""
    done = 0
    while did := sum(take_turn(bot, workspace) for workspace in bot.store.workspace_ids()):
        done += did
    return done


def run_workspace(bot: MentorBot, workspace_id: str) -> int:
    """Give a workspace its turn; where it did anything, all have another at once."""
    done = take_turn(bot, workspace_id)
    if done:
        bot.knock.set()
    return done


def take_turn(bot: MentorBot, workspace_id: str) -> int:
    """Do some of what time has brought to a workspace, each part in a transaction of its own.

    Returns how many things are not due any more; 0 when there is nothing left to do. Raises what
    a database raises that is away: then nothing is set aside.
    """
    now = bot.clock()
    with bot.store.read(workspace_id) as tx:
        parts = tick.due(tx, now)
    return sum(_run(bot, workspace_id, part, now) for part in parts)


def _run(bot: MentorBot, workspace_id: str, part: tick.Due, now: datetime) -> int:
    """Handle things together or, where that fails, one by one, and set aside what still fails."""
    bot.pulse.feel()
    if _succeeds(_handle, bot, workspace_id, part, now):
        return len(part.keys)
    if len(part.keys) > 1:
        return sum(_run(bot, workspace_id, one, now) for one in part.one_by_one())
    return int(_succeeds(_set_aside, bot, workspace_id, part, now))


def _handle(bot: MentorBot, workspace_id: str, part: tick.Due, now: datetime) -> None:
    foreseen = None
    if part.needs_foresight:
        with bot.store.read(workspace_id) as tx:
            foreseen = tick.foresee(tx, part, now)
    with bot.store.begin(workspace_id) as tx:
        tick.handle(tx, part, now, foreseen)


def _set_aside(bot: MentorBot, workspace_id: str, part: tick.Due, now: datetime) -> None:
    with bot.store.begin(workspace_id) as tx:
        tick.set_aside(tx, part, now)


def _succeeds(act: Act, bot: MentorBot, workspace_id: str, part: tick.Due, now: datetime) -> bool:
    try:
        with bot.tracing.span(f"tick {part.kind}", workspace=workspace_id):
            act(bot, workspace_id, part, now)
        return True
    except DATABASE_AWAY:
        raise
    except Exception:  # one bad thing never stops the others
        event = "tick.set_aside" if len(part.keys) == 1 else "tick.one_by_one"
        log.exception(event, workspace=workspace_id, kind=part.kind, key=part.keys[0])
        return False


def next_at(bot: MentorBot) -> datetime | None:
    """When the next thing happens in any workspace."""
    moments = []
    for workspace_id in bot.store.workspace_ids():
        with bot.store.read(workspace_id) as tx:
            moments.append(schedule.next_at(tx))
    return min((moment for moment in moments if moment is not None), default=None)


class Heartbeat:
    """Beats every few seconds, and at once when the bot knocks.

    At each beat it has the engine `look`, and every now and then sweeps each workspace.
    """

    def __init__(
        self,
        bot: MentorBot,
        look: Callable[[], object],
        sweep: Callable[[str], bool] | None = None,
        late_seconds: float = LATE_SECONDS,
    ) -> None:
        self._bot = bot
        self._sweep = sweep
        self._look = look
        self._failures = 0
        self._look_again_at = 0.0
        self._beating = threading.Lock()
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._listener = threading.Thread(target=self._listen, name="knock", daemon=True)
        self._silent_seconds = bot.settings.mentorbot_heartbeat_seconds + late_seconds
        self._knocked_at = time.monotonic()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def beat(self) -> None:
        """Look for what is due; never raises. A database that is away is left alone for a while."""
        with self._beating:
            self._bot.pulse.feel()
            if time.monotonic() < self._look_again_at:
                return
            with self._bot.metrics.ticks.time():
                try:
                    self._look()
                    self._failures = 0
                except DATABASE_AWAY as error:
                    self._back_off(error)
                except Exception:
                    log.exception("heartbeat.failed")
            self._bot.pulse.feel()

    def _back_off(self, error: Exception) -> None:
        self._failures += 1
        wait_seconds = min(2.0 ** (self._failures - 2), LONGEST_WAIT_SECONDS)
        self._look_again_at = time.monotonic() + wait_seconds
        log.warning("database.away", error=reason(error), wait_seconds=wait_seconds)

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
        while not self._stopping.wait(min(WATCH_SECONDS, self._silent_seconds / 5)):
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
