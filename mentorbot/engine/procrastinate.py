"""The engine of many replicas: procrastinate's jobs on PostgreSQL, each draining one workspace.

A job's `lock` and `queueing_lock` are its workspace, so that one worker at a time has a lane and at
most one more job waits for it. Jobs are asked for in the transaction of their cause
(`storage.jobs`) and, for what time brings, by every replica's heartbeat.
"""

import asyncio
import threading
from contextlib import suppress

import structlog
from procrastinate import App, PsycopgConnector

from mentorbot.bootstrap import MentorBot
from mentorbot.engine.port import Work
from mentorbot.storage import jobs, sending
from mentorbot.storage.store import CONNECT_SECONDS
from mentorbot.usecases import tick

log = structlog.get_logger(__name__)

LANES_AT_ONCE = 500
"""A job that waits for Slack holds no thread, so there may be many: what is beyond would wait for
whole workspaces to come to their end."""
MOST_CONNECTIONS = 4
POLL_SECONDS = 1.0
"""How often a worker looks for jobs by itself; mostly it is notified. Behind a pooler it does not
listen, and this is how long a job may wait."""
SIGN_OF_LIFE_SECONDS = 5.0
STALLED_SECONDS = 20.0
"""A worker that has shown no life for so long is dead, and its lane is taken over."""
STOP_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0


class Procrastinate:
    """Asks for jobs, and works on them in a thread of its own with an event loop."""

    def __init__(
        self, bot: MentorBot, work: Work, stalled_seconds: float = STALLED_SECONDS
    ) -> None:
        self._bot = bot
        self._stalled_seconds = stalled_seconds
        self._app = _app(bot, work)
        self._has_begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to take up jobs."""
        self._thread.start()
        self._has_begun.wait()

    def stop(self) -> None:
        """Finish the jobs in hand, take up no more."""
        if not self._thread.is_alive() or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def wake(self, workspace_id: str) -> None:
        """Ask for a job of this workspace."""
        with self._bot.store.begin(workspace_id) as tx:
            jobs.ask_for_drain(tx)

    def look(self) -> None:
        """Ask for a job of each workspace in which something is due, or whose worker has died."""
        for workspace_id in jobs.free_dead_lanes(self._bot.store.engine, self._stalled_seconds):
            log.warning("engine.lane_taken_over", workspace=workspace_id)
            self.wake(workspace_id)
        now = self._bot.clock()
        for workspace_id in self._bot.store.workspace_ids():
            with self._bot.store.read(workspace_id) as tx:
                is_due = bool(tick.due(tx, now)) or sending.is_due(tx, now)
            if is_due:
                self.wake(workspace_id)

    def _run(self) -> None:
        asyncio.run(self._keep_working())

    async def _keep_working(self) -> None:
        """A worker ends when its database goes away; another begins when it is back."""
        self._loop = asyncio.get_running_loop()
        self._has_begun.set()
        pause_seconds = 1.0
        while not self._stopping.is_set():
            try:
                async with self._app.open_async():
                    pause_seconds = 1.0
                    await self._work_until_stopped()
            except Exception as error:
                log.warning("engine.interrupted", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def _work_until_stopped(self) -> None:
        can_listen = await asyncio.to_thread(jobs.can_listen, self._bot.store.engine)
        worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[jobs.QUEUE],
                concurrency=LANES_AT_ONCE,
                fetch_job_polling_interval=POLL_SECONDS,
                listen_notify=can_listen,
                update_heartbeat_interval=SIGN_OF_LIFE_SECONDS,
                stalled_worker_timeout=self._stalled_seconds,
                shutdown_graceful_timeout=STOP_SECONDS,
                install_signal_handlers=False,
                delete_jobs="always",
            )
        )
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((worker, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not worker.done():
            worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


def _app(bot: MentorBot, work: Work) -> App:
    """Procrastinate over the bot's own database, with the one task there is."""
    url = bot.store.engine.url.set(drivername="postgresql")
    connector = PsycopgConnector(
        conninfo=url.render_as_string(hide_password=False),
        kwargs={"prepare_threshold": None, "connect_timeout": CONNECT_SECONDS},
        timeout=CONNECT_SECONDS,
        min_size=1,
        max_size=MOST_CONNECTIONS,
    )
    app = App(connector=connector)

    @app.task(name=jobs.DRAIN, queue=jobs.QUEUE)
    async def drain(workspace_id: str) -> None:
        await _work_on(work, workspace_id, bot.settings.mentorbot_heartbeat_seconds)

    return app


async def _work_on(work: Work, workspace_id: str, beat_seconds: float) -> None:
    """Do everything that is due, and what becomes due while messages wait for their pace.

    The threads in which that is done are others'; this one only waits.
    """
    while True:
        did = await asyncio.to_thread(work.catch_up, workspace_id)
        sent = asyncio.wrap_future(await asyncio.to_thread(work.send, workspace_id))
        await asyncio.wait({sent}, timeout=0 if did else beat_seconds)
        if sent.done() and (sent.exception() or not did):
            sent.result()
            return
