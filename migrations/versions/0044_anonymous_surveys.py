"""Whether a survey's answers are anonymous, as it was when it opened"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("survey", sa.Column("is_anonymous", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("survey", "is_anonymous")
