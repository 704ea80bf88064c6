"""A sender and nothing else: builds the bot over a given database and drains, over and over."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import mentorbot.slack.app  # noqa: F401  # every kind of message gets its renderer
from mentorbot.bootstrap import MentorBot, build, set_up_logging
from mentorbot.config import Settings
from mentorbot.slack.client import slack_client
from mentorbot.slack.delivery import Delivery
from mentorbot.storage.store import DATABASE_AWAY
from tests.faults.chaos.clock import QuickClock

TOKEN = "xoxb-"
NAP_SECONDS = 0.02
AWAY_SECONDS = 0.1
TIMEOUT_SECONDS = 1
"""Of a call, in the world's seconds; with a quick clock, still far shorter than the lease."""


@dataclass(frozen=True)
class Job:
    """What a sender is told: which database, which Slack, whose clock, and its name in leases."""

    name: str
    database: dict[str, Any]
    api_url: str
    log: str
    clock: QuickClock

    def bot(self) -> MentorBot:
        """The bot over the job's database; what it reads and how it renders is the real one."""
        settings = Settings.model_construct(
            slack_bot_token=SecretStr(TOKEN), slack_api_url=self.api_url, **self.database
        )
        set_up_logging(settings)
        return build(settings, clock=self.clock)


def deliver(job: Job) -> None:
    """Drain until whoever started this process is gone."""
    parent = os.getppid()
    bot = job.bot()
    delivery = Delivery(
        bot,
        lambda workspace_id: slack_client(bot, TOKEN + workspace_id, TIMEOUT_SECONDS),
        job.name,
    )
    while os.getppid() == parent:
        try:
            if not delivery.drain():
                time.sleep(NAP_SECONDS)
        except DATABASE_AWAY:
            time.sleep(AWAY_SECONDS)


def write_log_to(path: str) -> None:
    """Let this process speak into a file alone."""
    log = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
