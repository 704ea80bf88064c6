"""Draws that keep sealed what they go by, and a waiting list in numbers of its own"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("draw", sa.Column("tickets", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("draw", sa.Column("waiting", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("draw", sa.Column("traits", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("traits", "waiting", "tickets"):
        op.drop_column("draw", name)
