"""The answer to a check-in."""

from datetime import datetime

from mentorbot.domain.errors import Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import CheckInAnswer
from mentorbot.storage import pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import tell_coordinators


def answer(
    tx: Transaction,
    pairing_id: str,
    occurrence: int,
    slack_user_id: str,
    given: CheckInAnswer,
    now: datetime,
) -> bool:
    """Record an answer; another one replaces it while the pairing runs.

    "Help" tells the coordinators: returns whether one hears of it. Raises Stale for a pairing that
    has ended or is not one's own.
    """
    pairing = pairings.pairing(tx, pairing_id)
    if pairing is None or not pairing.is_active:
        raise Stale
    participant = participants.of_person(tx, pairing.programme_id, slack_user_id)
    asked = participant and pairings.check_in(
        tx, pairing_id, participant.participant_id, occurrence
    )
    if not asked:
        raise Stale
    asked.answer, asked.answered_at = given, now
    if given is not CheckInAnswer.HELP:
        return False
    return tell_coordinators(
        tx,
        MessageKind.HELP_WANTED,
        programme_id=pairing.programme_id,
        subject=f"{pairing_id}:{asked.participant_id}",
        occurrence=occurrence,
        now=now,
        pairing_id=pairing_id,
        about=slack_user_id,
    )
