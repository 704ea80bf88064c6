"""Ballots: when they are open, and whom people vote for"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0022"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ballot",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("ballot_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("matched_at", Instant(), nullable=True),
        sa.Column("over_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_ballot_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "ballot_id", name=op.f("pk_ballot")),
    )
    op.create_index("ix_ballot_programme", "ballot", ["workspace_id", "programme_id", "opened_at"])
    op.create_table(
        "vote",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("ballot_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("voted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "ballot_id"],
            ["ballot.workspace_id", "ballot.ballot_id"],
            name=op.f("fk_vote_workspace_id_ballot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_vote_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "ballot_id", "participant_id", name=op.f("pk_vote")
        ),
    )
    op.create_index("ix_vote_participant", "vote", ["workspace_id", "participant_id"])


def downgrade() -> None:
    op.drop_index("ix_vote_participant", "vote")
    op.drop_table("vote")
    op.drop_index("ix_ballot_programme", "ballot")
    op.drop_table("ballot")
