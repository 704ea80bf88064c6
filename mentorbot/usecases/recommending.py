"""Telling others of a programme: a code of one's own, and who came by it."""

from datetime import datetime

from mentorbot.domain.acquaintances import CameBy, Recommendation, code_for
from mentorbot.domain.errors import NotEnrolled, UnknownCode
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant
from mentorbot.storage import acquaintances, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue

ATTEMPTS = 20


def code_of(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> str:
    """Somebody's code, the same each time; raises NotEnrolled."""
    who = participants.of_person(tx, programme_id, slack_user_id)
    if who is None or not who.is_enrolled:
        raise NotEnrolled
    known = acquaintances.recommendation_of(tx, who.participant_id)
    if known is not None:
        return known.code
    codes = (code_for(who.participant_id, attempt) for attempt in range(ATTEMPTS))
    code = next(it for it in codes if acquaintances.recommendation(tx, it) is None)
    entry = (tx.workspace_id, code, programme_id, who.participant_id, now)
    tx.add(Recommendation(*entry))
    tx.session.flush()
    return code


def come_by(
    tx: Transaction, slack_user_id: str, code: str, now: datetime
) -> tuple[Recommendation, Participant | None]:
    """Somebody came by a code; whose it is. The first one counts, and none from oneself.

    Raises UnknownCode.
    """
    found = acquaintances.recommendation(tx, code.strip().lower())
    by = participants.participant(tx, found.participant_id) if found else None
    if found is None or by is None:
        raise UnknownCode
    key = (found.programme_id, slack_user_id)
    member = participants.of_person(tx, *key)
    is_new = member is None or not member.is_enrolled
    if is_new and by.slack_user_id != slack_user_id and acquaintances.came_by(tx, *key) is None:
        tx.add(CameBy(tx.workspace_id, *key, by.participant_id, now))
        tx.session.flush()
    return found, by if by.is_enrolled else None


def joined(tx: Transaction, who: Participant, now: datetime) -> None:
    """Somebody has a role now: whoever told them of the programme hears so, once."""
    found = acquaintances.came_by(tx, who.programme_id, who.slack_user_id)
    if found is None or found.joined_at is not None:
        return
    found.joined_at = now
    by = participants.participant(tx, found.participant_id)
    if by is not None and by.is_enrolled:
        enqueue(
            tx,
            MessageKind.CAME_BY_YOU,
            [by.slack_user_id],
            programme_id=who.programme_id,
            subject=f"{by.participant_id}:{who.participant_id}",
            now=now,
            about=who.slack_user_id,
        )
