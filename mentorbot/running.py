"""Whole processes: the bot over Socket Mode or HTTP, one heartbeat, setting up by command."""

import gc
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime

import structlog
from sqlalchemy.exc import ArgumentError, ProgrammingError

from mentorbot import zones
from mentorbot.bootstrap import Clock, MentorBot, build, migrate, real_clock, set_up_logging
from mentorbot.config import Settings
from mentorbot.domain.changes import Change
from mentorbot.domain.errors import AlreadySetUp
from mentorbot.domain.findings import Finding, ill, well
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.engine.inproc import InProcess
from mentorbot.engine.port import Engine, Work
from mentorbot.heartbeat import LONGEST_WAIT_SECONDS, Heartbeat, run_due, run_workspace
from mentorbot.operating import erase_if_departed, repeat_erasures
from mentorbot.slack import doctor
from mentorbot.slack.app import (
    connect,
    create_app,
    create_delivery,
    introduce_workspace,
)
from mentorbot.slack.delivery import DELIVERY_TIMEOUT_SECONDS
from mentorbot.slack.installation import clients
from mentorbot.slack.reading import Reader
from mentorbot.slack.sweep import sweep_if_due
from mentorbot.storage import copying, people, soundness
from mentorbot.storage.store import DATABASE_AWAY, open_engine
from mentorbot.usecases import admin, updating
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.web.server import WebServer, create_web, listen

log = structlog.get_logger(__name__)

NEW_OBJECTS = 20_000
"""So many more have to be there before Python looks for waste among them."""


def sender_name() -> str:
    """What this process calls itself in leases, as no other does, however alike the hosts."""
    return f"{socket.gethostname()[-12:]}:{os.getpid()}:{secrets.token_hex(3)}"


def create_engine(bot: MentorBot, work: Work) -> Engine:
    """The engine of the settings."""
    if bot.settings.mentorbot_engine == "inproc":
        return InProcess(bot, work)
    from mentorbot.engine.procrastinate import Procrastinate

    return Procrastinate(bot, work)


class AtWork:
    """A bot whose heart beats; it sends to Slack, and only its subclasses hear of it."""

    def __init__(self, bot: MentorBot) -> None:
        self.bot = bot
        self._client_for = clients(bot, DELIVERY_TIMEOUT_SECONDS)
        self.delivery = create_delivery(bot, sender_name())
        self.reader = Reader(bot, clients(bot, DELIVERY_TIMEOUT_SECONDS))
        self.engine = create_engine(bot, self)
        self.heartbeat = Heartbeat(bot, self.engine.look, self.sweep)

    def catch_up(self, workspace_id: str) -> int:
        """Do what time has brought to a workspace; returns how much there was.

        Files that were handed in are read beside it.
        """
        self.reader.look(workspace_id)
        return run_workspace(self.bot, workspace_id)

    def send(self, workspace_id: str) -> Future[int]:
        """Begin to send what is due in a workspace."""
        return self.delivery.send(workspace_id)

    def sweep(self, workspace_id: str) -> bool:
        """Catch up with the workspace's people, once a day; erase one that is long gone."""
        client = self._client_for(workspace_id)
        if client is None:
            return erase_if_departed(self.bot, workspace_id)
        return sweep_if_due(self.bot, client, workspace_id)

    def start(self) -> None:
        """Let the heart beat."""
        self.engine.start()
        self.heartbeat.start()

    def stop(self) -> None:
        """Finish the work in hand, give the connections back."""
        self.heartbeat.stop()
        self.reader.stop()
        self.delivery.stop()
        self.engine.stop()
        self.bot.store.close()
        self.bot.tracing.close()


class Running(AtWork):
    """A bot at work over Socket Mode, for the workspace of its token."""

    def __init__(self, bot: MentorBot) -> None:
        self.workspace_id = introduce_workspace(bot)
        super().__init__(bot)
        self._handler = connect(create_app(bot), bot)

    def stop(self) -> None:
        """Stop listening, then the rest."""
        self._handler.close()
        super().stop()


class Serving(AtWork):
    """A bot at work over HTTP, for the workspace of its token or for all that installed it."""

    def __init__(self, bot: MentorBot, listener: socket.socket) -> None:
        self.workspace_id = introduce_workspace(bot) if bot.settings.is_single_workspace else ""
        super().__init__(bot)
        self._server = WebServer(create_web(bot, create_app(bot)), listener)
        self._server.start()

    def stop(self) -> None:
        """Stop listening, then the rest."""
        self._server.stop()
        super().stop()


def run_socket_mode(settings: Settings) -> None:
    """Run until interrupted or terminated."""
    _run(settings, Running)


def run_http(settings: Settings) -> None:
    """Serve until interrupted or terminated; raises OSError where the port cannot be had."""
    _run(
        settings,
        lambda bot: Serving(bot, listen(settings.mentorbot_host, settings.mentorbot_port)),
    )


def run_worker(settings: Settings) -> None:
    """Work for the other replicas until interrupted or terminated; Slack is sent to, not heard."""
    _run(settings, AtWork)


def _run(settings: Settings, begin: Callable[[MentorBot], AtWork]) -> None:
    set_up_logging(settings)
    bot = build(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if not _migrate_when_there(bot, stop):
        return
    at_work = begin(bot)
    settle()
    at_work.start()
    log.info(
        "running",
        as_=type(at_work).__name__,
        engine=settings.mentorbot_engine,
        slack=settings.slack_api_url,
    )
    stop.wait()
    log.info("stopping")
    at_work.stop()


def settle() -> None:
    """What a process holds once it has begun, it keeps: Python need not look for waste in it again.

    Each look would take a tenth of a second, in which the process does nothing else. Through what
    is new it looks rarely: a click makes some thousands of objects, and hardly any waste.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _migrate_when_there(bot: MentorBot, stop: threading.Event) -> bool:
    """Wait for the database, and for its owner to migrate it; False when stopped meanwhile."""
    wait_seconds = 1.0
    while True:
        try:
            migrate(bot)
            _repeat_erasures(bot)
            return True
        except DATABASE_AWAY as error:
            reason, why = "database.away", str(getattr(error, "orig", error))
        except ProgrammingError as error:
            if type(error.orig).__name__ != "InsufficientPrivilege":
                raise
            reason, why = "database.not_migrated", str(error.orig)
        log.warning(reason, error=why, wait_seconds=wait_seconds)
        if stop.wait(wait_seconds):
            return False
        wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)


def _repeat_erasures(bot: MentorBot) -> None:
    """See that a database from before serves nobody, and tells nobody, who was erased since."""
    if repeated := repeat_erasures(bot):
        log.warning("erasures.repeated", count=repeated)


def run_once(settings: Settings, at: datetime | None) -> tuple[int, int]:
    """One heartbeat as of an instant: what was due, and the messages taken up."""
    set_up_logging(settings)
    bot = build(settings, clock=(lambda: at) if at else None)
    migrate(bot)
    _repeat_erasures(bot)
    try:
        return run_due(bot), create_delivery(bot, sender_name()).drain()
    finally:
        bot.store.close()


def check_up(settings: Settings, clock: Clock = real_clock) -> Iterator[Finding]:
    """Look at everything that the bot needs."""
    set_up_logging(settings)
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)  # a finding says what it would
    yield from doctor.of_settings(settings)
    seconds, lease = settings.mentorbot_heartbeat_seconds, settings.mentorbot_lease_seconds
    yield well("heartbeat", seconds=f"{seconds:g}", lease=f"{lease:g}")
    workspaces: list[str] = []
    try:
        bot = build(settings, clock=clock)
    except (ArgumentError, ImportError) as error:
        yield ill("database_url", why=error)
        unused = {"mentorbot_database_url": "sqlite:///unused.db"}
        bot = build(settings.model_copy(update=unused), clock=clock)
    else:
        database = list(soundness.of_database(bot.store, settings.sqlite_path()))
        yield from database
        if all(found.is_well for found in database):
            workspaces = soundness.installed(bot.store)
            yield from soundness.of_messages(bot.store, workspaces, bot.clock())
            yield from soundness.of_secrets(bot.store, workspaces)
    yield from zones.of_zones(soundness.time_zones(bot.store, workspaces), bot.clock().date())
    yield from doctor.of_mail(bot, workspaces)
    yield from doctor.of_slack(bot, workspaces)
    bot.store.close()


def install_programme(
    settings: Settings, file: ProgrammeFile, workspace: str, channel: str, coordinator: str
) -> str:
    """Set a programme up in a workspace, or bring its file up to date; says which."""
    bot = build(settings)
    migrate(bot)
    now = bot.clock()
    with bot.store.begin(workspace) as tx:
        if people.workspace(tx) is None:
            admin.know_workspace(tx, workspace, "", now)
        try:
            admin.set_up(tx, file, channel, coordinator, now)
            said = (
                f"{file.name} is set up in {channel}; its role buttons go out with the next beat."
            )
        except AlreadySetUp:
            admin.add_coordinator(tx, file.id, coordinator, "cli", now)
            moved = admin.move(tx, file.id, channel, "cli", now)
            changed = admin.update(tx, file, "cli", now)
            said = f"{file.name} runs already; its file is up to date."
            if moved:
                said += f" It lives in {channel} now."
            if changed:
                said += f" Asked again for the guidelines: {', '.join(changed)}s."
    bot.store.close()
    return said


def changes_in(settings: Settings, file: ProgrammeFile, workspace: str) -> list[Change]:
    """What a file would change of the programme that runs in a workspace; raises NotSetUp."""
    bot = build(settings)
    try:
        with bot.store.read(workspace) as tx:
            return updating.changes_of(tx, programme_or_refuse(tx, file.id), file, bot.clock())
    finally:
        bot.store.close()


def copy_database(source_url: str, target_url: str) -> int:
    """Copy an SQLite database to PostgreSQL; returns how many rows. Raises DatabaseRefused."""
    source, target = open_engine(source_url), open_engine(target_url)
    try:
        return copying.copy(source, target)
    finally:
        source.dispose()
        target.dispose()


def upgrade_database(settings: Settings) -> str:
    """Migrate the settings' database; says where it is."""
    bot = build(settings)
    migrate(bot)
    repeated = repeat_erasures(bot)
    bot.store.close()
    where = settings.sqlite_path() or bot.store.engine.url.render_as_string(hide_password=True)
    erased = f" Erased again, because it is from before: {repeated}." if repeated else ""
    return f"The database is up to date: {where}.{erased}"
