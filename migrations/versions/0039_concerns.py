"""Concerns, their cases, and who is on hold"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("pairing", sa.Column("on_hold_at", Instant(), nullable=True))
    op.create_table(
        "concern",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("concern_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("reporter", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("is_immediate", sa.Boolean(), nullable=False),
        sa.Column("may_contact", sa.Boolean(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("assigned_to", sa.String(length=40), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_concern_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "concern_id", name=op.f("pk_concern")),
    )
    op.create_index(
        "ix_concern_programme", "concern", ["workspace_id", "programme_id", "reported_at"]
    )
    op.create_table(
        "case_entry",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("concern_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "concern_id"],
            ["concern.workspace_id", "concern.concern_id"],
            name=op.f("fk_case_entry_workspace_id_concern_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "concern_id", "entry_id", name=op.f("pk_case_entry")
        ),
    )
    op.create_table(
        "hold",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("concern_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("since_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "concern_id"],
            ["concern.workspace_id", "concern.concern_id"],
            name=op.f("fk_hold_workspace_id_concern_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "concern_id", "slack_user_id", name=op.f("pk_hold")
        ),
    )
    op.create_index("ix_hold_person", "hold", ["workspace_id", "slack_user_id"])


def downgrade() -> None:
    op.drop_table("hold")
    op.drop_table("case_entry")
    op.drop_table("concern")
    op.drop_column("pairing", "on_hold_at")
