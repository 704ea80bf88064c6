"""Queries about applications, and the queue of those to review."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from mentorbot.domain.eligibility import Verdict
from mentorbot.domain.model import Application, ApplicationState, AuditEntry, Role
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.applications.c
_a = tables.audit_entries.c


class Round(NamedTuple):
    """One round of applications to a programme, and conditions of queries about it."""

    programme_id: str
    cohort: int

    def has(self, tx: Transaction, role: Role | None = None) -> list[ColumnElement[bool]]:
        """An application is one of the round's, for a role or for any."""
        found = [
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == self.programme_id,
            _t.cohort == self.cohort,
        ]
        return found if role is None else [*found, _t.role == role]

    def has_paired(self, tx: Transaction, role: Role | None = None) -> ColumnElement[bool]:
        """An application's sender has had a pairing in the programme, in a role or in any."""
        seat, who = tables.memberships.c, tables.participants.c
        query = (
            select(seat.pairing_id)
            .join(
                tables.participants,
                (who.workspace_id == seat.workspace_id)
                & (who.participant_id == seat.participant_id),
            )
            .where(
                seat.workspace_id == tx.workspace_id,
                who.workspace_id == tx.workspace_id,
                who.programme_id == self.programme_id,
                who.slack_user_id == _t.slack_user_id,
            )
        )
        return (query if role is None else query.where(seat.role == role)).exists()


class Cursor(NamedTuple):
    """A place in the queue of a reviewer: what others look after comes after all else."""

    is_others: bool
    submitted_at: datetime
    application_id: str


def application(tx: Transaction, application_id: str) -> Application | None:
    """An application by id."""
    return tx.get(Application, application_id)


def of_person(tx: Transaction, round_: Round, slack_user_id: str) -> list[Application]:
    """Somebody's applications in a round, one for each role at most, oldest first."""
    found = everywhere(tx, slack_user_id)
    return [it for it in found if (it.programme_id, it.cohort) == round_]


def everywhere(tx: Transaction, slack_user_id: str) -> list[Application]:
    """Everything that somebody has ever applied for, oldest first."""
    return list(
        tx.session.scalars(
            select(Application)
            .where(_t.workspace_id == tx.workspace_id, _t.slack_user_id == slack_user_id)
            .order_by(_t.started_at, _t.application_id)
        )
    )


def with_address(tx: Transaction, email: str) -> list[Application]:
    """Everything that was ever applied for under an e-mail address, oldest first."""
    return list(
        tx.session.scalars(
            select(Application)
            .where(_t.workspace_id == tx.workspace_id, _t.email == email)
            .order_by(_t.started_at, _t.application_id)
        )
    )


def naming(tx: Transaction, like: Application, email: str) -> list[Application]:
    """The other applications for the same role and round under an address, or that give it."""
    found = [
        application
        for column in (_t.email, _t.unconfirmed_email)
        for application in tx.session.scalars(
            select(Application).where(_t.workspace_id == tx.workspace_id, column == email)
        )
    ]
    same = (like.programme_id, like.cohort, like.role)
    others = [it for it in found if it.application_id != like.application_id]
    return [it for it in others if (it.programme_id, it.cohort, it.role) == same]


def discard(tx: Transaction, draft: Application) -> None:
    """Delete a draft, which has nothing that belongs to it."""
    tx.session.delete(draft)
    tx.session.flush()


def count(tx: Transaction, round_: Round, state: ApplicationState, role: Role | None = None) -> int:
    """How many applications of a round are in a state, in one role or in all."""
    query = _in_state(tx, round_, state, role).with_only_columns(func.count())
    return tx.session.scalar(query) or 0


def count_sent(tx: Transaction, round_: Round) -> int:
    """How many people have sent an application in a round, whatever became of it."""
    query = select(func.count()).where(*round_.has(tx), _t.submitted_at.is_not(None))
    return tx.session.scalar(query) or 0


def drafts_after(tx: Transaction, round_: Round, after: str | None, most: int) -> list[Application]:
    """Some of a round's applications that are begun and not sent, by id, from after an id on."""
    query = _in_state(tx, round_, ApplicationState.DRAFT).where(_t.application_id > (after or ""))
    return list(tx.session.scalars(query.order_by(_t.application_id).limit(most)))


def approved(tx: Transaction, round_: Round, role: Role, most: int) -> list[Application]:
    """Those of a role who are approved and wait for the selection, oldest first."""
    query = _oldest_first(_in_state(tx, round_, ApplicationState.APPROVED, role))
    return list(tx.session.scalars(query.limit(most)))


def next_in_line(tx: Transaction, round_: Round, role: Role) -> Application | None:
    """Who of those on a role's waiting list is the next to get a place."""
    query = _in_state(tx, round_, ApplicationState.WAITING_LIST, role)
    return tx.session.scalars(_oldest_first(query).limit(1)).first()


def place_in_line(tx: Transaction, waiting: Application) -> int:
    """The place of an application on the waiting list of its role, from 1."""
    round_ = Round(waiting.programme_id, waiting.cohort)
    query = _in_state(tx, round_, ApplicationState.WAITING_LIST, waiting.role).where(
        tuple_(_t.submitted_at, _t.application_id)
        < tuple_(waiting.submitted_at, waiting.application_id),
    )
    return 1 + (tx.session.scalar(query.with_only_columns(func.count())) or 0)


def next_to_review(
    tx: Transaction, round_: Round, reviewer: str, after: Cursor | None
) -> Application | None:
    """The next application for a reviewer, oldest first; never their own.

    Those assigned to somebody else come when there are no others left.
    """
    query = _oldest_first(_reviewable(tx, round_, reviewer))
    for is_others in (False, True):
        if after is not None and is_others < after.is_others:
            continue
        mine = or_(_t.assigned_to.is_(None), _t.assigned_to == reviewer)
        part = query.where(_t.assigned_to != reviewer if is_others else mine)
        if after is not None and is_others == after.is_others:
            here = tuple_(_t.submitted_at, _t.application_id)
            part = part.where(here > tuple_(after.submitted_at, after.application_id))
        if found := tx.session.scalars(part.limit(1)).first():
            return found
    return None


def next_asked(
    tx: Transaction, round_: Round, reviewer: str, after: Cursor | None
) -> Application | None:
    """The next application whose applicant has not answered a question, oldest first."""
    query = _oldest_first(_reviewable(tx, round_, reviewer, ApplicationState.ASKED))
    if after is not None:
        here = tuple_(_t.submitted_at, _t.application_id)
        query = query.where(here > tuple_(after.submitted_at, after.application_id))
    return tx.session.scalars(query.limit(1)).first()


def count_asked(tx: Transaction, round_: Round, reviewer: str) -> int:
    """How many applications wait for an answer of their applicants."""
    query = _reviewable(tx, round_, reviewer, ApplicationState.ASKED)
    return tx.session.scalar(query.with_only_columns(func.count())) or 0


def count_to_review(tx: Transaction, round_: Round, reviewer: str) -> int:
    """How many applications wait for a decision that a reviewer may take."""
    query = _reviewable(tx, round_, reviewer).with_only_columns(func.count())
    return tx.session.scalar(query) or 0


def clear_cases(
    tx: Transaction, round_: Round, reviewer: str, roles: Collection[Role], most: int
) -> list[Application]:
    """Those to review that are eligible and were never asked anything, oldest first."""
    query = _reviewable(tx, round_, reviewer).where(
        _t.role.in_(list(roles)),
        _t.verdict == Verdict.ELIGIBLE,
        _t.question.is_(None),
        or_(_t.assigned_to.is_(None), _t.assigned_to == reviewer),
    )
    return list(tx.session.scalars(_oldest_first(query).limit(most)))


def history(tx: Transaction, application_id: str) -> list[AuditEntry]:
    """What was done with an application, oldest first."""
    query = select(AuditEntry).where(
        _a.workspace_id == tx.workspace_id, _a.subject == application_id
    )
    return sorted(
        tx.session.scalars(query),
        key=lambda it: (it.at, it.details.get("version", 0), it.entry_id),
    )


def _in_state(
    tx: Transaction, round_: Round, state: ApplicationState, role: Role | None = None
) -> Select[Application]:
    return select(Application).where(*round_.has(tx, role), _t.state == state)


def _reviewable(
    tx: Transaction,
    round_: Round,
    reviewer: str,
    state: ApplicationState = ApplicationState.IN_REVIEW,
) -> Select[Application]:
    own = _t.slack_user_id == reviewer
    return _in_state(tx, round_, state).where(or_(_t.slack_user_id.is_(None), ~own))


def _oldest_first(query: Select[Application]) -> Select[Application]:
    return query.order_by(_t.submitted_at, _t.application_id)
