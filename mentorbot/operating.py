"""What an operator does by command: messages by hand, erasing a person, bringing a backup back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mentorbot.bootstrap import Clock, MentorBot, build, real_clock
from mentorbot.config import Settings
from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.messages import MessageState
from mentorbot.storage import ledger, migration
from mentorbot.storage.ledger import Entry
from mentorbot.storage.store import Transaction
from mentorbot.usecases import interventions


@contextmanager
def opened(settings: Settings, clock: Clock = real_clock) -> Iterator[MentorBot]:
    """The bot's parts over a database that is of this version; raises OperatorRefused else."""
    path = settings.sqlite_path()
    if path is not None and not path.is_file():
        raise OperatorRefused(f"There is no database at {path}.")
    bot = build(settings, clock=clock)
    try:
        if not migration.is_current(bot.store.engine):
            raise OperatorRefused("The database is of another version: mentorbot db upgrade.")
        yield bot
    finally:
        bot.store.close()


def list_messages(
    settings: Settings,
    states: Sequence[MessageState],
    workspace_id: str | None,
    recipient: str | None,
    most: int,
) -> list[Entry]:
    """The newest messages in these states, at most `most`; raises OperatorRefused."""
    with opened(settings) as bot:
        found: list[Entry] = []
        for mine in _workspaces(bot, workspace_id):
            with bot.store.read(mine) as tx:
                found += ledger.entries(tx, states, recipient, most)
    return sorted(found, key=lambda it: it.not_before_at, reverse=True)[:most]


def show_message(settings: Settings, message_id: str) -> dict[str, Any]:
    """Everything that is known of a message but what it says, with each try and each act."""
    with opened(settings) as bot, bot.store.read(_workspace_of(bot, message_id)) as tx:
        entry = ledger.entry(tx, message_id)
        if entry is None:
            raise OperatorRefused(f"There is no message {message_id}.")
        tries = ledger.attempts(tx, message_id)
        acts = ledger.by_hand(tx, message_id)
    return asdict(entry) | {
        "tries": [{"at": it.at, "outcome": it.outcome, "detail": it.detail} for it in tries],
        "by_hand": [{"at": it.at, "act": it.action} | it.details for it in acts],
    }


def act_on_message(
    settings: Settings, message_id: str, act: Callable[[Transaction, datetime], None]
) -> None:
    """Do something to a message in a transaction of its workspace; raises OperatorRefused."""
    with opened(settings) as bot, bot.store.begin(_workspace_of(bot, message_id)) as tx:
        act(tx, bot.clock())


def retry_message(
    settings: Settings, message_id: str, *, look_again: bool, even_if_repeated: bool
) -> None:
    """Have a message sent; raises OperatorRefused."""
    act_on_message(
        settings,
        message_id,
        lambda tx, now: interventions.retry(
            tx, message_id, now, look_again=look_again, even_if_repeated=even_if_repeated
        ),
    )


def drop_message(settings: Settings, message_id: str, reason: str) -> None:
    """Have a message not sent; raises OperatorRefused."""
    act_on_message(
        settings, message_id, lambda tx, now: interventions.drop(tx, message_id, reason, now)
    )


def _workspaces(bot: MentorBot, workspace_id: str | None) -> list[str]:
    known = sorted(bot.store.workspace_ids())
    if workspace_id is None:
        return known
    if workspace_id not in known:
        raise OperatorRefused(f"There is no workspace {workspace_id} here.")
    return [workspace_id]


def _workspace_of(bot: MentorBot, message_id: str) -> str:
    for workspace_id in bot.store.workspace_ids():
        with bot.store.read(workspace_id) as tx:
            if ledger.entry(tx, message_id) is not None:
                return workspace_id
    raise OperatorRefused(f"There is no message {message_id}.")
