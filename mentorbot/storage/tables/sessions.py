"""Tables of sessions: when each takes place, and what people have to do with it."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from mentorbot.domain.attending import Answer, Came
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

sessions = Table(
    "session",
    metadata,
    key("workspace_id"),
    key("session_id"),
    Column("programme_id", String(40), nullable=False),
    Column("offer_id", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", String(150), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("code", String(12), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("is_by_hand", Boolean, nullable=False),
    Column("cancelled_at", Instant),
    within("programme_id", "programme"),
    UniqueConstraint("workspace_id", "programme_id", "offer_id", "number"),
    Index("ix_session_programme_ends", "workspace_id", "programme_id", "ends_at"),
)

attendances = Table(
    "attendance",
    metadata,
    key("workspace_id"),
    key("session_id"),
    key("slack_user_id"),
    Column("answer", Word(Answer)),
    Column("answered_at", Instant),
    Column("came", Word(Came)),
    Column("came_at", Instant),
    Column("wrong_codes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    within("session_id", "session"),
    Index("ix_attendance_person", "workspace_id", "slack_user_id"),
)
