"""Tables of safeguarding: concerns, what happened in each case, and who is on hold."""

from sqlalchemy import JSON, Boolean, Column, Index, String, Table, Text

from mentorbot.domain.concerns import CaseEvent, ConcernKind
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

concerns = Table(
    "concern",
    metadata,
    key("workspace_id"),
    key("concern_id"),
    Column("programme_id", String(40), nullable=False),
    Column("reporter", String(40), nullable=False),
    Column("kind", Word(ConcernKind), nullable=False),
    Column("sealed", Text),
    Column("is_immediate", Boolean, nullable=False),
    Column("may_contact", Boolean, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("about", JSON, nullable=False),
    Column("acknowledged_at", Instant),
    Column("assigned_to", String(40)),
    Column("closed_at", Instant),
    within("programme_id", "programme"),
    Index("ix_concern_programme", "workspace_id", "programme_id", "reported_at"),
)

case_entries = Table(
    "case_entry",
    metadata,
    key("workspace_id"),
    key("concern_id"),
    key("entry_id"),
    Column("at", Instant, nullable=False),
    Column("by", String(40), nullable=False),
    Column("event", Word(CaseEvent), nullable=False),
    Column("sealed", Text),
    within("concern_id", "concern"),
)

holds = Table(
    "hold",
    metadata,
    key("workspace_id"),
    key("concern_id"),
    key("slack_user_id"),
    Column("since_at", Instant, nullable=False),
    within("concern_id", "concern"),
    Index("ix_hold_person", "workspace_id", "slack_user_id"),
)
