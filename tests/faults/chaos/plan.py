"""When what breaks: moments drawn by a seed, counted in messages that Slack has taken."""

import random
from dataclasses import dataclass
from enum import StrEnum

LONGEST_JITTER_SECONDS = 0.025


class Blow(StrEnum):
    """What befalls the senders or their database."""

    KILL = "kill"
    STOP = "stop"
    CRASH = "crash"


@dataclass(frozen=True)
class Moment:
    """A blow, after how many messages, and how many seconds later, so that it falls anywhere."""

    after: int
    blow: Blow
    jitter_seconds: float


def moments(rng: random.Random, messages: int, blows: dict[Blow, int]) -> list[Moment]:
    """So many of each blow over the run, in order."""
    drawn = [
        Moment(rng.randrange(messages), blow, rng.uniform(0, LONGEST_JITTER_SECONDS))
        for blow, how_many in blows.items()
        for _ in range(how_many)
    ]
    return sorted(drawn, key=lambda moment: moment.after)
