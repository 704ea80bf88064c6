"""Queries about draws, and about those whom a draw is for."""

from sqlalchemy import select

from mentorbot.domain.draws import Draw
from mentorbot.domain.model import Application, ApplicationState, Role
from mentorbot.storage import tables
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction

_t = tables.draws.c
_a = tables.applications.c


def by_id(tx: Transaction, draw_id: str) -> Draw | None:
    """A draw by id."""
    return tx.get(Draw, draw_id)


def of_round(tx: Transaction, round_: Round, role: Role) -> Draw | None:
    """The draw for a role in a round, once it is committed to."""
    return tx.session.scalars(
        select(Draw).where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == round_.programme_id,
            _t.cohort == round_.cohort,
            _t.role == role,
        )
    ).first()


def every(tx: Transaction) -> list[Draw]:
    """All draws of the workspace, oldest first."""
    query = select(Draw).where(_t.workspace_id == tx.workspace_id)
    return list(tx.session.scalars(query.order_by(_t.committed_at, _t.draw_id)))


def approved(tx: Transaction, round_: Round, role: Role, most: int | None = None) -> list[str]:
    """The ids of the applications for a role that wait for its draw, oldest first."""
    query = (
        select(_a.application_id)
        .where(
            _a.workspace_id == tx.workspace_id,
            _a.programme_id == round_.programme_id,
            _a.cohort == round_.cohort,
            _a.state == ApplicationState.APPROVED,
            _a.role == role,
        )
        .order_by(_a.submitted_at, _a.application_id)
        .limit(most)
    )
    return list(tx.session.scalars(query))


def took_part(tx: Transaction, round_: Round, role: Role, past_list: str | None) -> set[str]:
    """Which applications waiting for a draw are by people who took part before.

    Those who have had a pairing in the programme, or whose address is on the list of the past.
    """
    participant, membership, listed = (
        tables.participants.c,
        tables.memberships.c,
        tables.listed_addresses.c,
    )
    waiting = select(_a.application_id).where(
        _a.workspace_id == tx.workspace_id,
        _a.programme_id == round_.programme_id,
        _a.cohort == round_.cohort,
        _a.state == ApplicationState.APPROVED,
        _a.role == role,
    )
    paired = waiting.where(
        select(membership.pairing_id)
        .join(
            tables.participants,
            (participant.workspace_id == membership.workspace_id)
            & (participant.participant_id == membership.participant_id),
        )
        .where(
            membership.workspace_id == tx.workspace_id,
            participant.workspace_id == tx.workspace_id,
            participant.programme_id == round_.programme_id,
            participant.slack_user_id == _a.slack_user_id,
        )
        .exists()
    )
    found = set(tx.session.scalars(paired))
    if past_list is not None:
        on_list = waiting.where(
            select(listed.email)
            .where(
                listed.workspace_id == tx.workspace_id,
                listed.programme_id == round_.programme_id,
                listed.list_id == past_list,
                listed.email == _a.email,
            )
            .exists()
        )
        found |= set(tx.session.scalars(on_list))
    return found


def first_waiting(tx: Transaction, line: list[str]) -> Application | None:
    """The first of some applications that is still on the waiting list."""
    waiting = _waiting(tx, line)
    first = next((it for it in line if it in waiting), None)
    return tx.get(Application, first) if first is not None else None


def waiting_before(tx: Transaction, line: list[str], application_id: str) -> int:
    """How many of those before an application in a line are still on the waiting list."""
    before = line[: line.index(application_id)] if application_id in line else line
    return len(_waiting(tx, before))


def _waiting(tx: Transaction, line: list[str]) -> set[str]:
    if not line:
        return set()
    one = tx.get(Application, line[0])
    if one is None:
        return set()
    query = select(_a.application_id).where(
        _a.workspace_id == tx.workspace_id,
        _a.programme_id == one.programme_id,
        _a.cohort == one.cohort,
        _a.state == ApplicationState.WAITING_LIST,
        _a.role == one.role,
    )
    return set(tx.session.scalars(query)) & set(line)
