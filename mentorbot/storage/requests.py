"""Queries about the requests that mentees make of mentors."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from mentorbot.domain.requests import MentorRequest, RequestState
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.requests.c
MOST_READ = 200


def request(tx: Transaction, request_id: str) -> MentorRequest | None:
    """A request by id."""
    return tx.get(MentorRequest, request_id)


def of_mentee(tx: Transaction, participant_id: str) -> list[MentorRequest]:
    """What somebody has asked, the newest first; as far back as anybody looks."""
    query = (
        select(MentorRequest)
        .where(_t.workspace_id == tx.workspace_id, _t.mentee_id == participant_id)
        .order_by(_t.asked_at.desc(), _t.request_id)
        .limit(MOST_READ)
    )
    return list(tx.session.scalars(query))


def open_of_mentor(tx: Transaction, participant_id: str, now: datetime) -> list[MentorRequest]:
    """What a mentor is still to answer, the oldest first."""
    query = (
        select(MentorRequest)
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.mentor_id == participant_id,
            _t.state == RequestState.OPEN,
            _t.expires_at > now,
        )
        .order_by(_t.asked_at, _t.request_id)
        .limit(MOST_READ)
    )
    return list(tx.session.scalars(query))


def held(tx: Transaction, participant_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """How many places of each mentor open requests hold; those with none are left out."""
    query = (
        select(_t.mentor_id, func.count())
        .where(
            _t.workspace_id == tx.workspace_id,
            _t.mentor_id.in_(participant_ids),
            _t.state == RequestState.OPEN,
            _t.expires_at > now,
        )
        .group_by(_t.mentor_id)
    )
    return {row[0]: row[1] for row in tx.session.execute(query)}
