"""A workspace as the tests of storage tell it."""

from datetime import date, datetime, timedelta
from typing import Any

from mentorbot.domain.messages import Message, MessageKind
from mentorbot.domain.model import Workspace
from mentorbot.storage.store import Store, Transaction
from tests.world import MONDAY

TEAM = "T0TEAM0000"
TODAY = date(2026, 11, 23)


def has_team(store: Store, workspace_id: str = TEAM) -> None:
    """The workspace exists."""
    with store.begin(workspace_id) as tx:
        tx.add(Workspace(workspace_id, "Team", "U0BOT00000", MONDAY))


def message(tx: Transaction, message_id: str, **values: Any) -> Message:
    """Put a message in the outbox; `due_in` is in seconds from Monday morning."""
    due_at: datetime = MONDAY + timedelta(seconds=values.pop("due_in", 0))
    given = {
        "dedupe_key": message_id,
        "kind": MessageKind.WELCOME,
        "recipients": ["U0ZOE00000"],
        "programme_id": "img",
        "created_at": MONDAY,
        "not_before_at": due_at,
    }
    return tx.add(
        Message(workspace_id=tx.workspace_id, message_id=message_id, **{**given, **values})
    )
