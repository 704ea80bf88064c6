"""Questions without a name, introductions by a mentor, and who came by whom"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0051"
down_revision: str | None = "0044"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_question_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "question_id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_asker", "question", ["workspace_id", "asked_by", "asked_at"])
    op.create_table(
        "relay",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("passed_at", Instant(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "question_id"],
            ["question.workspace_id", "question.question_id"],
            name=op.f("fk_relay_workspace_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_relay_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "question_id", "participant_id", name=op.f("pk_relay")
        ),
    )
    op.create_index("ix_relay_participant", "relay", ["workspace_id", "participant_id"])
    op.create_table(
        "question_hearer",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("since_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_question_hearer_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "participant_id", name=op.f("pk_question_hearer")),
    )
    op.create_table(
        "acquaintance",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("acquaintance_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("mentor_id", sa.String(length=40), nullable=False),
        sa.Column("mentee_id", sa.String(length=40), nullable=False),
        sa.Column("other_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_acquaintance_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "acquaintance_id", name=op.f("pk_acquaintance")),
    )
    op.create_index(
        "ix_acquaintance_mentor", "acquaintance", ["workspace_id", "mentor_id", "asked_at"]
    )
    op.create_table(
        "recommendation",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_recommendation_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "code", name=op.f("pk_recommendation")),
    )
    op.create_index(
        "ix_recommendation_participant", "recommendation", ["workspace_id", "participant_id"]
    )
    op.create_table(
        "came_by",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("slack_user_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("came_at", Instant(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_came_by_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "programme_id", "slack_user_id", name=op.f("pk_came_by")
        ),
    )


def downgrade() -> None:
    op.drop_table("came_by")
    op.drop_table("recommendation")
    op.drop_table("acquaintance")
    op.drop_table("question_hearer")
    op.drop_table("relay")
    op.drop_table("question")
