"""Tables of surveys: when each is open, and who has answered it."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from mentorbot.domain.model import Role
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

surveys = Table(
    "survey",
    metadata,
    key("workspace_id"),
    key("survey_id"),
    Column("programme_id", String(40), nullable=False),
    Column("offer_id", String(40), nullable=False),
    Column("round", Integer, nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("pool", JSON, nullable=False),
    Column("is_anonymous", Boolean),
    within("programme_id", "programme"),
    UniqueConstraint("workspace_id", "programme_id", "offer_id", "round"),
)

responses = Table(
    "response",
    metadata,
    key("workspace_id"),
    key("survey_id"),
    key("participant_id"),
    Column("answers", JSON, nullable=False),
    Column("role", Word(Role), nullable=False),
    within("survey_id", "survey"),
    within("participant_id", "participant"),
    Index("ix_response_participant", "workspace_id", "participant_id"),
)
