"""When a sent message is looked for again, lest a second copy of it stands in Slack"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0019"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("state = 'sent' AND look_again_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("message", sa.Column("look_again_at", Instant(), nullable=True))
    op.create_index(
        "ix_message_look_again",
        "message",
        ["workspace_id", "look_again_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_message_look_again", "message")
    with op.batch_alter_table("message") as message:
        message.drop_column("look_again_at")
