"""Reviewing applications: one decision on each, by somebody whom it does not concern."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from mentorbot.domain.errors import (
    DecidedMeanwhile,
    FactsMissing,
    InvalidAnswers,
    NotTheirsToReview,
    Stale,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, AuditEntry, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import applications
from mentorbot.storage.applications import Cursor
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, placing
from mentorbot.usecases.applying import SYSTEM, UNDECIDED
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue

MOST_AT_ONCE = 100
"""How many applications are approved by one act: a transaction stays short."""


@dataclass(frozen=True)
class Case:
    """An application before a reviewer, with what was done with it, oldest first.

    `left` counts those that wait for a decision, this one included; `clear` those of them that
    can be approved together. `same_address` are other applications that name one of its addresses.
    """

    application: Application
    file: ProgrammeFile
    history: tuple[AuditEntry, ...]
    left: int
    clear: int
    same_address: tuple[Application, ...] = ()


@dataclass(frozen=True)
class Held:
    """One application in a reviewer's hands, as it stands in the database."""

    application: Application
    file: ProgrammeFile


def file_for(tx: Transaction, reviewer: str) -> ProgrammeFile:
    """The programme whose applications somebody reviews; raises NotPermitted, NotSetUp."""
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, reviewer, Action.REVIEW)
    return parse_stored(programme.definition)


def next_case(tx: Transaction, reviewer: str, after: Cursor | None = None) -> Case | None:
    """The next application for a reviewer, after a place in their queue; None at its end.

    Raises NotPermitted, NotTakingApplications.
    """
    file = file_for(tx, reviewer)
    found = applications.next_to_review(tx, placing.round_of(file), reviewer, after)
    return _case(tx, file, found, reviewer) if found is not None else None


def next_asked(tx: Transaction, reviewer: str, after: Cursor | None = None) -> Case | None:
    """The next application whose applicant was asked something and has not answered; else None.

    They may never answer: it can be decided all the same. Raises what `next_case` raises.
    """
    file = file_for(tx, reviewer)
    found = applications.next_asked(tx, placing.round_of(file), reviewer, after)
    return _case(tx, file, found, reviewer) if found is not None else None


def case(tx: Transaction, reviewer: str, application_id: str) -> Case:
    """One application, also one that is decided; raises Stale, NotPermitted, NotTheirsToReview."""
    held = _seen(tx, reviewer, application_id)
    return _case(tx, held.file, held.application, reviewer)


def _case(tx: Transaction, file: ProgrammeFile, found: Application, reviewer: str) -> Case:
    return Case(
        application=found,
        file=file,
        history=tuple(applications.history(tx, found.application_id)),
        left=applications.count_to_review(tx, placing.round_of(file), reviewer),
        clear=len(clear_cases(tx, file, reviewer)),
        same_address=tuple(
            other
            for email in (found.email, found.unconfirmed_email)
            if email is not None
            for other in applications.naming(tx, found, email)
        ),
    )


def cursor_of(application: Application, reviewer: str) -> Cursor:
    """Where an application stands in a reviewer's queue."""
    if application.submitted_at is None:
        raise Stale
    is_others = application.assigned_to not in (None, reviewer)
    return Cursor(is_others, application.submitted_at, application.application_id)


def left(tx: Transaction, reviewer: str) -> int:
    """How many applications wait for a decision that somebody may take."""
    file = file_for(tx, reviewer)
    return applications.count_to_review(tx, placing.round_of(file), reviewer)


def asked(tx: Transaction, reviewer: str) -> int:
    """How many applications wait for an answer of their applicants."""
    file = file_for(tx, reviewer)
    return applications.count_asked(tx, placing.round_of(file), reviewer)


def _seen(tx: Transaction, reviewer: str, application_id: str) -> Held:
    file = file_for(tx, reviewer)
    found = applications.application(tx, application_id)
    if found is None or found.submitted_at is None or found.programme_id != file.id:
        raise Stale
    if found.slack_user_id == reviewer:
        raise NotTheirsToReview
    return Held(found, file)


def _held(
    tx: Transaction,
    reviewer: str,
    application_id: str,
    version: int,
    states: Collection[ApplicationState] = UNDECIDED,
) -> Held:
    """An application to decide on as the reviewer saw it; raises DecidedMeanwhile otherwise."""
    held = _seen(tx, reviewer, application_id)
    if held.application.version != version or held.application.state not in states:
        acted = [entry.actor for entry in applications.history(tx, application_id)]
        raise DecidedMeanwhile(named=[who for who in acted if who != SYSTEM][-1])
    return held


def approve(
    tx: Transaction, reviewer: str, application_id: str, version: int, now: datetime
) -> Application:
    """Approve an application, and give it a place as the selection of its role says.

    Raises FactsMissing while a fact is unverified, DecidedMeanwhile, NotTheirsToReview,
    NotPermitted, Stale.
    """
    held = _held(tx, reviewer, application_id, version)
    found = held.application
    facts = placing.rules_of(held.file).facts_of(found.role)
    missing = sum(fact.id not in found.facts for fact in facts)
    if missing:
        raise FactsMissing(count=missing)
    _approve(tx, held, reviewer, now)
    return found


def _approve(tx: Transaction, held: Held, reviewer: str, now: datetime) -> None:
    found = held.application
    found.state = ApplicationState.APPROVED
    found.decided_at, found.decided_by, found.decision_reason = now, reviewer, None
    placing.record(tx, found, reviewer, "approve", now)
    placing.place(tx, held.file, found, now)


def decline(
    tx: Transaction, reviewer: str, application_id: str, version: int, reason: str, now: datetime
) -> Application:
    """Decline an application; the applicant reads the reason word for word.

    Raises InvalidAnswers without a reason, and what `approve` raises but FactsMissing.
    """
    _check_words("reason", reason)
    held = _held(tx, reviewer, application_id, version)
    found = held.application
    found.state = ApplicationState.DECLINED
    found.decided_at, found.decided_by, found.decision_reason = now, reviewer, reason.strip()
    placing.record(tx, found, reviewer, "decline", now)
    placing.tell(tx, held.file, found, MessageKind.APPLICATION_DECLINED, now)
    return found


def ask(
    tx: Transaction, reviewer: str, application_id: str, version: int, question: str, now: datetime
) -> Application:
    """Ask an applicant something; the application comes back to this reviewer with the answer.

    Raises Stale for somebody who is not in the workspace, and what `decline` raises.
    """
    _check_words("question", question)
    held = _held(tx, reviewer, application_id, version)
    found = held.application
    if found.slack_user_id is None:
        raise Stale
    found.state, found.question, found.reply = ApplicationState.ASKED, question.strip(), None
    found.assigned_to = reviewer
    placing.record(tx, found, reviewer, "ask", now)
    placing.tell(tx, held.file, found, MessageKind.APPLICATION_ASKED, now)
    return found


def _check_words(field: str, words: str) -> None:
    if not words.strip():
        raise InvalidAnswers({field: ("form.missing", {})})


def verify(
    tx: Transaction,
    reviewer: str,
    application_id: str,
    version: int,
    facts: Collection[str],
    now: datetime,
) -> Application:
    """Note which facts of an application are verified; raises what `approve` raises."""
    held = _held(tx, reviewer, application_id, version)
    known = [fact.id for fact in placing.rules_of(held.file).facts_of(held.application.role)]
    held.application.facts = [it for it in known if it in facts]
    placing.record(tx, held.application, reviewer, "verify", now)
    return held.application


def assign(
    tx: Transaction,
    reviewer: str,
    application_id: str,
    version: int,
    to: str,
    now: datetime,
) -> Application:
    """Leave an application to one reviewer, who hears of it.

    Raises NotTheirsToReview for somebody whose own it is, NotPermitted for who may not review,
    and what `approve` raises.
    """
    held = _held(tx, reviewer, application_id, version)
    found = held.application
    _seen(tx, to, application_id)
    found.assigned_to = to
    placing.record(tx, found, reviewer, "assign", now)
    if to != reviewer:
        enqueue(
            tx,
            MessageKind.REVIEW_WANTED,
            [to],
            programme_id=found.programme_id,
            subject=found.application_id,
            occurrence=found.version,
            now=now,
            application_id=found.application_id,
            state=str(found.state),
            why="assigned",
        )
    return found


def clear_cases(tx: Transaction, file: ProgrammeFile, reviewer: str) -> list[Application]:
    """What can be approved together: eligible, with nothing to verify, never asked about.

    Oldest first, at most `MOST_AT_ONCE`.
    """
    rules = placing.rules_of(file)
    roles = [role for role in Role if not rules.facts_of(role)]
    round_ = placing.round_of(file)
    return applications.clear_cases(tx, round_, reviewer, roles, MOST_AT_ONCE)


def fingerprint(shown: Sequence[Application]) -> str:
    """What some applications are known by together, as they stand."""
    each = "\n".join(f"{it.application_id} {it.version}" for it in shown)
    return sha256(each.encode()).hexdigest()


def approve_clear(
    tx: Transaction, reviewer: str, count: int, shown: str, now: datetime
) -> list[Application]:
    """Approve the oldest clear cases, so many, which a reviewer was shown under a fingerprint.

    Raises Stale where they are others now, NotPermitted, NotTakingApplications.
    """
    file = file_for(tx, reviewer)
    found = clear_cases(tx, file, reviewer)[:count]
    if fingerprint(found) != shown:
        raise Stale
    for application in found:
        _approve(tx, Held(application, file), reviewer, now)
    return found
