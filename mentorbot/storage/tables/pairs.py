"""Tables of what a pair does together: the meetings that they take down."""

from sqlalchemy import Column, Date, Integer, String, Table, UniqueConstraint

from mentorbot.domain.meetings import Format
from mentorbot.storage.columns import Instant, Word
from mentorbot.storage.tables.keys import key, metadata, within

meetings = Table(
    "meeting",
    metadata,
    key("workspace_id"),
    key("meeting_id"),
    Column("pairing_id", String(40), nullable=False),
    Column("met_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("format", Word(Format), nullable=False),
    Column("next_on", Date),
    Column("logged_by", String(40), nullable=False),
    Column("logged_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    within("pairing_id", "pairing"),
    UniqueConstraint("workspace_id", "pairing_id", "met_on"),
)
