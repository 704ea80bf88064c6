"""A cycle's closing in slices: how far it has come"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("cycle", sa.Column("closing_stage", sa.String(length=24), nullable=True))
    op.add_column("cycle", sa.Column("closing_after", sa.String(length=40), nullable=True))
    op.add_column("cycle", sa.Column("proposals", sa.JSON(), nullable=True))
    op.create_index(
        "ix_cycle_closing",
        "cycle",
        ["workspace_id", "ends_at"],
        sqlite_where=sa.text("closing_stage IS NOT NULL"),
        postgresql_where=sa.text("closing_stage IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cycle_closing", "cycle")
    with op.batch_alter_table("cycle") as cycle:
        for name in ("proposals", "closing_after", "closing_stage"):
            cycle.drop_column(name)
