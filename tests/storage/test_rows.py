"""Rows stored in bulk, on both databases: they are as if each had been stored by itself."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select

from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.storage import tables
from mentorbot.storage.store import Store
from tests.storage.conftest import any_store, migrated
from tests.storage.told import TEAM, has_team
from tests.world import MONDAY

__all__ = ["any_store", "migrated"]
PARAMS = {"name": 'Zoë "Z" 💬', "silent": ["U1", "U2"], "deep": {"none": None, "count": 3}}


def columns(key: str, **values: Any) -> dict[str, Any]:
    """A message, as columns."""
    return {
        "message_id": key,
        "dedupe_key": key,
        "kind": MessageKind.CHECK_IN,
        "recipients": ["U0ZOE00000"],
        "programme_id": "img",
        "created_at": MONDAY,
        "not_before_at": MONDAY,
        "params": PARAMS,
        "pairing_id": None,
        "priority": 10,
        "expires_at": None,
        "state": MessageState.PENDING,
        "attempt_count": 0,
        **values,
    }


def messages(store: Store) -> list[Any]:
    """Each message as the database holds it, its key apart."""
    with store.read(TEAM) as tx:
        rows = tx.session.execute(select(tables.outbox).order_by(tables.outbox.c.message_id))
        return [{**row._mapping, "message_id": "", "dedupe_key": ""} for row in rows]


def test_rows_in_bulk_are_as_one_by_itself(any_store: Store) -> None:
    has_team(any_store)
    with any_store.begin(TEAM) as tx:
        tx.add(Message(workspace_id=TEAM, **columns("a")))
        assert tx.add_new(tables.outbox, [columns("b"), columns("c")]) == 2
    alone, *in_bulk = messages(any_store)
    assert in_bulk == [alone, alone]


def test_instants_in_bulk_are_in_utc_and_to_the_microsecond(any_store: Store) -> None:
    has_team(any_store)
    in_delhi = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2026, 11, 23, 4, 30, 0, 123456, tzinfo=in_delhi)
    with any_store.begin(TEAM) as tx:
        tx.add_new(tables.outbox, [columns("a", not_before_at=at)])
    (found,) = messages(any_store)
    assert found["not_before_at"] == datetime(2026, 11, 22, 23, 0, 0, 123456, tzinfo=UTC)


def test_row_whose_key_is_there_is_left_out_and_not_counted(any_store: Store) -> None:
    has_team(any_store)
    with any_store.begin(TEAM) as tx:
        tx.add_new(tables.outbox, [columns("a")])
    with any_store.begin(TEAM) as tx:
        assert tx.add_new(tables.outbox, [columns("a", priority=0), columns("b")]) == 1
        assert tx.add_new(tables.outbox, []) == 0
    assert [row["priority"] for row in messages(any_store)] == [10, 10]
