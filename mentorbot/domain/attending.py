"""Sessions as they are held: when each takes place, what people say of it, and who was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from mentorbot.domain.model import MilestoneKind
from mentorbot.domain.sessions import SessionOffer
from mentorbot.domain.touchpoints import local_instant

CODE_FROM, CODE_UNTIL = timedelta(minutes=30), timedelta(hours=24)
"""How long before a session begins and after it ends its code is taken."""
MOST_TRIES = 5
"""How many wrong codes somebody can send in for a session."""


class Takes(NamedTuple):
    """One time at which a session takes place, counted from 1; instants in UTC."""

    number: int
    starts_at: datetime
    ends_at: datetime


def times_of(offer: SessionOffer, time_zone: str) -> list[Takes]:
    """Every time at which a session takes place; a gap of the clocks moves one later."""
    found = []
    for number, on in enumerate(offer.dates, start=1):
        starts_at = local_instant(on, offer.at, time_zone)
        found.append(Takes(number, starts_at, starts_at + timedelta(minutes=offer.minutes)))
    return found


def code_of(chance: str) -> str:
    """Six digits to show in a room, made of something that nobody can know."""
    return f"{int(sha256(chance.encode()).hexdigest(), 16) % 1_000_000:06d}"


class Answer(StrEnum):
    """What somebody says of a session; `WAITING` is a yes without a place so far."""

    GOING = "going"
    WAITING = "waiting"
    NOT_GOING = "not_going"


class Came(StrEnum):
    """How it is known that somebody was there, or has done what was asked for instead."""

    BY_CODE = "by_code"
    BY_COORDINATOR = "by_coordinator"
    MADE_UP = "made_up"


@dataclass
class Session:
    """A session on its day. `offer_id` is its entry in the file, `number` counts its times from 1.

    `revision` counts how often it was moved or called off; one that a coordinator has changed
    (`is_by_hand`) no longer follows the file. `code` is shown in the room.
    """

    workspace_id: str
    session_id: str
    programme_id: str
    offer_id: str
    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    code: str
    revision: int = 0
    is_by_hand: bool = False
    cancelled_at: datetime | None = None

    def is_to_come(self, now: datetime) -> bool:
        """Whether it has not begun, and is not called off."""
        return self.cancelled_at is None and now < self.starts_at

    def takes_code(self, now: datetime) -> bool:
        """Whether its code is taken now."""
        is_near = self.starts_at - CODE_FROM <= now <= self.ends_at + CODE_UNTIL
        return is_near and self.cancelled_at is None


@dataclass
class Attendance:
    """What somebody has to do with a session; `version` counts their answers."""

    workspace_id: str
    session_id: str
    slack_user_id: str
    answer: Answer | None = None
    answered_at: datetime | None = None
    came: Came | None = None
    came_at: datetime | None = None
    wrong_codes: int = 0
    version: int = 0


def offer_in(offers: Sequence[SessionOffer], session: Session) -> SessionOffer | None:
    """A session's entry in a file; None where the file has it no longer."""
    return next((it for it in offers if it.id == session.offer_id), None)


def milestone_id(session: Session, kind: MilestoneKind, hours: int = 0) -> str:
    """What something that a session brings is known by, a reminder with its hours.

    It is another one with each revision; those whom a session is for hear of it once.
    """
    revision = 0 if kind is MilestoneKind.SESSION_TOLD else session.revision
    return f"{session.session_id}:{revision}:{kind}:{hours}"
