"""Queries about Slack accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from mentorbot.domain.model import Person, Workspace
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_t = tables.people.c
_NAME_AND_LOCALE = select(_t.name, _t.locale).where(
    _t.workspace_id == bindparam("workspace_id"), _t.slack_user_id == bindparam("slack_user_id")
)
_DMS = select(_t.slack_user_id, _t.dm_channel_id).where(
    _t.workspace_id == bindparam("workspace_id"),
    _t.slack_user_id.in_(bindparam("slack_user_ids", expanding=True)),
    _t.dm_channel_id.is_not(None),
)
_HAVE_DMS = (
    "UPDATE person SET dm_channel_id = given.dm_channel_id FROM {given}"
    " WHERE person.workspace_id = :workspace"
    " AND person.slack_user_id = given.slack_user_id"
)


def workspace(tx: Transaction) -> Workspace | None:
    """This workspace, once it is known."""
    return tx.get(Workspace)


def swept(tx: Transaction, now: datetime) -> None:
    """Note that the workspace's people were gone through."""
    found = workspace(tx)
    if found is not None:
        found.swept_at = now


def uninstalled(tx: Transaction, now: datetime) -> None:
    """Note that the app is not installed in the workspace any more."""
    found = workspace(tx)
    if found is not None:
        found.uninstalled_at = now


def person(tx: Transaction, slack_user_id: str) -> Person | None:
    """A Slack account as last seen."""
    return tx.get(Person, slack_user_id)


def dms(tx: Transaction, slack_user_ids: Sequence[str]) -> dict[str, str]:
    """Where people's DMs with the bot are, as far as that is known."""
    if not slack_user_ids:
        return {}
    key = {"workspace_id": tx.workspace_id, "slack_user_ids": list(slack_user_ids)}
    found = tx.session.connection().execute(_DMS, key)
    return {row.slack_user_id: row.dm_channel_id for row in found}


def have_dms(tx: Transaction, channel_ids: Mapping[str, str]) -> None:
    """Note where people's DMs with the bot are, without reading the rows."""
    rows = [{"slack_user_id": who, "dm_channel_id": at} for who, at in channel_ids.items()]
    tx.of_each(tables.people, _HAVE_DMS, rows)


def name_and_locale(tx: Transaction, slack_user_id: str) -> tuple[str, str] | None:
    """What every click asks of a Slack account, without the rest of it."""
    key = {"workspace_id": tx.workspace_id, "slack_user_id": slack_user_id}
    found = tx.session.connection().execute(_NAME_AND_LOCALE, key).first()
    return (found.name, found.locale) if found else None


def names(tx: Transaction, slack_user_ids: Sequence[str]) -> dict[str, str]:
    """What some people are called."""
    query = select(_t.slack_user_id, _t.name).where(
        _t.workspace_id == tx.workspace_id, _t.slack_user_id.in_(slack_user_ids)
    )
    return {row[0]: row[1] for row in tx.session.execute(query)}


class Reader(NamedTuple):
    """Who is to be told something, and in which time zone they read it."""

    slack_user_id: str
    time_zone: str


def readers(tx: Transaction, slack_user_ids: Sequence[str]) -> list[Reader]:
    """Those of some people whose accounts are there, in the same order; nobody known reads UTC."""
    query = select(_t.slack_user_id, _t.time_zone, _t.is_deactivated).where(
        _t.workspace_id == tx.workspace_id, _t.slack_user_id.in_(slack_user_ids)
    )
    known = {who: (zone, is_gone) for who, zone, is_gone in tx.session.execute(query)}
    found = ((who, *known.get(who, ("UTC", False))) for who in slack_user_ids)
    return [Reader(who, zone) for who, zone, is_gone in found if not is_gone]


def first_seen(tx: Transaction, seen: Person, now: datetime) -> Person:
    """Store a Slack account, or bring the stored one up to date; the stored one is returned."""
    known = person(tx, seen.slack_user_id)
    if known is None:
        seen.seen_at = now
        return tx.add(seen)
    known.name, known.time_zone, known.locale = seen.name, seen.time_zone, seen.locale
    known.is_bot, known.is_deactivated, known.seen_at = seen.is_bot, seen.is_deactivated, now
    return known
