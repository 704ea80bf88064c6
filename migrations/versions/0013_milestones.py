"""Milestones: what a date brings to a whole programme; stages; whose round a cycle is"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PENDING, _LASTING = sa.text("done_at IS NULL"), sa.text("stage_ends_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("cycle", sa.Column("cohort", sa.Integer(), nullable=True))
    op.add_column("participant", sa.Column("stage", sa.String(length=40), nullable=True))
    op.add_column("participant", sa.Column("stage_ends_at", Instant(), nullable=True))
    op.create_index(
        "ix_participant_stage_ends",
        "participant",
        ["workspace_id", "stage_ends_at"],
        sqlite_where=_LASTING,
        postgresql_where=_LASTING,
    )
    op.create_table(
        "milestone",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("milestone_id", sa.String(length=100), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("falls_on", sa.Date(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=True),
        sa.Column("proposals", sa.JSON(), nullable=True),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_milestone_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "milestone_id", name=op.f("pk_milestone")),
    )
    op.create_index(
        "ix_milestone_due",
        "milestone",
        ["workspace_id", "due_at"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def downgrade() -> None:
    op.drop_index("ix_milestone_due", "milestone")
    op.drop_table("milestone")
    op.drop_index("ix_participant_stage_ends", "participant")
    with op.batch_alter_table("participant") as participant:
        for name in ("stage_ends_at", "stage"):
            participant.drop_column(name)
    with op.batch_alter_table("cycle") as cycle:
        cycle.drop_column("cohort")
