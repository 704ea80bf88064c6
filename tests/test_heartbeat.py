"""The heartbeat goes on after a clock step, and shows life."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from annotated_types import Le

from mentorbot.bootstrap import MentorBot, build, migrate
from mentorbot.config import Settings
from mentorbot.heartbeat import LATE_SECONDS, WATCH_SECONDS, Heartbeat
from mentorbot.sandbox.demo import demo_settings
from mentorbot.web.health import MOST_SILENCE_SECONDS


class Drained:
    """Counts the beats."""

    def __init__(self) -> None:
        self.beats = 0

    def drain(self) -> int:
        self.beats += 1
        return 0

    __call__ = drain


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[MentorBot]:
    settings = demo_settings(tmp_path, "http://127.0.0.1:9/api/", "xoxb-0", "").model_copy(
        update={"mentorbot_heartbeat_seconds": 0.05}
    )
    made = build(settings)
    migrate(made)
    yield made
    made.store.close()


def until(seconds: float, drained: Drained, beats: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and drained.beats < beats:
        time.sleep(0.01)
    return drained.beats >= beats


def set_the_clock_back(heartbeat: Heartbeat) -> None:
    """What a day's step of the wall clock leaves in APScheduler: the next knock is a day away."""
    job = heartbeat._scheduler.get_job("heartbeat")
    assert job is not None
    job.modify(next_run_time=datetime.now(UTC) + timedelta(days=1))


def test_the_knock_is_rearmed_after_the_clock_was_set_back(bot: MentorBot) -> None:
    drained = Drained()
    heartbeat = Heartbeat(bot, drained, late_seconds=0.3)
    heartbeat.start()
    try:
        assert until(5, drained, 2)
        set_the_clock_back(heartbeat)
        assert until(5, drained, drained.beats + 3)
    finally:
        heartbeat.stop()


def test_without_a_watchdog_it_would_be_silent(bot: MentorBot) -> None:
    drained = Drained()
    heartbeat = Heartbeat(bot, drained, late_seconds=60)
    heartbeat.start()
    try:
        assert until(5, drained, 2)
        set_the_clock_back(heartbeat)
        time.sleep(0.15)
        silent_since = drained.beats
        assert not until(0.5, drained, silent_since + 1)
    finally:
        heartbeat.stop()


def test_slowest_heart_is_started_again_before_it_counts_as_stopped() -> None:
    (slowest,) = (
        limit.le
        for limit in Settings.model_fields["mentorbot_heartbeat_seconds"].metadata
        if isinstance(limit, Le)
    )
    assert isinstance(slowest, float | int)
    assert slowest + LATE_SECONDS + WATCH_SECONDS < MOST_SILENCE_SECONDS


def test_every_beat_is_felt_also_one_that_fails(bot: MentorBot) -> None:
    class Failing(Drained):
        def __call__(self) -> int:
            raise RuntimeError("no Slack today")

    felt_at = bot.pulse._felt_at
    Heartbeat(bot, Failing()).beat()
    assert bot.pulse._felt_at > felt_at
