"""A mentor brings their mentee together with somebody else; and who came to a programme by whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

NOTE_MOST = 1000
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 6


class AcquaintanceState(StrEnum):
    """Whom an introduction waits for: the mentee first, then the other, who hears only then."""

    ASKED_MENTEE = "asked_mentee"
    ASKED_OTHER = "asked_other"
    MADE = "made"
    DECLINED = "declined"


@dataclass
class Acquaintance:
    """A mentor would like to introduce their mentee to somebody; participants but for ids."""

    workspace_id: str
    acquaintance_id: str
    programme_id: str
    mentor_id: str
    mentee_id: str
    other_id: str
    note: str
    asked_at: datetime
    state: AcquaintanceState = AcquaintanceState.ASKED_MENTEE
    settled_at: datetime | None = None


@dataclass
class Recommendation:
    """The code by which somebody tells others of a programme."""

    workspace_id: str
    code: str
    programme_id: str
    participant_id: str
    made_at: datetime


@dataclass
class CameBy:
    """Somebody who came by another's code; `joined_at` is set once they have a role."""

    workspace_id: str
    programme_id: str
    slack_user_id: str
    participant_id: str
    came_at: datetime
    joined_at: datetime | None = None


def code_for(participant_id: str, attempt: int = 0) -> str:
    """A short code, easily read aloud; another one for each attempt."""
    number = int.from_bytes(sha256(f"{participant_id}:{attempt}".encode()).digest()[:8])
    letters = []
    for _ in range(CODE_LENGTH):
        number, at = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[at])
    return "".join(letters)
