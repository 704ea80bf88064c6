"""What is said to the database: each statement names its workspace and finds rows by index."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from mentorbot.slack import ids
from mentorbot.storage import tables
from mentorbot.storage.store import Store
from tests.storage.test_tenants import ARGUMENTS, open_store, try_out
from tests.world import AMARA, HANNAH, OMAR, ZOE, World, world_at

LARGE = (
    *("message", "attempt", "pairing", "participant", "check_in", "membership", "person"),
    *("meeting", "goal", "application", "listed_address", "sealed_answer", "draw"),
)
WHOLE_WORKSPACE = {
    *("lanes.recover", "reports.certificates_owed", "schedule.sent_count"),
    *("match_drafts.empty_reasons", "match_drafts.forget_words_of"),
    *(f"{it}.every" for it in ("agreements", "anonymous", "concerns", "draws", "goals")),
    *("issuer_keys.every", "partings.every", "sealed.every"),
    *("concerns.every_entry", "anonymous.every_answer"),
    *(f"addresses.{it}" for it in ("every", "held", "is_known", "take_out")),
}
"""What operators do now and then, such as erasing by address, may read all of a workspace."""
CROSSES_TENANTS = "SELECT workspace.workspace_id FROM workspace"
"""The one statement that does: which workspaces are there at all?"""
OF_THE_CONNECTION = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)\b")
Statement = tuple[str, Any]


class Heard:
    """The statements of a story, each with the parameters that it was first said with."""

    def __init__(self) -> None:
        self.statements: dict[str, Any] = {}

    def hear(self, _connection: Any, _cursor: Any, said: str, parameters: Any, *_: Any) -> None:
        flat = " ".join(said.split())
        many = isinstance(parameters, list)
        self.statements.setdefault(flat, parameters[0] if many else parameters)

    def queries(self) -> list[Statement]:
        """Everything but what opens and closes transactions."""
        found = self.statements.items()
        return [(said, given) for said, given in found if not OF_THE_CONNECTION.match(said)]


@contextmanager
def listening(store: Store) -> Iterator[Heard]:
    heard = Heard()
    event.listen(store.engine, "before_cursor_execute", heard.hear)
    yield heard
    event.remove(store.engine, "before_cursor_execute", heard.hear)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Heard]]:
    """All that is said to the database in a story with all that people do, and its world."""
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    with world_at(tmp_path_factory.mktemp("told")) as world:
        with listening(world.bot.store) as heard:
            tell_a_story(world)
        yield world, heard


def tell_a_story(world: World) -> None:
    amara, zoe, omar, hannah = map(world.person, (AMARA, ZOE, OMAR, HANNAH))
    amara.join("mentor", capacity="2")
    zoe.join("mentee")
    omar.join("mentee")
    for person in (amara, zoe, hannah):
        person.home()
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    omar.command("pause 1 week")
    for word in ("status", "people", "pairs", "help"):
        hannah.command(word)
    omar.command("resume")
    world.running.heartbeat.sweep()
    world.pass_days(17)
    zoe.give_feedback()
    zoe.press(zoe.dm_with(ids.CONTINUE), ids.CONTINUE)
    amara.press(amara.dm_with(ids.OPT_OUT), ids.OPT_OUT)
    world.pass_days(8)
    omar.command("leave")
    world.sandbox.person(ZOE).deactivate()
    world.settle()


def names_its_workspace(said: str) -> bool:
    if said.startswith("INSERT"):
        return "workspace_id" in said.partition(" VALUES ")[0]
    return bool(re.search(r"\.?workspace_id = \?", said.partition(" WHERE ")[2]))


def test_every_statement_of_a_story_names_its_workspace(told: tuple[World, Heard]) -> None:
    _world, heard = told
    queries = [said for said, _ in heard.queries()]
    assert len(queries) > 60
    assert [q for q in queries if not names_its_workspace(q)] == [CROSSES_TENANTS]
    said_of = {table.name for table in tables.metadata.sorted_tables if mentions(queries, table)}
    assert {*LARGE[:7], "feedback", "certificate", "choice", "handled_payload", "cycle"} <= said_of


def mentions(queries: list[str], table: Any) -> bool:
    return any(re.search(rf"(FROM|INTO|UPDATE|JOIN) {table.name}\b", query) for query in queries)


def test_every_query_of_a_story_finds_its_rows_by_an_index(told: tuple[World, Heard]) -> None:
    world, heard = told
    assert wasteful_of(world.bot.store, heard) == []


def wasteful_of(store: Store, heard: Heard) -> list[str]:
    """The steps of what was heard that go through more rows than they need."""
    found = []
    with store.engine.connect() as connection:
        partial = partial_indexes(connection)
        for said, given in heard.queries():
            if not said.startswith("INSERT"):
                steps = plan(connection, said, given)
                found += [f"{step}: {said}" for step in steps if is_wasteful(said, step, partial)]
    return found


def plan(connection: Connection, said: str, given: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
    return [str(row[-1]) for row in rows]


def partial_indexes(connection: Connection) -> set[str]:
    found = connection.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
    )
    return set(found.scalars())


def is_wasteful(said: str, step: str, partial: set[str]) -> bool:
    """Whether a step goes through a large table, or through all of a workspace's part of it."""
    found = re.match(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+) \((.*)\))?", step)
    if found is None or table_of(said, found[2]) not in LARGE:
        return False
    goes_by_workspace_alone = found[4] == "workspace_id=?" and found[3] not in partial
    return found[1] == "SCAN" or goes_by_workspace_alone


def table_of(said: str, name: str) -> str:
    """The table that a name stands for in a statement."""
    alias = re.search(rf"(\w+) AS {name}\b", said)
    return alias[1] if alias else name


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("SELECT name FROM person", True),
        ("SELECT name FROM person WHERE workspace_id = 'T'", True),
        ("SELECT name FROM person WHERE workspace_id = 'T' AND slack_user_id = 'U'", False),
        ("SELECT mine.answers FROM participant AS mine", True),
        ("SELECT next_due_at FROM pairing WHERE workspace_id = 'T' AND next_due_at < '3'", False),
        ("SELECT name FROM workspace", False),
    ],
)
def test_wasteful_query_would_be_seen(told: tuple[World, Heard], said: str, is_found: bool) -> None:
    world, _heard = told
    with world.bot.store.engine.connect() as connection:
        partial = partial_indexes(connection)
        steps = plan(connection, said, ())
    assert any(is_wasteful(said, step, partial) for step in steps) == is_found


def test_beat_of_an_idle_bot_asks_little(world: World) -> None:
    world.pass_days(1)
    world.clock.advance(timedelta(hours=1))
    with listening(world.bot.store) as heard:
        world.running.heartbeat.beat()
    queries = [said for said, _ in heard.queries()]
    assert len(queries) <= 6
    assert all(said.startswith("SELECT") for said in queries)


def test_every_query_of_storage_finds_its_rows_by_an_index(tmp_path: Path) -> None:
    """Also those that no story has come to; reports and counts may go through a workspace."""
    store = open_store(tmp_path, "walked.db")
    with listening(store) as heard:
        for name in set(ARGUMENTS) - WHOLE_WORKSPACE:
            try_out(store, name, with_rows=False)
    assert wasteful_of(store, heard) == []
    store.close()
