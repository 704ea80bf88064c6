"""The closing of a pairing: the mentee's feedback, and what each wants next."""

from datetime import datetime
from enum import StrEnum

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.errors import AlreadyGiven, InvalidAnswers, Stale
from mentorbot.domain.model import (
    Choice,
    Feedback,
    NextCycle,
    Pairing,
    Participant,
    Role,
)
from mentorbot.domain.programme import parse_stored
from mentorbot.storage import pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import certificates, earning, waiting
from mentorbot.usecases.matching import match_waiting


class Thanks(StrEnum):
    """How a mentee is thanked: by what became of the mentor's certificate."""

    ISSUED = "feedback.thanks"
    HELD = "feedback.thanks_again"
    AWAITED = "feedback.thanks_later"


FEEDBACK_MOST = 1500
"""Characters in each of the two texts of the feedback form."""


def feedback_owed(
    tx: Transaction, pairing_id: str, slack_user_id: str
) -> tuple[Pairing, Participant, Participant]:
    """The pairing, its mentee (the asker) and mentor, where feedback may be given now.

    Feedback is taken after the cycle's end too. Raises Stale, AlreadyGiven.
    """
    asked = pairings.pairing(tx, pairing_id)
    mentee = participants.of_person(tx, asked.programme_id, slack_user_id) if asked else None
    pairing = _part_of(tx, asked, mentee) if asked and mentee else None
    if mentee is None or pairing is None:
        raise Stale
    if pairings.role_in(tx, pairing.pairing_id, mentee.participant_id) is not Role.MENTEE:
        raise Stale
    if pairings.feedback(tx, pairing.pairing_id, mentee.participant_id) is not None:
        raise AlreadyGiven
    mentor = pairings.members(tx, pairing.pairing_id)[0]
    if is_stand_in(mentor.slack_user_id):
        raise Stale
    return pairing, mentee, mentor


def _part_of(tx: Transaction, asked: Pairing, mentee: Participant) -> Pairing | None:
    """Somebody's pairing that they are asked about; of a group they have left, what is apart."""
    members = pairings.members(tx, asked.pairing_id)
    if mentee in members:
        return asked
    for found in pairings.of_participant(tx, mentee.participant_id, active_only=False):
        is_of_its_time = found.introduced_at == asked.introduced_at
        if is_of_its_time and members[0] in pairings.members(tx, found.pairing_id):
            return found
    return None


def give_feedback(
    tx: Transaction,
    pairing_id: str,
    slack_user_id: str,
    *,
    rating: int | None,
    helped_with: str,
    could_improve: str,
    now: datetime,
) -> Thanks:
    """Keep a mentee's feedback, and issue the mentor's certificate where nothing else lacks.

    The counterpart comes from the pairing. Raises InvalidAnswers, Stale, AlreadyGiven.
    """
    pairing, mentee, mentor = feedback_owed(tx, pairing_id, slack_user_id)
    _check_feedback(rating, helped_with, could_improve)
    tx.add(
        Feedback(
            tx.workspace_id,
            pairing.pairing_id,
            mentee.participant_id,
            rating or 0,
            helped_with.strip(),
            could_improve.strip(),
            now,
        )
    )
    if certificates.held(tx, pairing, mentor):
        return Thanks.HELD
    return Thanks.ISSUED if earning.earn(tx, pairing, mentor, now) else Thanks.AWAITED


def _check_feedback(rating: int | None, helped_with: str, could_improve: str) -> None:
    problems: dict[str, tuple[str, dict[str, str | int]]] = {}
    if rating not in range(1, 6):
        problems["rating"] = ("form.missing", {})
    if not helped_with.strip():
        problems["helped_with"] = ("form.missing", {})
    for name, text in (("helped_with", helped_with), ("could_improve", could_improve)):
        if len(text.strip()) > FEEDBACK_MOST:
            values: dict[str, str | int] = {"most": FEEDBACK_MOST, "found": len(text.strip())}
            problems[name] = ("form.too_long", values)
    if problems:
        raise InvalidAnswers(problems)


def is_continued(tx: Transaction, pairing: Pairing) -> bool:
    """Whether another cycle follows that one may choose to be in."""
    programme = participants.programme(tx, pairing.programme_id)
    return programme is not None and not parse_stored(programme.definition).cycle.is_once


def choose(
    tx: Transaction, pairing_id: str, slack_user_id: str, wish: NextCycle, now: datetime
) -> Choice:
    """Keep what somebody wants after the cycle; it may be changed until the cycle ends.

    Who wants to rest is offered to nobody from now on. Raises Stale once the pairing has ended, or
    for outsiders.
    """
    pairing = pairings.pairing(tx, pairing_id)
    if pairing is None or not pairing.is_active or not is_continued(tx, pairing):
        raise Stale
    participant = participants.of_person(tx, pairing.programme_id, slack_user_id)
    if participant is None or not pairings.role_in(tx, pairing_id, participant.participant_id):
        raise Stale
    cycle = (pairing.programme_id, pairing.cycle_number)
    chosen = pairings.choice(tx, *cycle, participant.participant_id)
    if chosen is None:
        chosen = tx.add(Choice(tx.workspace_id, *cycle, participant.participant_id, wish, now))
    chosen.wish, chosen.chosen_at = wish, now
    tx.session.flush()
    waiting.update(tx, participant, now)
    match_waiting(tx, pairing.programme_id, now)
    return chosen
