"""Tables of matchings that people review: the pairs proposed, what people did about them."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from mentorbot.domain.match_review import EditKind
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

match_drafts = Table(
    "match_draft",
    metadata,
    key("workspace_id"),
    key("milestone_id", 100),
    Column("programme_id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("proposals", JSON(none_as_null=True)),
    Column("returned", JSON, nullable=False),
    Column("sent_at", Instant),
    Column("sent_by", String(40)),
    within("programme_id", "programme"),
    Index("ix_match_draft_programme", "workspace_id", "programme_id", "sent_at"),
)

match_approvals = Table(
    "match_approval",
    metadata,
    key("workspace_id"),
    key("milestone_id", 100),
    key("slack_user_id"),
    Column("fingerprint", String(64), nullable=False),
    Column("approved_at", Instant, nullable=False),
    within("milestone_id", "match_draft"),
)

match_edits = Table(
    "match_edit",
    metadata,
    key("workspace_id"),
    key("edit_id"),
    Column("milestone_id", String(100), nullable=False),
    Column("kind", Word(EditKind), nullable=False),
    Column("mentor_id", String(40), nullable=False),
    Column("mentee_id", String(40), nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Column("before", JSON, nullable=False),
    within("milestone_id", "match_draft"),
    Index("ix_match_edit_milestone", "workspace_id", "milestone_id", "made_at"),
)
