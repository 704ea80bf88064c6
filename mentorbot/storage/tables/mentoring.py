"""Tables of what a programme does: cycles and dates, pairings, and what comes of them."""

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from mentorbot.domain import model
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, where, within

cycles = Table(
    "cycle",
    metadata,
    key("workspace_id"),
    key("programme_id"),
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
    within("programme_id", "programme"),
    where("closed_at IS NULL", "ix_cycle_open", "workspace_id", "ends_at"),
    where("closing_stage IS NOT NULL", "ix_cycle_closing", "workspace_id", "ends_at"),
)

milestones = Table(
    "milestone",
    metadata,
    key("workspace_id"),
    key("milestone_id", 100),
    Column("programme_id", String(40), nullable=False),
    Column("kind", Word(model.MilestoneKind), nullable=False),
    Column("falls_on", Date),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("after", String(40)),
    Column("proposals", JSON(none_as_null=True)),
    Column("made", Integer, nullable=False),
    within("programme_id", "programme"),
    where("done_at IS NULL", "ix_milestone_due", "workspace_id", "due_at"),
)

pairings = Table(
    "pairing",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
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
    Column("amendments", JSON(none_as_null=True)),
    Column("on_hold_at", Instant),
    within("programme_id", "programme"),
    Index("ix_pairing_cycle", "workspace_id", "programme_id", "cycle_number"),
    where("next_due_at IS NOT NULL", "ix_pairing_due", "workspace_id", "next_due_at"),
)

memberships = Table(
    "membership",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    key("participant_id"),
    Column("role", Word(model.Role), nullable=False),
    within("pairing_id", "pairing"),
    within("participant_id", "participant"),
    Index("ix_membership_participant", "workspace_id", "participant_id"),
)

check_ins = Table(
    "check_in",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    key("participant_id"),
    Column("occurrence", Integer, primary_key=True, autoincrement=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", Word(model.CheckInAnswer)),
    Column("answered_at", Instant),
    within("pairing_id participant_id", "membership"),
)

feedbacks = Table(
    "feedback",
    metadata,
    key("workspace_id"),
    key("pairing_id"),
    key("from_participant_id"),
    Column("rating", Integer, nullable=False),
    Column("helped_with", Text, nullable=False),
    Column("could_improve", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    within("pairing_id", "pairing"),
)

choices = Table(
    "choice",
    metadata,
    key("workspace_id"),
    key("programme_id"),
    Column("cycle_number", Integer, primary_key=True, autoincrement=False),
    key("participant_id"),
    Column("wish", Word(model.NextCycle), nullable=False),
    Column("chosen_at", Instant, nullable=False),
    within("participant_id", "participant"),
)

certificates = Table(
    "certificate",
    metadata,
    key("workspace_id"),
    key("certificate_id"),
    Column("programme_id", String(40), nullable=False),
    Column("cycle_number", Integer, nullable=False),
    Column("participant_id", String(40), nullable=False),
    Column("period_from_on", Date, nullable=False),
    Column("period_to_on", Date, nullable=False),
    Column("mentee_count", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("override_by", String(40)),
    Column("override_reason", Text),
    Column("credential", Text),
    Column("fingerprint", String(64)),
    Column("status_index", Integer),
    Column("revoked_at", Instant),
    Column("revoked_by", String(40)),
    Column("revoked_reason", Text),
    Column("meeting_minutes", Integer),
    within("participant_id", "participant"),
    UniqueConstraint("workspace_id", "programme_id", "cycle_number", "participant_id"),
    Index("ix_certificate_status", "workspace_id", "status_index"),
    where("revoked_at IS NOT NULL", "ix_certificate_revoked", "workspace_id", "status_index"),
    where("fingerprint IS NULL", "ix_certificate_unsigned", "workspace_id", "certificate_id"),
)

issuer_keys = Table(
    "issuer_key",
    metadata,
    key("workspace_id"),
    key("key_id", 60),
    Column("sealed", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("retired_at", Instant),
)
