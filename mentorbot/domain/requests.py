"""Asking a mentor: what a file allows, and a request as it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from mentorbot.domain.parts import Part

MOST_CHARACTERS = 1000


class Requests(Part):
    """Mentees ask mentors of the directory themselves, with a few words of their own.

    A mentor answers within so many days; until then the request holds a place of theirs, and then
    it expires, or is declined, and the next best is offered. Somebody has so many requests open at
    once, and so many mentors at one time.
    """

    answer_within_days: int = Field(default=7, ge=2, le=60)
    open_at_once: int = Field(default=3, ge=1, le=10)
    partners_at_once: int = Field(default=3, ge=1, le=10)


class RequestState(StrEnum):
    """Where a request stands; an open one has expired once its time is over.

    `RETURNED` means that the mentor left or took a break before they answered.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


@dataclass
class MentorRequest:
    """A mentee asks a mentor; `note` is what they write, `colleague_id` whom a mentor suggests.

    `mentee_id`, `mentor_id` and `colleague_id` are participants.
    """

    workspace_id: str
    request_id: str
    programme_id: str
    mentee_id: str
    mentor_id: str
    note: str
    asked_at: datetime
    expires_at: datetime
    state: RequestState = RequestState.OPEN
    answered_at: datetime | None = None
    colleague_id: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it can be answered."""
        return self.state is RequestState.OPEN and now < self.expires_at
