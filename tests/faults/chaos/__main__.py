"""`make chaos`: kills, stops, crashes and faults at full size; exit 1 when anything is lost or
repeated."""

import argparse
import json
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.chaos.databases import Home, OnPostgres, OnSqlite, undisturbed
from tests.faults.chaos.plan import Blow
from tests.faults.chaos.run import DELIVER, INTERRUPTED, SendersFailed, Size, Stage
from tests.faults.chaos.scenarios import SCENARIOS
from tests.faults.inbound import command as inbound

MOST_FAULTS = 0.5
_SHARE = re.compile(r"\d*\.?\d+")
DATABASES = ("sqlite", "postgres")
FLAWS = ("lost", "repeated", "failed", "late", "unaudited", "unalerted")


def run(
    size: Size,
    scenario: str,
    database: str,
    folder: Path,
    home: Home | None = None,
    work: str = DELIVER,
) -> dict[str, Any]:
    """Play a scenario; its figures. Nothing is left running, whatever happens."""
    with ExitStack() as ending:
        with undisturbed():
            if home is None:
                home = OnPostgres() if database == "postgres" else OnSqlite(folder)
                ending.callback(home.close)
            stage = Stage(size, home, folder, _say, work)
            ending.callback(stage.close)
        figures = SCENARIOS[scenario](stage)
    return {"scenario": scenario, "database": database, **figures}


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 1 where something was lost or repeated."""
    words = sys.argv[1:] if words is None else words
    if inbound.is_asked_for(words):
        return inbound.main(words)
    parser = _parser()
    asked = parser.parse_args(words)
    size = _size(parser, asked)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        with ExitStack() as ending:
            folder = asked.folder or Path(ending.enter_context(tempfile.TemporaryDirectory()))
            folder.mkdir(parents=True, exist_ok=True)
            figures = run(size, asked.scenario, asked.database, folder)
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except SendersFailed as failed:
        _say(str(failed))
        return 1
    _publish(figures, as_json=asked.json)
    return 1 if any(figures.get(flaw) for flaw in FLAWS) else 0


def _interrupt(_number: int, _frame: object) -> None:
    INTERRUPTED.set()
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--messages", type=_count, default=10_000)
    parser.add_argument("--certificates", type=_count, help="of the messages; default 1 in 500")
    parser.add_argument("--kills", type=_count, default=100, help="SIGKILLs of senders")
    parser.add_argument("--stops", type=_count, default=15, help="SIGSTOPs longer than a lease")
    parser.add_argument("--db-crashes", type=_count, default=0, help="immediate database stops")
    parser.add_argument("--faults", type=_share, default=0.02, help="share of calls that fail")
    parser.add_argument("--workers", type=_count, default=3, help="senders at a time")
    parser.add_argument("--workspaces", type=_count, default=6)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--scenario", choices=(*SCENARIOS, "inbound"), default="plain")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep the database, record and log here")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser


def _size(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> Size:
    certificates = asked.messages // 500 if asked.certificates is None else asked.certificates
    if asked.workers < 1 or asked.workspaces < 1:
        parser.error("--workers and --workspaces are at least 1")
    if asked.messages < certificates + asked.workspaces:
        parser.error("--messages includes each workspace's role buttons and the --certificates")
    if asked.db_crashes and asked.database != "postgres":
        parser.error("--db-crashes needs --database postgres: an SQLite file has no server")
    if asked.folder and (asked.folder / "mentorbot.db").exists():
        parser.error(f"--folder {asked.folder} holds a database already")
    return Size(
        messages=asked.messages,
        certificates=certificates,
        workspaces=asked.workspaces,
        workers=asked.workers,
        faults=asked.faults,
        seed=asked.seed,
        blows={Blow.KILL: asked.kills, Blow.STOP: asked.stops, Blow.CRASH: asked.db_crashes},
    )


def _count(word: str) -> int:
    if not word.isdecimal():
        raise argparse.ArgumentTypeError(f"{word} is not a whole number from 0")
    return int(word)


def _share(word: str) -> float:
    if not _SHARE.fullmatch(word) or float(word) > MOST_FAULTS:
        raise argparse.ArgumentTypeError(f"{word} is not a share from 0 to {MOST_FAULTS}")
    return float(word)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _publish(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    for name, figure in figures.items():
        sys.stdout.write(f"{name:>12} {figure}\n")


if __name__ == "__main__":
    sys.exit(main())
