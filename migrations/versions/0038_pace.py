"""A pair's own pace, and going on longer"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("pairing", sa.Column("amendments", sa.JSON(), nullable=True))
    op.create_table(
        "extension",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("pairing_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "pairing_id"],
            ["pairing.workspace_id", "pairing.pairing_id"],
            name=op.f("fk_extension_workspace_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "pairing_id", name=op.f("pk_extension")),
    )


def downgrade() -> None:
    op.drop_table("extension")
    op.drop_column("pairing", "amendments")
