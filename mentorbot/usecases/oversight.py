"""How far the programmes of a workspace have come, in numbers alone."""

from dataclasses import dataclass

from mentorbot.domain.model import ApplicationState, Cycle
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import pairings, participants, reports
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted


@dataclass(frozen=True)
class Overview:
    """A programme in numbers: people, pairs, who waits, and its applications by their state."""

    file: ProgrammeFile
    cycle: Cycle | None
    counts: dict[str, int]
    applications: dict[ApplicationState, int]


def overviews(tx: Transaction, slack_user_id: str) -> list[Overview]:
    """Each programme that somebody may oversee, longest running first."""
    return [
        Overview(
            file := parse_stored(programme.definition),
            None if file.cycle.is_evergreen else pairings.open_cycle(tx, file.id),
            reports.overview(tx, programme.programme_id),
            reports.applications(tx, programme.programme_id),
        )
        for programme in participants.programmes(tx)
        if permitted.may(tx, programme.programme_id, slack_user_id, Action.OVERSEE)
    ]
