"""A sender and nothing else: builds the bot over a given database and drains, over and over."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import mentorbot.slack.app  # noqa: F401  # every kind of message gets its renderer
from mentorbot.bootstrap import Clock, MentorBot, build, set_up_logging
from mentorbot.config import Settings
from mentorbot.slack.client import slack_client
from mentorbot.slack.delivery import DELIVERY_TIMEOUT_SECONDS, Delivery
from mentorbot.storage.store import DATABASE_AWAY
from tests.faults.chaos.clock import QuickClock

TOKEN = "xoxb-"
BEAT_SECONDS = 5.0
"""How long a sender rests by its clock when there is nothing to do, as between two heartbeats."""
AWAY_SECONDS = 0.1


def bot_over(database: dict[str, Any], api_url: str, clock: Clock) -> MentorBot:
    """The bot over a database; what it reads and how it renders is the real one."""
    settings = Settings.model_construct(
        slack_bot_token=SecretStr(TOKEN), slack_api_url=api_url, **database
    )
    set_up_logging(settings)
    return build(settings, clock=clock)


@dataclass(frozen=True)
class Job:
    """What a sender is told: which database, which Slack, whose clock, and its name in leases."""

    name: str
    database: dict[str, Any]
    api_url: str
    log: str
    clock: QuickClock

    def bot(self) -> MentorBot:
        """The bot of this job."""
        return bot_over(self.database, self.api_url, self.clock)

    @property
    def timeout_seconds(self) -> float:
        """How long a call may take in the world, so that it is as long by the clock as it is."""
        return self.clock.real_seconds(DELIVERY_TIMEOUT_SECONDS)

    def nap(self, condition: threading.Condition, seconds: float | None) -> object:
        """Wait by the clock."""
        return condition.wait(None if seconds is None else self.clock.real_seconds(seconds))


def deliver(job: Job) -> None:
    """Drain until whoever started this process is gone."""
    parent = os.getppid()
    bot = job.bot()
    delivery = Delivery(
        bot,
        lambda workspace_id: slack_client(
            bot,
            f"{TOKEN}{workspace_id}/{job.name}",
            job.timeout_seconds,  # type: ignore[arg-type]  # urllib takes parts of a second too
        ),
        job.name,
        seconds=job.clock.seconds,
        nap=job.nap,
    )
    while os.getppid() == parent:
        try:
            if not delivery.drain():
                time.sleep(job.clock.real_seconds(BEAT_SECONDS))
        except DATABASE_AWAY:
            time.sleep(AWAY_SECONDS)


def write_log_to(path: str) -> None:
    """Let this process speak into a file alone."""
    log = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
