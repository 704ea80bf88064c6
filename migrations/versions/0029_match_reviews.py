"""Matchings that people review: the pairs proposed, and who has approved them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0029"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "match_draft",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("milestone_id", sa.String(length=100), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("proposals", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("returned", sa.JSON(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("sent_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_match_draft_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "milestone_id", name=op.f("pk_match_draft")),
    )
    op.create_index(
        "ix_match_draft_programme", "match_draft", ["workspace_id", "programme_id", "sent_at"]
    )
    op.create_table(
        "match_approval",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("milestone_id", sa.String(length=100), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("approved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "milestone_id"],
            ["match_draft.workspace_id", "match_draft.milestone_id"],
            name=op.f("fk_match_approval_workspace_id_milestone_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "milestone_id", "slack_user_id", name=op.f("pk_match_approval")
        ),
    )


def downgrade() -> None:
    op.drop_table("match_approval")
    op.drop_index("ix_match_draft_programme", "match_draft")
    op.drop_table("match_draft")
