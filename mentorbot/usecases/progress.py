"""How far programmes have come: each one's day in its cycle, and what happens next in any."""

from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.model import Pairing, Programme
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import pairings, participants, schedule
from mentorbot.storage.store import Transaction
from mentorbot.usecases import touchpoints


@dataclass(frozen=True)
class Progress:
    """Days and weeks count from 1; `fraction` runs from 0 to 1; all None while no cycle runs."""

    programme: str
    cycle_number: int | None = None
    day: int | None = None
    days: int | None = None
    week: int | None = None
    weeks: int | None = None
    fraction: float = 0.0


@dataclass(frozen=True)
class Next:
    """What happens next in a workspace, by its kind."""

    kind: str
    at: datetime


def progress(tx: Transaction, now: datetime) -> list[Progress]:
    """The progress of each of the workspace's programmes."""
    return [_of(tx, programme, now) for programme in participants.programmes(tx)]


def _of(tx: Transaction, programme: Programme, now: datetime) -> Progress:
    file = parse_stored(programme.definition)
    cycle = pairings.open_cycle(tx, programme.programme_id)
    if cycle is None:
        return Progress(file.name)
    days = (cycle.ends_on - cycle.starts_on).days
    day = min(days, max(1, (now.astimezone(file.zone).date() - cycle.starts_on).days + 1))
    return Progress(
        programme=file.name,
        cycle_number=cycle.number,
        day=day,
        days=days,
        week=(day - 1) // 7 + 1,
        weeks=-(-days // 7),
        fraction=round(day / days, 3),
    )


def coming(tx: Transaction) -> Next | None:
    """What happens next in any of the workspace's programmes; None where nothing does."""
    found = schedule.coming(tx)
    return Next(_kind(tx, found), found.at) if found else None


def _kind(tx: Transaction, found: schedule.Coming) -> str:
    pairing = tx.get(Pairing, found.key) if found.kind == "pairing" else None
    programme = participants.programme(tx, pairing.programme_id) if pairing else None
    if pairing is None or programme is None:
        return found.kind
    points = touchpoints.points_of(parse_stored(programme.definition), pairing)
    return str(points[pairing.next_step].kind)
