"""Tables of the way to a place: applications, lists, sensitive answers, draws, imports."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mentorbot.domain import model
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, where, within

applications = Table(
    "application",
    metadata,
    key("workspace_id"),
    key("application_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cohort", Integer, nullable=False),
    Column("role", Word(model.Role), nullable=False),
    Column("source", String(20), nullable=False),
    Column("state", Word(model.ApplicationState), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("slack_user_id", String(40)),
    Column("email", String(254)),
    Column("name", String(255), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("verdict", String(20)),
    Column("reasons", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("assigned_to", String(40)),
    Column("question", Text),
    Column("reply", Text),
    Column("version", Integer, nullable=False),
    Column("submitted_at", Instant),
    Column("decided_at", Instant),
    Column("decided_by", String(40)),
    Column("decision_reason", Text),
    Column("unconfirmed_email", String(254)),
    within("programme_id", "programme"),
    UniqueConstraint(
        "workspace_id",
        "programme_id",
        "cohort",
        "role",
        "slack_user_id",
        name="uq_application_person",
    ),
    UniqueConstraint(
        "workspace_id", "programme_id", "cohort", "role", "email", name="uq_application_email"
    ),
    Index(
        "ix_application_state",
        "workspace_id",
        "programme_id",
        "cohort",
        "state",
        "submitted_at",
        "application_id",
    ),
    Index("ix_application_person", "workspace_id", "slack_user_id"),
    Index("ix_application_email", "workspace_id", "email"),
    where(
        "unconfirmed_email IS NOT NULL",
        "ix_application_unconfirmed",
        "workspace_id",
        "unconfirmed_email",
    ),
)

listed_addresses = Table(
    "listed_address",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    key("list_id"),
    key("email", 254),
    within("programme_id", "programme"),
)

sealed_answers = Table(
    "sealed_answer",
    metadata,
    key("workspace_id"),
    key("sealed_id"),
    Column("programme_id", String(40), nullable=False),
    Column("application_id", String(40), nullable=False),
    Column("question_id", String(40), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("consent_version", Integer, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    Column("erase_at", Instant),
    within("application_id", "application"),
    UniqueConstraint(
        "workspace_id", "application_id", "question_id", name="uq_sealed_answer_question"
    ),
    where("erase_at IS NOT NULL", "ix_sealed_answer_erase", "workspace_id", "erase_at"),
    Index("ix_sealed_answer_programme", "workspace_id", "programme_id"),
)

draws = Table(
    "draw",
    metadata,
    key("workspace_id"),
    key("draw_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cohort", Integer, nullable=False),
    Column("role", Word(model.Role), nullable=False),
    Column("rules", JSON, nullable=False),
    Column("seed_source", String(500), nullable=False),
    Column("entrants", JSON, nullable=False),
    Column("tickets", JSON, nullable=False, server_default="[]"),
    Column("commitment", String(64), nullable=False),
    Column("committed_at", Instant, nullable=False),
    Column("committed_by", String(40), nullable=False),
    Column("salt", Text),
    Column("traits", Text),
    Column("next_due_at", Instant),
    Column("is_sealed", Boolean, nullable=False),
    Column("seed_on", Date),
    Column("seed", String(200)),
    Column("drawn_at", Instant),
    Column("drawn_by", String(40)),
    Column("withdrawn", JSON, nullable=False),
    Column("selected", JSON, nullable=False),
    Column("waiting", JSON, nullable=False, server_default="[]"),
    Column("line", Text),
    Column("placed_at", Instant),
    within("programme_id", "programme"),
    UniqueConstraint("workspace_id", "programme_id", "cohort", "role", name="uq_draw_cohort"),
    where("next_due_at IS NOT NULL", "ix_draw_due", "workspace_id", "next_due_at"),
)

import_mappings = Table(
    "import_mapping",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    Column("meanings", JSON, nullable=False),
    within("programme_id", "programme"),
)

import_runs = Table(
    "import_run",
    metadata,
    key("workspace_id"),
    key("run_id"),
    Column("programme_id", String(40), nullable=False),
    Column("what", String(80), nullable=False),
    Column("file_id", String(40), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("taken_until_at", Instant),
    Column("tries", Integer, nullable=False),
    within("programme_id", "programme"),
)
