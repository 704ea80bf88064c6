"""Hours on certificates"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0041"
down_revision: str | None = "0051"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("meeting_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("certificate", "meeting_minutes")
