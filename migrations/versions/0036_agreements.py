"""Agreements of pairs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0036"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.String(length=40), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_agreement_workspace_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "pairing_id", name=op.f("pk_agreement")),
    )


def downgrade() -> None:
    op.drop_table("agreement")
