"""`make chaos` with `--scenario inbound`: exit 1 when an effect is missing, repeated or half."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.chaos.databases import Home, OnPostgres, OnSqlite
from tests.faults.inbound.run import Run, Size
from tests.faults.inbound.verdict import Verdict

MOST_TOLD = 20


def is_asked_for(words: Sequence[str]) -> bool:
    """Whether a command line of `make chaos` names this scenario."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--scenario")
    return bool(parser.parse_known_args(words)[0].scenario == "inbound")


def main(words: Sequence[str]) -> int:
    """Play a run and print its figures; 1 where an effect is missing, repeated or half."""
    asked = _asked(words)
    folder = Path(tempfile.mkdtemp(prefix="inbound"))
    home: Home = OnPostgres() if asked.database == "postgres" else OnSqlite(folder)
    size = Size(
        asked.events, asked.kills, asked.db_crashes, asked.mode == "socket", seed=asked.seed
    )
    try:
        verdict, figures = Run(size, home, folder, _say).play()
    finally:
        home.close()
    _report(verdict, {"scenario": "inbound", "database": asked.database, **figures}, asked.json)
    if not verdict.is_clean:
        _say(f"The replicas' logs are in {folder}.")
        return 1
    shutil.rmtree(folder)
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--db-crashes", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--mode", choices=("http", "socket"), default="http")
    parser.add_argument("--scenario", choices=("inbound",))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def _report(verdict: Verdict, figures: dict[str, Any], as_json: bool) -> None:
    for wrong in (verdict.missing + verdict.repeated + verdict.half)[:MOST_TOLD]:
        _say(wrong)
    line = json.dumps(figures) if as_json else ", ".join(f"{k}: {v}" for k, v in figures.items())
    sys.stdout.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
