"""What people did and said about the pairs of a matching that they review"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0030"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "match_edit",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("edit_id", sa.String(length=40), nullable=False),
        sa.Column("milestone_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("mentor_id", sa.String(length=40), nullable=False),
        sa.Column("mentee_id", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "milestone_id"],
            ["match_draft.workspace_id", "match_draft.milestone_id"],
            name=op.f("fk_match_edit_workspace_id_milestone_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "edit_id", name=op.f("pk_match_edit")),
    )
    op.create_index(
        "ix_match_edit_milestone", "match_edit", ["workspace_id", "milestone_id", "made_at"]
    )


def downgrade() -> None:
    op.drop_index("ix_match_edit_milestone", "match_edit")
    op.drop_table("match_edit")
