"""What the bot tells of itself: counters, times and its pulse, for whoever watches it."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)
_LONG = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600)


class Pulse:
    """When the heart last showed life, by a clock that nobody can set."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._felt_at = monotonic()

    def feel(self) -> None:
        """Note that work goes on; called at each beat and for each message."""
        self._felt_at = self._monotonic()

    def age_seconds(self) -> float:
        """How long nothing has been felt."""
        return self._monotonic() - self._felt_at


class Metrics:
    """What one bot has counted; each bot has a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.sends = Counter(
            "mentorbot_sends",
            "Tries to send a message, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.rate_limits = Counter(
            "mentorbot_rate_limited",
            "Calls that Slack answered with 429.",
            ["method"],
            registry=self.registry,
        )
        self.ticks = Histogram(
            "mentorbot_tick_seconds",
            "How long a heartbeat took to do and send what was due.",
            buckets=_LONG,
            registry=self.registry,
        )
        self.listeners = Histogram(
            "mentorbot_listener_seconds",
            "How long a payload from Slack took until its answer, by listener and outcome.",
            ["listener", "outcome"],
            buckets=_SHORT,
            registry=self.registry,
        )
        self.delays = Histogram(
            "mentorbot_due_to_sent_seconds",
            "How long after its time a message reached Slack.",
            buckets=_LONG,
            registry=self.registry,
        )
