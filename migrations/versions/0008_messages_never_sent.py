"""Counting the messages that came too late or were taken back"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NEVER_SENT = sa.text("state IN ('expired', 'cancelled')")


def upgrade() -> None:
    op.create_index(
        "ix_message_never_sent",
        "message",
        ["workspace_id", "state"],
        sqlite_where=_NEVER_SENT,
        postgresql_where=_NEVER_SENT,
    )


def downgrade() -> None:
    op.drop_index("ix_message_never_sent", "message")
