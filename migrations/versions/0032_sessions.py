"""Sessions of a programme, and who comes to them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0032"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_session_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "session_id", name=op.f("pk_session")),
        sa.UniqueConstraint(
            "workspace_id",
            "programme_id",
            "offer_id",
            "number",
            name=op.f("uq_session_workspace_id_programme_id_offer_id_number"),
        ),
    )
    op.create_index(
        "ix_session_programme_ends", "session", ["workspace_id", "programme_id", "ends_at"]
    )
    op.create_table(
        "attendance",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("came", sa.String(length=24), nullable=True),
        sa.Column("came_at", Instant(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "session_id"],
            ["session.workspace_id", "session.session_id"],
            name=op.f("fk_attendance_workspace_id_session_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "session_id", "slack_user_id", name=op.f("pk_attendance")
        ),
    )
    op.create_index("ix_attendance_person", "attendance", ["workspace_id", "slack_user_id"])


def downgrade() -> None:
    op.drop_index("ix_attendance_person", "attendance")
    op.drop_table("attendance")
    op.drop_index("ix_session_programme_ends", "session")
    op.drop_table("session")
