"""Tables of what a pair does: meetings, an agreement, goals and actions, and its end."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mentorbot.domain.goals import GoalKind
from mentorbot.domain.meetings import Format
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

meetings = Table(
    "meeting",
    metadata,
    key("workspace_id"),
    key("meeting_id"),
    Column("pairing_id", String(40), nullable=False),
    Column("met_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("format", Word(Format), nullable=False),
    Column("next_on", Date),
    Column("logged_by", String(40), nullable=False),
    Column("logged_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    within("pairing_id", "pairing"),
    UniqueConstraint("workspace_id", "pairing_id", "met_on"),
)

agreements = Table(
    "agreement",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    Column("sealed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("written_by", String(40), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("signatures", JSON, nullable=False),
    Column("shared", JSON(none_as_null=True)),
    within("pairing_id", "pairing"),
)

extensions = Table(
    "extension",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    Column("version", Integer, nullable=False),
    Column("months", Integer, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("agreed", JSON, nullable=False),
    within("pairing_id", "pairing"),
)

checklists = Table(
    "checklist",
    metadata,
    key("workspace_id"),
    key("participant_id"),
    key("checklist_id"),
    Column("done", JSON, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    within("participant_id", "participant"),
)

partings = Table(
    "parting",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    Column("ended_by", String(40), nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("sealed", Text),
    within("pairing_id", "pairing"),
)

kept_apart = Table(
    "kept_apart",
    metadata,
    key("workspace_id"),
    key("one"),
    key("other"),
    Column("since_at", Instant, nullable=False),
    Index("ix_kept_apart_other", "workspace_id", "other"),
)

goals = Table(
    "goal",
    metadata,
    key("workspace_id"),
    key("goal_id"),
    Column("participant_id", String(40), nullable=False),
    Column("kind", Word(GoalKind), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    within("participant_id", "participant"),
    Index("ix_goal_participant", "workspace_id", "participant_id"),
)
