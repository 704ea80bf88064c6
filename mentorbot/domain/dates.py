"""Dates that somebody may want in their calendar, and the private address of all of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256


class DateKind(StrEnum):
    """What happens on a date."""

    APPLICATIONS_OPEN = "applications_open"
    APPLICATIONS_CLOSE = "applications_close"
    RESULTS = "results"
    BALLOT = "ballot"
    MATCHING = "matching"
    STARTS = "starts"
    MEETING = "meeting"
    PAIR_ENDS = "pair_ends"


@dataclass(frozen=True)
class Dated:
    """A date with what happens on it; `with_whom` are the Slack ids of somebody's partners."""

    uid: str
    kind: DateKind
    on: date
    known_at: datetime
    with_whom: tuple[str, ...] = ()


@dataclass
class Feed:
    """The private address of somebody's calendar; `digest` is the SHA-256 of its secret part."""

    workspace_id: str
    digest: str
    slack_user_id: str
    made_at: datetime


def digest_of(token: str) -> str:
    """What a feed is known by; the secret itself is kept nowhere."""
    return sha256(token.encode()).hexdigest()
