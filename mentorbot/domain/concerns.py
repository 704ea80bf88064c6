"""Concerns: what somebody reports of another, who may read it, and the clock that it runs by."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from mentorbot.domain.parts import Part

WORDS_MOST = 2500
"""Characters of what happened, and of a note on a case."""
AT_ONCE = timedelta(hours=1)
"""How soon a lead is to have read of immediate danger."""
ASKED_AGAIN = 3
"""How often it is said that nobody has read a concern."""


class SafeguardingRules(Part):
    """What becomes of a concern that somebody reports.

    It goes to the safeguarding leads alone, apart from those whom it is about; where there are none
    to the owners, then to the coordinators. Whoever hears of it reads it within so many hours;
    after that the owners hear so, too. Anybody can report one, by `/mentorbot report`, in App Home
    or at a message. It needs a key to seal with, as sensitive questions do.
    """

    acknowledge_within_hours: int = Field(default=24, ge=1, le=168)

    def due_at(self, reported_at: datetime, *, is_immediate: bool) -> datetime:
        """By when a concern is to be read."""
        hours = timedelta(hours=self.acknowledge_within_hours)
        return reported_at + (min(AT_ONCE, hours) if is_immediate else hours)


class ConcernKind(StrEnum):
    """What a concern is about, in the words of the form."""

    HARASSMENT = "harassment"
    DISCRIMINATION = "discrimination"
    BOUNDARIES = "boundaries"
    WELFARE = "welfare"
    OTHER = "other"


class CaseEvent(StrEnum):
    """What happened in a case."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    TAKEN_ON = "taken_on"
    NOTE = "note"
    HELD = "held"
    RELEASED = "released"
    ENDED = "ended"
    CLOSED = "closed"


@dataclass
class Concern:
    """A concern; `sealed` holds what happened, `about` are the Slack ids of those it names.

    `due_at` is when it is to have been acknowledged. Once it is closed nothing about it changes.
    """

    workspace_id: str
    concern_id: str
    programme_id: str
    reporter: str
    kind: ConcernKind
    sealed: str | None
    is_immediate: bool
    may_contact: bool
    reported_at: datetime
    due_at: datetime
    about: list[str] = field(default_factory=list)
    acknowledged_at: datetime | None = None
    assigned_to: str | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the case goes on."""
        return self.closed_at is None

    def was_overdue(self, now: datetime) -> bool:
        """Whether nobody had acknowledged it when somebody should have."""
        return now >= self.due_at and (
            self.acknowledged_at is None or self.acknowledged_at > self.due_at
        )

    @property
    def strangers(self) -> frozenset[str]:
        """Those who never read of it, whatever their role: whom it names, and who wrote it."""
        return frozenset({self.reporter, *self.about})


@dataclass
class CaseEntry:
    """A line of a case's timeline; `sealed` holds a note's words."""

    workspace_id: str
    concern_id: str
    entry_id: str
    at: datetime
    by: str
    event: CaseEvent
    sealed: str | None = None


@dataclass
class Hold:
    """Somebody who is matched with nobody new while a case goes on."""

    workspace_id: str
    concern_id: str
    slack_user_id: str
    since_at: datetime
