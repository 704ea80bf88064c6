"""The demo's folder: what --fresh may take away, and what a spoilt one says."""

import fcntl
import socket
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mentorbot.cli import app
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import forget
from mentorbot.sandbox.server import SAVE_DELAY_SECONDS, Sandbox
from tests.sandbox.conftest import START


def test_fresh_takes_only_what_a_demo_has_left(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    kept = (tmp_path / "thesis.txt", tmp_path / "notes" / "chapter.txt")
    for path in kept:
        path.write_text("years of work")
    with Sandbox(VirtualClock(START), state_path=tmp_path / "workspace.json"):
        pass
    for name in ("mentorbot.db", "mentorbot.db-wal", "mentorbot.db-shm", "workspace.json.part"):
        (tmp_path / name).write_bytes(b"old")
    forget(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


def test_folder_of_a_demo_that_is_running_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "mentorbot.db").write_bytes(b"in use")
    with (tmp_path / "demo.lock").open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        words = ["demo", "--fresh", "--no-browser", "--port", "0", "--folder", str(tmp_path)]
        refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert f"a demo is running in {tmp_path} already" in refused.stderr
    assert (tmp_path / "mentorbot.db").read_bytes() == b"in use"


def test_fresh_takes_nothing_from_a_demo_that_is_running(tmp_path: Path) -> None:
    (tmp_path / "mentorbot.db").write_bytes(b"in use")
    with socket.create_server(("127.0.0.1", 0)) as running:
        port = str(running.getsockname()[1])
        words = ["demo", "--fresh", "--no-browser", "--port", port, "--folder", str(tmp_path)]
        refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "Another one may be running" in refused.stderr
    assert (tmp_path / "mentorbot.db").read_bytes() == b"in use"


@pytest.mark.parametrize("spoilt", ["", "[]", '{"format": 1, "now"', '{"format": 1}', "\0\0"])
def test_spoilt_demo_says_how_to_start_anew(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "workspace.json").write_text(spoilt)
    words = ["demo", "--no-browser", "--port", "0", "--folder", str(tmp_path)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "workspace.json cannot be read" in refused.stderr
    assert "--fresh" in refused.stderr


def test_folder_that_cannot_be_had_is_not_blamed_on_another_demo(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path / "file")])
    assert refused.exit_code == 2
    assert "The demo could not start" in refused.stderr
    assert "--port" not in refused.stderr


def test_workspace_is_saved_again_once_the_disk_has_room(tmp_path: Path) -> None:
    path, in_the_way = tmp_path / "workspace.json", tmp_path / "workspace.json.part"
    in_the_way.mkdir()
    with Sandbox(VirtualClock(START), state_path=path) as sandbox:
        sandbox.person("U0SOFIA000").join_workspace()
        time.sleep(2 * SAVE_DELAY_SECONDS)
        assert not path.exists()
        in_the_way.rmdir()
        sandbox.controls.advance("day")
        sandbox.person("U0SOFIA000").join_channel("C0IMGMENTR")
        end = time.monotonic() + 10
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert path.exists()
