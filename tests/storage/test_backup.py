"""A backup is whole while the bot writes; a restore brings back exactly what was backed up."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.domain.errors import DatabaseRefused
from mentorbot.domain.model import Person
from mentorbot.storage import backup, migration, people
from mentorbot.storage.store import Store
from mentorbot.usecases import admin
from tests.storage.conftest import opened
from tests.world import MONDAY


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "live.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """A bot's database in use."""
    live = opened(f"sqlite:///{database}")
    migration.upgrade(live.engine)
    with live.begin("T1") as tx:
        admin.know_workspace(tx, "Live", "U0BOT", MONDAY)
    add(live, 0)
    yield live
    live.close()


def add(store: Store, number: int) -> None:
    """Two people who come together or not at all."""
    with store.begin("T1") as tx:
        for half in ("A", "B"):
            tx.add(Person("T1", f"U{number:05}{half}", "Somebody"))


def untouched(_staged: Path) -> None:
    """A backup is put in place as it is."""


def test_a_backup_made_while_the_bot_writes_is_whole(
    store: Store, database: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            add(store, number)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(3):
            assert backup.back_up(database, tmp_path / f"{number}.bak") > 0
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        with sqlite3.connect(tmp_path / f"{number}.bak") as copied:
            assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (count,) = copied.execute("SELECT count(*) FROM person").fetchone()
        copied.close()
        assert count >= 2
        assert count % 2 == 0
    assert sorted(path.name for path in tmp_path.glob("*.bak*")) == ["0.bak", "1.bak", "2.bak"]


def test_a_restore_under_a_running_bot_brings_back_what_was_backed_up(
    store: Store, database: Path, tmp_path: Path
) -> None:
    backup.back_up(database, tmp_path / "good.bak")
    add(store, 1)
    kept = backup.restore(database, tmp_path / "good.bak", untouched)
    with store.read("T1") as tx:
        assert people.person(tx, "U00000A") is not None
        assert people.person(tx, "U00001A") is None
    add(store, 2)
    with store.read("T1") as tx:
        assert people.person(tx, "U00002B") is not None
    assert kept is not None
    backup.restore(database, kept, untouched)
    with store.read("T1") as tx:
        assert people.person(tx, "U00001A") is not None
        assert people.person(tx, "U00002B") is None


def test_nothing_is_overwritten_and_nothing_broken_is_restored(
    store: Store, database: Path, tmp_path: Path
) -> None:
    good, newer, nonsense = tmp_path / "good.bak", tmp_path / "newer.bak", tmp_path / "nonsense"
    backup.back_up(database, good)
    with pytest.raises(DatabaseRefused, match="exists already"):
        backup.back_up(database, good)
    backup.back_up(database, newer)
    with sqlite3.connect(newer) as changed:
        changed.execute("UPDATE alembic_version SET version_num = '9999'")
    changed.close()
    with pytest.raises(DatabaseRefused, match="newer MentorBot"):
        backup.restore(database, newer, untouched)
    nonsense.write_bytes(good.read_bytes()[:5000] + b"x" * 5000)
    with pytest.raises(DatabaseRefused):
        backup.restore(database, nonsense, untouched)
    nonsense.write_text("not a database")
    with pytest.raises(DatabaseRefused, match="not a backup"):
        backup.restore(database, nonsense, untouched)
    with store.read("T1") as tx:
        assert people.person(tx, "U00000A") is not None


def test_the_commands_say_what_they_did(
    store: Store, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", f"sqlite:///{database}")
    path = str(tmp_path / "by.bak")
    assert "as it is now" in CliRunner().invoke(app, ["db", "backup", path]).output
    refused = CliRunner().invoke(app, ["db", "backup", path])
    assert refused.exit_code == 2
    assert "exists already" in refused.output
    assert "is restored. What was there is in" in CliRunner().invoke(
        app, ["db", "restore", path]
    ).output.replace("\n", " ")
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", "postgresql://nobody@/nothing")
    assert "use pg_dump" in CliRunner().invoke(app, ["db", "backup", path]).output
