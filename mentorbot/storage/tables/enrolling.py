"""Tables of who is there: workspaces, people, programmes, their teams and participants."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mentorbot.domain import model, permissions
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, where, within

workspaces = Table(
    "workspace",
    metadata,
    key("workspace_id"),
    Column("name", String(200), nullable=False),
    Column("bot_user_id", String(40), nullable=False),
    Column("installed_at", Instant, nullable=False),
    Column("swept_at", Instant),
    Column("enterprise_id", String(40)),
    Column("uninstalled_at", Instant),
)

people = Table(
    "person",
    metadata,
    key("workspace_id"),
    key("slack_user_id"),
    Column("name", String(255), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("locale", String(20), nullable=False),
    Column("is_bot", Boolean, nullable=False),
    Column("is_deactivated", Boolean, nullable=False),
    Column("seen_at", Instant),
    Column("dm_channel_id", String(40)),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

programmes = Table(
    "programme",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    Column("channel_id", String(40), nullable=False),
    Column("definition", Text, nullable=False),
    Column("set_up_by", String(40), nullable=False),
    Column("set_up_at", Instant, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

coordinators = Table(
    "coordinator",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    key("slack_user_id"),
    Column("added_at", Instant, nullable=False),
    within("programme_id", "programme"),
)

appointments = Table(
    "appointment",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    key("slack_user_id"),
    Column("role", Word(permissions.TeamRole), primary_key=True),
    key("specialty", 200),
    Column("appointed_at", Instant, nullable=False),
    Column("appointed_by", String(40), nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
    Index("ix_appointment_person", "workspace_id", "slack_user_id"),
)

participants = Table(
    "participant",
    metadata,
    key("workspace_id"),
    key("participant_id"),
    Column("programme_id", String(40), nullable=False),
    Column("slack_user_id", String(40), nullable=False),
    Column("role", Word(model.Role)),
    Column("state", Word(model.ParticipantState), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("draft", JSON(none_as_null=True)),
    Column("joined_at", Instant),
    Column("waiting_since_at", Instant),
    Column("is_front_of_queue", Boolean, nullable=False),
    Column("waiting_spell", Integer, nullable=False),
    Column("paused_until_at", Instant),
    Column("pause_reason", Word(model.PauseReason)),
    Column("left_at", Instant),
    Column("stage", String(40)),
    Column("stage_ends_at", Instant),
    within("programme_id", "programme"),
    within("slack_user_id", "person"),
    UniqueConstraint("workspace_id", "programme_id", "slack_user_id"),
    Index("ix_participant_person", "workspace_id", "slack_user_id"),
    where(
        "waiting_since_at IS NOT NULL",
        "ix_participant_waiting",
        "workspace_id",
        "programme_id",
        "role",
        "is_front_of_queue",
        "waiting_since_at",
    ),
    where(
        "paused_until_at IS NOT NULL",
        "ix_participant_pause_ends",
        "workspace_id",
        "paused_until_at",
    ),
    where(
        "stage_ends_at IS NOT NULL",
        "ix_participant_stage_ends",
        "workspace_id",
        "stage_ends_at",
    ),
)

acknowledgements = Table(
    "acknowledgement",
    metadata,
    key("workspace_id"),
    key("participant_id"),
    Column("role", Word(model.Role), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("acknowledged_at", Instant, nullable=False),
    within("participant_id", "participant"),
)

channel_members = Table(
    "channel_member",
    metadata,
    key("workspace_id"),
    key("channel_id"),
    key("slack_user_id"),
    Column("seen_at", Instant, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)
