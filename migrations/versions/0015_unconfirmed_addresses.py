"""Addresses that applicants give and nobody has confirmed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CARRY_OVER = (
    "UPDATE application SET unconfirmed_email = email, email = NULL WHERE source = 'slack'"
    " AND CAST(answers AS TEXT) LIKE '%\"' || email || '\"%'"
)
_GIVEN = sa.text("unconfirmed_email IS NOT NULL")


def upgrade() -> None:
    op.add_column("application", sa.Column("unconfirmed_email", sa.String(254), nullable=True))
    op.execute(_CARRY_OVER)
    op.create_index(
        "ix_application_unconfirmed",
        "application",
        ["workspace_id", "unconfirmed_email"],
        sqlite_where=_GIVEN,
        postgresql_where=_GIVEN,
    )


def downgrade() -> None:
    op.drop_index("ix_application_unconfirmed", "application")
    with op.batch_alter_table("application") as application:
        application.drop_column("unconfirmed_email")
