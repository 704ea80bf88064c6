"""When those who wait for a partner are matched: at once, on a date, some other day, or no more."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from mentorbot.domain.milestones import id_of
from mentorbot.domain.model import Cycle, MilestoneKind
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.storage import milestones, pairings
from mentorbot.storage.store import Transaction


class How(StrEnum):
    """What somebody who waits may hope for; `LATER` has no date yet, `OVER` is for good."""

    AT_ONCE = "at_once"
    ON_DATE = "on_date"
    LATER = "later"
    OVER = "over"


@dataclass(frozen=True)
class Outlook:
    """When people are matched; `on`, local to the programme, where that is on a date."""

    how: How
    on: date | None = None

    @property
    def is_at_once(self) -> bool:
        """Whether people are matched the moment somebody is free."""
        return self.how is How.AT_ONCE

    def told(self) -> dict[str, Any]:
        """What a message says of it; the date in ISO format, or None."""
        return {"how": str(self.how), "on": self.on.isoformat() if self.on else None}


AT_ONCE = Outlook(How.AT_ONCE)


def outlook(tx: Transaction, file: ProgrammeFile, now: datetime) -> Outlook:
    """When a programme matches those who wait now."""
    if file.cycle.is_once and _is_past_joining(tx, file, now):
        return Outlook(How.OVER)
    if file.matching.on is None:
        return AT_ONCE
    planned = milestones.milestone(tx, id_of(file.id, MilestoneKind.MATCHING, file.matching.on))
    if planned is not None and planned.done_at is None:
        return Outlook(How.ON_DATE, planned.falls_on)
    return AT_ONCE if file.matching.late == "instant" else Outlook(How.LATER)


def cohort_of(file: ProgrammeFile) -> int:
    """The round of people that a programme is for now."""
    return file.application.cohort if file.application else 1


def cycle_of_round(tx: Transaction, file: ProgrammeFile) -> Cycle | None:
    """The one cycle of the round of people that a programme is for now, once it is opened."""
    newest = pairings.newest_cycle(tx, file.id)
    return newest if newest is not None and newest.cohort == cohort_of(file) else None


def has_ended(tx: Transaction, file: ProgrammeFile) -> bool:
    """Whether a programme that runs once has come to its end."""
    cycle = cycle_of_round(tx, file) if file.cycle.is_once else None
    return cycle is not None and cycle.closed_at is not None


def _is_past_joining(tx: Transaction, file: ProgrammeFile, now: datetime) -> bool:
    today, cycle = now.astimezone(file.zone).date(), cycle_of_round(tx, file)
    if cycle is not None:
        is_joined = file.cycle.joins(cycle.starts_on, today)
        return cycle.closed_at is not None or now >= cycle.ends_at or not is_joined
    return file.cycle.starts_on is not None and not file.cycle.joins(file.cycle.starts_on, today)
