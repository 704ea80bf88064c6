"""Tables of what is said: messages, the attempts to send them, and the lanes."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from mentorbot.domain import messages
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, where, within

outbox = Table(
    "message",
    metadata,
    key("workspace_id"),
    key("message_id"),
    Column("dedupe_key", String(160), nullable=False),
    Column("kind", Word(messages.MessageKind), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("programme_id", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before_at", Instant, nullable=False),
    Column("params", JSON, nullable=False),
    Column("pairing_id", String(40)),
    Column("priority", Integer, nullable=False),
    Column("expires_at", Instant),
    Column("state", Word(messages.MessageState), nullable=False),
    Column("lease_by", String(40)),
    Column("lease_until_at", Instant),
    Column("intent_at", Instant),
    Column("channel_id", String(40)),
    Column("slack_ts", String(40)),
    Column("file_id", String(40)),
    Column("attempt_count", Integer, nullable=False),
    Column("last_error", String(200)),
    Column("settled_at", Instant),
    Column("look_again_at", Instant),
    UniqueConstraint("workspace_id", "dedupe_key"),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
    where(
        "state IN ('pending', 'sending')",
        "ix_message_due",
        "workspace_id",
        "priority",
        "not_before_at",
        "created_at",
        "message_id",
    ),
    Index("ix_message_pairing", "workspace_id", "pairing_id"),
    where("state IN ('unknown', 'dead')", "ix_message_stuck", "workspace_id", "state"),
    where("state IN ('expired', 'cancelled')", "ix_message_never_sent", "workspace_id", "state"),
    where(
        "state = 'sent' AND look_again_at IS NOT NULL",
        "ix_message_look_again",
        "workspace_id",
        "look_again_at",
    ),
)

lanes = Table(
    "lane",
    metadata,
    key("workspace_id"),
    Column("holder", String(40)),
    Column("lease_until_at", Instant),
    Column("recover_until_at", Instant),
    Column("recover_from_at", Instant),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

attempts = Table(
    "attempt",
    metadata,
    key("workspace_id"),
    key("message_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("detail", String(200), nullable=False),
    within("message_id", "message"),
)
