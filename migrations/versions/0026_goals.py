"""Goals and actions that mentees write down"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "goal",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("goal_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_goal_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "goal_id", name=op.f("pk_goal")),
    )
    op.create_index("ix_goal_participant", "goal", ["workspace_id", "participant_id"])


def downgrade() -> None:
    op.drop_index("ix_goal_participant", "goal")
    op.drop_table("goal")
