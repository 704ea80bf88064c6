"""What time has brought: found here one by one, so that one bad thing never stops the others."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mentorbot.domain.model import Cycle, Participant
from mentorbot.storage import inbox, pairings, participants, schedule
from mentorbot.storage.store import Transaction
from mentorbot.usecases import cycle_closing, pauses, touchpoints

PAYLOADS_KEPT = timedelta(days=7)
"""How long handled payloads are remembered; Slack gives up redelivering within a day."""


class DueKind(StrEnum):
    """The kinds of thing that time brings, in the order in which they are handled."""

    PAUSE = "pause"
    PAIRING = "pairing"
    CYCLE = "cycle"


@dataclass(frozen=True)
class Due:
    """One thing that is due; `key` is what the storage knows it by."""

    kind: DueKind
    key: tuple[str | int, ...]


def due(tx: Transaction, now: datetime) -> list[Due]:
    """Everything that is due in a workspace, by its keys: a row that is spoilt stops nothing."""
    return [
        *(Due(DueKind.PAUSE, (key,)) for key in participants.pause_ending_ids(tx, now)),
        *(Due(DueKind.PAIRING, (key,)) for key in pairings.due_pairing_ids(tx, now)),
        *(Due(DueKind.CYCLE, key) for key in pairings.ending_cycle_keys(tx, now)),
    ]


def handle(tx: Transaction, item: Due, now: datetime) -> None:
    """Do what is due; when another replica was faster, nothing happens."""
    if item.kind is DueKind.PAIRING:
        touchpoints.advance(tx, str(item.key[0]), now)
    elif item.kind is DueKind.PAUSE:
        participant = tx.get(Participant, *item.key)
        if participant is not None:
            pauses.end_pause(tx, participant, now)
    else:
        cycle = tx.get(Cycle, *item.key)
        if cycle is not None:
            cycle_closing.close(tx, cycle, now)


def set_aside(tx: Transaction, item: Due, now: datetime) -> None:
    """Try something that failed again in an hour."""
    schedule.postpone(tx, item.kind, item.key, now + timedelta(hours=1))


def tidy(tx: Transaction, now: datetime) -> None:
    """Forget what no longer serves: records of payloads that cannot come again."""
    inbox.forget_before(tx, now - PAYLOADS_KEPT)
