"""Through a PgBouncer that pools by transaction: nothing of the bot's is kept in a session."""

import random
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from mentorbot.bootstrap import build, real_clock
from mentorbot.running import AtWork
from mentorbot.usecases import admin
from tests.engine.test_replicas import wait_for
from tests.postgres import APP, Database, Server
from tests.world import AMARA, ZOE, World, words, world_at

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
PORT = 6432
SERVER_CONNECTIONS = 3
"""Fewer than the bot's threads, so that every session is somebody else's a moment later."""


@dataclass(frozen=True)
class Bouncer:
    """A PgBouncer in front of the tests' server."""

    folder: Path

    def url(self, database_url: str) -> str:
        """The same database, by way of the bouncer."""
        address, _, _folder = database_url.partition("?host=")
        return f"{address}?host={self.folder}&port={PORT}"


@pytest.fixture
def bouncer(postgres_server: Server) -> Iterator[Bouncer]:
    """One of our own, with few connections to the server."""
    if not Path(PROGRAM).exists():
        pytest.skip("needs pgbouncer (on Debian and Ubuntu: apt install pgbouncer)")
    folder = Path(tempfile.mkdtemp(prefix="mbpb"))
    folder.chmod(0o777)
    (folder / "users.txt").write_text(f'"{APP}" ""\n"postgres" ""\n', encoding="utf-8")
    (folder / "pgbouncer.ini").write_text(_configuration(folder, postgres_server), encoding="utf-8")
    as_user = ["-u", postgres_server.account] if postgres_server.account else []
    running = subprocess.Popen(
        [PROGRAM, *as_user, str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL
    )
    try:
        wait_for((folder / f".s.PGSQL.{PORT}").exists)
        yield Bouncer(folder)
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _configuration(folder: Path, server: Server) -> str:
    _address, _, sockets = server.url().partition("?host=")
    return f"""
[databases]
* = host={sockets}
[pgbouncer]
listen_port = {PORT}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 200
"""


@pytest.fixture
def pooled(bouncer: Bouncer, postgres: Database, tmp_path: Path) -> Iterator[World]:
    """A world whose bot knows its database only by way of the bouncer."""
    database = replace(postgres, url=bouncer.url(postgres.url), engine="procrastinate")
    with world_at(tmp_path, real_clock(), database) as world:
        yield world


def sessions(world: World, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds in every session that the bouncer holds at the server, at one time."""
    url = world.bot.settings.mentorbot_database_url
    with ExitStack() as open_ones:
        held = [open_ones.enter_context(psycopg.connect(url)) for _it in range(SERVER_CONNECTIONS)]
        return [row for connection in held for row in connection.execute(statement.encode())]


def test_replicas_behind_a_bouncer_tell_a_story_and_leave_nothing_in_its_sessions(
    pooled: World,
) -> None:
    settings, clock = pooled.bot.settings, pooled.clock
    other = AtWork(build(settings, clock=clock, rng=random.Random(8)))
    for replica in (pooled.running, other):
        replica.start()
    amara, zoe = pooled.person(AMARA), pooled.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    wait_for(lambda: len(zoe.groups()) == 1)
    wait_for(lambda: bool(zoe.hands.messages(zoe.groups()[0]["id"])))
    other.stop()
    pooled.running.heartbeat.stop()
    pooled.running.engine.stop()
    introductions = zoe.hands.messages(zoe.groups()[0]["id"])
    assert ["Your first meeting" in words(it) for it in introductions] == [True]
    kept = sessions(
        pooled,
        "SELECT coalesce(current_setting('mentorbot.workspace_id', true), ''),"
        " coalesce(current_setting('mentorbot.every_workspace', true), ''),"
        " (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors),"
        " (SELECT count(*) FROM pg_listening_channels()),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')",
    )
    assert set(kept) == {("", "", 0, 0, 0, 0)}
    assert len(kept) == SERVER_CONNECTIONS


def test_two_workspaces_share_a_session_and_see_only_their_own(pooled: World) -> None:
    store = pooled.bot.store
    seen: dict[str, set[str]] = {}
    names = [f"T{number}" for number in range(8)]
    for name in names:
        with store.begin(name) as tx:
            admin.know_workspace(tx, name, "U0BOT", pooled.clock())

    def look(name: str) -> None:
        for _time in range(10):
            with store.read(name) as tx:
                found = tx.session.execute(text("SELECT workspace_id FROM workspace"))
                seen.setdefault(name, set()).update(row[0] for row in found)

    threads = [threading.Thread(target=look, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {name: {name} for name in names}
