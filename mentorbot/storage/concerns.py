"""Queries about concerns, their cases, and who is on hold because of one."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from mentorbot.domain.concerns import CaseEntry, Concern, Hold
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction, among

_c, _entry, _hold = tables.concerns.c, tables.case_entries.c, tables.holds.c
MOST_READ = 200


def concern(tx: Transaction, concern_id: str) -> Concern | None:
    """A concern by id."""
    return tx.get(Concern, concern_id)


def of_programme(tx: Transaction, programme_id: str) -> list[Concern]:
    """A programme's concerns, the newest first, as far back as anybody looks."""
    query = (
        select(Concern)
        .where(_c.workspace_id == tx.workspace_id, _c.programme_id == programme_id)
        .order_by(_c.reported_at.desc(), _c.concern_id)
        .limit(MOST_READ)
    )
    return list(tx.session.scalars(query))


def all_open(tx: Transaction) -> list[Concern]:
    """Every concern of the workspace whose case goes on."""
    query = select(Concern).where(_c.workspace_id == tx.workspace_id, _c.closed_at.is_(None))
    return list(tx.session.scalars(query))


def timeline(tx: Transaction, concern_id: str) -> list[CaseEntry]:
    """What happened in a case, oldest first."""
    query = (
        select(CaseEntry)
        .where(_entry.workspace_id == tx.workspace_id, _entry.concern_id == concern_id)
        .order_by(_entry.at, _entry.entry_id)
    )
    return list(tx.session.scalars(query))


def every(tx: Transaction) -> list[Concern]:
    """Every concern of the workspace whose words are still there."""
    query = select(Concern).where(_c.workspace_id == tx.workspace_id, _c.sealed.is_not(None))
    return list(tx.session.scalars(query))


def every_entry(tx: Transaction) -> list[CaseEntry]:
    """Every note of the workspace's cases whose words are still there."""
    query = select(CaseEntry).where(
        _entry.workspace_id == tx.workspace_id, _entry.sealed.is_not(None)
    )
    return list(tx.session.scalars(query))


def held_among(tx: Transaction, slack_user_ids: Sequence[str]) -> set[str]:
    """Those of some people who are on hold."""
    query = select(_hold.slack_user_id).where(
        _hold.workspace_id == tx.workspace_id, among(tx, _hold.slack_user_id, slack_user_ids)
    )
    return set(tx.session.scalars(query))


def hold(tx: Transaction, given: Hold) -> None:
    """Put somebody on hold; again changes nothing."""
    if tx.get(Hold, given.concern_id, given.slack_user_id) is None:
        tx.add(given)
        tx.session.flush()


def release(tx: Transaction, concern_id: str) -> list[str]:
    """Let go of everybody whom a case holds; their Slack ids."""
    query = select(_hold.slack_user_id).where(
        _hold.workspace_id == tx.workspace_id, _hold.concern_id == concern_id
    )
    found = list(tx.session.scalars(query))
    tx.session.execute(
        delete(Hold).where(_hold.workspace_id == tx.workspace_id, _hold.concern_id == concern_id)
    )
    return found
