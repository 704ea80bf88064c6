"""Tables of people getting to know each other beyond their pairings."""

from sqlalchemy import Column, Index, String, Table, Text

from mentorbot.domain.acquaintances import AcquaintanceState
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

questions = Table(
    "question",
    metadata,
    key("workspace_id"),
    key("question_id"),
    Column("programme_id", String(40), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("sealed", Text),
    Column("asked_at", Instant, nullable=False),
    within("programme_id", "programme"),
    Index("ix_question_asker", "workspace_id", "asked_by", "asked_at"),
)

relays = Table(
    "relay",
    metadata,
    key("workspace_id"),
    key("question_id"),
    key("participant_id"),
    Column("told_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("passed_at", Instant),
    Column("sealed", Text),
    within("question_id", "question"),
    within("participant_id", "participant"),
    Index("ix_relay_participant", "workspace_id", "participant_id"),
)

question_hearers = Table(
    "question_hearer",
    metadata,
    key("workspace_id"),
    key("participant_id"),
    Column("since_at", Instant, nullable=False),
    within("participant_id", "participant"),
)

acquaintances = Table(
    "acquaintance",
    metadata,
    key("workspace_id"),
    key("acquaintance_id"),
    Column("programme_id", String(40), nullable=False),
    Column("mentor_id", String(40), nullable=False),
    Column("mentee_id", String(40), nullable=False),
    Column("other_id", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", Word(AcquaintanceState), nullable=False),
    Column("settled_at", Instant),
    within("programme_id", "programme"),
    Index("ix_acquaintance_mentor", "workspace_id", "mentor_id", "asked_at"),
)

recommendations = Table(
    "recommendation",
    metadata,
    key("workspace_id"),
    key("code"),
    Column("programme_id", String(40), nullable=False),
    Column("participant_id", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    within("participant_id", "participant"),
    Index("ix_recommendation_participant", "workspace_id", "participant_id"),
)

came_by = Table(
    "came_by",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    key("slack_user_id"),
    Column("participant_id", String(40), nullable=False),
    Column("came_at", Instant, nullable=False),
    Column("joined_at", Instant),
    within("programme_id", "programme"),
)
