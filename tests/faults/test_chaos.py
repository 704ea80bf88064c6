"""Chaos at a small size: what `make chaos` does at full size, and that its eyes are open."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from slack_sdk.errors import SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageState
from mentorbot.slack.client import slack_client
from mentorbot.slack.posting import open_conversation, post
from mentorbot.slack.rendering import render
from mentorbot.storage import outbox
from tests.faults.chaos.__main__ import main, run
from tests.faults.chaos.databases import OnPostgres, OnSqlite
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
        message_id = outbox.claim(tx, name, bot.clock(), 60)
    if message_id is None:
        return False
    with bot.store.read(workspace_id) as tx:
        message = outbox.message(tx, message_id)
        assert message is not None
        rendered = render(tx, message)
    while True:
        try:
            post(client, open_conversation(client, message.recipients), message_id, rendered)
            break
        except (SlackClientError, OSError):
            continue
    with bot.store.begin(workspace_id) as tx:
        held = outbox.message(tx, message_id)
        assert held is not None
        held.state, held.lease_by = MessageState.SENT, None
    return True


def test_plain_retrying_is_seen_to_repeat(tmp_path: Path) -> None:
    size = Size(messages=200, faults=0.1)
    work = f"{__name__}:{retry_plainly.__name__}"
    figures = run(size, "plain", "sqlite", tmp_path, OnSqlite(tmp_path), work)
    assert figures["repeated"] > 0
    assert figures["lost"] == 0


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
        ("--messages -1", "less than nothing"),
        ("--messages 3", "role buttons"),
        ("--workers 0", "at least 1"),
        ("--database sqlite --db-crashes 1", "needs --database postgres"),
        ("--database oracle", "invalid choice"),
        ("--kills many", "invalid"),
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
    while " taken" not in running.stderr.readline():
        time.sleep(0)
    offspring = _descendants(running.pid)
    assert len(offspring) >= 2
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    running.stderr.close()
    assert not [one for one in offspring if Path(f"/proc/{one}").exists()]


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in children for found in (int(child), *_descendants(int(child)))]
