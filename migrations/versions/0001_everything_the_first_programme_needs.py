"""Everything the first programme needs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "entry_id", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "handled_payload",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("payload_key", sa.String(length=120), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "payload_key", name=op.f("pk_handled_payload")),
    )
    op.create_table(
        "workspace",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bot_user_id", sa.String(length=40), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "message",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("lease_by", sa.String(length=40), nullable=True),
        sa.Column("lease_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel_id", sa.String(length=40), nullable=True),
        sa.Column("slack_ts", sa.String(length=40), nullable=True),
        sa.Column("file_id", sa.String(length=40), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.workspace_id"], name=op.f("fk_message_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "message_id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "workspace_id", "dedupe_key", name=op.f("uq_message_workspace_id_dedupe_key")
        ),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_due",
            ["workspace_id", "priority", "not_before_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.create_index("ix_message_pairing", ["workspace_id", "pairing_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("is_deactivated", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.workspace_id"], name=op.f("fk_person_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "slack_user_id", name=op.f("pk_person")),
    )
    op.create_table(
        "programme",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=40), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("set_up_by", sa.String(length=40), nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.workspace_id"], name=op.f("fk_programme_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "programme_id", name=op.f("pk_programme")),
    )
    op.create_table(
        "attempt",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "message_id"],
            ["message.workspace_id", "message.message_id"],
            name=op.f("fk_attempt_workspace_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "message_id", "number", name=op.f("pk_attempt")),
    )
    op.create_table(
        "coordinator",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_coordinator_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "programme_id", "slack_user_id", name=op.f("pk_coordinator")
        ),
    )
    op.create_table(
        "cycle",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_cycle_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "programme_id", "number", name=op.f("pk_cycle")),
    )
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cycle_open",
            ["workspace_id", "ends_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "pairing",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("cycle_number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("next_step", sa.Integer(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel_id", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_pairing_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "pairing_id", name=op.f("pk_pairing")),
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pairing_cycle", ["workspace_id", "programme_id", "cycle_number"], unique=False
        )
        batch_op.create_index(
            "ix_pairing_due",
            ["workspace_id", "next_due_at"],
            unique=False,
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        )

    op.create_table(
        "participant",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_front_of_queue", sa.Boolean(), nullable=False),
        sa.Column("waiting_spell", sa.Integer(), nullable=False),
        sa.Column("paused_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(length=24), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_participant_workspace_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "slack_user_id"],
            ["person.workspace_id", "person.slack_user_id"],
            name=op.f("fk_participant_workspace_id_slack_user_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "participant_id", name=op.f("pk_participant")),
        sa.UniqueConstraint(
            "workspace_id",
            "programme_id",
            "slack_user_id",
            name=op.f("uq_participant_workspace_id_programme_id_slack_user_id"),
        ),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(
            "ix_participant_pause_ends",
            ["workspace_id", "paused_until_at"],
            unique=False,
            sqlite_where=sa.text("paused_until_at IS NOT NULL"),
            postgresql_where=sa.text("paused_until_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_participant_person", ["workspace_id", "slack_user_id"], unique=False
        )
        batch_op.create_index(
            "ix_participant_waiting",
            ["workspace_id", "programme_id", "waiting_since_at"],
            unique=False,
            sqlite_where=sa.text("waiting_since_at IS NOT NULL"),
            postgresql_where=sa.text("waiting_since_at IS NOT NULL"),
        )

    op.create_table(
        "acknowledgement",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_acknowledgement_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "participant_id", "role", "version", name=op.f("pk_acknowledgement")
        ),
    )
    op.create_table(
        "certificate",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("certificate_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("cycle_number", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("period_from_on", sa.Date(), nullable=False),
        sa.Column("period_to_on", sa.Date(), nullable=False),
        sa.Column("mentee_count", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("override_by", sa.String(length=40), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_certificate_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "certificate_id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "workspace_id",
            "programme_id",
            "cycle_number",
            "participant_id",
            name=op.f("uq_certificate_workspace_id_programme_id_cycle_number_participant_id"),
        ),
    )
    op.create_table(
        "choice",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("cycle_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("wish", sa.String(length=24), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_choice_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "programme_id", "cycle_number", "participant_id", name=op.f("pk_choice")
        ),
    )
    op.create_table(
        "feedback",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("from_participant_id", sa.String(length=40), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("helped_with", sa.Text(), nullable=False),
        sa.Column("could_improve", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_feedback_workspace_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "pairing_id", "from_participant_id", name=op.f("pk_feedback")
        ),
    )
    op.create_table(
        "membership",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_membership_workspace_id_pairing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_membership_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "pairing_id", "participant_id", name=op.f("pk_membership")
        ),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            "ix_membership_participant", ["workspace_id", "participant_id"], unique=False
        )

    op.create_table(
        "check_in",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("occurrence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id", "participant_id"],
            ["membership.workspace_id", "membership.pairing_id", "membership.participant_id"],
            name=op.f("fk_check_in_workspace_id_pairing_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "pairing_id", "participant_id", "occurrence", name=op.f("pk_check_in")
        ),
    )


def downgrade() -> None:
    op.drop_table("check_in")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_participant")

    op.drop_table("membership")
    op.drop_table("feedback")
    op.drop_table("choice")
    op.drop_table("certificate")
    op.drop_table("acknowledgement")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_participant_waiting",
            sqlite_where=sa.text("waiting_since_at IS NOT NULL"),
            postgresql_where=sa.text("waiting_since_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_participant_person")
        batch_op.drop_index(
            "ix_participant_pause_ends",
            sqlite_where=sa.text("paused_until_at IS NOT NULL"),
            postgresql_where=sa.text("paused_until_at IS NOT NULL"),
        )

    op.drop_table("participant")
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_pairing_due",
            sqlite_where=sa.text("next_due_at IS NOT NULL"),
            postgresql_where=sa.text("next_due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_pairing_cycle")

    op.drop_table("pairing")
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cycle_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("cycle")
    op.drop_table("coordinator")
    op.drop_table("attempt")
    op.drop_table("programme")
    op.drop_table("person")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_pairing")
        batch_op.drop_index(
            "ix_message_due",
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )

    op.drop_table("message")
    op.drop_table("workspace")
    op.drop_table("handled_payload")
    op.drop_table("audit_entry")
