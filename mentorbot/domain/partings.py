"""Partings: a pair that one of them ended before its time, and two who are not matched again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REASON_MOST = 1000
"""Characters of a reason."""


class Wish(StrEnum):
    """What whoever ends a pairing wants next: another partner, or nobody new for now."""

    AGAIN = "again"
    REST = "rest"


@dataclass
class Parting:
    """That somebody ended a pairing; `sealed` holds their reason, for the pairing.

    Of somebody who left a group it is the pairing that was set apart for them.
    """

    workspace_id: str
    pairing_id: str
    ended_by: str
    ended_at: datetime
    sealed: str | None = None


@dataclass
class KeptApart:
    """Two people, by Slack id in order of the alphabet, who are never matched with each other."""

    workspace_id: str
    one: str
    other: str
    since_at: datetime
