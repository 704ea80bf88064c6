"""Partings, and people who are kept apart"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "parting",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("ended_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_parting_workspace_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "pairing_id", name=op.f("pk_parting")),
    )
    op.create_table(
        "kept_apart",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("one", sa.String(length=40), nullable=False),
        sa.Column("other", sa.String(length=40), nullable=False),
        sa.Column("since_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "one", "other", name=op.f("pk_kept_apart")),
    )
    op.create_index("ix_kept_apart_other", "kept_apart", ["workspace_id", "other"])


def downgrade() -> None:
    op.drop_table("kept_apart")
    op.drop_table("parting")
