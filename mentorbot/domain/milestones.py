"""What the dates of a programme's file bring to it as a whole: on which date, at which instant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mentorbot.domain.model import MilestoneKind
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.touchpoints import local_instant

REMINDED_DAYS = 3
"""How long before applications close the owners of drafts are reminded."""
WARNED_DAYS = (14, 7, 2)
"""How long before the deadline of a matching coordinators are warned; of a review, on it, too."""

PREPARED_DAYS = 14
"""How long before the next round opens coordinators are reminded of the file that it needs."""


@dataclass(frozen=True)
class Foreseen:
    """Something that a file's date brings; `on` is local to the programme."""

    kind: MilestoneKind
    on: date
    due_at: datetime


def foreseen(file: ProgrammeFile) -> list[Foreseen]:
    """Everything that a file's dates bring, at the touchpoints' hour or its own, in its zone."""
    found = []
    for kind, on in _dates(file):
        at = file.touchpoints.at
        if kind is MilestoneKind.BALLOT_OPENS and file.matching.ballot is not None:
            at = file.matching.ballot.opens_at or at
        found.append(Foreseen(kind, on, local_instant(on, at, file.time_zone)))
    return found


def _dates(file: ProgrammeFile) -> Iterator[tuple[MilestoneKind, date]]:
    closes_on = file.application.closes_on if file.application else None
    if file.application and closes_on:
        reminded_on = closes_on - timedelta(days=REMINDED_DAYS)
        if "slack" in file.application.through:
            yield MilestoneKind.DRAFTS_REMINDED, reminded_on
        yield MilestoneKind.APPLICATIONS_CLOSED, closes_on + timedelta(days=1)
        if file.application.next_opens_on:
            due_on = file.application.next_opens_on - timedelta(days=PREPARED_DAYS)
            yield MilestoneKind.NEXT_ROUND_NEAR, due_on
    matching = file.matching
    if matching.by:
        for days in (*WARNED_DAYS, 0) if matching.review else WARNED_DAYS:
            yield MilestoneKind.MATCHING_WARNED, matching.by - timedelta(days=days)
    if matching.ballot and matching.ballot.opens_on:
        yield MilestoneKind.BALLOT_OPENS, matching.ballot.opens_on
    if matching.on:
        yield MilestoneKind.MATCHING, matching.on


def id_of(programme_id: str, kind: MilestoneKind, on: date | datetime) -> str:
    """What a milestone is known by: the same date brings the same thing once."""
    return f"{programme_id}:{kind}:{on.isoformat()}"
