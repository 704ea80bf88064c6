"""The table of requests: which mentee asks which mentor, and what came of it."""

from sqlalchemy import Column, Index, String, Table, Text

from mentorbot.domain.requests import RequestState
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

requests = Table(
    "request",
    metadata,
    key("workspace_id"),
    key("request_id"),
    Column("programme_id", String(40), nullable=False),
    Column("mentee_id", String(40), nullable=False),
    Column("mentor_id", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Word(RequestState), nullable=False),
    Column("answered_at", Instant),
    Column("colleague_id", String(40)),
    within("programme_id", "programme"),
    Index("ix_request_mentee", "workspace_id", "mentee_id", "asked_at"),
    Index("ix_request_mentor", "workspace_id", "mentor_id", "asked_at"),
)
