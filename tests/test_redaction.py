"""Secrets never reach the log, whatever brought them there."""

import json
import subprocess
import sys

import pytest

from mentorbot.redaction import redact

BOT = "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"
SECRETS = {
    "bot": BOT,
    "app": "xapp-1-A012ABCDEF-1234567890123-0a1b2c3d",
    "user": "xoxp-1234-5678",
    "expiring": "xoxe.xoxb-1-Mi0yLTEyMzQ",
    "refresh": "xoxe-1-My0xLWFiY2RlZg",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("around", ["{}", "token={}&x=1", '{{"t": "{}"}}', "Bearer {}.", "({})"])
def test_no_token_survives_in_any_surroundings(secret: str, around: str) -> None:
    text = redact(around.format(secret))
    assert secret not in text
    assert secret[-6:] not in text
    assert "[redacted]" in text


@pytest.mark.parametrize("text", ["xoxo-", "an xbox-360", "taxapp", "U0AMARA000", "https://a.b/c"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_reply_addresses_and_passwords_are_redacted() -> None:
    text = redact("https://hooks.slack.com/actions/T1/2/abcdef and postgresql://bot:hunter2@db/x")
    assert "abcdef" not in text
    assert "hunter2" not in text
    assert "postgresql://bot:" in text


def test_secrets_of_the_settings_are_redacted_whatever_their_shape() -> None:
    assert redact("signed with 0123456789abcdef", ["0123456789abcdef"]) == "signed with [redacted]"


SCRIPT = """
import logging, sys, structlog
from mentorbot.bootstrap import set_up_logging
from mentorbot.config import Settings

form, token = sys.argv[1:]
set_up_logging(Settings.model_construct(mentorbot_log_format=form))
try:
    raise RuntimeError(f"refused {token}")
except RuntimeError:
    structlog.get_logger().exception("failed", token=token)
    logging.getLogger("slack_sdk").exception("failed with %s", token)
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_tracebacks_and_libraries_are_redacted_too(form: str) -> None:
    command = [sys.executable, "-c", SCRIPT, form, BOT]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert "RuntimeError" in text
    assert BOT not in text
    assert text.count("xoxb-[redacted]") >= 4
    if form == "json":
        assert [json.loads(line)["level"] for line in text.splitlines()] == ["error", "error"]


AT_ONCE = """
import logging, threading, structlog
from mentorbot.bootstrap import set_up_logging
from mentorbot.config import Settings

set_up_logging(Settings.model_construct(mentorbot_log_format="json"))

def ours():
    for _it in range(500):
        structlog.get_logger().info("ours", words="w" * 5000)

def theirs():
    for _it in range(500):
        logging.getLogger("library").warning("theirs" + "w" * 5000)

speaking = [threading.Thread(target=speak) for speak in (ours, theirs, ours, theirs)]
for one in speaking:
    one.start()
for one in speaking:
    one.join()
"""


def test_each_entry_keeps_to_its_own_line_when_threads_and_libraries_log_at_once() -> None:
    command = [sys.executable, "-c", AT_ONCE]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert len([json.loads(line) for line in text.splitlines()]) == 2000
