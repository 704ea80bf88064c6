"""Inbound chaos at a small size: whatever Slack delivers has its effect exactly once."""

import json
from pathlib import Path

import pytest

from tests.faults.chaos.__main__ import main
from tests.faults.chaos.databases import Home, OnPostgres, OnSqlite
from tests.faults.inbound.run import Run, Size
from tests.postgres import Server

SOON = (0.0, 0.5, 2.0)


def play(size: Size, home: Home, folder: Path) -> None:
    """A run whose verdict has nothing to complain of, and which was hard enough."""
    verdict, figures = Run(size, home, folder).play()
    assert (verdict.missing, verdict.repeated, verdict.half) == ([], [], [])
    assert (figures["kills"], figures["db_crashes"]) == (size.kills, size.db_crashes)
    assert figures["events"] == size.events
    assert figures["answered"] > size.events * 0.8
    assert figures["deliveries"] > size.events * 1.5


@pytest.mark.parametrize("is_socket_mode", [False, True], ids=["http", "socket mode"])
def test_every_payload_has_one_effect_though_replicas_are_killed(
    is_socket_mode: bool, tmp_path: Path
) -> None:
    size = Size(120, kills=3, is_socket_mode=is_socket_mode, retry_seconds=SOON)
    play(size, OnSqlite(tmp_path), tmp_path)


def test_every_payload_has_one_effect_though_postgresql_crashes_too(
    tmp_path: Path, postgres_server: Server
) -> None:
    size = Size(120, kills=2, db_crashes=1, retry_seconds=SOON)
    play(size, OnPostgres(postgres_server), tmp_path)


def test_make_chaos_plays_it_and_ends_with_one_line_of_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = "--scenario inbound --events 40 --kills 0 --seed 3 --json"
    assert main(asked.split()) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["scenario"], figures["events"], figures["seed"]) == ("inbound", 40, 3)
    assert (figures["lost"], figures["repeated"], figures["half"]) == (0, 0, 0)
