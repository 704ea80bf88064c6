"""Tables of ballots: which were opened, and whom people voted for."""

from sqlalchemy import JSON, Column, Index, String, Table

from mentorbot.storage.columns import Instant
from mentorbot.storage.tables.keys import key, metadata, within

opened_ballots = Table(
    "ballot",
    metadata,
    key("workspace_id"),
    key("ballot_id"),
    Column("programme_id", String(40), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(40), nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("matched_at", Instant),
    Column("over_at", Instant),
    within("programme_id", "programme"),
    Index("ix_ballot_programme", "workspace_id", "programme_id", "opened_at"),
)

votes = Table(
    "vote",
    metadata,
    key("workspace_id"),
    key("ballot_id"),
    key("participant_id"),
    Column("choices", JSON, nullable=False),
    Column("voted_at", Instant, nullable=False),
    within("ballot_id", "ballot"),
    within("participant_id", "participant"),
    Index("ix_vote_participant", "workspace_id", "participant_id"),
)
