"""A ballot as it is held: until when it takes votes, the votes, and when people hear of it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mentorbot.domain.touchpoints import local_instant

SHORTEST_WAIT = timedelta(hours=2)
"""What has to be left of a ballot for a message about it to wait for the morning."""
DAY_BEGINS, DAY_ENDS = time(8), time(21)
"""The hours, on each reader's own clock, in which a message about a ballot comes at once."""


@dataclass
class OpenedBallot:
    """A ballot that was opened in a programme, by a coordinator or "system".

    `closes_at` is until when votes are taken, `closed_at` when that was seen to have come.
    `matched_at` is when its choices were first matched; `over_at` is the end of the cycle that came
    of it, when the votes are forgotten.
    """

    workspace_id: str
    ballot_id: str
    programme_id: str
    opened_at: datetime
    opened_by: str
    closes_at: datetime
    closed_at: datetime | None = None
    matched_at: datetime | None = None
    over_at: datetime | None = None

    def takes_votes(self, now: datetime) -> bool:
        """Whether people may vote, or change their vote, now."""
        return self.closed_at is None and now < self.closes_at


@dataclass
class Vote:
    """Whom somebody would like, by participant ids, first choice first; nobody else reads it."""

    workspace_id: str
    ballot_id: str
    participant_id: str
    choices: list[str]
    voted_at: datetime


def heard_at(now: datetime, time_zone: str, hour: time, closes_at: datetime) -> datetime:
    """When somebody in a zone hears of a ballot: at once by day, otherwise at an hour of theirs.

    A ballot that closes before then, or soon after, is told of at once.
    """
    local = now.astimezone(ZoneInfo(time_zone))
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return now
    on = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    morning = local_instant(on, hour, time_zone)
    return morning if morning + SHORTEST_WAIT <= closes_at else now
