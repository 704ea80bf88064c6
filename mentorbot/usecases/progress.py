"""How far a programme has come: its cycle's day, and what happens next."""

from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.model import Pairing
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import pairings, participants, schedule
from mentorbot.storage.store import Transaction
from mentorbot.usecases import touchpoints


@dataclass(frozen=True)
class Progress:
    """Days and weeks count from 1; `fraction` runs from 0 to 1; all None while no cycle runs."""

    cycle_number: int | None
    day: int | None
    days: int | None
    week: int | None
    weeks: int | None
    fraction: float
    next_kind: str | None
    next_at: datetime | None


def progress(tx: Transaction, now: datetime) -> Progress | None:
    """The progress of the workspace's programme; None where none is set up."""
    programme = participants.programme(tx)
    if programme is None:
        return None
    file = parse_stored(programme.definition)
    coming = schedule.coming(tx)
    next_at = coming.at if coming else None
    next_kind = _kind(tx, file, coming) if coming else None
    cycle = pairings.open_cycle(tx, programme.programme_id)
    if cycle is None:
        return Progress(None, None, None, None, None, 0.0, next_kind, next_at)
    days = (cycle.ends_on - cycle.starts_on).days
    day = min(days, max(1, (now.astimezone(file.zone).date() - cycle.starts_on).days + 1))
    return Progress(
        cycle_number=cycle.number,
        day=day,
        days=days,
        week=(day - 1) // 7 + 1,
        weeks=-(-days // 7),
        fraction=round(day / days, 3),
        next_kind=next_kind,
        next_at=next_at,
    )


def _kind(tx: Transaction, file: ProgrammeFile, coming: schedule.Coming) -> str:
    pairing = tx.get(Pairing, coming.key) if coming.kind == "pairing" else None
    if pairing is None:
        return coming.kind
    return str(touchpoints.points_of(file, pairing)[pairing.next_step].kind)
