"""Who signs certificates: a workspace's keys, and what a signed certificate states."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass
class IssuerKey:
    """A key that certificates are signed with; `key_id` is its public half, in Multikey form.

    `sealed` is the private half, 32 bytes in base64url, which only the vault opens. A key signs
    until it is retired; what it signed stays good.
    """

    workspace_id: str
    key_id: str
    sealed: str
    made_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Statement:
    """All that a signed certificate says, and so all that is public of it."""

    number: str
    programme_name: str
    organisation: str
    recipient_name: str
    heading: str
    citation: str
    role: str
    period_from: date
    period_to: date
    issued_at: datetime
