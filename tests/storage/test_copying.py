"""Moving to PostgreSQL loses nothing, and goes on after it was cut short."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.domain.errors import DatabaseRefused
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Person, Role
from mentorbot.programmes import preset
from mentorbot.storage import copying, migration, tables
from mentorbot.storage.store import Store, open_engine
from mentorbot.usecases import admin, enrolment
from mentorbot.usecases.messages import enqueue
from tests.postgres import APP, Database
from tests.storage.conftest import opened
from tests.world import MONDAY

MESSAGES = 600
HOPES = "Ö, „quotes“ – and 🌱 \\ 'apostrophes'"


def fill(store: Store, workspace_id: str, messages: int) -> None:
    """A workspace with a programme, a half-filled form and an outbox."""
    with store.begin(workspace_id) as tx:
        admin.know_workspace(tx, "Full", "U0BOT", MONDAY)
        admin.set_up(tx, preset("img"), "C0IMG", "U0HANNAH00", MONDAY)
        tx.add(Person(workspace_id, "U0ZOE", "Zoë Okonkwo", seen_at=MONDAY + timedelta(seconds=1)))
        given = {"specialty": "Paediatrics", "level": "Foundation doctor", "place": "Leeds"}
        given |= {"languages": ["English"], "hopes": HOPES}
        enrolment.save_form(tx, "img", "U0ZOE", Role.MENTEE, given)
        for number in range(messages):
            enqueue(
                tx,
                MessageKind.WELCOME,
                ["U0ZOE"],
                programme_id="img",
                subject=f"s{number}",
                now=MONDAY,
            )


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Engine]:
    """An SQLite database with two workspaces, and an installation made over OAuth."""
    store = opened(f"sqlite:///{tmp_path / 'source.db'}")
    migration.upgrade(store.engine)
    fill(store, "T1", MESSAGES)
    fill(store, "T2", 3)
    with store.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO slack_oauth_states (state, expire_at) VALUES ('s', :at)"),
            {"at": "2026-11-23 10:00:00.000000"},
        )
    yield store.engine
    store.close()


@pytest.fixture
def target(postgres: Database) -> Iterator[Engine]:
    """An empty PostgreSQL database, as its owner opens it."""
    engine = open_engine(postgres.owner_url)
    yield engine
    engine.dispose()


def behind(postgres: Database, statements: str) -> list[Any]:
    """Do or see something behind the copy's back."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        cursor = connection.execute(statements.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def test_a_copy_holds_what_its_source_held_and_the_bot_goes_on(
    source: Engine, target: Engine, postgres: Database
) -> None:
    rows = copying.copy(source, target)
    with source.connect() as reading:
        expected = sum(
            reading.scalar(select(func.count()).select_from(table)) or 0
            for table in tables.metadata.sorted_tables
        )
    assert rows == expected + 1
    migration.upgrade(target, APP)
    store = opened(postgres.url)
    assert sorted(store.workspace_ids()) == ["T1", "T2"]
    with store.begin("T1") as tx:
        (zoe,) = tx.session.scalars(select(Participant))
        assert zoe.draft is not None
        assert zoe.draft["answers"]["hopes"] == HOPES
        found = tx.get(Person, "U0ZOE")
        assert found is not None
        assert found.seen_at == MONDAY + timedelta(seconds=1)
    store.close()
    behind(postgres, "INSERT INTO slack_oauth_states (state, expire_at) VALUES ('next', now())")
    assert behind(postgres, "SELECT to_regclass('copy_under_way')") == [None]
    with pytest.raises(DatabaseRefused, match="not empty"):
        copying.copy(source, target)


def test_a_copy_that_was_cut_short_goes_on_where_it_broke_off(
    source: Engine, target: Engine, postgres: Database, tmp_path: Path
) -> None:
    migration.upgrade(target)
    behind(
        postgres,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF (SELECT count(*) FROM message) > 550 THEN"
        " RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON message"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    with pytest.raises(DBAPIError, match="disk full"):
        copying.copy(source, target)
    copied = "SELECT count(*) FROM message"
    written = (
        "SELECT xmin::text FROM message WHERE workspace_id = 'T1' ORDER BY message_id LIMIT 500"
    )
    first = behind(postgres, written)
    assert behind(postgres, copied) == [500]
    behind(postgres, "DROP TRIGGER refuse ON message")

    stranger = opened(f"sqlite:///{tmp_path / 'stranger.db'}")
    migration.upgrade(stranger.engine)
    with pytest.raises(DatabaseRefused, match="half-done copy of another"):
        copying.copy(stranger.engine, target)
    stranger.close()

    copying.copy(source, target)
    assert behind(postgres, copied) == [MESSAGES + 3 + 2]
    assert behind(postgres, written) == first


def test_a_copy_that_was_tampered_with_is_not_called_good(
    source: Engine, target: Engine, postgres: Database
) -> None:
    migration.upgrade(target)
    behind(
        postgres,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.name := 'Zoe'; RETURN NEW; END $$;"
        "CREATE TRIGGER spoil BEFORE INSERT ON person FOR EACH ROW"
        " WHEN (NEW.slack_user_id = 'U0ZOE') EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(DatabaseRefused, match="The copy of person differs"):
        copying.copy(source, target)


def test_a_source_that_is_written_to_meanwhile_is_not_called_copied(
    source: Engine, target: Engine
) -> None:
    busy = opened(str(source.url))

    def write(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO programme"):
            with busy.begin("T1") as tx:
                tx.add(Person("T1", f"U0LATE{tx.new_id()}", "Late"))

    event.listen(target, "before_cursor_execute", write)
    with pytest.raises(DatabaseRefused, match="written to while"):
        copying.copy(source, target)
    busy.close()


def test_a_database_that_is_not_empty_is_refused(
    source: Engine, target: Engine, postgres: Database
) -> None:
    migration.upgrade(target, APP)
    store = opened(postgres.url)
    with store.begin("T9") as tx:
        admin.know_workspace(tx, "Mine", "U0BOT", MONDAY)
    store.close()
    with pytest.raises(DatabaseRefused, match="not empty"):
        copying.copy(source, target)


def test_only_sqlite_is_copied_and_only_to_postgresql(
    source: Engine, tmp_path: Path, postgres: Database
) -> None:
    here = str(source.url)
    backwards = ["db", "copy", "--from", postgres.owner_url, "--to", here]
    refused = CliRunner().invoke(app, backwards)
    assert refused.exit_code == 2
    assert "from SQLite to PostgreSQL" in refused.output
    done = CliRunner().invoke(app, ["db", "copy", "--from", here, "--to", postgres.owner_url])
    assert done.exit_code == 0, done.output
    assert "rows are copied and verified" in done.output
