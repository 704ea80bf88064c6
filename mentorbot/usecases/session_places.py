"""Places in sessions: given once, given back, and passed on to those who wait."""

from datetime import datetime

from mentorbot.domain.attending import Answer, Attendance, Session, offer_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.sessions import SessionOffer
from mentorbot.domain.voting import heard_at
from mentorbot.storage import participants, people
from mentorbot.storage import sessions as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue

COMING = (Answer.GOING, Answer.WAITING)


def left(tx: Transaction, offer: SessionOffer, found: Session) -> int | None:
    """How many places a session has left; None where there are as many as come."""
    if offer.places is None:
        return None
    going = stored.answers(tx, [found.session_id])[found.session_id][Answer.GOING]
    return max(offer.places - going, 0)


def say_yes(
    tx: Transaction, offer: SessionOffer, found: Session, mine: Attendance, now: datetime
) -> None:
    """Somebody comes: they have a place, or wait for one. Again changes nothing."""
    if mine.answer in COMING:
        return
    if left(tx, offer, found) == 0:
        _give(tx, found, mine, Answer.WAITING, now)
    else:
        _give(tx, found, mine, Answer.GOING, now)
        _confirm(tx, found, mine, "asked", now)


def say_no(
    tx: Transaction, offer: SessionOffer, found: Session, mine: Attendance, now: datetime
) -> None:
    """Somebody does not come: their place goes to whoever waits first. Again changes nothing."""
    if mine.answer is Answer.NOT_GOING:
        return
    had_place = mine.answer is Answer.GOING
    _give(tx, found, mine, Answer.NOT_GOING, now)
    if had_place:
        fill(tx, offer, found, now)


def _give(tx: Transaction, found: Session, mine: Attendance, answer: Answer, now: datetime) -> None:
    mine.answer, mine.answered_at = answer, now
    mine.version += 1
    tx.session.flush()
    details = {"programme": found.programme_id, "answer": str(answer)}
    entry = (tx.workspace_id, tx.new_id(), now, mine.slack_user_id, "session.answer")
    tx.add(AuditEntry(*entry, found.session_id, details))


def _confirm(tx: Transaction, found: Session, mine: Attendance, how: str, now: datetime) -> None:
    """Somebody has a place: they hear where and when, with a file for their calendar.

    Who has just asked for it hears at once; whoever else waited, by day on their own clock.
    """
    enqueue(
        tx,
        MessageKind.SESSION_PLACE,
        [mine.slack_user_id],
        programme_id=found.programme_id,
        subject=f"{found.session_id}:{mine.slack_user_id}",
        occurrence=mine.version,
        now=now,
        not_before=now if how == "asked" else _by_day(tx, found, mine.slack_user_id, now),
        session_id=found.session_id,
        version=mine.version,
        how=how,
    )


def _by_day(tx: Transaction, found: Session, slack_user_id: str, now: datetime) -> datetime:
    programme = participants.programme(tx, found.programme_id)
    reader = people.person(tx, slack_user_id)
    if programme is None or reader is None:
        return now
    hour = parse_stored(programme.definition).touchpoints.at
    return heard_at(now, reader.time_zone, hour, found.starts_at)


def fill(tx: Transaction, offer: SessionOffer, found: Session, now: datetime) -> None:
    """Give the places that are free to those who wait for one, the first first."""
    if not found.is_to_come(now):
        return
    rows = stored.of_session(tx, found.session_id)
    waiting = [it for it in rows if it.answer is Answer.WAITING]
    going = sum(it.answer is Answer.GOING for it in rows)
    free = len(waiting) if offer.places is None else max(offer.places - going, 0)
    for mine in waiting[:free]:
        _give(tx, found, mine, Answer.GOING, now)
        _confirm(tx, found, mine, "freed", now)


def give_back(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, role: Role | None, now: datetime
) -> None:
    """Somebody has another role, or none: they give back places in what is not for them now."""
    for offer, found, row in _held(tx, file, slack_user_id, now):
        if not offer.open_to.includes(role):
            say_no(tx, offer, found, row, now)


def give_back_all(tx: Transaction, slack_user_id: str, now: datetime) -> None:
    """Somebody is gone from the workspace: they give back every place that they hold."""
    for programme in participants.programmes(tx):
        file = parse_stored(programme.definition)
        for offer, found, row in _held(tx, file, slack_user_id, now):
            say_no(tx, offer, found, row, now)


def _held(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, now: datetime
) -> list[tuple[SessionOffer, Session, Attendance]]:
    """The sessions still to end to which somebody comes, or waits for a place."""
    if not file.sessions:
        return []
    mine = stored.of_person(tx, slack_user_id)
    return [
        (offer, found, row)
        for found in stored.of_programme(tx, file.id, now)
        if (row := mine.get(found.session_id)) is not None
        and row.answer in COMING
        and (offer := offer_in(file.sessions, found)) is not None
    ]
