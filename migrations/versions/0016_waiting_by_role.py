"""Those who wait are found by their role, the first in line first"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITS = sa.text("waiting_since_at IS NOT NULL")
_NAME, _OWNER = "ix_participant_waiting", ["workspace_id", "programme_id"]


def upgrade() -> None:
    _index_anew([*_OWNER, "role", "is_front_of_queue", "waiting_since_at"])


def downgrade() -> None:
    _index_anew([*_OWNER, "waiting_since_at"])


def _index_anew(columns: list[str]) -> None:
    op.drop_index(_NAME, "participant")
    op.create_index(_NAME, "participant", columns, sqlite_where=_WAITS, postgresql_where=_WAITS)
