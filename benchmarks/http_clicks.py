"""Clicks that commit, per second, over HTTP: `mentorbot serve` against Bolt's bare ack.

Each is a role form, signed as Slack signs it, sent by another person, and saved before it is
answered; the bare app verifies the same form, acknowledges it and saves nothing. Both are processes
of their own behind MentorBot's own web server, and meet the same hands, which send their next form
when the last was answered. The forms of one run are spread over several workspaces, or all of one.
"""

import argparse
import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlencode

from sqlalchemy import func, select

from benchmarks import stage
from benchmarks.forms import Forms, newcomers
from benchmarks.measure import fsync_ms, publish, scratch, seconds, verdict
from mentorbot.bootstrap import MentorBot
from mentorbot.sandbox.server import Sandbox
from mentorbot.storage import tables
from mentorbot.web.events import PATH
from tests.postgres import Database

LEAST = 1 / 3
HANDS = 20
WARM_UP = 40


@dataclass(frozen=True)
class Signed:
    """A request, ready to be sent."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Site:
    """A server that forms are sent to, and the answer that says that one was taken."""

    port: int
    forms: Iterator[Signed]
    answer: bytes


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each database, with many workspaces and with one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--forms", type=int, default=1000, help="sent in each round")
    parser.add_argument("--workspaces", type=int, default=8)
    asked = parser.parse_args(arguments)
    figures = {}
    with scratch() as folder, stage.sandbox_now() as slack, stage.durable_postgres() as server:
        for spread in sorted({1, asked.workspaces}):
            places = {"sqlite": None, "postgresql": server.new_database()}
            figures[spread] = measure(folder, slack, places, asked, spread)
        disk_ms = fsync_ms(folder)
    _publish(asked, figures, disk_ms)


def measure(
    folder: Path,
    slack: Sandbox,
    places: dict[str, Database | None],
    asked: argparse.Namespace,
    spread: int,
) -> dict[str, float]:
    """The median forms per second of the bare app and of each database, taking turns."""
    total = asked.rounds * asked.forms + WARM_UP
    workspaces = [f"T{number:09d}" for number in range(spread)]
    bots = {}
    with ExitStack() as open_things:
        bare = ("benchmarks.bare_app", "http", slack.api_url, slack.bot_token, slack.signing_secret)
        port, _process = open_things.enter_context(stage.serving(*bare))
        ready = [Forms(workspace_id) for workspace_id in workspaces]
        sites = {"bare": Site(port, signed(ready, slack.signing_secret), b"")}
        for name, database in places.items():
            mine = folder / f"{name}{spread}"
            mine.mkdir()
            bots[name], ready = prepared(mine, slack, database, workspaces, total)
            environment = stage.environment_for(mine, slack, database)
            served = stage.serving("mentorbot", "serve", "--port", environment=environment)
            port, _process = open_things.enter_context(served)
            forms = signed(ready, slack.signing_secret)
            sites[name] = Site(port, forms, b'"response_action": "update"')
        per_second = take_turns(sites, asked.rounds, asked.forms)
        for bot in bots.values():
            check_all_saved(bot, workspaces, total)
            bot.store.close()
    return {name: statistics.median(found) for name, found in per_second.items()}


def prepared(
    folder: Path, slack: Sandbox, database: Database | None, workspaces: list[str], total: int
) -> tuple[MentorBot, list[Forms]]:
    """The programme in each workspace, and the forms of people without a role."""
    bot = stage.prepared_bot(stage.settings_for(folder, slack, database), workspaces[0])
    for workspace_id in workspaces[1:]:
        stage.set_up(bot, workspace_id)
    each = -(-total // len(workspaces))
    return bot, [newcomers(bot, workspace_id, each) for workspace_id in workspaces]


def signed(forms: list[Forms], secret: str) -> Iterator[Signed]:
    """Forms as requests, of each workspace in turn."""
    for source in cycle(forms):
        body = urlencode({"payload": json.dumps(source.next())})
        at = str(int(time.time()))
        digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
        }
        yield Signed(body.encode(), headers)


def take_turns(sites: dict[str, Site], rounds: int, how_many: int) -> dict[str, list[float]]:
    """How many forms a second each site took, in each round."""
    per_second: dict[str, list[float]] = {name: [] for name in sites}
    for site in sites.values():
        send_all(site, WARM_UP)
    for number in range(rounds):
        for name in sites if number % 2 == 0 else reversed(list(sites)):
            per_second[name].append(send_all(sites[name], how_many))
    return per_second


def send_all(site: Site, how_many: int) -> float:
    """Send forms with many hands; returns how many a second were answered."""
    waiting: SimpleQueue[Signed] = SimpleQueue()
    for form in islice(site.forms, how_many):
        waiting.put(form)
    with ThreadPoolExecutor(HANDS) as hands:
        took = seconds(lambda: list(hands.map(lambda _hand: _send(site, waiting), range(HANDS))))
    return how_many / took


def _send(site: Site, waiting: SimpleQueue[Signed]) -> None:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    while True:
        try:
            form = waiting.get_nowait()
        except Empty:
            break
        connection.request("POST", PATH, form.body, form.headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200 or site.answer not in said:
            raise RuntimeError(f"a form was answered with {answer.status}: {said[:300]!r}")
    connection.close()


def check_all_saved(bot: MentorBot, workspaces: list[str], expected: int) -> None:
    """Raises RuntimeError unless every form that was answered is in the database."""
    found = 0
    for workspace_id in workspaces:
        column = tables.participants.c
        with bot.store.read(workspace_id) as tx:
            saved = (column.workspace_id == workspace_id, column.draft.is_not(None))
            found += tx.session.scalar(select(func.count()).where(*saved)) or 0
    if found != expected:
        raise RuntimeError(f"{expected} forms were answered, {found} are saved")


def _publish(asked: argparse.Namespace, found: dict[int, dict[str, float]], disk_ms: float) -> None:
    ratios = {
        (name, spread): per_second[name] / per_second["bare"]
        for spread, per_second in found.items()
        for name in ("sqlite", "postgresql")
    }
    ratio = min(ratios.values())
    lines = [
        f"  {name}, {spread} workspaces: ratio {share:.2f}"
        f" ({found[spread][name]:.0f} a second, bare {found[spread]['bare']:.0f})"
        for (name, spread), share in ratios.items()
    ]
    publish(
        "http_clicks",
        {
            "forms": asked.forms,
            "rounds": asked.rounds,
            "hands": HANDS,
            "ratio": ratio,
            "per_second": {f"{spread}_workspaces": rates for spread, rates in found.items()},
            "fsync_ms": disk_ms,
        },
        f"ratio {ratio:.2f}; target at least {LEAST:.2f}: {verdict(ratio >= LEAST)}\n"
        + "\n".join(lines)
        + f"\n  one fsync takes {disk_ms:.2f} ms",
    )


if __name__ == "__main__":
    main()
