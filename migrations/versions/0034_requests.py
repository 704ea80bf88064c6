"""Requests that mentees make of mentors"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0034"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("mentee_id", sa.String(length=40), nullable=False),
        sa.Column("mentor_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("colleague_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_request_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "request_id", name=op.f("pk_request")),
    )
    op.create_index("ix_request_mentee", "request", ["workspace_id", "mentee_id", "asked_at"])
    op.create_index("ix_request_mentor", "request", ["workspace_id", "mentor_id", "asked_at"])


def downgrade() -> None:
    op.drop_index("ix_request_mentor", "request")
    op.drop_index("ix_request_mentee", "request")
    op.drop_table("request")
