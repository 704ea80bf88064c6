"""A matching that people look at before anybody hears of it: its rule, its draft, its approvals."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from pydantic import Field

from mentorbot.domain.parts import Part

MOST_APPROVALS = 20
MOST_CHARACTERS = 300


class Review(Part):
    """Pairs are proposed on the day of the matching, and introduced once people have agreed.

    Owners, coordinators and reviewers read each pair with its reasons. When `approvals` of them
    have approved, a coordinator sends, and exactly these pairs are introduced. Nobody's approval
    counts for a pair of which they are one themselves. Until then nobody is introduced, whatever
    the deadline `by`; before it, and on it, those who look at the pairs are reminded.
    """

    approvals: int = Field(ge=1, le=MOST_APPROVALS)


@dataclass
class MatchDraft:
    """The pairs that a matching proposes, by the milestone that it is the matching of.

    `proposals` are None while they are to be found anew; `version` counts how often they were
    found. `returned` are those that were approved and could not be introduced.
    """

    workspace_id: str
    milestone_id: str
    programme_id: str
    version: int
    made_at: datetime
    proposals: list[dict[str, Any]] | None = None
    returned: list[dict[str, Any]] = field(default_factory=list)
    sent_at: datetime | None = None
    sent_by: str | None = None


@dataclass
class MatchApproval:
    """Somebody's approval of a draft, as its pairs were known by then."""

    workspace_id: str
    milestone_id: str
    slack_user_id: str
    fingerprint: str
    approved_at: datetime


class EditKind(StrEnum):
    """What somebody did about two people: kept them apart, put them together, or said something."""

    APART = "apart"
    TOGETHER = "together"
    COMMENT = "comment"


@dataclass
class MatchEdit:
    """What somebody did about two people of a draft, or said about them in `words`.

    `before` are the pairs as they were, for undoing it.
    """

    workspace_id: str
    edit_id: str
    milestone_id: str
    kind: EditKind
    mentor_id: str
    mentee_id: str
    made_by: str
    made_at: datetime
    words: str = ""
    before: list[dict[str, Any]] = field(default_factory=list)


def fingerprint(proposals: Sequence[Mapping[str, Any]]) -> str:
    """What some pairs are known by together, in whatever order."""
    pairs = sorted(f"{it['mentor_id']} {it['mentee_id']}" for it in proposals)
    return sha256("\n".join(pairs).encode()).hexdigest()


def still_needed(
    pairs: Iterable[Collection[str]], approvers: Collection[str], approvals: int
) -> int:
    """How many more people must approve, so that each pair has enough who are not in it."""
    counts = [len(set(approvers) - set(pair)) for pair in pairs]
    return max(0, approvals - min(counts, default=len(set(approvers))))
