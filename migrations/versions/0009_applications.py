"""Applications, and the lists that eligibility asks"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("assigned_to", sa.String(length=40), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_application_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "application_id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "workspace_id",
            "programme_id",
            "cohort",
            "role",
            "slack_user_id",
            name="uq_application_person",
        ),
        sa.UniqueConstraint(
            "workspace_id", "programme_id", "cohort", "role", "email", name="uq_application_email"
        ),
    )
    op.create_index(
        "ix_application_state",
        "application",
        ["workspace_id", "programme_id", "cohort", "state", "submitted_at", "application_id"],
    )
    op.create_index("ix_application_person", "application", ["workspace_id", "slack_user_id"])
    op.create_index("ix_application_email", "application", ["workspace_id", "email"])
    op.create_table(
        "listed_address",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("list_id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_listed_address_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "programme_id", "list_id", "email", name=op.f("pk_listed_address")
        ),
    )


def downgrade() -> None:
    op.drop_table("listed_address")
    op.drop_table("application")
