"""From due to sent against a Slack that keeps its limits: how much of them is used, and fairness.

One workspace, then two hundred, each with more to say than a minute allows: how many messages
came, of those that the limits allow from the instant at which they were due, and how many calls
were refused. Then a few quiet workspaces, to which a message falls due every now and then, beside
one with thousands: how much later theirs come than without it. The ceilings are what two cores can
serve together with Slack and the database; a real workspace's is some hundreds a minute.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

from sqlalchemy import insert

from benchmarks import stage
from benchmarks.limited_slack import conversation, workspace_of
from benchmarks.measure import percentile_ms, publish, scratch, verdict
from mentorbot.config import Settings
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.storage import tables
from tests.postgres import Database, Server

LEAST_SHARE = 0.9
MOST_GROWTH = 1.1
PATIENCE_SECONDS = 600
NOISY = "T000000000"


@dataclass(frozen=True)
class Load:
    """Workspaces that are all alike: when each message of one is due, from the beginning."""

    workspaces: Sequence[str]
    due_seconds: Sequence[float]


@dataclass(frozen=True)
class Outcome:
    """When each message was due and when it came, in seconds since the epoch."""

    due: dict[str, float]
    arrived: dict[str, float]
    refused: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the share of the limits, then the noisy neighbour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=100, help="that each run lasts about")
    parser.add_argument("--workspaces", type=int, default=200)
    parser.add_argument("--per-second", type=float, default=20, help="messages, in all workspaces")
    parser.add_argument("--quiet", type=int, default=10, help="workspaces beside the noisy one")
    parser.add_argument("--rounds", type=int, default=1, help="of the noisy neighbour")
    parser.add_argument("--beat", type=float, default=5, help="seconds between heartbeats")
    parser.add_argument("--lead", type=float, default=8, help="seconds in which a worker starts")
    asked = parser.parse_args(arguments)
    shares: dict[int, float] = {}
    delays: dict[str, list[float]] = {"alone": [], "beside": []}
    refused = 0
    with stage.durable_postgres() as server:
        for how_many in sorted({1, asked.workspaces}):
            load = full_load(how_many, asked.per_second, asked.seconds)
            found = run(server, [load], asked.per_second / how_many, asked)
            shares[how_many] = share_of_limits(found, asked.per_second)
            refused += found.refused
        for number in range(asked.rounds):
            for name in delays if number % 2 == 0 else reversed(list(delays)):
                loads = [quiet_load(asked.quiet, asked.seconds)]
                if name == "beside":
                    loads.append(noisy_load(asked.per_second, asked.seconds))
                found = run(server, loads, asked.per_second, asked)
                delays[name] += quiet_delays(found)
                refused += found.refused
    _publish(asked, shares, refused, delays)


def full_load(how_many: int, per_second: float, seconds: int) -> Load:
    """Everything due at once, as much as the limits allow in so many seconds."""
    each = max(round(per_second * seconds / how_many), 2)
    return Load([f"T{number + 1:09d}" for number in range(how_many)], [0.0] * each)


def quiet_load(how_many: int, seconds: int) -> Load:
    """A message every two seconds in each workspace, far below its limit."""
    names = [f"T{number + 1:09d}" for number in range(how_many)]
    return Load(names, [2.0 * (number + 1) for number in range(max(seconds // 2, 1))])


def noisy_load(per_second: float, seconds: int) -> Load:
    """More than can be said in the time, all of it due at once."""
    return Load([NOISY], [0.0] * int(2 * per_second * (seconds + 10)))


def run(
    server: Server, loads: Sequence[Load], per_second: float, asked: argparse.Namespace
) -> Outcome:
    """Let a worker of the bot send what the loads bring, until the last quiet message came.

    `per_second` is the ceiling of each workspace, Slack's and the bot's own. The messages are
    stored and the worker starts in the seconds before the first of them is due.
    """
    database = server.new_database()
    per_minute = round(60 * per_second)
    workspaces = [name for load in loads for name in load.workspaces]
    ceilings = ",".join(f"{name}={per_minute}" for name in workspaces)
    with scratch() as folder, stage.serving("benchmarks.limited_slack", ceilings) as (port, _slack):
        url = f"http://127.0.0.1:{port}"
        due = prepare(stage.settings_for(folder, database=database), loads, asked.lead)
        environment = worker_environment(url, database, per_minute, asked.beat)
        awaited = {it for it in due if workspace_of(it) != NOISY}
        with stage.running("mentorbot", "work", environment=os.environ | environment):
            report = _wait_for(url, awaited)
    if report["repeated"]:
        raise RuntimeError(f"{report['repeated']} messages came twice")
    return Outcome(due, report["arrived"], sum(report["refused"].values()))


def worker_environment(
    url: str, database: Database, per_minute: int, beat: float
) -> dict[str, str]:
    """What `mentorbot work` is told: a Slack, a database, a pace, seconds between heartbeats."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-benchmark",
        "SLACK_API_URL": f"{url}/api/",
        "MENTORBOT_DATABASE_URL": database.url,
        "MENTORBOT_DATABASE_OWNER_URL": database.owner_url,
        "MENTORBOT_ENGINE": "procrastinate",
        "MENTORBOT_MESSAGES_PER_MINUTE": str(per_minute),
        "MENTORBOT_HEARTBEAT_SECONDS": str(beat),
        "MENTORBOT_LOG_LEVEL": "error",
    }


def prepare(settings: Settings, loads: Sequence[Load], lead_seconds: float) -> dict[str, float]:
    """Put the messages of the loads in the outbox; when each is due, by its conversation."""
    workspaces = [name for load in loads for name in load.workspaces]
    bot = stage.prepared_bot(settings, workspaces[0])
    for workspace_id in workspaces[1:]:
        stage.set_up(bot, workspace_id)
    begins = time.time() + lead_seconds
    due = {}
    for load in loads:
        for workspace_id in load.workspaces:
            rows = [
                _message(workspace_id, number, begins + after)
                for number, after in enumerate(load.due_seconds)
            ]
            due.update({row["recipients"][0]: row["not_before_at"].timestamp() for row in rows})
            with bot.store.begin(workspace_id) as tx:
                tx.session.execute(tables.outbox.delete())
                tx.session.execute(insert(tables.outbox), rows)
    bot.store.close()
    return due


def _message(workspace_id: str, number: int, due: float) -> dict[str, Any]:
    due_at = datetime.fromtimestamp(due, UTC)
    return {
        "workspace_id": workspace_id,
        "message_id": f"{number:020x}",
        "dedupe_key": f"benchmark:{number}",
        "kind": MessageKind.WELCOME,
        "recipients": [conversation(workspace_id, number)],
        "programme_id": "img",
        "created_at": due_at,
        "not_before_at": due_at,
        "params": {},
        "priority": 10,
        "state": MessageState.PENDING,
        "attempt_count": 0,
    }


def _wait_for(url: str, awaited: set[str]) -> dict[str, Any]:
    """Slack's report, once it has what is awaited."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        time.sleep(1)
        with urlopen(f"{url}/report") as answer:
            report: dict[str, Any] = json.load(answer)
        if awaited <= set(report["arrived"]):
            return report
    raise RuntimeError("messages did not come")


def share_of_limits(found: Outcome, per_second: float) -> float:
    """What came, of what the limits of all workspaces allow from the first due to the last sent.

    Each may send one message at once and from then on as many as its ceiling says.
    """
    took = max(found.arrived.values()) - min(found.due.values())
    workspaces = {workspace_of(it) for it in found.due}
    return len(found.arrived) / (len(workspaces) + per_second * took)


def quiet_delays(found: Outcome) -> list[float]:
    """How many seconds after its time each message of a quiet workspace came."""
    quiet = [it for it in found.due if workspace_of(it) != NOISY]
    return [max(found.arrived[it] - found.due[it], 0.0) for it in quiet]


def _publish(
    asked: argparse.Namespace,
    shares: dict[int, float],
    refused: int,
    delays: dict[str, list[float]],
) -> None:
    share = min(shares.values())
    p99_ms = {name: percentile_ms(found, 99) for name, found in delays.items()}
    growth = p99_ms["beside"] / p99_ms["alone"]
    shown = ", ".join(f"{100 * it:.0f} % with {n} workspaces" for n, it in shares.items())
    publish(
        "end_to_end",
        {
            "per_second": asked.per_second,
            "seconds": asked.seconds,
            "ratio": share,
            "shares": shares,
            "refused": refused,
            "quiet_p50_ms": {name: percentile_ms(found, 50) for name, found in delays.items()},
            "quiet_p99_ms": p99_ms,
            "neighbour_ratio": growth,
        },
        f"ratio {share:.2f} of what Slack's limits allow ({shown}, {asked.per_second:g} a second"
        f" in all); target at least {LEAST_SHARE:g}: {verdict(share >= LEAST_SHARE)}\n"
        f"  calls refused with 429: {refused}; target 0: {verdict(refused == 0)}\n"
        f"  beside a noisy neighbour: p99 {p99_ms['beside']:.0f} ms from due to sent, alone"
        f" {p99_ms['alone']:.0f} ms, ratio {growth:.2f}; target at most {MOST_GROWTH:g}:"
        f" {verdict(growth <= MOST_GROWTH)}",
    )


if __name__ == "__main__":
    main()
