"""Everything that is true in the simulated workspace, behind one lock."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mentorbot.sandbox.grants import Grants
from mentorbot.sandbox.population import Population
from mentorbot.sandbox.records import (
    Conversation,
    Posting,
    ReplyTicket,
    ShownView,
    StoredFile,
    Trigger,
    User,
)

if TYPE_CHECKING:
    from mentorbot.sandbox.clock import VirtualClock


class State:
    """The workspace's users, conversations, files, views and the tickets handed out.

    Whoever reads more than one thing, or writes, does it inside `with state.change():`.
    """

    def __init__(self, population: Population, clock: VirtualClock, first_token: str) -> None:
        self.population = population
        self.grants = Grants(
            first_token, next((it.id for it in population.people if it.is_admin), "")
        )
        self.clock = clock
        self.lock = threading.RLock()
        self.version = 0
        self.last_ts = 0
        self.numbers: dict[str, int] = {}
        self.users: dict[str, User] = {}
        self.conversations: dict[str, Conversation] = {}
        self.files: dict[str, StoredFile] = {}
        self.homes: dict[str, ShownView] = {}
        self.stacks: dict[str, list[ShownView]] = {}
        self.modal_errors: dict[str, dict[str, str]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.reply_tickets: dict[str, ReplyTicket] = {}
        self._listeners: list[Callable[[], None]] = []
        self._settle(population)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock; whoever watches is told afterwards that something changed."""
        with self.lock:
            yield
            self.version += 1
        for listener in list(self._listeners):
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change, from whichever thread made it."""
        self._listeners.append(listener)

    def next_ts(self) -> str:
        """A message timestamp: the clock's instant, unique and increasing in the workspace."""
        now = int(self.clock().timestamp() * 1_000_000)
        self.last_ts = max(now, self.last_ts + 1)
        return f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """An id of ten characters or more, such as `V000000012`."""
        number = self.numbers.get(prefix, 0) + 1
        self.numbers[prefix] = number
        return f"{prefix}{number:0{10 - len(prefix)}d}"

    def epoch(self) -> int:
        return int(self.clock().timestamp())

    def issue_trigger(self, slack_user_id: str, view_id: str | None = None) -> str:
        """A trigger id; it ages in real time, as the person's wait does."""
        stale = [key for key, it in self.triggers.items() if time.monotonic() - it.issued_at > 600]
        for key in stale:
            del self.triggers[key]
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{_secret()}"
        self.triggers[trigger_id] = Trigger(slack_user_id, time.monotonic(), view_id)
        return trigger_id

    def issue_reply_ticket(
        self, slack_user_id: str, conversation_id: str, message_ts: str | None
    ) -> str:
        """The secret part of a `response_url`."""
        ticket = _secret()
        self.reply_tickets[ticket] = ReplyTicket(
            slack_user_id, conversation_id, message_ts, self.clock().timestamp()
        )
        return ticket

    def direct_message(self, slack_user_id: str) -> Conversation:
        """The conversation between the app and one person, opened when it is not there."""
        conversation_id = "D" + slack_user_id[1:]
        if conversation_id not in self.conversations:
            members = [self.population.bot_user_id, slack_user_id]
            self.conversations[conversation_id] = Conversation(
                conversation_id, "im", "", members=members, created=self.epoch()
            )
        return self.conversations[conversation_id]

    def group_message(self, slack_user_ids: list[str]) -> Conversation:
        """The conversation of exactly these people and the app, opened when it is not there."""
        wanted = {self.population.bot_user_id, *slack_user_ids}
        for conversation in self.conversations.values():
            if conversation.kind == "mpim" and set(conversation.members) == wanted:
                return conversation
        names = "--".join(user_id.lower() for user_id in slack_user_ids)
        opened = Conversation(
            self.next_id("G0MPIM"),
            "mpim",
            f"mpdm-{names}-1",
            members=[self.population.bot_user_id, *slack_user_ids],
            created=self.epoch(),
        )
        self.conversations[opened.id] = opened
        return opened

    def find_view(self, view_id: str | None, external_id: str | None = None) -> ShownView | None:
        for shown in self.views():
            if view_id and shown.id == view_id:
                return shown
            if external_id and shown.view.get("external_id") == external_id:
                return shown
        return None

    def views(self) -> Iterator[ShownView]:
        yield from self.homes.values()
        for stack in self.stacks.values():
            yield from stack

    def visible_postings(self, conversation_id: str, slack_user_id: str) -> list[Posting]:
        """What this person may see there: nothing unless they are a member or it is public."""
        conversation = self.conversations.get(conversation_id)
        user = self.users.get(slack_user_id)
        if conversation is None or user is None or not user.joined or user.deactivated:
            return []
        if conversation.kind != "channel" and slack_user_id not in conversation.members:
            return []
        return [p for p in conversation.postings if p.only_for in (None, slack_user_id)]

    def _settle(self, population: Population) -> None:
        bot = User(population.bot_user_id, population.bot_name, is_bot=True)
        slackbot = User("USLACKBOT", "Slackbot", is_bot=True)
        self.users |= {bot.id: bot, slackbot.id: slackbot}
        for plan in population.channels:
            members = [bot.id] if plan.bot_is_member else []
            self.conversations[plan.id] = Conversation(
                plan.id, "channel", plan.name, plan.topic, members, is_general=plan.is_general
            )
        for person in population.people:
            self.users[person.id] = User(
                person.id,
                person.name,
                person.about,
                person.time_zone,
                person.locale,
                person.joined,
                is_admin=person.is_admin,
            )
            for channel_id in person.channels:
                self.conversations[channel_id].members.append(person.id)


def _secret() -> str:
    return secrets.token_hex(16)
