"""Appointments: who holds which role in a programme's team"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The version before still reads and writes `coordinator`; this one writes both.
_CARRY_OVER = """
    INSERT INTO appointment
        (workspace_id, programme_id, slack_user_id, role, specialty, appointed_at, appointed_by)
    SELECT c.workspace_id, c.programme_id, c.slack_user_id,
        CASE WHEN c.slack_user_id = p.set_up_by THEN 'owner' ELSE 'coordinator' END,
        '', c.added_at, p.set_up_by
    FROM coordinator c
    JOIN programme p ON p.workspace_id = c.workspace_id AND p.programme_id = c.programme_id
"""


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("specialty", sa.String(length=200), nullable=False),
        sa.Column("appointed_at", Instant(), nullable=False),
        sa.Column("appointed_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_appointment_workspace_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id",
            "programme_id",
            "slack_user_id",
            "role",
            "specialty",
            name=op.f("pk_appointment"),
        ),
    )
    op.create_index("ix_appointment_person", "appointment", ["workspace_id", "slack_user_id"])
    op.execute(_CARRY_OVER)


def downgrade() -> None:
    op.drop_index("ix_appointment_person", "appointment")
    op.drop_table("appointment")
