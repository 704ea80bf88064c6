"""A version to come: a copy of this one with one more revision, to run beside this one."""

import shutil
from pathlib import Path

import mentorbot
from mentorbot.storage import migration

ROOT = Path(mentorbot.__file__).parents[1]
EXPANDING = """
    op.create_table(
        "note",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("note_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "note_id", name="pk_note"),
    )
    op.add_column("message", sa.Column("colour", sa.String(length=40), nullable=True))
    op.create_index("ix_message_colour", "message", ["workspace_id", "colour"])
"""
_ITS_TABLES = """
outbox.append_column(Column("colour", String(40)))
Index("ix_message_colour", outbox.c.workspace_id, outbox.c.colour)
"""
CONTRACTING = """
    op.drop_column("attempt", "detail")
"""


def next_version(folder: Path, upgrade: str = EXPANDING, contracts: str | None = None) -> Path:
    """A folder to import the next version from; its revision is called `next`."""
    nothing_made = shutil.ignore_patterns("__pycache__")
    package = folder / "mentorbot"
    shutil.copytree(ROOT / "mentorbot", package, ignore=nothing_made)
    shutil.copytree(ROOT / "migrations", package / "migrations", ignore=nothing_made)
    lines = (
        '"""Something that the next version needs"""',
        "import sqlalchemy as sa",
        "from alembic import op",
        "revision = 'next'",
        f"down_revision = {migration.newest()!r}",
        "" if contracts is None else f"CONTRACTS = {contracts!r}",
        "def upgrade():",
    )
    (package / "migrations" / "versions" / "next.py").write_text("\n".join(lines) + upgrade)
    if upgrade == EXPANDING:
        with (package / "storage" / "tables" / "sending.py").open("a") as tables:
            tables.write(_ITS_TABLES)
    return folder


def running_it(folder: Path) -> dict[str, str]:
    """The environment in which Python finds the next version first."""
    return {"PYTHONPATH": str(folder)}
