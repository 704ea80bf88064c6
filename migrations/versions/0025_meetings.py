"""Meetings that pairs take down"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0025"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("meeting_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=24), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("logged_by", sa.String(length=40), nullable=False),
        sa.Column("logged_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_meeting_workspace_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "meeting_id", name=op.f("pk_meeting")),
        sa.UniqueConstraint(
            "workspace_id",
            "pairing_id",
            "met_on",
            name=op.f("uq_meeting_workspace_id_pairing_id_met_on"),
        ),
    )


def downgrade() -> None:
    op.drop_table("meeting")
