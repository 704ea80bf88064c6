"""Certificates that verify: keys, signed credentials, revocation"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0040"
down_revision: str | None = "0050"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ADDED: tuple[tuple[str, sa.types.TypeEngine], ...] = (
    ("credential", sa.Text()),
    ("fingerprint", sa.String(length=64)),
    ("status_index", sa.Integer()),
    ("revoked_at", Instant()),
    ("revoked_by", sa.String(length=40)),
    ("revoked_reason", sa.Text()),
)


def upgrade() -> None:
    op.create_table(
        "issuer_key",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "key_id", name=op.f("pk_issuer_key")),
    )
    for name, kind in ADDED:
        op.add_column("certificate", sa.Column(name, kind, nullable=True))
    op.create_index("ix_certificate_status", "certificate", ["workspace_id", "status_index"])
    for name, condition, columns in (
        ("ix_certificate_revoked", "revoked_at IS NOT NULL", ["workspace_id", "status_index"]),
        ("ix_certificate_unsigned", "fingerprint IS NULL", ["workspace_id", "certificate_id"]),
    ):
        rows = sa.text(condition)
        op.create_index(name, "certificate", columns, sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name in ("unsigned", "revoked", "status"):
        op.drop_index(f"ix_certificate_{name}", "certificate")
    for name, _kind in ADDED:
        op.drop_column("certificate", name)
    op.drop_table("issuer_key")
