"""Sensitive answers, sealed, and the draws that read them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sealed_answer",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("sealed_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.Column("erase_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["application.workspace_id", "application.application_id"],
            name=op.f("fk_sealed_answer_workspace_id_application_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "sealed_id", name=op.f("pk_sealed_answer")),
        sa.UniqueConstraint(
            "workspace_id", "application_id", "question_id", name="uq_sealed_answer_question"
        ),
    )
    erased = sa.text("erase_at IS NOT NULL")
    op.create_index(
        "ix_sealed_answer_erase",
        "sealed_answer",
        ["workspace_id", "erase_at"],
        sqlite_where=erased,
        postgresql_where=erased,
    )
    op.create_index("ix_sealed_answer_programme", "sealed_answer", ["workspace_id", "programme_id"])
    op.create_table(
        "draw",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("draw_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("seed_source", sa.String(length=500), nullable=False),
        sa.Column("entrants", sa.JSON(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", Instant(), nullable=False),
        sa.Column("committed_by", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("next_due_at", Instant(), nullable=True),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("seed_on", sa.Date(), nullable=True),
        sa.Column("seed", sa.String(length=200), nullable=True),
        sa.Column("drawn_at", Instant(), nullable=True),
        sa.Column("drawn_by", sa.String(length=40), nullable=True),
        sa.Column("withdrawn", sa.JSON(), nullable=False),
        sa.Column("selected", sa.JSON(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("placed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_draw_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "draw_id", name=op.f("pk_draw")),
        sa.UniqueConstraint(
            "workspace_id", "programme_id", "cohort", "role", name="uq_draw_cohort"
        ),
    )
    due = sa.text("next_due_at IS NOT NULL")
    op.create_index(
        "ix_draw_due",
        "draw",
        ["workspace_id", "next_due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )


def downgrade() -> None:
    op.drop_table("draw")
    op.drop_table("sealed_answer")
