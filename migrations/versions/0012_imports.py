"""What the columns of an export mean, and files that wait to be imported"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_import_mapping_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "programme_id", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "import_run",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("file_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("taken_until_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_import_run_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "run_id", name=op.f("pk_import_run")),
    )


def downgrade() -> None:
    op.drop_table("import_run")
    op.drop_table("import_mapping")
