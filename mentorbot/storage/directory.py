"""Queries about the mentors who can be found in a programme's directory."""

from sqlalchemy import and_, exists, select

from mentorbot.domain.model import Participant, ParticipantState, Role
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.participants.c


def mentors(tx: Transaction, programme_id: str, version: int) -> list[Participant]:
    """The mentors who take part now and accepted this version of their guidelines, or later."""
    person, accepted = tables.people.c, tables.acknowledgements.c
    has_accepted = exists().where(
        accepted.workspace_id == _t.workspace_id,
        accepted.participant_id == _t.participant_id,
        accepted.role == Role.MENTOR,
        accepted.version >= version,
    )
    query = (
        select(Participant)
        .join(
            tables.people,
            and_(person.workspace_id == _t.workspace_id, person.slack_user_id == _t.slack_user_id),
        )
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.programme_id == programme_id,
            _t.role == Role.MENTOR,
            _t.state == ParticipantState.ACTIVE,
            person.is_deactivated.is_(False),
            has_accepted,
        )
    )
    return list(tx.session.scalars(query))
