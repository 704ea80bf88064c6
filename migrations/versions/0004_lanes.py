"""Lanes: who sends in a workspace, where a person's DM is, and claims in the order of an index"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNSETTLED = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    op.create_table(
        "lane",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=True),
        sa.Column("lease_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recover_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recover_from_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.workspace_id"], name=op.f("fk_lane_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_lane")),
    )
    op.add_column("person", sa.Column("dm_channel_id", sa.String(length=40), nullable=True))
    op.drop_index("ix_message_due", table_name="message")
    op.create_index(
        "ix_message_due",
        "message",
        ["workspace_id", "priority", "not_before_at", "created_at", "message_id"],
        sqlite_where=_UNSETTLED,
        postgresql_where=_UNSETTLED,
    )
