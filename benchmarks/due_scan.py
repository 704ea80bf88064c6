"""Finding what is due among very many enrolments, and putting it into the outbox, on each database.

Everybody is in one workspace and paired, mentor by mentee. An idle scan finds nothing; a busy one
finds some hundred pairings. Then thousands of pairings get their check-in: from the scan to the
last commit, with two questions and two messages for each.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)

from benchmarks import stage
from benchmarks.measure import fsync_ms, median_ms, publish, scratch, seconds, verdict
from mentorbot.domain.model import ParticipantState, Role
from mentorbot.domain.touchpoints import Kind, plan
from mentorbot.heartbeat import run_due
from mentorbot.programmes import preset
from mentorbot.running import settle
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction
from mentorbot.usecases import tick
from tests.postgres import Database

WORKSPACE = "T0BENCHMARK"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
STARTS_ON = NOW.date() - timedelta(days=4)
"""Each pair's first check-in is due this morning."""
MOST_IDLE_MS, MOST_BUSY_MS, LEAST_A_SECOND = 1.0, 5.0, 20_000
ZONES = ("Europe/London", "Africa/Lagos", "Asia/Kolkata", "Africa/Cairo")
FIRST = 10_000_000
"""Ids are numbers from here on, so that all are equally long."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure scans and materialising on SQLite and PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=500)
    parser.add_argument("--pairings", type=int, default=5_000, help="materialised in each round")
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args(arguments)
    with scratch() as folder, ExitStack() as open_things:
        server = open_things.enter_context(stage.durable_postgres())
        places = {"sqlite": None, "postgresql": server.new_database()}
        figures = {name: measure(folder / name, place, asked) for name, place in places.items()}
        disk_ms = fsync_ms(folder)
    _publish(asked, figures, disk_ms)


def measure(folder: Path, database: Database | None, asked: argparse.Namespace) -> dict[str, float]:
    """The medians of one database."""
    folder.mkdir()
    crowd = Crowd(folder, database, asked.people // 2)
    settle()
    idle = [seconds(crowd.scan) for _round in range(asked.rounds * 10)]
    busy, rates = [], []
    for _round in range(asked.rounds):
        crowd.make_due(asked.due)
        busy.append(seconds(crowd.scan))
        crowd.expect(asked.due)
        run_due(crowd.bot)
    for _round in range(asked.rounds):
        crowd.make_due(asked.pairings)
        took = seconds(lambda: run_due(crowd.bot))
        rates.append(2 * asked.pairings / took)
    crowd.check_all_said(2 * asked.rounds * (asked.due + asked.pairings))
    crowd.bot.store.close()
    return {
        "idle_ms": median_ms(idle),
        "due_ms": median_ms(busy),
        "messages_per_second": statistics.median(rates),
    }


class Crowd:
    """A bot over a database in which very many are paired, each pair before its first check-in."""

    def __init__(self, folder: Path, database: Database | None, pairs: int) -> None:
        begun = time.monotonic()
        settings = stage.settings_for(folder, database=database)
        self.bot = stage.prepared_bot(
            settings, WORKSPACE, lambda: NOW + timedelta(seconds=time.monotonic() - begun)
        )
        self._numbers = count()
        self._found = 0
        with self.bot.store.begin(WORKSPACE) as tx:
            tx.session.execute(tables.outbox.delete())
            _fill(tx, pairs)
        if database is not None:
            with psycopg.connect(database.owner_url, autocommit=True) as owner:
                owner.execute("ANALYZE")

    def scan(self) -> None:
        """One look for what is due."""
        with self.bot.store.read(WORKSPACE) as tx:
            self._found = sum(len(part.keys) for part in tick.due(tx, NOW))

    def expect(self, due: int) -> None:
        """Raises RuntimeError unless the last scan found so much."""
        if self._found != due:
            raise RuntimeError(f"{due} pairings are due, the scan found {self._found}")

    def make_due(self, pairings: int) -> None:
        """The next so many pairings are due, none of which was before."""
        ids = [str(FIRST + next(self._numbers)) for _pairing in range(pairings)]
        column = tables.pairings.c
        with self.bot.store.begin(WORKSPACE) as tx:
            for begin in range(0, len(ids), 500):
                some = column.pairing_id.in_(ids[begin : begin + 500])
                tx.session.execute(
                    update(tables.pairings)
                    .where(column.workspace_id == WORKSPACE, some)
                    .values(next_due_at=NOW - timedelta(minutes=30))
                )

    def check_all_said(self, expected: int) -> None:
        """Raises RuntimeError unless every question is in the outbox."""
        with self.bot.store.read(WORKSPACE) as tx:
            mine = tables.outbox.c.workspace_id == WORKSPACE
            found = tx.session.scalar(select(func.count()).select_from(tables.outbox).where(mine))
        if found != expected:
            raise RuntimeError(f"{expected} messages were due, {found} are in the outbox")


def _fill(tx: Transaction, pairs: int) -> None:
    """A mentor and a mentee for each pair, written by the database itself."""
    rules = preset("img").touchpoints
    ends_on = STARTS_ON + timedelta(days=28)
    steps = [point.kind for point in plan(rules, STARTS_ON, ends_on)]
    mentors, mentees = _numbers(pairs), _numbers(pairs, FIRST + pairs)
    pairing = _numbers(pairs)
    for who, role in ((mentors, Role.MENTOR), (mentees, Role.MENTEE)):
        _write(tx, tables.people, who, slack_user_id=who, name=who, time_zone=_zone(who))
        _write(
            tx,
            tables.participants,
            who,
            participant_id=who,
            programme_id="img",
            slack_user_id=who,
            role=role,
            state=ParticipantState.ACTIVE,
            answers={"place": "Leeds"},
            capacity=1,
            joined_at=NOW,
        )
    _write(
        tx,
        tables.pairings,
        pairing,
        pairing_id=pairing,
        programme_id="img",
        cycle_number=1,
        starts_on=STARTS_ON,
        ends_on=ends_on,
        introduced_at=NOW,
        reasons=[{"question": "place", "shared": "Leeds"}],
        next_step=steps.index(Kind.CHECK_IN),
        next_due_at=NOW + timedelta(days=1),
    )
    for apart, role in ((0, Role.MENTOR), (pairs, Role.MENTEE)):
        _write(
            tx,
            tables.memberships,
            pairing,
            pairing_id=pairing,
            participant_id=cast(pairing + apart, String),
            role=role,
        )


def _numbers(how_many: int, first: int = FIRST) -> ColumnElement[int]:
    """So many numbers, as a column of rows that the database makes up."""
    row = select(literal(first).label("number")).cte(f"numbers_{first}", recursive=True)
    row = row.union_all(select(row.c.number + 1).where(row.c.number < first + how_many - 1))
    return row.c.number


def _zone(number: ColumnElement[int]) -> ColumnElement[str]:
    return case(dict(enumerate(ZONES)), value=number % len(ZONES))


def _write(tx: Transaction, table: Table, number: ColumnElement[int], **given: Any) -> None:
    """A row for each number; what is not given is false, 0 or nothing."""
    values: dict[str, Any] = {"workspace_id": WORKSPACE, **given}
    for column in table.columns:
        if not column.nullable and column.name not in values:
            values[column.name] = "en" if column.name == "locale" else column.type.python_type()
    chosen = [
        cast(value, String)
        if value is number
        else value
        if isinstance(value, ColumnElement)
        else literal(value, table.c[name].type)
        for name, value in values.items()
    ]
    tx.session.execute(
        insert(table).from_select(list(values), select(*chosen).select_from(number.table))
    )


def _publish(
    asked: argparse.Namespace, figures: dict[str, dict[str, float]], disk_ms: float
) -> None:
    ratio = max(
        limit
        for found in figures.values()
        for limit in (
            found["idle_ms"] / MOST_IDLE_MS,
            found["due_ms"] / MOST_BUSY_MS,
            LEAST_A_SECOND / found["messages_per_second"],
        )
    )
    lines = [
        f"  {name}: idle {found['idle_ms']:.2f} ms, target under {MOST_IDLE_MS:g}:"
        f" {verdict(found['idle_ms'] < MOST_IDLE_MS)};"
        f" {asked.due} due {found['due_ms']:.2f} ms, target under {MOST_BUSY_MS:g}:"
        f" {verdict(found['due_ms'] < MOST_BUSY_MS)};"
        f" {found['messages_per_second']:.0f} messages a second, target at least"
        f" {LEAST_A_SECOND}: {verdict(found['messages_per_second'] >= LEAST_A_SECOND)}"
        for name, found in figures.items()
    ]
    publish(
        "due_scan",
        {
            "people": asked.people,
            "due": asked.due,
            "pairings": asked.pairings,
            "ratio": ratio,
            "fsync_ms": disk_ms,
            **figures,
        },
        f"ratio {ratio:.2f} of the furthest figure to its target, among {asked.people} enrolments"
        f" (fsync {disk_ms:.2f} ms)\n" + "\n".join(lines),
    )


if __name__ == "__main__":
    main()
