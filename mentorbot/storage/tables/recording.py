"""Tables of what was done: the audit log, erasures, and the payloads that were handled."""

from sqlalchemy import JSON, Column, Index, String, Table

from mentorbot.storage.columns import Instant
from mentorbot.storage.tables.keys import key, metadata

audit_entries = Table(
    "audit_entry",
    metadata,
    key("workspace_id"),
    key("entry_id"),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_audit_entry_subject", "workspace_id", "subject"),
)

erased = Table(
    "erasure",
    metadata,
    key("workspace_id"),
    key("digest", 64),
    key("erasure_id"),
    Column("erased_at", Instant, nullable=False),
)

feeds = Table(
    "feed",
    metadata,
    key("workspace_id"),
    key("digest", 64),
    Column("slack_user_id", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("ix_feed_person", "workspace_id", "slack_user_id"),
)

handled_payloads = Table(
    "handled_payload",
    metadata,
    key("workspace_id"),
    key("payload_key", 120),
    Column("handled_at", Instant, nullable=False),
)
