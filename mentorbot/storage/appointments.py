"""Queries about who holds which role in a programme's team.

The version before knows the table `coordinator` alone: who runs a programme stands in both, and
whoever stands in the older one only is a coordinator.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, select

from mentorbot.domain.permissions import (
    ALLOWED,
    EVERY_PROGRAMME,
    RUNNERS,
    Action,
    Appointment,
    TeamRole,
)
from mentorbot.storage import people, tables
from mentorbot.storage.store import Transaction

_a = tables.appointments.c
_c = tables.coordinators.c
_ORDER = list(TeamRole)


def of_programme(tx: Transaction, programme_id: str) -> list[Appointment]:
    """A programme's team, the most trusted first, then who has served longest.

    Those appointed in every programme are not among them: ask for `EVERY_PROGRAMME`.
    """
    return _found(tx, _a.programme_id == programme_id, _c.programme_id == programme_id)


def of_person(tx: Transaction, slack_user_id: str) -> list[Appointment]:
    """What somebody is in the workspace's programmes, the most trusted first."""
    return _found(tx, _a.slack_user_id == slack_user_id, _c.slack_user_id == slack_user_id)


def _found(
    tx: Transaction, new: ColumnElement[bool], old: ColumnElement[bool]
) -> list[Appointment]:
    found = list(
        tx.session.scalars(select(Appointment).where(_a.workspace_id == tx.workspace_id, new))
    )
    running = {(it.programme_id, it.slack_user_id) for it in found if it.role in RUNNERS}
    query = select(_c.programme_id, _c.slack_user_id, _c.added_at).where(
        _c.workspace_id == tx.workspace_id, old
    )
    for programme_id, who, at in tx.session.execute(query):
        if (programme_id, who) not in running:
            role = TeamRole.COORDINATOR
            found.append(Appointment(tx.workspace_id, programme_id, who, role, "", at, who))
    return sorted(
        found,
        key=lambda it: (_ORDER.index(it.role), it.appointed_at, it.slack_user_id, it.specialty),
    )


def actions(tx: Transaction, programme_id: str, slack_user_id: str) -> frozenset[Action]:
    """What somebody may do in a programme."""
    held = [
        ALLOWED[it.role]
        for it in of_person(tx, slack_user_id)
        if it.programme_id in (programme_id, EVERY_PROGRAMME)
    ]
    return frozenset[Action]().union(*held)


def holders(tx: Transaction, programme_id: str, roles: Collection[TeamRole]) -> list[str]:
    """The Slack user ids of those who hold one of some roles, each once."""
    found = of_programme(tx, programme_id)
    return list(dict.fromkeys(it.slack_user_id for it in found if it.role in roles))


def readers(tx: Transaction, programme_id: str, roles: Collection[TeamRole]) -> list[people.Reader]:
    """Those who hold one of some roles and whose accounts are there, each once."""
    return people.readers(tx, holders(tx, programme_id, roles))


def appoint(tx: Transaction, given: Appointment) -> bool:
    """Keep an appointment; whether it is new."""
    key = (given.programme_id, given.slack_user_id, given.role, given.specialty)
    if tx.get(Appointment, *key) is not None:
        return False
    tx.add(given)
    if given.role in RUNNERS:
        row = {
            "programme_id": given.programme_id,
            "slack_user_id": given.slack_user_id,
            "added_at": given.appointed_at,
        }
        tx.add_new(tables.coordinators, [row])
    return True


def advise_no_more(
    tx: Transaction, programme_id: str, specialties: Collection[str]
) -> list[Appointment]:
    """Take their appointment from the advisers of all specialties but some; returns what it was."""
    gone = [
        it
        for it in of_programme(tx, programme_id)
        if it.role is TeamRole.ADVISER and it.specialty not in specialties
    ]
    for it in gone:
        tx.session.delete(it)
    tx.session.flush()
    return gone


def dismiss(tx: Transaction, programme_id: str, slack_user_id: str, role: TeamRole) -> bool:
    """Take a role from somebody, whatever the specialty; whether they held it."""
    mine = [it for it in of_person(tx, slack_user_id) if it.programme_id == programme_id]
    tx.session.execute(
        delete(Appointment).where(
            _a.workspace_id == tx.workspace_id,
            _a.programme_id == programme_id,
            _a.slack_user_id == slack_user_id,
            _a.role == role,
        )
    )
    if not any(it.role in RUNNERS and it.role is not role for it in mine):
        tx.session.execute(
            delete(tables.coordinators).where(
                _c.workspace_id == tx.workspace_id,
                _c.programme_id == programme_id,
                _c.slack_user_id == slack_user_id,
            )
        )
    return any(it.role is role for it in mine)
