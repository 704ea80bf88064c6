"""What time has brought: in parts for a transaction each, so that nothing bad stops the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from mentorbot.domain.model import Cycle, Milestone, Participant
from mentorbot.storage import inbox, schedule, sealed
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    cycle_closing,
    milestones,
    pauses,
    selecting,
    stages,
    touchpoints,
)

PAYLOADS_KEPT = timedelta(days=7)
"""How long handled payloads are remembered; Slack gives up redelivering within a day."""


class DueKind(StrEnum):
    """The kinds of thing that time brings, in the order in which they are handled."""

    PAUSE = "pause"
    PAIRING = "pairing"
    CYCLE = "cycle"
    MILESTONE = "milestone"
    STAGE = "stage"
    DRAW = "draw"
    SEALED = "sealed"


AT_ONCE: dict[str, int] = {
    DueKind.PAUSE: 20,
    DueKind.PAIRING: 500,
    DueKind.CYCLE: 1,
    DueKind.MILESTONE: 1,
    DueKind.STAGE: 20,
    DueKind.DRAW: 1,
    DueKind.SEALED: 500,
}
"""How much a workspace is given of each kind before the others have their turn."""
TOGETHER = {**AT_ONCE, DueKind.PAUSE: 1}
"""How much of each kind is handled in one transaction, for some dozen milliseconds."""


Foreseen = list[dict[str, Any]] | None


@dataclass(frozen=True)
class Due:
    """Things of a kind that are due; `keys` are what the storage knows them by."""

    kind: DueKind
    keys: tuple[tuple[str | int, ...], ...]

    @property
    def needs_foresight(self) -> bool:
        """Whether `foresee` may have something to find out first."""
        return self.kind in (DueKind.CYCLE, DueKind.MILESTONE)

    def one_by_one(self) -> list["Due"]:
        """Each by itself."""
        return [Due(self.kind, (key,)) for key in self.keys]


def due(tx: Transaction, now: datetime) -> list[Due]:
    """What is due in a workspace and has its turn now, in parts for a transaction each.

    Only keys are read: a row that is spoilt stops nothing.
    """
    found: dict[DueKind, list[tuple[str | int, ...]]] = {kind: [] for kind in DueKind}
    for kind, key in schedule.due(tx, now, AT_ONCE):
        found[DueKind(kind)].append(key)
    return [
        Due(kind, tuple(keys[begin : begin + TOGETHER[kind]]))
        for kind, keys in found.items()
        for begin in range(0, len(keys), TOGETHER[kind])
    ]


def foresee(tx: Transaction, item: Due, now: datetime) -> Foreseen:
    """What takes long to find out, before the transaction that nobody else can write in."""
    (key,) = item.keys
    if item.kind is DueKind.MILESTONE:
        milestone = tx.get(Milestone, *key)
        return milestones.foresee(tx, milestone, now) if milestone is not None else None
    cycle = tx.get(Cycle, *key)
    return cycle_closing.foresee(tx, cycle, now) if cycle is not None else None


def handle(tx: Transaction, item: Due, now: datetime, foreseen: Foreseen = None) -> None:
    """Do what is due; when another replica was faster, nothing happens.

    Of a cycle's closing and of a milestone it does one slice: the rest is due still.
    """
    if item.kind is DueKind.PAIRING:
        touchpoints.advance(tx, [str(key[0]) for key in item.keys], now)
        return
    if item.kind is DueKind.SEALED:
        sealed.erase_due(tx, [str(key[0]) for key in item.keys], now)
        return
    for key in item.keys:
        if item.kind in (DueKind.PAUSE, DueKind.STAGE):
            participant = tx.get(Participant, *key)
            if participant is not None:
                bring = pauses.end_pause if item.kind is DueKind.PAUSE else stages.advance
                bring(tx, participant, now)
        elif item.kind is DueKind.MILESTONE:
            milestone = tx.get(Milestone, *key)
            if milestone is not None:
                milestones.go_on(tx, milestone, foreseen, now)
        elif item.kind is DueKind.DRAW:
            selecting.go_on(tx, str(key[0]), now)
        else:
            cycle = tx.get(Cycle, *key)
            if cycle is not None:
                cycle_closing.go_on(tx, cycle, foreseen, now)


def set_aside(tx: Transaction, item: Due, now: datetime) -> None:
    """Try something that failed again in an hour."""
    for key in item.keys:
        schedule.postpone(tx, item.kind, key, now + timedelta(hours=1))


def tidy(tx: Transaction, now: datetime) -> None:
    """Forget what no longer serves: records of payloads that cannot come again."""
    inbox.forget_before(tx, now - PAYLOADS_KEPT)
