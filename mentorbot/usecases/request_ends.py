"""How requests come to an end, and who hears of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Participant
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.requests import MentorRequest, RequestState
from mentorbot.domain.voting import heard_at
from mentorbot.storage import outbox, participants, people, requests
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import dedupe_key, enqueue

A_DAY = timedelta(days=1)
_WHILE_OPEN = (
    MessageKind.REQUEST_MADE,
    MessageKind.REQUEST_REMINDED,
    MessageKind.REQUEST_EXPIRED,
)


@dataclass(frozen=True)
class Asked:
    """A request with both people; either may have left meanwhile."""

    request: MentorRequest
    mentee: Participant
    mentor: Participant


def asked(tx: Transaction, request_id: str) -> Asked | None:
    """A request with its people; None where it is gone."""
    found = requests.request(tx, request_id)
    mentee = participants.participant(tx, found.mentee_id) if found else None
    mentor = participants.participant(tx, found.mentor_id) if found else None
    if found is None or mentee is None or mentor is None:
        return None
    return Asked(found, mentee, mentor)


def take_back(tx: Transaction, found: Asked, actor: str, now: datetime) -> None:
    """The mentee does not ask any more, and the mentor hears so."""
    settle(found.request, RequestState.WITHDRAWN, now)
    note(tx, found.request, actor, "request.withdraw", now)
    if found.mentor.is_enrolled:
        tell(tx, MessageKind.REQUEST_WITHDRAWN, found.request, found.mentor, now)


def gone(tx: Transaction, who: Participant, now: datetime) -> None:
    """Somebody leaves, pauses or takes the other role: what is open of theirs comes to an end."""
    for it in requests.of_mentee(tx, who.participant_id):
        if it.is_open(now) and (found := asked(tx, it.request_id)) is not None:
            take_back(tx, found, who.slack_user_id, now)
    for it in requests.open_of_mentor(tx, who.participant_id, now):
        settle(it, RequestState.RETURNED, now)
        note(tx, it, who.slack_user_id, "request.return", now)
        mentee = participants.participant(tx, it.mentee_id)
        if mentee is not None and mentee.is_enrolled:
            tell(tx, MessageKind.REQUEST_RETURNED, it, mentee, now)
    tx.session.flush()


def between(tx: Transaction, one: Participant, other: Participant, now: datetime) -> None:
    """Two become partners, or are kept apart: what either has asked of the other ends, unsaid."""
    for mentee, mentor in ((one, other), (other, one)):
        for it in requests.of_mentee(tx, mentee.participant_id):
            if it.mentor_id == mentor.participant_id and it.is_open(now):
                settle(it, RequestState.WITHDRAWN, now)
    tx.session.flush()


def settle(found: MentorRequest, state: RequestState, now: datetime) -> None:
    """A request comes to its end."""
    found.state, found.answered_at = state, now


def tell(
    tx: Transaction,
    kind: MessageKind,
    found: MentorRequest,
    reader: Participant,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Somebody hears of a request by day on their own clock, once for each kind of message."""
    at = not_before or now
    programme = participants.programme(tx, found.programme_id)
    person = people.person(tx, reader.slack_user_id)
    if programme is not None and person is not None:
        hour = parse_stored(programme.definition).touchpoints.at
        at = heard_at(at, person.time_zone, hour, at + A_DAY)
    enqueue(
        tx,
        kind,
        [reader.slack_user_id],
        programme_id=found.programme_id,
        subject=found.request_id,
        now=now,
        not_before=at,
        request_id=found.request_id,
    )


def note(tx: Transaction, found: MentorRequest, actor: str, action: str, now: datetime) -> None:
    """Write down who did what about a request."""
    details = {"programme": found.programme_id, "mentor": found.mentor_id}
    entry = (tx.workspace_id, tx.new_id(), now, actor, action, found.request_id)
    tx.add(AuditEntry(*entry, details))


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why a message about a request is not to be sent any more; None where it is."""
    found = requests.request(tx, message.params["request_id"])
    if found is None:
        return MessageState.CANCELLED
    if message.kind in _WHILE_OPEN and found.state is not RequestState.OPEN:
        return MessageState.CANCELLED
    if message.kind is MessageKind.REQUEST_WITHDRAWN and not _was_heard_of(tx, message):
        return MessageState.CANCELLED
    is_to_answer = message.kind in (MessageKind.REQUEST_MADE, MessageKind.REQUEST_REMINDED)
    return MessageState.EXPIRED if is_to_answer and not found.is_open(now) else None


def _was_heard_of(tx: Transaction, message: Message) -> bool:
    """Whether a mentor has been told, or may have been, of a request that is taken back."""
    key = dedupe_key(message.params["request_id"], MessageKind.REQUEST_MADE, 1, message.recipients)
    made = outbox.by_key(tx, key)
    return made is not None and made.state in (MessageState.SENT, MessageState.UNKNOWN)
