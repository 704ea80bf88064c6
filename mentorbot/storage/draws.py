"""Queries about draws, and about those whom a draw is for."""

from sqlalchemy import Select, select

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
    query = _ids(tx, round_, role, ApplicationState.APPROVED)
    ordered = query.order_by(_a.submitted_at, _a.application_id)
    return list(tx.session.scalars(ordered.limit(most)))


def took_part(tx: Transaction, round_: Round, role: Role, past_list: str | None) -> set[str]:
    """Which applications waiting for a draw are by people who took part before.

    Those who have had a pairing in the programme, or whose address is on the list of the past.
    """
    listed = tables.listed_addresses.c
    waiting = _ids(tx, round_, role, ApplicationState.APPROVED)
    found = set(tx.session.scalars(waiting.where(round_.has_paired(tx))))
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
    round_ = Round(one.programme_id, one.cohort)
    query = _ids(tx, round_, one.role, ApplicationState.WAITING_LIST)
    return set(tx.session.scalars(query)) & set(line)


def _ids(tx: Transaction, round_: Round, role: Role, state: ApplicationState) -> Select[str]:
    return select(_a.application_id).where(*round_.has(tx, role), _a.state == state)
