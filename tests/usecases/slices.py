"""What is due is done slice by slice, as the heartbeat does it, with people who take part."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from mentorbot.domain.model import Acknowledgement, Participant, ParticipantState, Person, Role
from mentorbot.storage.store import Store, Transaction, open_engine
from mentorbot.usecases import tick
from tests.storage.told import TEAM
from tests.world import MONDAY

KINDS = (tick.DueKind.MILESTONE, tick.DueKind.CYCLE)
_numbers = count()


def opened(folder: Path, name: str) -> Store:
    """A database as a process finds it that has just started; no id comes twice."""
    return Store(open_engine(f"sqlite:///{folder / name}.db"), lambda: f"new {next(_numbers)}")


def enrol(tx: Transaction, who: str, role: Role, version: int, **values: Any) -> None:
    """Somebody takes part in IMG who accepted a version of the guidelines on Monday."""
    tx.add(Person(TEAM, who, who, time_zone="Europe/London"))
    given = {"state": ParticipantState.ACTIVE, "joined_at": MONDAY} | values
    tx.add(Participant(TEAM, who, "img", who, role=role, **given))
    tx.add(Acknowledgement(TEAM, who, role, version, MONDAY))


def slices(store: Store, now: datetime) -> Sequence[tick.Due]:
    """What has its turn now, of milestones and cycles."""
    with store.read(TEAM) as tx:
        return [part for part in tick.due(tx, now) if part.kind in KINDS]


def take_slice(store: Store, now: datetime) -> bool:
    """Do one slice of each, as the heartbeat does; whether there was one."""
    parts = slices(store, now)
    for part in parts:
        with store.read(TEAM) as tx:
            seen = tick.foresee(tx, part, now)
        with store.begin(TEAM) as tx:
            tick.handle(tx, part, now, seen)
    return bool(parts)


def finish(store: Store, now: datetime) -> int:
    """Do every slice that is left; how many there were."""
    return sum(1 for _slice in iter(lambda: take_slice(store, now), False))
