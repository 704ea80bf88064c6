"""Checklists: what a mentee works through on the way to something, such as a rank order list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from mentorbot.domain.parts import Identifier, Line, OptionText, Part, Place, Prose


class ChecklistItem(Part):
    """Something to do."""

    id: Identifier
    text: OptionText


class Checklist(Part):
    """Things that mentees tick off for themselves, in any order.

    With `stages` it is for mentees in these. Nobody else sees what is ticked, unless the mentee
    lets their mentors see it.
    """

    id: Identifier
    title: Line
    intro: Prose | None = None
    stages: tuple[Identifier, ...] = Field(default=(), max_length=10)
    items: tuple[ChecklistItem, ...] = Field(min_length=1, max_length=10)

    def is_for(self, stage: str | None) -> bool:
        """Whether it is for a mentee in a stage."""
        return not self.stages or stage in self.stages


@dataclass
class Ticked:
    """What a mentee has ticked on a checklist, by the ids of its items."""

    workspace_id: str
    participant_id: str
    checklist_id: str
    changed_at: datetime
    done: list[str] = field(default_factory=list)
    is_shared: bool = False


def checklist_faults(
    lists: Sequence[Checklist], stage_ids: Sequence[str]
) -> Iterator[tuple[Place, str]]:
    """Ids that come twice, and stages that the file has not."""
    for number, found in enumerate(lists):
        if found.id in {it.id for it in lists[:number]}:
            yield ("checklists", number, "id"), f"two checklists share the id {found.id}"
        ids = [it.id for it in found.items]
        if len(set(ids)) < len(ids):
            yield ("checklists", number, "items"), "two items share an id"
        for stage in found.stages:
            if stage not in stage_ids:
                yield ("checklists", number, "stages"), f"there is no stage {stage!r}"
