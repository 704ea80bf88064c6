"""Surveys, and who has answered them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from mentorbot.storage.columns import Instant

revision: str = "0035"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("survey_id", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "programme_id"],
            ["programme.workspace_id", "programme.programme_id"],
            name=op.f("fk_survey_workspace_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "survey_id", name=op.f("pk_survey")),
        sa.UniqueConstraint(
            "workspace_id",
            "programme_id",
            "offer_id",
            "round",
            name=op.f("uq_survey_workspace_id_programme_id_offer_id_round"),
        ),
    )
    op.create_table(
        "response",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("survey_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "survey_id"],
            ["survey.workspace_id", "survey.survey_id"],
            name=op.f("fk_response_workspace_id_survey_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.participant_id"],
            name=op.f("fk_response_workspace_id_participant_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "survey_id", "participant_id", name=op.f("pk_response")
        ),
    )
    op.create_index("ix_response_participant", "response", ["workspace_id", "participant_id"])


def downgrade() -> None:
    op.drop_index("ix_response_participant", "response")
    op.drop_table("response")
    op.drop_table("survey")
