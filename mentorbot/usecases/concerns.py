"""Concerns: reported, read by those alone who may, acknowledged in time, worked on and closed."""

from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.concerns import (
    ASKED_AGAIN,
    WORDS_MOST,
    CaseEntry,
    CaseEvent,
    Concern,
    ConcernKind,
)
from mentorbot.domain.errors import InvalidAnswers, NobodyToHear, Stale
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry
from mentorbot.domain.permissions import EVERY_PROGRAMME, TeamRole
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.questions import Problem
from mentorbot.storage import appointments, concerns, people
from mentorbot.storage.people import Reader
from mentorbot.storage.store import Transaction
from mentorbot.usecases import holding
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue

IN_TURN = (TeamRole.SAFEGUARDING_LEAD, TeamRole.OWNER, TeamRole.COORDINATOR)
"""Who hears of concerns: those of the first of these roles that has anybody who may."""


@dataclass(frozen=True)
class Report:
    """What somebody reports; `about` are Slack ids that they picked."""

    kind: ConcernKind
    words: str
    about: tuple[str, ...] = ()
    is_immediate: bool = False
    may_contact: bool = True


@dataclass(frozen=True)
class Case:
    """A concern as a lead has it before them: its words, and each line of its timeline."""

    concern: Concern
    words: str
    timeline: tuple[tuple[CaseEntry, str], ...]
    can_hold: bool
    is_held: bool


def hearers(
    tx: Transaction, programme_id: str, strangers: frozenset[str] = frozenset()
) -> list[Reader]:
    """Those who hear of a concern: never one of its strangers, whatever their role."""
    _role, found = heard_by(tx, programme_id, strangers)
    return found


def heard_by(
    tx: Transaction, programme_id: str, strangers: frozenset[str] = frozenset()
) -> tuple[TeamRole | None, list[Reader]]:
    """As `hearers`, with the role that they hear it by; None where there is nobody."""
    for role in IN_TURN:
        holders = [
            who
            for it in (programme_id, EVERY_PROGRAMME)
            for who in appointments.holders(tx, it, [role])
            if who not in strangers
        ]
        if found := people.readers(tx, list(dict.fromkeys(holders))):
            return role, found
    return None, []


def _owners(tx: Transaction, concern: Concern) -> list[Reader]:
    found = appointments.readers(tx, concern.programme_id, [TeamRole.OWNER])
    return [it for it in found if it.slack_user_id not in concern.strangers]


def report(
    tx: Transaction, programme_id: str, reporter: str, given: Report, now: datetime
) -> tuple[Concern, int]:
    """Take a concern down and tell those who hear of it; how many they are.

    Raises NotSetUp, InvalidAnswers,
    NobodyToHear where there is nobody whom it does not name, SecretKeyMissing.
    """
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    words = _checked(given.words)
    about = [it for it in dict.fromkeys(given.about) if it != reporter]
    readers = hearers(tx, programme_id, frozenset({reporter, *about}))
    if not readers:
        raise NobodyToHear
    concern_id = tx.new_id()
    due_at = file.safeguarding.due_at(now, is_immediate=given.is_immediate)
    concern = tx.add(
        Concern(
            workspace_id=tx.workspace_id,
            concern_id=concern_id,
            programme_id=programme_id,
            reporter=reporter,
            kind=given.kind,
            sealed=tx.vault.seal(words, concern_id),
            is_immediate=given.is_immediate,
            may_contact=given.may_contact,
            reported_at=now,
            due_at=due_at,
            about=about,
        )
    )
    tx.session.flush()
    _note(tx, concern, reporter, CaseEvent.REPORTED, now)
    for reader in readers:
        _tell(tx, MessageKind.CONCERN_RAISED, concern, reader.slack_user_id, now)
    _ask_again(tx, concern, readers, now)
    _tell(tx, MessageKind.CONCERN_RECEIVED, concern, reporter, now)
    return concern, len(readers)


def _checked(words: str) -> str:
    words = words.strip()
    problem: Problem | None = None
    if not words:
        problem = ("form.missing", {})
    elif len(words) > WORDS_MOST:
        problem = ("form.too_long", {"found": len(words), "most": WORDS_MOST})
    if problem:
        raise InvalidAnswers({"words": problem})
    return words


def _ask_again(tx: Transaction, concern: Concern, readers: list[Reader], now: datetime) -> None:
    """Those who hear of it, and the owners, learn that nobody has read it, until somebody does."""
    window = concern.due_at - concern.reported_at
    users = {it.slack_user_id for it in (*readers, *_owners(tx, concern))}
    for number in range(1, ASKED_AGAIN + 1):
        for user in sorted(users):
            at = concern.reported_at + number * window
            _tell(tx, MessageKind.CONCERN_OVERDUE, concern, user, now, number, at)


def heard_by_nobody(tx: Transaction, message: Message, now: datetime) -> None:
    """A message about a concern did not arrive: all others who may hear of it are told."""
    concern = concerns.concern(tx, message.params["concern_id"])
    if concern is None or not concern.is_open or concern.acknowledged_at is not None:
        return
    lost = frozenset(message.recipients)
    for other in hearers(tx, concern.programme_id, concern.strangers | lost):
        _tell(tx, MessageKind.CONCERN_RAISED, concern, other.slack_user_id, now)


def may_read(tx: Transaction, concern: Concern, slack_user_id: str, now: datetime) -> bool:
    """Whether somebody may read a concern: who hears of it, and owners once it was overdue."""
    if slack_user_id in concern.strangers:
        return False
    readers = hearers(tx, concern.programme_id, concern.strangers)
    if concern.was_overdue(now):
        readers += _owners(tx, concern)
    return slack_user_id in {it.slack_user_id for it in readers}


def _for_reader(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    found = concerns.concern(tx, concern_id)
    if found is None or not may_read(tx, found, slack_user_id, now):
        raise Stale
    return found


def _open_for(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    found = _for_reader(tx, concern_id, slack_user_id, now)
    if not found.is_open:
        raise Stale
    return found


def look(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Case:
    """A case for somebody who may read it; that they did is written down.

    Raises Stale for everybody else, SecretKeyMissing.
    """
    found = _for_reader(tx, concern_id, slack_user_id, now)
    _audit(tx, found, slack_user_id, "concern.view", now)
    words = str(tx.vault.open(found.sealed, concern_id)) if found.sealed else ""
    lines = [
        (it, str(tx.vault.open(it.sealed, it.entry_id)) if it.sealed else "")
        for it in concerns.timeline(tx, concern_id)
    ]
    held = bool(holding.held_pairings(tx, found))
    return Case(found, words, tuple(lines), bool(holding.pairings_of(tx, found)), held)


def own_cases(
    tx: Transaction, programme_id: str, slack_user_id: str, now: datetime
) -> list[Concern]:
    """The concerns of a programme that somebody may read, the open ones first."""
    found = [
        it for it in concerns.of_programme(tx, programme_id) if may_read(tx, it, slack_user_id, now)
    ]
    return sorted(found, key=lambda it: not it.is_open)


def acknowledge(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    """Say that one has read it and takes care; whoever reported it hears so. Raises Stale."""
    found = _open_for(tx, concern_id, slack_user_id, now)
    if found.acknowledged_at is None:
        found.acknowledged_at, found.assigned_to = now, slack_user_id
        _note(tx, found, slack_user_id, CaseEvent.ACKNOWLEDGED, now)
        _tell(tx, MessageKind.CONCERN_READ, found, found.reporter, now)
    return found


def take_on(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    """Take a case over. Raises Stale."""
    found = acknowledge(tx, concern_id, slack_user_id, now)
    if found.assigned_to != slack_user_id:
        found.assigned_to = slack_user_id
        _note(tx, found, slack_user_id, CaseEvent.TAKEN_ON, now)
    return found


def write(
    tx: Transaction,
    concern_id: str,
    slack_user_id: str,
    words: str,
    now: datetime,
    *,
    closes: bool = False,
) -> Concern:
    """Add a note to a case, or close it with these words as its outcome.

    What was on hold stays so only while the case goes on. Raises Stale, InvalidAnswers,
    SecretKeyMissing.
    """
    found = acknowledge(tx, concern_id, slack_user_id, now)
    event = CaseEvent.CLOSED if closes else CaseEvent.NOTE
    _note(tx, found, slack_user_id, event, now, _checked(words))
    if closes:
        holding.release(tx, found, now)
        found.closed_at = now
        _tell(tx, MessageKind.CONCERN_CLOSED, found, found.reporter, now)
    return found


def hold(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    """Stop everything in the pairing that a concern is about. Raises Stale."""
    found = acknowledge(tx, concern_id, slack_user_id, now)
    if holding.hold(tx, found, now):
        _note(tx, found, slack_user_id, CaseEvent.HELD, now)
    return found


def release(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    """Let the pairing go on. Raises Stale."""
    found = acknowledge(tx, concern_id, slack_user_id, now)
    if holding.release(tx, found, now):
        _note(tx, found, slack_user_id, CaseEvent.RELEASED, now)
    return found


def end(tx: Transaction, concern_id: str, slack_user_id: str, now: datetime) -> Concern:
    """End the pairing, and keep the two apart for good. Raises Stale."""
    found = acknowledge(tx, concern_id, slack_user_id, now)
    holding.end(tx, found, now)
    _note(tx, found, slack_user_id, CaseEvent.ENDED, now)
    return found


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why somebody is not to hear of a concern any more; None where they are."""
    found = concerns.concern(tx, message.params["concern_id"])
    if found is None:
        return MessageState.CANCELLED
    if message.kind not in (MessageKind.CONCERN_RAISED, MessageKind.CONCERN_OVERDUE):
        return None
    is_over = message.kind is MessageKind.CONCERN_OVERDUE and (
        found.acknowledged_at is not None or not found.is_open
    )
    reads = may_read(tx, found, message.recipients[0], now)
    return MessageState.CANCELLED if is_over or not reads else None


def open_about(tx: Transaction, slack_user_id: str) -> bool:
    """Whether an open case names somebody, or was reported by them."""
    return any(slack_user_id in it.strangers for it in concerns.all_open(tx))


def _tell(
    tx: Transaction,
    kind: MessageKind,
    concern: Concern,
    slack_user_id: str,
    now: datetime,
    occurrence: int = 1,
    at: datetime | None = None,
) -> None:
    """At any hour: whoever is in danger does not wait for the morning."""
    enqueue(
        tx,
        kind,
        [slack_user_id],
        programme_id=concern.programme_id,
        subject=concern.concern_id,
        occurrence=occurrence,
        now=now,
        not_before=at,
        concern_id=concern.concern_id,
    )


def _note(
    tx: Transaction,
    concern: Concern,
    by: str,
    event: CaseEvent,
    now: datetime,
    words: str | None = None,
) -> None:
    entry_id = tx.new_id()
    sealed = tx.vault.seal(words, entry_id) if words else None
    tx.add(CaseEntry(tx.workspace_id, concern.concern_id, entry_id, now, by, event, sealed))
    _audit(tx, concern, by, f"concern.{event}", now)
    tx.session.flush()


def _audit(tx: Transaction, concern: Concern, by: str, action: str, now: datetime) -> None:
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, by, action, concern.concern_id))
