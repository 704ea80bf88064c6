"""The demo: the simulated workspace and the real bot in one process, with time in one's hands."""

import fcntl
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from mentorbot.bootstrap import MentorBot, build, migrate, real_clock, set_up_logging
from mentorbot.config import Settings
from mentorbot.domain.errors import AlreadySetUp, CycleRunning
from mentorbot.heartbeat import next_at, run_due
from mentorbot.programmes import preset
from mentorbot.running import Running
from mentorbot.sandbox import persistence
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Controls, Sandbox
from mentorbot.slack.app import web_client
from mentorbot.slack.profiles import person_from_profile
from mentorbot.storage import people, schedule
from mentorbot.storage.sealing import new_key
from mentorbot.usecases import admin
from mentorbot.usecases.progress import Progress, coming, progress
from mentorbot.wording import moment, say

CHANNEL = "C0IMGMENTR"
COORDINATOR = "U0HANNAH00"
WORKSPACE, DATABASE, ERASURES = "workspace.json", "mentorbot.db", "mentorbot.erasures"
MAIL = "mail"
INVITE_URL = "https://join.slack.com/t/northern-deanery-imgs/shared_invite/demo"
KEY_FILE = "secret.key"
LOCK = "demo.lock"
MOST_STEPS = 2000
_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


class DemoControls(Controls):
    """Moves the clock from one thing to the next, so that nothing is skipped on the way."""

    def __init__(self, clock: VirtualClock, zone: str) -> None:
        self._clock = clock
        self._zone = zone
        self._moving = threading.Lock()
        self.running: Running | None = None

    def advance(self, step: str) -> str:
        """Move by a day, a week, or to the next thing that happens."""
        if self.running is None:
            return say("demo.starting")
        with self._moving:
            before = self._sent()
            self._move(self.running, self._target(self.running, step))
            when = moment(self._clock(), self._zone)
            return say("demo.moved", when=when, count=self._sent() - before)

    def _target(self, running: Running, step: str) -> datetime:
        if step in _STEPS:
            return self._clock() + _STEPS[step]
        _beat(running)
        coming = next_at(running.bot)
        return coming if coming and coming > self._clock() else self._clock() + _STEPS["day"]

    def _move(self, running: Running, target: datetime) -> None:
        for _step in range(MOST_STEPS):
            _beat(running)
            coming = next_at(running.bot)
            if coming is None or coming > target:
                break
            self._clock.set(max(coming, self._clock() + timedelta(seconds=1)))
        self._clock.set(target)
        _beat(running)

    def _sent(self) -> int:
        if self.running is None:
            return 0
        with self.running.bot.store.read(self.running.workspace_id) as tx:
            return schedule.sent_count(tx)

    def progress(self) -> dict[str, Any] | None:
        """Each programme's progress, and what is next, for the lines on the page."""
        if self.running is None:
            return None
        with self.running.bot.store.read(self.running.workspace_id) as tx:
            found, following = progress(tx, self._clock()), coming(tx)
        if not found:
            return None
        told = ""
        if following is not None:
            what = say(f"demo.what.{following.kind}")
            told = say("demo.next", what=what, when=moment(following.at, self._zone))
        is_named = len(found) > 1
        lines = [{"label": _line(it, is_named), "fraction": it.fraction} for it in found]
        return {"programmes": lines, "next": told}


def _line(found: Progress, is_named: bool) -> str:
    label = say("demo.no_cycle")
    if found.cycle_number is not None:
        label = say(
            "demo.cycle",
            number=found.cycle_number,
            week=found.week,
            weeks=found.weeks,
            day=found.day,
            days=found.days,
        )
    return f"{found.programme}: {label}" if is_named else label


def _beat(running: Running) -> None:
    """Let everything that is due happen, and wait until it is said."""
    run_due(running.bot)
    running.delivery.drain()


def first_morning(now: datetime, zone: str) -> datetime:
    """The coming Monday at nine in a zone, so that a demo begins with a working week."""
    local = now.astimezone(ZoneInfo(zone))
    monday = local.date() + timedelta(days=(7 - local.weekday()) % 7 or 7)
    return datetime.combine(monday, time(9), ZoneInfo(zone)).astimezone(UTC)


def demo_settings(folder: Path, api_url: str, bot_token: str, app_token: str) -> Settings:
    """Settings of the demo's own: the environment and .env, with real tokens, are not read."""
    return Settings.model_construct(
        slack_bot_token=SecretStr(bot_token),
        slack_app_token=SecretStr(app_token),
        slack_api_url=api_url,
        mentorbot_database_url=f"sqlite:///{folder / DATABASE}",
        mentorbot_erasures_file=str(folder / ERASURES),
        mentorbot_mail_folder=folder / MAIL,
        mentorbot_mail_from="MentorBot <mentorbot@example.org>",
        mentorbot_invite_url=INVITE_URL,
        mentorbot_secret_keys=SecretStr(_secret_key(folder)),
        mentorbot_heartbeat_seconds=1.0,
        mentorbot_lease_seconds=60.0,
        mentorbot_senders=1,
        mentorbot_messages_per_minute=0,
        mentorbot_log_level="warning",
        mentorbot_log_format="text",
    )


def _secret_key(folder: Path) -> str:
    """The key of a demo's sensitive answers, made the first time; only its owner can read it."""
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(new_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


def set_up(bot: MentorBot, workspace_id: str) -> None:
    """The IMG programme in its channel, with its coordinator; brought up to date if it runs."""
    file = preset("img")
    user = web_client(bot).users_info(user=COORDINATOR, include_locale=True)["user"]
    with bot.store.begin(workspace_id) as tx:
        people.first_seen(tx, person_from_profile(workspace_id, user), bot.clock())
        try:
            admin.set_up(tx, file, CHANNEL, COORDINATOR, bot.clock())
        except AlreadySetUp:
            with suppress(CycleRunning):  # a demo left in mid-cycle goes on by its old dates
                admin.update(tx, file, COORDINATOR, bot.clock())


def run_demo(folder: Path, *, port: int, fresh: bool, browser: bool) -> None:
    """Serve the demo until interrupted; it starts where it was left unless `fresh`."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        if fresh:
            _check_port_is_free(port)
            forget(folder)
        _serve(folder, port=port, browser=browser)


def _serve(folder: Path, *, port: int, browser: bool) -> None:
    file = preset("img")
    clock = VirtualClock(first_morning(real_clock(), file.time_zone), flowing=True)
    controls = DemoControls(clock, file.time_zone)
    sandbox = Sandbox(clock, port=port, state_path=folder / WORKSPACE, controls=controls)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with sandbox:
        settings = demo_settings(folder, sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        set_up_logging(settings)
        bot = build(settings, clock=clock)
        migrate(bot)
        running = Running(bot)
        set_up(bot, running.workspace_id)
        controls.running = running
        running.start()
        sys.stdout.write(f"MentorBot demo: {sandbox.url}\n{say('demo.hint')}\n")
        sys.stdout.flush()
        if browser and _has_browser():
            webbrowser.open(sandbox.url)
        stop.wait()
        sys.stdout.write(f"\n{say('demo.goodbye')}\n")
        controls.running = None
        logging.getLogger("slack_bolt.App").setLevel(logging.CRITICAL)  # hanging up is meant
        sandbox.hang_up()
        running.stop()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a demo's folder, which two would spoil for each other; raises OSError where one runs."""
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(error.errno, f"a demo is running in {folder} already") from None
        yield


def forget(folder: Path) -> None:
    """Remove what a demo has left in its folder, and nothing of anybody else's."""
    persistence.forget(folder / WORKSPACE)
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / f"{DATABASE}{ending}").unlink(missing_ok=True)
    for name in (ERASURES, KEY_FILE):
        (folder / name).unlink(missing_ok=True)
    for letter in (folder / MAIL).glob("*.eml"):
        letter.unlink()


def _check_port_is_free(port: int) -> None:
    """Raises OSError where a demo is running, whose files must stay."""
    socket.create_server(("127.0.0.1", port)).close()


def _has_browser() -> bool:
    on_a_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    return on_a_screen and sys.stdout.isatty()


def run_sandbox(*, port: int, events_url: str | None, rate_limits: bool) -> None:
    """Serve the simulated workspace alone, for any bot, until interrupted."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    clock = VirtualClock(real_clock(), flowing=True)
    with Sandbox(clock, port=port, events_url=events_url, rate_limits=rate_limits) as sandbox:
        sys.stdout.write(
            f"Simulated workspace: {sandbox.url}\n"
            f"SLACK_API_URL={sandbox.api_url}\n"
            f"SLACK_BOT_TOKEN={sandbox.bot_token}\n"
            f"SLACK_APP_TOKEN={sandbox.app_token}\n"
            f"SLACK_SIGNING_SECRET={sandbox.signing_secret}\n"
            f"SLACK_CLIENT_ID={sandbox.client_id}\n"
            f"SLACK_CLIENT_SECRET={sandbox.client_secret}\n"
            f"SLACK_AUTHORIZE_URL={sandbox.authorize_url}\n"
        )
        sys.stdout.flush()
        stop.wait()
