"""Cycles in months: the day of the month on which an unbroken row of them began"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("cycle", sa.Column("anchor_day", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cycle") as cycle:
        cycle.drop_column("anchor_day")
