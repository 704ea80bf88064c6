"""What an operator meets: starting without Slack, and logs that a machine can read."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from tests.world import MONDAY

LOGS_OF_EVERY_KIND = """
import logging, structlog
from mentorbot.bootstrap import set_up_logging
from mentorbot.config import Settings

set_up_logging(Settings())
logging.getLogger("some.library").warning("a library speaks")
log = structlog.get_logger("mentorbot")
log.info("we speak", pairing="P1")
try:
    raise RuntimeError("on purpose")
except RuntimeError:
    log.exception("we failed")
"""


def run_python(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", *words],
        env={**inherited, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_line_of_json_logs_is_json(tmp_path: Path) -> None:
    shown = run_python(tmp_path, "-c", LOGS_OF_EVERY_KIND, MENTORBOT_LOG_FORMAT="json").stderr
    lines = [json.loads(line) for line in shown.splitlines()]
    assert [line["event"] for line in lines] == ["a library speaks", "we speak", "we failed"]
    assert [line["level"] for line in lines] == ["warning", "info", "error"]
    assert all("timestamp" in line for line in lines)
    assert "RuntimeError: on purpose" in lines[2]["exception"]


def test_text_logs_in_a_file_hold_no_colour_codes(tmp_path: Path) -> None:
    shown = run_python(tmp_path, "-c", LOGS_OF_EVERY_KIND).stderr
    assert "we speak" in shown
    assert "RuntimeError: on purpose" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "http://127.0.0.1:9/api/"),
    ],
)
def test_start_that_slack_refuses_is_said_in_one_sentence(
    tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        settings = {
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "MENTORBOT_LOG_LEVEL": "error",
        }
        ended = run_python(tmp_path, "-m", "mentorbot", "run", **(settings | wrong))
    assert ended.returncode == 2
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr


def test_demo_interrupted_says_goodbye_and_nothing_else(tmp_path: Path) -> None:
    words = ["-m", "mentorbot", "demo", "--no-browser", "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline().startswith("MentorBot demo: http://127.0.0.1:")
        demo.send_signal(signal.SIGINT)
        said, complaints = demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert "Everything is kept" in said
    assert complaints == ""
