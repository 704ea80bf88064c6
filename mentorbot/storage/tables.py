"""The tables, and the mapping of the domain's entities onto them.

Every key leads with `workspace_id`, so that no row can be reached without naming its tenant.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry

from mentorbot.domain import draws as draws_made
from mentorbot.domain import erasures, messages, model, permissions, sealed
from mentorbot.storage.columns import Instant, Word

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str, length: int = 40) -> Column[Any]:
    return Column(name, String(length), primary_key=True)


def _where(condition: str, name: str, *columns: str) -> Index:
    """An index of only those rows for which a condition holds."""
    rows = text(condition)
    return Index(name, *columns, sqlite_where=rows, postgresql_where=rows)


def _within(columns: str, target: str) -> ForeignKeyConstraint:
    names = ["workspace_id", *columns.split()]
    return ForeignKeyConstraint(names, [f"{target}.{name}" for name in names])


workspaces = Table(
    "workspace",
    metadata,
    _key("workspace_id"),
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
    _key("workspace_id"),
    _key("slack_user_id"),
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
    _key("workspace_id"),
    _key("programme_id"),
    Column("channel_id", String(40), nullable=False),
    Column("definition", Text, nullable=False),
    Column("set_up_by", String(40), nullable=False),
    Column("set_up_at", Instant, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

coordinators = Table(
    "coordinator",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    _key("slack_user_id"),
    Column("added_at", Instant, nullable=False),
    _within("programme_id", "programme"),
)

appointments = Table(
    "appointment",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    _key("slack_user_id"),
    Column("role", Word(permissions.TeamRole), primary_key=True),
    _key("specialty", 200),
    Column("appointed_at", Instant, nullable=False),
    Column("appointed_by", String(40), nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
    Index("ix_appointment_person", "workspace_id", "slack_user_id"),
)

participants = Table(
    "participant",
    metadata,
    _key("workspace_id"),
    _key("participant_id"),
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
    _within("programme_id", "programme"),
    _within("slack_user_id", "person"),
    UniqueConstraint("workspace_id", "programme_id", "slack_user_id"),
    Index("ix_participant_person", "workspace_id", "slack_user_id"),
    _where(
        "waiting_since_at IS NOT NULL",
        "ix_participant_waiting",
        "workspace_id",
        "programme_id",
        "waiting_since_at",
    ),
    _where(
        "paused_until_at IS NOT NULL",
        "ix_participant_pause_ends",
        "workspace_id",
        "paused_until_at",
    ),
    _where(
        "stage_ends_at IS NOT NULL",
        "ix_participant_stage_ends",
        "workspace_id",
        "stage_ends_at",
    ),
)

applications = Table(
    "application",
    metadata,
    _key("workspace_id"),
    _key("application_id"),
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
    _within("programme_id", "programme"),
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
)

listed_addresses = Table(
    "listed_address",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    _key("list_id"),
    _key("email", 254),
    _within("programme_id", "programme"),
)

sealed_answers = Table(
    "sealed_answer",
    metadata,
    _key("workspace_id"),
    _key("sealed_id"),
    Column("programme_id", String(40), nullable=False),
    Column("application_id", String(40), nullable=False),
    Column("question_id", String(40), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("consent_version", Integer, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    Column("erase_at", Instant),
    _within("application_id", "application"),
    UniqueConstraint(
        "workspace_id", "application_id", "question_id", name="uq_sealed_answer_question"
    ),
    _where("erase_at IS NOT NULL", "ix_sealed_answer_erase", "workspace_id", "erase_at"),
    Index("ix_sealed_answer_programme", "workspace_id", "programme_id"),
)

draws = Table(
    "draw",
    metadata,
    _key("workspace_id"),
    _key("draw_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cohort", Integer, nullable=False),
    Column("role", Word(model.Role), nullable=False),
    Column("rules", JSON, nullable=False),
    Column("seed_source", String(500), nullable=False),
    Column("entrants", JSON, nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("committed_at", Instant, nullable=False),
    Column("committed_by", String(40), nullable=False),
    Column("salt", Text),
    Column("next_due_at", Instant),
    Column("is_sealed", Boolean, nullable=False),
    Column("seed_on", Date),
    Column("seed", String(200)),
    Column("drawn_at", Instant),
    Column("drawn_by", String(40)),
    Column("withdrawn", JSON, nullable=False),
    Column("selected", JSON, nullable=False),
    Column("line", Text),
    Column("placed_at", Instant),
    _within("programme_id", "programme"),
    UniqueConstraint("workspace_id", "programme_id", "cohort", "role", name="uq_draw_cohort"),
    _where("next_due_at IS NOT NULL", "ix_draw_due", "workspace_id", "next_due_at"),
)

import_mappings = Table(
    "import_mapping",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    Column("meanings", JSON, nullable=False),
    _within("programme_id", "programme"),
)

import_runs = Table(
    "import_run",
    metadata,
    _key("workspace_id"),
    _key("run_id"),
    Column("programme_id", String(40), nullable=False),
    Column("what", String(80), nullable=False),
    Column("file_id", String(40), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("taken_until_at", Instant),
    Column("tries", Integer, nullable=False),
    _within("programme_id", "programme"),
)

acknowledgements = Table(
    "acknowledgement",
    metadata,
    _key("workspace_id"),
    _key("participant_id"),
    Column("role", Word(model.Role), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("acknowledged_at", Instant, nullable=False),
    _within("participant_id", "participant"),
)

cycles = Table(
    "cycle",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("anchor_day", Integer),
    Column("closing_stage", Word(model.ClosingStage)),
    Column("closing_after", String(40)),
    Column("proposals", JSON(none_as_null=True)),
    Column("cohort", Integer),
    _within("programme_id", "programme"),
    _where("closed_at IS NULL", "ix_cycle_open", "workspace_id", "ends_at"),
    _where("closing_stage IS NOT NULL", "ix_cycle_closing", "workspace_id", "ends_at"),
)

milestones = Table(
    "milestone",
    metadata,
    _key("workspace_id"),
    _key("milestone_id", 100),
    Column("programme_id", String(40), nullable=False),
    Column("kind", Word(model.MilestoneKind), nullable=False),
    Column("falls_on", Date),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("after", String(40)),
    Column("proposals", JSON(none_as_null=True)),
    Column("made", Integer, nullable=False),
    _within("programme_id", "programme"),
    _where("done_at IS NULL", "ix_milestone_due", "workspace_id", "due_at"),
)

pairings = Table(
    "pairing",
    metadata,
    _key("workspace_id"),
    _key("pairing_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cycle_number", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("introduced_at", Instant, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("next_step", Integer, nullable=False),
    Column("next_due_at", Instant),
    Column("channel_id", String(40)),
    Column("ended_at", Instant),
    Column("end_reason", Word(model.EndReason)),
    _within("programme_id", "programme"),
    Index("ix_pairing_cycle", "workspace_id", "programme_id", "cycle_number"),
    _where("next_due_at IS NOT NULL", "ix_pairing_due", "workspace_id", "next_due_at"),
)

memberships = Table(
    "membership",
    metadata,
    _key("workspace_id"),
    _key("pairing_id"),
    _key("participant_id"),
    Column("role", Word(model.Role), nullable=False),
    _within("pairing_id", "pairing"),
    _within("participant_id", "participant"),
    Index("ix_membership_participant", "workspace_id", "participant_id"),
)

check_ins = Table(
    "check_in",
    metadata,
    _key("workspace_id"),
    _key("pairing_id"),
    _key("participant_id"),
    Column("occurrence", Integer, primary_key=True, autoincrement=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", Word(model.CheckInAnswer)),
    Column("answered_at", Instant),
    _within("pairing_id participant_id", "membership"),
)

feedbacks = Table(
    "feedback",
    metadata,
    _key("workspace_id"),
    _key("pairing_id"),
    _key("from_participant_id"),
    Column("rating", Integer, nullable=False),
    Column("helped_with", Text, nullable=False),
    Column("could_improve", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    _within("pairing_id", "pairing"),
)

choices = Table(
    "choice",
    metadata,
    _key("workspace_id"),
    _key("programme_id"),
    Column("cycle_number", Integer, primary_key=True, autoincrement=False),
    _key("participant_id"),
    Column("wish", Word(model.NextCycle), nullable=False),
    Column("chosen_at", Instant, nullable=False),
    _within("participant_id", "participant"),
)

certificates = Table(
    "certificate",
    metadata,
    _key("workspace_id"),
    _key("certificate_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cycle_number", Integer, nullable=False),
    Column("participant_id", String(40), nullable=False),
    Column("period_from_on", Date, nullable=False),
    Column("period_to_on", Date, nullable=False),
    Column("mentee_count", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("override_by", String(40)),
    Column("override_reason", Text),
    _within("participant_id", "participant"),
    UniqueConstraint("workspace_id", "programme_id", "cycle_number", "participant_id"),
)

audit_entries = Table(
    "audit_entry",
    metadata,
    _key("workspace_id"),
    _key("entry_id"),
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
    _key("workspace_id"),
    _key("digest", 64),
    _key("erasure_id"),
    Column("erased_at", Instant, nullable=False),
)

outbox = Table(
    "message",
    metadata,
    _key("workspace_id"),
    _key("message_id"),
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
    UniqueConstraint("workspace_id", "dedupe_key"),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
    _where(
        "state IN ('pending', 'sending')",
        "ix_message_due",
        "workspace_id",
        "priority",
        "not_before_at",
        "created_at",
        "message_id",
    ),
    Index("ix_message_pairing", "workspace_id", "pairing_id"),
    _where("state IN ('unknown', 'dead')", "ix_message_stuck", "workspace_id", "state"),
    _where("state IN ('expired', 'cancelled')", "ix_message_never_sent", "workspace_id", "state"),
)

lanes = Table(
    "lane",
    metadata,
    _key("workspace_id"),
    Column("holder", String(40)),
    Column("lease_until_at", Instant),
    Column("recover_until_at", Instant),
    Column("recover_from_at", Instant),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

attempts = Table(
    "attempt",
    metadata,
    _key("workspace_id"),
    _key("message_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("detail", String(200), nullable=False),
    _within("message_id", "message"),
)

handled_payloads = Table(
    "handled_payload",
    metadata,
    _key("workspace_id"),
    _key("payload_key", 120),
    Column("handled_at", Instant, nullable=False),
)

channel_members = Table(
    "channel_member",
    metadata,
    _key("workspace_id"),
    _key("channel_id"),
    _key("slack_user_id"),
    Column("seen_at", Instant, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["workspace.workspace_id"]),
)

_mapper = registry(metadata=metadata)
for _entity, _table in (
    (model.Workspace, workspaces),
    (model.Person, people),
    (model.Programme, programmes),
    (model.Participant, participants),
    (model.Application, applications),
    (model.ListedAddress, listed_addresses),
    (sealed.SealedAnswer, sealed_answers),
    (draws_made.Draw, draws),
    (model.Acknowledgement, acknowledgements),
    (model.Cycle, cycles),
    (model.Milestone, milestones),
    (model.Pairing, pairings),
    (model.Membership, memberships),
    (model.CheckIn, check_ins),
    (model.Feedback, feedbacks),
    (model.Choice, choices),
    (model.Certificate, certificates),
    (model.AuditEntry, audit_entries),
    (messages.Message, outbox),
    (messages.Attempt, attempts),
    (erasures.Erasure, erased),
    (permissions.Appointment, appointments),
):
    _mapper.map_imperatively(_entity, _table)
