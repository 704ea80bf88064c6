"""Queries about programmes and those who take part in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from mentorbot.domain.model import (
    Acknowledgement,
    Participant,
    ParticipantState,
    Programme,
    Role,
)
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.participants.c
_p = tables.programmes.c
_FIRST_PROGRAMME = (
    select(Programme)
    .where(_p.workspace_id == bindparam("workspace_id"))
    .order_by(_p.set_up_at, _p.programme_id)
    .limit(1)
)
_OF_PERSON = select(Participant).where(
    _t.workspace_id == bindparam("workspace_id"),
    _t.programme_id == bindparam("programme_id"),
    _t.slack_user_id == bindparam("slack_user_id"),
)
"""Every click asks these two; a statement made once is not compared with others again."""


def programme(tx: Transaction, programme_id: str | None = None) -> Programme | None:
    """A programme, or without an id the one that is meant, else the workspace's first."""
    if programme_id is None and tx.meant is not None:
        programme_id = tx.meant(tx)
    if programme_id is not None:
        return tx.get(Programme, programme_id)
    return tx.session.scalars(_FIRST_PROGRAMME, {"workspace_id": tx.workspace_id}).first()


def programmes(tx: Transaction) -> list[Programme]:
    """Every programme of the workspace, longest running first."""
    return list(
        tx.session.scalars(
            select(Programme)
            .where(_p.workspace_id == tx.workspace_id)
            .order_by(_p.set_up_at, _p.programme_id)
        )
    )


def lock(tx: Transaction, programme_id: str) -> None:
    """Hold the programme, so that one matching runs at a time."""
    table = tables.programmes.c
    tx.session.execute(
        select(table.programme_id)
        .where(table.workspace_id == tx.workspace_id, table.programme_id == programme_id)
        .with_for_update()
    )


def programme_in_channel(tx: Transaction, channel_id: str) -> Programme | None:
    """The programme that lives in a channel."""
    table = tables.programmes.c
    return tx.session.scalars(
        select(Programme).where(
            table.workspace_id == tx.workspace_id, table.channel_id == channel_id
        )
    ).first()


def participant(tx: Transaction, participant_id: str) -> Participant | None:
    """A participant by id."""
    return tx.get(Participant, participant_id)


def of_person(tx: Transaction, programme_id: str, slack_user_id: str) -> Participant | None:
    """A person's enrolment in a programme, in whatever state."""
    key = {
        "workspace_id": tx.workspace_id,
        "programme_id": programme_id,
        "slack_user_id": slack_user_id,
    }
    return tx.session.scalars(_OF_PERSON, key).first()


def users(tx: Transaction, participant_ids: Sequence[str]) -> dict[str, str]:
    """The Slack ids of some participants, by their own."""
    query = select(_t.participant_id, _t.slack_user_id).where(
        _t.workspace_id == tx.workspace_id, _t.participant_id.in_(participant_ids)
    )
    return {row[0]: row[1] for row in tx.session.execute(query)}


def enrolments(tx: Transaction, slack_user_id: str) -> list[Participant]:
    """Every enrolment of a person in this workspace."""
    return list(
        tx.session.scalars(
            select(Participant).where(
                _t.workspace_id == tx.workspace_id, _t.slack_user_id == slack_user_id
            )
        )
    )


def active_in_role(tx: Transaction, programme_id: str, role: Role) -> list[Participant]:
    """Everyone who holds a role and has not left."""
    return list(
        tx.session.scalars(
            select(Participant)
            .where(
                _t.workspace_id == tx.workspace_id,
                _t.programme_id == programme_id,
                _t.role == role,
                _t.state.in_((ParticipantState.ACTIVE, ParticipantState.PAUSED)),
            )
            .order_by(_t.joined_at, _t.participant_id)
        )
    )


def enrolled_after(
    tx: Transaction, programme_id: str, after: str | None, most: int
) -> list[Participant]:
    """Some of those who hold a role in the programme, by id, from after an id on."""
    return list(
        tx.session.scalars(
            select(Participant)
            .where(
                _t.workspace_id == tx.workspace_id,
                _t.programme_id == programme_id,
                _t.state.in_((ParticipantState.ACTIVE, ParticipantState.PAUSED)),
                _t.participant_id > (after or ""),
            )
            .order_by(_t.participant_id)
            .limit(most)
        )
    )


def everyone_after(
    tx: Transaction, programme_id: str, after: str | None, most: int
) -> list[Participant]:
    """Some of those who take part, or took part once, by id, from after an id on."""
    return list(
        tx.session.scalars(
            select(Participant)
            .where(
                _t.workspace_id == tx.workspace_id,
                _t.programme_id == programme_id,
                _t.participant_id > (after or ""),
            )
            .order_by(_t.participant_id)
            .limit(most)
        )
    )


def everyone_in_role(tx: Transaction, programme_id: str, role: Role) -> list[Participant]:
    """Everyone who has a role in the programme, on a break or not, by when they joined."""
    table = tables.participants.c
    query = select(Participant).where(
        table.workspace_id == tx.workspace_id,
        table.programme_id == programme_id,
        table.role == role,
        table.state.in_((ParticipantState.ACTIVE, ParticipantState.PAUSED)),
    )
    return list(tx.session.scalars(query.order_by(table.joined_at, table.participant_id)))


def enrolled(tx: Transaction, programme_id: str) -> list[Participant]:
    """Everyone who has a role in the programme, mentors first, by when they joined."""
    return active_in_role(tx, programme_id, Role.MENTOR) + active_in_role(
        tx, programme_id, Role.MENTEE
    )


def has_acknowledged(tx: Transaction, participant_id: str, role: Role, version: int) -> bool:
    """Whether a participant accepted this version of a role's guidelines, or a later one."""
    table = tables.acknowledgements.c
    latest = tx.session.scalar(
        select(func.max(table.version)).where(
            and_(
                table.workspace_id == tx.workspace_id,
                table.participant_id == participant_id,
                table.role == role,
            )
        )
    )
    return latest is not None and latest >= version


def acknowledge(
    tx: Transaction, participant_id: str, role: Role, version: int, now: datetime
) -> None:
    """Record an acknowledgement; again is harmless."""
    if tx.get(Acknowledgement, participant_id, role, version) is None:
        tx.add(Acknowledgement(tx.workspace_id, participant_id, role, version, now))
