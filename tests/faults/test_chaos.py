"""Chaos at a small size: what `make chaos` does at full size, and that its eyes are open."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageState
from mentorbot.slack.client import slack_client
from mentorbot.slack.posting import open_conversation, post
from mentorbot.slack.rendering import Rendered, render
from mentorbot.storage import lanes, sending
from tests.faults.chaos import trail
from tests.faults.chaos.__main__ import main, run
from tests.faults.chaos.databases import Home, OnPostgres, OnSqlite
from tests.faults.chaos.intents import Intent, verdict
from tests.faults.chaos.plan import Blow
from tests.faults.chaos.processes import ROOT
from tests.faults.chaos.record import Posting
from tests.faults.chaos.run import Size
from tests.faults.chaos.worker import TOKEN, Job
from tests.postgres import Server

SMALL = Size(
    messages=300,
    certificates=3,
    faults=0.05,
    blows={Blow.KILL: 12, Blow.STOP: 2},
)


def test_nothing_is_lost_or_repeated_on_sqlite(tmp_path: Path) -> None:
    figures = run(SMALL, "plain", "sqlite", tmp_path)
    assert (figures["kills"], figures["stops"]) == (12, 2)
    assert (figures["lost"], figures["repeated"], figures["failed"]) == (0, 0, 0)
    assert figures["faults"] > 0
    assert figures["look_ups"] > 0


def test_nothing_is_lost_or_repeated_on_postgres(tmp_path: Path, postgres_server: Server) -> None:
    blows = {Blow.KILL: 10, Blow.STOP: 1, Blow.CRASH: 2}
    size = Size(messages=300, certificates=3, faults=0.05, blows=blows)
    figures = run(size, "plain", "postgres", tmp_path, OnPostgres(postgres_server))
    assert figures["db_crashes"] == 2
    assert (figures["lost"], figures["repeated"], figures["failed"]) == (0, 0, 0)
    assert figures["look_ups"] > 0


def retry_plainly(job: Job) -> None:
    """A sender as one writes it at first: claim, send, and send again when there is no answer."""
    bot = job.bot()
    while True:
        for workspace_id in bot.store.workspace_ids():
            while _send_next_plainly(bot, workspace_id, job.name):
                pass


def _send_next_plainly(bot: MentorBot, workspace_id: str, name: str) -> bool:
    client = slack_client(bot, TOKEN + workspace_id, 1)
    with bot.store.begin(workspace_id) as tx:
        claimed = sending.claim(tx, name, bot.clock(), 30, 1).messages
    for message in claimed:
        with bot.store.read(workspace_id) as tx:
            rendered = render(tx, message)
        _post_until_answered(client, message, rendered)
        with bot.store.begin(workspace_id) as tx:
            ending = sending.Ending(message, MessageState.SENT, bot.clock())
            sending.settle(tx, [ending])
    return bool(claimed)


def _post_until_answered(client: WebClient, message: Message, rendered: Rendered) -> None:
    while True:
        try:
            post(client, open_conversation(client, message.recipients), message.key, rendered)
        except (SlackClientError, OSError):
            continue
        return


def test_plain_retrying_is_seen_to_repeat(tmp_path: Path) -> None:
    size = Size(messages=200, faults=0.1)
    work = f"{__name__}:{retry_plainly.__name__}"
    figures = run(size, "plain", "sqlite", tmp_path, OnSqlite(tmp_path), work)
    assert figures["repeated"] > 0
    assert figures["lost"] == 0


ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgres"])


def home_on(database: str, folder: Path, request: pytest.FixtureRequest) -> Home:
    if database == "sqlite":
        return OnSqlite(folder)
    return OnPostgres(request.getfixturevalue("postgres_server"))


@ON_BOTH
def test_backup_restored_in_mid_send_repeats_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    size = Size(messages=120, certificates=2, workspaces=2, faults=0.03, blows={Blow.KILL: 3})
    figures = run(size, "restore", database, tmp_path, home_on(database, tmp_path, request))
    assert (figures["lost"], figures["repeated"], figures["failed"]) == (0, 0, 0)
    assert figures["look_ups"] > 30


class Forgetful(OnSqlite):
    """Puts the copy back as if nothing had been said since."""

    def restore(self, bot: MentorBot) -> None:
        """Restore, and leave recovery at once."""
        super().restore(bot)
        for workspace_id in bot.store.workspace_ids():
            with bot.store.begin(workspace_id) as tx:
                lanes.recover(tx, bot.clock() - 2 * lanes.RECOVERY)


def test_backup_restored_without_recovery_is_seen_to_repeat(tmp_path: Path) -> None:
    size = Size(messages=120, workspaces=2)
    figures = run(size, "restore", "sqlite", tmp_path, Forgetful(tmp_path))
    assert figures["repeated"] > 0
    told = trail.read(tmp_path)
    assert len(told) == figures["repeated"]
    for one in told:
        posts = [it for it in one["calls"] if it["method"] == "chat.postMessage"]
        assert [it["key"] for it in posts] == [one["row"]["key"]] * 2
        assert all(it["sender"].startswith("sender-") for it in posts)
        assert one["tries"][-1]["outcome"] == "sent"
        assert [it["ts"] for it in one["in_slack"]] == [it["ts"] for it in posts]


@ON_BOTH
def test_what_cannot_be_looked_up_is_not_repeated_and_the_coordinator_hears_of_it(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    size = Size(messages=150, workspaces=2, faults=0.05, blows={Blow.KILL: 4})
    home = home_on(database, tmp_path, request)
    figures = run(size, "history-unavailable", database, tmp_path, home)
    assert (figures["lost"], figures["repeated"], figures["unalerted"]) == (0, 0, 0)
    assert figures["unknown"] > 0


@ON_BOTH
def test_six_hours_without_slack_lose_nothing_and_skip_what_went_stale(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    size = Size(messages=120, workspaces=1, workers=2)
    figures = run(size, "outage", database, tmp_path, home_on(database, tmp_path, request))
    assert (figures["lost"], figures["repeated"]) == (0, 0)
    assert (figures["late"], figures["unaudited"]) == (0, 0)
    assert figures["expired"] == 11


def posting(of: Intent, key: str = "") -> Posting:
    return Posting(of.workspace_id, of.readers, f"Slack said: {of.mark}.", key, "1.0")


def test_what_never_arrived_is_lost_and_what_came_again_is_repeated_whatever_its_key() -> None:
    once, thrice, never = (Intent("T0", "U0", f"no-{number}") for number in range(3))
    arrived = [posting(once), *(posting(thrice, key) for key in "abc")]
    found = verdict([once, thrice, never], arrived)
    assert found.lost == [never]
    assert found.repeated == [thrice, thrice]


def test_message_in_front_of_the_wrong_reader_counts_as_lost() -> None:
    meant = Intent("T0", "U0", "no-1")
    assert verdict([meant], [posting(Intent("T0", "U1", "no-1"))]).lost == [meant]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--faults 2", "not a share"),
        ("--faults some", "not a share"),
        ("--messages=-1", "not a whole number"),
        ("--messages 3", "role buttons"),
        ("--workers 0", "at least 1"),
        ("--database sqlite --db-crashes 1", "needs --database postgres"),
        ("--database oracle", "invalid choice"),
        ("--kills many", "not a whole number"),
    ],
)
def test_bad_arguments_are_explained(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_run_ends_with_one_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = f"--messages 60 --kills 1 --stops 0 --faults 0 --seed 3 --json --folder {tmp_path}"
    assert main(asked.split()) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["messages"], figures["kills"], figures["seed"]) == (60, 1, 3)
    assert (figures["lost"], figures["repeated"]) == (0, 0)


def test_interrupted_run_leaves_no_process_behind(tmp_path: Path) -> None:
    words = f"--messages 400 --kills 0 --stops 50 --folder {tmp_path}".split()
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.chaos", *words],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert running.stderr is not None
    try:
        while " taken" not in running.stderr.readline():
            time.sleep(0)
        offspring = _descendants(running.pid)
        assert len(offspring) >= 2
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 130
    finally:
        running.kill()
        running.wait()
        running.stderr.close()
    assert not [one for one in offspring if Path(f"/proc/{one}").exists()]


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in children for found in (int(child), *_descendants(int(child)))]
