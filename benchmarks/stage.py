"""What the benchmarks act on: a database on disk with many people, and whole bot processes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from mentorbot.bootstrap import Clock, MentorBot, build, migrate, real_clock
from mentorbot.config import Settings
from mentorbot.domain.model import ParticipantState, Role
from mentorbot.programmes import preset
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR
from mentorbot.sandbox.population import Population, Resident
from mentorbot.sandbox.server import Sandbox
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction
from mentorbot.usecases import admin
from tests.postgres import Database, Server

NOBODY_LISTENS = "http://127.0.0.1:9/api/"
SPECIALTIES = ("Paediatrics", "Cardiology", "Psychiatry", "General practice", "Not decided yet")
PLACES = ("Leeds", "Cardiff", "Belfast", "Glasgow", "London", "Norwich", "Exeter")


def settings_for(
    folder: Path, sandbox: Sandbox | None = None, database: Database | None = None
) -> Settings:
    """A bot's settings over a database, or else a file in a folder; without a sandbox it can
    reach nobody."""
    return Settings.model_validate(_named_settings(folder, sandbox, database))


def environment_for(
    folder: Path, sandbox: Sandbox, database: Database | None = None
) -> dict[str, str]:
    """The same settings for a process of its own."""
    named = _named_settings(folder, sandbox, database).items()
    return {**os.environ, **{name.upper(): value for name, value in named}}


def _named_settings(
    folder: Path, sandbox: Sandbox | None, database: Database | None
) -> dict[str, str]:
    return {
        "slack_bot_token": sandbox.bot_token if sandbox else "xoxb-nobody",
        "slack_app_token": sandbox.app_token if sandbox else "xapp-nobody",
        "slack_signing_secret": sandbox.signing_secret if sandbox else "",
        "slack_api_url": sandbox.api_url if sandbox else NOBODY_LISTENS,
        "mentorbot_database_url": database.url if database else _in(folder),
        "mentorbot_database_owner_url": database.owner_url if database else "",
        "mentorbot_heartbeat_seconds": "1",
        "mentorbot_log_level": "warning",
    }


def _in(folder: Path) -> str:
    return f"sqlite:///{folder / 'mentorbot.db'}"


@contextmanager
def durable_postgres() -> Iterator[Server]:
    """A PostgreSQL server of our own, whose commits reach the disk."""
    server = Server(settings=())
    try:
        yield server
    finally:
        server.remove()


@contextmanager
def sandbox_now(people: int = 0) -> Iterator[Sandbox]:
    """A simulated workspace whose clock is the real one, with that many more people in it."""
    bundled = Population.read()
    more = tuple(Resident(user_id(number), f"Person {number}") for number in range(people))
    population = replace(bundled, people=bundled.people + more)
    with Sandbox(VirtualClock(real_clock(), flowing=True), population=population) as sandbox:
        yield sandbox


def user_id(number: int) -> str:
    """The id of one of the many people."""
    return f"UB{number:07d}"


def prepared_bot(settings: Settings, workspace_id: str, clock: Clock = real_clock) -> MentorBot:
    """A bot over a migrated database in which the IMG programme is set up."""
    bot = build(settings, clock=clock)
    migrate(bot)
    set_up(bot, workspace_id)
    return bot


def set_up(bot: MentorBot, workspace_id: str) -> None:
    """The IMG programme in one more workspace."""
    with bot.store.begin(workspace_id) as tx:
        admin.know_workspace(tx, "Benchmark", "U0MENTORBOT", bot.clock())
        admin.set_up(tx, preset("img"), CHANNEL, COORDINATOR, bot.clock())


def know_people(tx: Transaction, slack_user_ids: list[str]) -> None:
    """Store accounts, as the bot has them after a welcome."""
    _insert(tx, tables.people, [_person(user) for user in slack_user_ids])


def enrol(
    tx: Transaction, how_many: int, now: datetime, *, role_of: Callable[[int], Role]
) -> list[str]:
    """Enrol new people who wait for a partner; their participant ids, in order."""
    ids = [f"P{number:07d}" for number in range(how_many)]
    users = [user_id(number) for number in range(how_many)]
    know_people(tx, users)
    _insert(
        tx,
        tables.participants,
        [
            _participant(participant_id, user, role_of(number), number, now)
            for number, (participant_id, user) in enumerate(zip(ids, users, strict=True))
        ],
    )
    version = {role: preset("img").guidelines[role].version for role in Role}
    _insert(
        tx,
        tables.acknowledgements,
        [
            {
                "participant_id": participant_id,
                "role": role_of(number),
                "version": version[role_of(number)],
                "acknowledged_at": now,
            }
            for number, participant_id in enumerate(ids)
        ],
    )
    return ids


def pair(tx: Transaction, pairs: list[tuple[str, str]], now: datetime, due_at: datetime) -> None:
    """Put (mentor, mentee) into pairings whose next touchpoint is due at an instant."""
    numbered = list(zip(count(), pairs, strict=False))
    today = now.date()
    _insert(
        tx,
        tables.pairings,
        [
            {
                "pairing_id": f"G{number:07d}",
                "programme_id": "img",
                "cycle_number": 1,
                "starts_on": today,
                "ends_on": today + timedelta(days=28),
                "introduced_at": now,
                "reasons": [{"question": "place", "shared": "Leeds"}],
                "next_step": 0,
                "next_due_at": due_at,
            }
            for number, _pair in numbered
        ],
    )
    _insert(
        tx,
        tables.memberships,
        [
            {"pairing_id": f"G{number:07d}", "participant_id": participant_id, "role": role}
            for number, (mentor, mentee) in numbered
            for participant_id, role in ((mentor, Role.MENTOR), (mentee, Role.MENTEE))
        ],
    )
    paired = [participant_id for both in pairs for participant_id in both]
    column = tables.participants.c
    for begin in range(0, len(paired), 500):
        tx.session.execute(
            tables.participants.update()
            .where(
                column.workspace_id == tx.workspace_id,
                column.participant_id.in_(paired[begin : begin + 500]),
            )
            .values(waiting_since_at=None)
        )


def neighbours(ids: list[str]) -> list[tuple[str, str]]:
    """Pair alternating people off, mentor first, each with the next."""
    return list(zip(ids[::2], ids[1::2], strict=False))


def alternating(number: int) -> Role:
    """A mentor, a mentee, a mentor …"""
    return Role.MENTOR if number % 2 == 0 else Role.MENTEE


def _person(slack_user_id: str) -> dict[str, Any]:
    return {
        "slack_user_id": slack_user_id,
        "name": f"Person {slack_user_id}",
        "time_zone": "Europe/London",
        "locale": "en-GB",
        "is_bot": False,
        "is_deactivated": False,
    }


def _participant(
    participant_id: str, slack_user_id: str, role: Role, number: int, now: datetime
) -> dict[str, Any]:
    return {
        "participant_id": participant_id,
        "programme_id": "img",
        "slack_user_id": slack_user_id,
        "role": role,
        "state": ParticipantState.ACTIVE,
        "answers": {
            "specialty": SPECIALTIES[number % len(SPECIALTIES)],
            "level": "Registrar or specialty trainee",
            "place": PLACES[number % len(PLACES)],
            "languages": ["English", "Arabic"] if number % 3 else ["English"],
        },
        "capacity": 1,
        "joined_at": now,
        "waiting_since_at": now - timedelta(minutes=number % 20_000),
        "is_front_of_queue": False,
        "waiting_spell": 1,
    }


def _insert(tx: Transaction, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        mine = [{"workspace_id": tx.workspace_id, **row} for row in rows]
        tx.session.execute(table.insert(), mine)


@contextmanager
def process(
    sandbox: Sandbox, *words: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A bot in a Python process, connected to a sandbox; told to end, and waited for."""
    with running(*words, environment=environment) as started:
        sandbox.wait_until_connected(30)
        yield started
        started.terminate()
        sandbox.hang_up()


@contextmanager
def serving(
    *words: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server in a Python process, its port given as the last word; waited for until it opens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(*words, str(port), environment=environment) as started:
        _wait_until_open(port, started)
        yield port, started


@contextmanager
def running(
    *words: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process, told to end and waited for."""
    started = subprocess.Popen([sys.executable, "-m", *words], env=environment)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=30)


def _wait_until_open(port: int, started: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at and started.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
