"""Which cycle a new pairing belongs to; the first pairing opens a cycle."""

from dataclasses import dataclass
from datetime import date, datetime

from mentorbot.domain.model import Cycle
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.recurrence import anchor_day_of
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import pairings
from mentorbot.storage.store import Transaction
from mentorbot.usecases import survey_plan
from mentorbot.usecases.outlook import cohort_of, cycle_of_round


@dataclass(frozen=True)
class Place:
    """A pairing's place in time: its cycle, and its first and last date in the programme's zone."""

    cycle_number: int
    starts_on: date
    ends_on: date


def place_for_pairing(
    tx: Transaction, file: ProgrammeFile, programme_id: str, now: datetime
) -> Place:
    """The open cycle for pairs made early in it, else the one after; opens one where none runs.

    An evergreen pairing has a cycle of its own; where there is only one, every pairing is in it.
    """
    today = now.astimezone(file.zone).date()
    if file.cycle.is_evergreen:
        cycle = open_cycle(tx, file, programme_id, today)
        return Place(cycle.number, today, cycle.ends_on)
    if file.cycle.is_once:
        starts_on = file.cycle.start(today)
        cycle = cycle_of_round(tx, file) or open_cycle(tx, file, programme_id, starts_on)
        return Place(cycle.number, max(today, cycle.starts_on), cycle.ends_on)
    return _place_in_row(tx, file, programme_id, now)


def _place_in_row(tx: Transaction, file: ProgrammeFile, programme_id: str, now: datetime) -> Place:
    """A place in one of the cycles that follow each other."""
    today = now.astimezone(file.zone).date()
    cycle = pairings.open_cycle(tx, programme_id)
    if cycle is None:
        cycle = open_cycle(tx, file, programme_id, today)
    if now < cycle.ends_at and file.cycle.joins(cycle.starts_on, today):
        return Place(cycle.number, today, cycle.ends_on)
    return Place(cycle.number + 1, today, file.cycle.end(cycle.ends_on, _anchor_day(cycle)))


def open_cycle(tx: Transaction, file: ProgrammeFile, programme_id: str, starts_on: date) -> Cycle:
    """Open the next cycle; it ends at the touchpoints' hour in the programme's zone.

    Cycles of months that follow one another end on the day of the month on which the first began.
    """
    number = pairings.last_cycle_number(tx, programme_id)
    before = tx.get(Cycle, programme_id, number)
    follows = before is not None and before.ends_on == starts_on and not file.cycle.is_evergreen
    anchor_day = _anchor_day(before) if before and follows else starts_on.day
    ends_on = file.cycle.end(starts_on, anchor_day)
    cycle = tx.add(
        Cycle(
            workspace_id=tx.workspace_id,
            programme_id=programme_id,
            number=number + 1,
            starts_on=starts_on,
            ends_on=ends_on,
            ends_at=local_instant(ends_on, file.touchpoints.at, file.time_zone),
            anchor_day=anchor_day,
            cohort=cohort_of(file),
        )
    )
    survey_plan.begin(tx, file, cycle)
    return cycle


def _anchor_day(cycle: Cycle) -> int:
    """The day of the month that a cycle's end stands for."""
    return anchor_day_of(cycle.ends_on, cycle.anchor_day or cycle.starts_on.day)
