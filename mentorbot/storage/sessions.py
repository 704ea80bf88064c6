"""Queries about sessions: when they take place, and what people have to do with them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from mentorbot.domain.attending import Answer, Attendance, Session
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_session, _attendance = tables.sessions.c, tables.attendances.c


def session(tx: Transaction, session_id: str) -> Session | None:
    """A session by id."""
    return tx.get(Session, session_id)


def of_programme(
    tx: Transaction, programme_id: str, ending_after: datetime | None = None
) -> list[Session]:
    """The sessions of a programme, called off or not, the next first; all, or from an instant."""
    query = select(Session).where(
        _session.workspace_id == tx.workspace_id, _session.programme_id == programme_id
    )
    if ending_after is not None:
        query = query.where(_session.ends_at > ending_after)
    return list(tx.session.scalars(query.order_by(_session.starts_at, _session.session_id)))


def of_offer(tx: Transaction, programme_id: str, offer_id: str) -> list[Session]:
    """Every time that an entry of a programme's file takes place, the first first."""
    query = (
        select(Session)
        .where(
            _session.workspace_id == tx.workspace_id,
            _session.programme_id == programme_id,
            _session.offer_id == offer_id,
        )
        .order_by(_session.number)
    )
    return list(tx.session.scalars(query))


def attendance(tx: Transaction, session_id: str, slack_user_id: str) -> Attendance | None:
    """What somebody has to do with a session."""
    return tx.get(Attendance, session_id, slack_user_id)


def of_session(tx: Transaction, session_id: str) -> list[Attendance]:
    """Everybody who has to do with a session, by when they answered."""
    query = (
        select(Attendance)
        .where(_attendance.workspace_id == tx.workspace_id, _attendance.session_id == session_id)
        .order_by(_attendance.answered_at, _attendance.slack_user_id)
    )
    return list(tx.session.scalars(query))


def coming_after(
    tx: Transaction, session_id: str, after: str | None, most: int
) -> list[Attendance]:
    """Some of those who come to a session or wait for a place, by Slack id, after one."""
    query = (
        select(Attendance)
        .where(
            _attendance.workspace_id == tx.workspace_id,
            _attendance.session_id == session_id,
            _attendance.slack_user_id > (after or ""),
            _attendance.answer.in_((Answer.GOING, Answer.WAITING)),
        )
        .order_by(_attendance.slack_user_id)
        .limit(most)
    )
    return list(tx.session.scalars(query))


def among(tx: Transaction, session_id: str, slack_user_ids: Sequence[str]) -> dict[str, Attendance]:
    """What some people have to do with a session, by Slack id; nothing for most."""
    query = select(Attendance).where(
        _attendance.workspace_id == tx.workspace_id,
        _attendance.session_id == session_id,
        _attendance.slack_user_id.in_(slack_user_ids),
    )
    return {it.slack_user_id: it for it in tx.session.scalars(query)}


def of_person(tx: Transaction, slack_user_id: str) -> dict[str, Attendance]:
    """What somebody has to do with sessions, by the session's id."""
    query = select(Attendance).where(
        _attendance.workspace_id == tx.workspace_id, _attendance.slack_user_id == slack_user_id
    )
    return {it.session_id: it for it in tx.session.scalars(query)}


def answers(tx: Transaction, session_ids: Sequence[str]) -> dict[str, dict[Answer, int]]:
    """How many gave which answer, by session."""
    found: dict[str, dict[Answer, int]] = {it: dict.fromkeys(Answer, 0) for it in session_ids}
    query = (
        select(_attendance.session_id, _attendance.answer, func.count())
        .where(
            _attendance.workspace_id == tx.workspace_id,
            _attendance.session_id.in_(session_ids),
            _attendance.answer.is_not(None),
        )
        .group_by(_attendance.session_id, _attendance.answer)
    )
    for session_id, answer, count in tx.session.execute(query):
        found[session_id][answer] = count
    return found


def who_came(tx: Transaction, session_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Who came to some sessions, or did what was asked for instead: Slack id and session id."""
    query = select(_attendance.slack_user_id, _attendance.session_id).where(
        _attendance.workspace_id == tx.workspace_id,
        _attendance.session_id.in_(session_ids),
        _attendance.came.is_not(None),
    )
    return [(who, session_id) for who, session_id in tx.session.execute(query)]
