"""Questions without a name: asked, relayed to mentors who wish it, answered without one, too."""

from datetime import datetime, timedelta

from mentorbot.domain.anonymous import (
    A_WEEK,
    ANSWER_MOST,
    MOST_IN_A_WEEK,
    RELAYED_TO,
    WORDS_MOST,
    AnonymousQuestion,
    Relay,
)
from mentorbot.domain.errors import (
    InvalidAnswers,
    NobodyAnswers,
    NotAMentor,
    Stale,
    TooManyQuestions,
)
from mentorbot.domain.matching.preferences import digest
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.voting import heard_at
from mentorbot.storage import anonymous, pairings, participants, partings, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.messages import enqueue

A_DAY = timedelta(days=1)


def check_asking(
    tx: Transaction, programme_id: str, slack_user_id: str, now: datetime
) -> Participant:
    """Whoever may ask now; raises NotEnrolled, TooManyQuestions, NobodyAnswers."""
    asker = enrolled_or_refuse(tx, programme_id, slack_user_id)
    if anonymous.count_since(tx, asker.participant_id, now - A_WEEK) >= MOST_IN_A_WEEK:
        raise TooManyQuestions(most=MOST_IN_A_WEEK)
    if not _to_ask(tx, asker, ""):
        raise NobodyAnswers
    return asker


def _to_ask(tx: Transaction, asker: Participant, question_id: str) -> list[Participant]:
    """The mentors who may be asked: those with the fewest questions first, then by chance.

    Never the asker's own partners, who might know them by the question, nor who is kept apart.
    """
    mine = asker.participant_id
    known = {one for pair in pairings.past_pairs(tx, [mine]) for one in pair} | {mine}
    apart = partings.apart_from(tx, asker.slack_user_id)
    told = {it.participant_id for it in anonymous.relays(tx, question_id)} if question_id else set()
    some = [
        it
        for it in anonymous.hearers(tx, asker.programme_id)
        if it.participant_id not in known | told and it.slack_user_id not in apart
    ]
    load = anonymous.loads(tx, [it.participant_id for it in some])
    return sorted(
        some,
        key=lambda it: (load.get(it.participant_id, 0), digest(question_id, it.participant_id)),
    )


def ask(
    tx: Transaction, programme_id: str, slack_user_id: str, words: str, now: datetime
) -> AnonymousQuestion:
    """Ask without a name. Raises as `check_asking`, InvalidAnswers, SecretKeyMissing."""
    asker = check_asking(tx, programme_id, slack_user_id, now)
    words = _checked(words, WORDS_MOST)
    question_id = tx.new_id()
    sealed = tx.vault.seal(words, question_id)
    entry = (tx.workspace_id, question_id, programme_id, asker.participant_id, sealed, now)
    found = tx.add(AnonymousQuestion(*entry))
    tx.session.flush()
    for mentor in _to_ask(tx, asker, question_id)[:RELAYED_TO]:
        _relay_to(tx, found, mentor, now)
    return found


def _checked(words: str, most: int) -> str:
    words = words.strip()
    if not words:
        raise InvalidAnswers({"words": ("form.missing", {})})
    if len(words) > most:
        raise InvalidAnswers({"words": ("form.too_long", {"found": len(words), "most": most})})
    return words


def _relay_to(
    tx: Transaction, found: AnonymousQuestion, mentor: Participant, now: datetime
) -> None:
    tx.add(Relay(tx.workspace_id, found.question_id, mentor.participant_id, now))
    _tell(tx, MessageKind.QUESTION_RELAYED, found, mentor, mentor.participant_id, now)


def before(
    tx: Transaction, question_id: str, slack_user_id: str, now: datetime
) -> tuple[AnonymousQuestion, Relay, str]:
    """A question that waits for a mentor, with its words. Raises Stale, SecretKeyMissing."""
    found = anonymous.question(tx, question_id)
    mentor = participants.of_person(tx, found.programme_id, slack_user_id) if found else None
    held = anonymous.relay(tx, question_id, mentor.participant_id) if mentor else None
    if found is None or held is None or not held.is_open or not found.takes_answers(now):
        raise Stale
    return found, held, str(tx.vault.open(found.sealed or "", question_id))


def answer(
    tx: Transaction, question_id: str, slack_user_id: str, words: str, now: datetime
) -> None:
    """Answer a question; whoever asked reads it without a name. Raises as `before`, and
    InvalidAnswers.
    """
    found, held, _words = before(tx, question_id, slack_user_id, now)
    words = _checked(words, ANSWER_MOST)
    held.sealed = tx.vault.seal(words, f"{question_id}:{held.participant_id}")
    held.answered_at = now
    tx.session.flush()
    asker = participants.participant(tx, found.asked_by)
    if asker is not None and asker.is_enrolled:
        _tell(tx, MessageKind.QUESTION_ANSWERED, found, asker, held.participant_id, now)


def pass_on(tx: Transaction, question_id: str, slack_user_id: str, now: datetime) -> None:
    """Leave a question to another mentor. Raises as `before`."""
    found, held, _words = before(tx, question_id, slack_user_id, now)
    held.passed_at = now
    tx.session.flush()
    asker = participants.participant(tx, found.asked_by)
    others = _to_ask(tx, asker, question_id) if asker is not None else []
    if others:
        _relay_to(tx, found, others[0], now)


def toggle(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> bool:
    """Begin to answer questions, or stop; whether one does now. Raises NotEnrolled, NotAMentor."""
    mentor = enrolled_or_refuse(tx, programme_id, slack_user_id)
    if mentor.role is not Role.MENTOR:
        raise NotAMentor
    if anonymous.hears(tx, mentor.participant_id):
        anonymous.hear_no_more(tx, mentor.participant_id)
        return False
    anonymous.hear(tx, mentor.participant_id, now)
    return True


def words_of(tx: Transaction, question_id: str) -> str:
    """What was asked; empty once it is erased. Raises SecretKeyMissing."""
    found = anonymous.question(tx, question_id)
    return str(tx.vault.open(found.sealed, question_id)) if found and found.sealed else ""


def answer_of(tx: Transaction, question_id: str, participant_id: str) -> str:
    """What a mentor answered; empty once it is erased. Raises SecretKeyMissing."""
    held = anonymous.relay(tx, question_id, participant_id)
    if held is None or held.sealed is None:
        return ""
    return str(tx.vault.open(held.sealed, f"{question_id}:{participant_id}"))


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why a question is not to be relayed any more; None where it is, or for an answer."""
    if message.kind is not MessageKind.QUESTION_RELAYED:
        return None
    try:
        before(tx, message.params["question_id"], message.recipients[0], now)
    except Stale:
        return MessageState.CANCELLED
    return None


def _tell(
    tx: Transaction,
    kind: MessageKind,
    found: AnonymousQuestion,
    reader: Participant,
    relay_of: str,
    now: datetime,
) -> None:
    """By day on the reader's clock; what is told names neither side."""
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    person = people.person(tx, reader.slack_user_id)
    zone = person.time_zone if person else file.time_zone
    enqueue(
        tx,
        kind,
        [reader.slack_user_id],
        programme_id=found.programme_id,
        subject=f"{found.question_id}:{relay_of}",
        now=now,
        not_before=heard_at(now, zone, file.touchpoints.at, now + A_DAY),
        question_id=found.question_id,
        relay_of=relay_of,
    )
