"""Queries about sensitive answers; what is in them stays sealed here."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select, update

from mentorbot.domain.model import ApplicationState, Role
from mentorbot.domain.sealed import SealedAnswer
from mentorbot.storage import tables
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction, among

_t = tables.sealed_answers.c
_a = tables.applications.c


def of_application(tx: Transaction, application_id: str) -> dict[str, SealedAnswer]:
    """An application's sensitive answers, by question."""
    found = tx.session.scalars(
        select(SealedAnswer).where(
            _t.workspace_id == tx.workspace_id, _t.application_id == application_id
        )
    )
    return {it.question_id: it for it in found}


def answers_to(
    tx: Transaction, round_: Round, role: Role, question_id: str, consent_version: int
) -> list[SealedAnswer]:
    """What applicants for a role have answered in a round, under a version of the consent."""
    query = (
        select(SealedAnswer)
        .join(
            tables.applications,
            (_a.workspace_id == _t.workspace_id) & (_a.application_id == _t.application_id),
        )
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == round_.programme_id,
            _t.question_id == question_id,
            _t.consent_version == consent_version,
            *round_.has(tx, role),
        )
    )
    return list(tx.session.scalars(query))


def erase(
    tx: Transaction, application_id: str, question_ids: Collection[str] | None = None
) -> None:
    """Delete an application's sensitive answers: those to some questions, or all."""
    ours = delete(tables.sealed_answers).where(
        _t.workspace_id == tx.workspace_id, _t.application_id == application_id
    )
    if question_ids is not None:
        ours = ours.where(_t.question_id.in_(sorted(question_ids)))
    tx.session.execute(ours)


def erase_due(tx: Transaction, sealed_ids: Sequence[str], now: datetime) -> None:
    """Delete those of some sensitive answers whose time is over."""
    tx.session.execute(
        delete(tables.sealed_answers).where(
            _t.workspace_id == tx.workspace_id,
            among(tx, _t.sealed_id, sealed_ids),
            _t.erase_at <= now,
        )
    )


def end_selection(
    tx: Transaction, round_: Round, role: Role, question_id: str, at: datetime
) -> None:
    """Let what a draw has read go at an instant, or before."""
    ours = select(_a.application_id).where(*round_.has(tx, role))
    asked = (_t.programme_id == round_.programme_id, _t.question_id == question_id)
    _end(tx, at, *asked, _t.application_id.in_(ours))


def end_cycle(tx: Transaction, programme_id: str, given_before: datetime, at: datetime) -> None:
    """Let a programme's sensitive answers go that were given before a cycle began."""
    _end(tx, at, _t.programme_id == programme_id, _t.sealed_at < given_before)


def end_for(
    tx: Transaction, programme_id: str, slack_user_ids: Sequence[str], at: datetime
) -> None:
    """Let the sensitive answers of some people in a programme go."""
    theirs = select(_a.application_id).where(
        _a.workspace_id == tx.workspace_id,
        _a.programme_id == programme_id,
        among(tx, _a.slack_user_id, slack_user_ids),
    )
    _end(tx, at, _t.application_id.in_(theirs))


def _end(tx: Transaction, at: datetime, *which: ColumnElement[bool]) -> None:
    """Let the sensitive answers for which some conditions hold go at an instant, or before."""
    tx.session.execute(
        update(tables.sealed_answers)
        .where(_t.workspace_id == tx.workspace_id, _t.erase_at > at, *which)
        .values(erase_at=at)
    )


def every(tx: Transaction) -> list[SealedAnswer]:
    """All sensitive answers of the workspace."""
    query = select(SealedAnswer).where(_t.workspace_id == tx.workspace_id)
    return list(tx.session.scalars(query.order_by(_t.sealed_id)))


class Stage(NamedTuple):
    """How far an application has come; the person has been paired or not."""

    application_id: str
    state: ApplicationState
    is_paired: bool


def stages(tx: Transaction, round_: Round, role: Role) -> list[Stage]:
    """Every application that was sent for a role in a round, and how far it has come."""
    query = select(_a.application_id, _a.state, round_.has_paired(tx, role)).where(
        *round_.has(tx, role), _a.state != ApplicationState.DRAFT
    )
    return [Stage(*row) for row in tx.session.execute(query)]
