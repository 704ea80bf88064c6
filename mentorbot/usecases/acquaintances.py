"""A mentor introduces their mentee to somebody else, once both of them want it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mentorbot.domain.acquaintances import NOTE_MOST, Acquaintance, AcquaintanceState
from mentorbot.domain.errors import InvalidAnswers, NoPartner, Stale
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Participant, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.questions import Problem
from mentorbot.domain.voting import heard_at
from mentorbot.storage import acquaintances, pairings, participants, partings, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.messages import enqueue

A_DAY = timedelta(days=1)
MOST_OPEN = 5


@dataclass(frozen=True)
class Known:
    """An introduction with its three people."""

    held: Acquaintance
    mentor: Participant
    mentee: Participant
    other: Participant


def mentees_of(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Participant]:
    """The mentees whom somebody may introduce; raises NotEnrolled, NoPartner."""
    mentor = enrolled_or_refuse(tx, programme_id, slack_user_id)
    found = [
        member
        for pairing in pairings.of_participant(tx, mentor.participant_id)
        if pairings.role_in(tx, pairing.pairing_id, mentor.participant_id) is Role.MENTOR
        for member in pairings.members(tx, pairing.pairing_id)[1:]
    ]
    if not found:
        raise NoPartner
    return found


def propose(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    mentee_id: str,
    other_user: str,
    note: str,
    now: datetime,
) -> Known:
    """Wish to introduce a mentee to somebody who takes part; the mentee is asked first.

    Raises as `mentees_of`, Stale for somebody else's mentee, InvalidAnswers for somebody who takes
    no part, is one of the two, or is kept apart from the mentee.
    """
    mentee = next(
        (
            it
            for it in mentees_of(tx, programme_id, slack_user_id)
            if it.participant_id == mentee_id
        ),
        None,
    )
    if mentee is None:
        raise Stale
    mentor = enrolled_or_refuse(tx, programme_id, slack_user_id)
    other = participants.of_person(tx, programme_id, other_user)
    problems: dict[str, Problem] = {}
    if len(note.strip()) > NOTE_MOST:
        problems["note"] = ("form.too_long", {"found": len(note.strip()), "most": NOTE_MOST})
    if not _may_meet(tx, mentee, other) or other is mentor:
        problems["other"] = ("acquaintances.not_them", {})
    if len(acquaintances.open_of_mentor(tx, mentor.participant_id)) >= MOST_OPEN:
        problems["other"] = ("acquaintances.too_many", {"most": MOST_OPEN})
    if problems or other is None:
        raise InvalidAnswers(problems)
    ids = (mentor.participant_id, mentee.participant_id, other.participant_id)
    entry = (tx.workspace_id, tx.new_id(), programme_id, *ids, note.strip(), now)
    held = tx.add(Acquaintance(*entry))
    tx.session.flush()
    _audit(tx, held, slack_user_id, "acquaintance.propose", now)
    found = Known(held, mentor, mentee, other)
    _tell(tx, MessageKind.ACQUAINTANCE_ASKED, found, mentee, now)
    return found


def _may_meet(tx: Transaction, mentee: Participant, other: Participant | None) -> bool:
    if other is None or not other.is_active or other is mentee:
        return False
    return other.slack_user_id not in partings.apart_from(tx, mentee.slack_user_id)


def _known(tx: Transaction, acquaintance_id: str) -> Known | None:
    held = acquaintances.acquaintance(tx, acquaintance_id)
    ids = (held.mentor_id, held.mentee_id, held.other_id) if held else ()
    three = [participants.participant(tx, it) for it in ids]
    there = [it for it in three if it is not None and it.is_enrolled]
    return Known(held, *there) if held is not None and len(there) == 3 else None


def to_answer(tx: Transaction, acquaintance_id: str, slack_user_id: str) -> Known:
    """An introduction that waits for somebody; raises Stale."""
    found = _known(tx, acquaintance_id)
    if found is None or not _may_meet(tx, found.mentee, found.other):
        raise Stale
    asked = {
        AcquaintanceState.ASKED_MENTEE: found.mentee,
        AcquaintanceState.ASKED_OTHER: found.other,
    }.get(found.held.state)
    if asked is None or asked.slack_user_id != slack_user_id:
        raise Stale
    return found


def agree(tx: Transaction, acquaintance_id: str, slack_user_id: str, now: datetime) -> Known:
    """Want the introduction; once both do, all three meet in a conversation. Raises Stale."""
    found = to_answer(tx, acquaintance_id, slack_user_id)
    _audit(tx, found.held, slack_user_id, "acquaintance.agree", now)
    if found.held.state is AcquaintanceState.ASKED_MENTEE:
        found.held.state = AcquaintanceState.ASKED_OTHER
        tx.session.flush()
        _tell(tx, MessageKind.ACQUAINTANCE_ASKED, found, found.other, now)
        return found
    found.held.state, found.held.settled_at = AcquaintanceState.MADE, now
    tx.session.flush()
    three = (found.mentor, found.mentee, found.other)
    enqueue(
        tx,
        MessageKind.ACQUAINTANCE_MADE,
        [it.slack_user_id for it in three],
        programme_id=found.held.programme_id,
        subject=found.held.acquaintance_id,
        now=now,
        acquaintance_id=found.held.acquaintance_id,
    )
    return found


def decline(tx: Transaction, acquaintance_id: str, slack_user_id: str, now: datetime) -> Known:
    """Rather not; the mentor hears that it is not to be, not by whom. Raises Stale."""
    found = to_answer(tx, acquaintance_id, slack_user_id)
    found.held.state, found.held.settled_at = AcquaintanceState.DECLINED, now
    tx.session.flush()
    _audit(tx, found.held, slack_user_id, "acquaintance.decline", now)
    _tell(tx, MessageKind.ACQUAINTANCE_DECLINED, found, found.mentor, now)
    return found


def about(tx: Transaction, message: Message) -> Known | None:
    """The introduction that a message is about; None where one of the three has left."""
    return _known(tx, message.params["acquaintance_id"])


def pointless(tx: Transaction, message: Message) -> MessageState | None:
    """Why nobody is to hear of an introduction any more; None where they are."""
    if message.kind is not MessageKind.ACQUAINTANCE_ASKED:
        return MessageState.CANCELLED if about(tx, message) is None else None
    try:
        to_answer(tx, message.params["acquaintance_id"], message.recipients[0])
    except Stale:
        return MessageState.CANCELLED
    return None


def _tell(
    tx: Transaction, kind: MessageKind, found: Known, reader: Participant, now: datetime
) -> None:
    """By day on the reader's clock."""
    file = parse_stored(programme_or_refuse(tx, found.held.programme_id).definition)
    person = people.person(tx, reader.slack_user_id)
    zone = person.time_zone if person else file.time_zone
    enqueue(
        tx,
        kind,
        [reader.slack_user_id],
        programme_id=file.id,
        subject=found.held.acquaintance_id,
        now=now,
        not_before=heard_at(now, zone, file.touchpoints.at, now + A_DAY),
        acquaintance_id=found.held.acquaintance_id,
    )


def _audit(tx: Transaction, held: Acquaintance, actor: str, action: str, now: datetime) -> None:
    entry = (tx.workspace_id, tx.new_id(), now, actor, action, held.acquaintance_id)
    tx.add(AuditEntry(*entry, {"programme": held.programme_id}))
