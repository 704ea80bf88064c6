"""Coverage: which mentees have no mentor, since when, and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from mentorbot.domain.model import Participant
from mentorbot.domain.parts import Part


class CoverageRules(Part):
    """A mentor for every mentee: those who run the programme hear of each who has none for long.

    Once a week, on Monday, they read who has been without a mentor for more than `within_days`
    days, since when and why. `/mentorbot coverage` shows it at any time.
    """

    within_days: int = Field(ge=1, le=180)


class Why(StrEnum):
    """Why a mentee has no mentor."""

    ON_BREAK = "on_break"
    ON_HOLD = "on_hold"
    GUIDELINES = "guidelines"
    ASKED = "asked"
    ASKS_NOBODY = "asks_nobody"
    ON_DATE = "on_date"
    IN_LINE = "in_line"


@dataclass(frozen=True)
class Uncovered:
    """A mentee without a mentor; `on` is when pairs are made, where that is why."""

    mentee: Participant
    since: date
    why: Why
    on: date | None = None
