"""Goals and actions: a mentee's own, with examples from the file, shared with a mentor or not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from mentorbot.domain.parts import Line, Part

MOST_CHARACTERS = 300
MOST_OPEN = 20
"""How many goals and actions somebody can have open at one time."""


class GoalKind(StrEnum):
    """A goal is what somebody wants to reach, an action what they do next for it."""

    GOAL = "goal"
    ACTION = "action"


class GoalRules(Part):
    """Goals and actions that mentees write down, sealed; each is shared with the mentor or not.

    Open actions come along with each check-in. The `examples` are shown to whoever begins. They
    need a key to seal with, as sensitive questions do.
    """

    examples: tuple[Line, ...] = Field(default=(), max_length=12)


@dataclass
class Goal:
    """A goal or an action of a participant; `sealed` holds its words, for its id."""

    workspace_id: str
    goal_id: str
    participant_id: str
    kind: GoalKind
    sealed: str
    is_shared: bool
    made_at: datetime
    done_at: datetime | None = None
