"""A workspace for each test, with a still clock and short delays."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.trial_bot import TrialBot

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(VirtualClock(START)) as running:
        running.retry_delays_seconds = (0.0, 0.01, 0.02)
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[TrialBot]:
    """A Bolt app that listens over Socket Mode."""
    with TrialBot(sandbox).over_socket_mode() as listening:
        yield listening
