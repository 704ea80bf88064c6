"""A whole world for a story: a simulated workspace, the real bot on its wire, a clock in hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.bootstrap import MentorBot, build, migrate
from mentorbot.heartbeat import next_at, run_due
from mentorbot.running import Running
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR, demo_settings, set_up
from mentorbot.sandbox.people import Person
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack import ids
from tests.postgres import Database, on_postgres

on_both_databases = pytest.mark.parametrize("world", ["sqlite", "postgres"], indirect=True)
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
AMARA, RAJESH, LUKASZ, MARGARET, CLAIRE = (
    "U0AMARA000",
    "U0RAJESH00",
    "U0LUKASZ00",
    "U0MARGAR00",
    "U0CLAIRE00",
)
ZOE, LINA, OMAR, PRIYA, NGUYEN, ABEBE = (
    "U0ZOE00000",
    "U0LINA0000",
    "U0OMAR0000",
    "U0PRIYA000",
    "U0NGUYEN00",
    "U0ABEBE000",
)
HANNAH, SOFIA = COORDINATOR, "U0SOFIA000"

PATIENCE_SECONDS = 20.0
"""How long a story's Slack waits for an answer: a machine that is busy is no part of the story."""


class World:
    """One workspace, one bot. Acts are a person's; time moves only when the story says so."""

    def __init__(self, sandbox: Sandbox, clock: VirtualClock, bot: MentorBot) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.bot = bot
        self.running = Running(bot)
        sandbox.wait_until_connected()

    def person(self, slack_user_id: str) -> Actor:
        """Somebody to act as."""
        return Actor(self, self.sandbox.person(slack_user_id))

    def settle(self) -> None:
        """Let everything that is due now happen and be delivered."""
        self.sandbox.wait_until_idle()
        for _round in range(50):
            due = run_due(self.bot) + self.running.reader.read_all(self.running.workspace_id)
            if not due and not self.running.delivery.drain():
                return

    def move_to(self, target: datetime) -> None:
        """Move the clock, stopping at each thing that happens on the way."""
        self.settle()
        for _step in range(2000):
            coming = next_at(self.bot)
            if coming is None or coming > target:
                break
            self.clock.set(max(coming, self.clock() + timedelta(milliseconds=1)))
            self.settle()
        self.clock.set(target)
        self.settle()

    def pass_days(self, days: float) -> None:
        """Let days go by."""
        self.move_to(self.clock() + timedelta(days=days))

    def stop(self) -> None:
        """End the story."""
        self.sandbox.hang_up()
        self.running.stop()


class Actor:
    """A person in a story, in the words of the story."""

    def __init__(self, world: World, hands: Person) -> None:
        self.world = world
        self.hands = hands
        self.id = hands.slack_user_id

    def fill_role_form(self, role: str, **changes: Any) -> None:
        """Press a role button in the channel and fill the form, without sending it."""
        action = ids.JOIN_AS_MENTOR if role == "mentor" else ids.JOIN_AS_MENTEE
        self.hands.click(self.channel_card(), action)
        answers: dict[str, Any] = {
            "specialty": "Paediatrics",
            "level": "Registrar or specialty trainee",
            "place": "Leeds",
            "languages": ["English"],
        }
        if role == "mentor":
            answers |= {"offer": "Exam tips and a friendly ear.", "capacity": "1"}
        else:
            answers |= {"hopes": "Finding my feet in the NHS."}
        self.hands.fill_in(answers | changes)

    def join(self, role: str, **changes: Any) -> None:
        """Choose a role, fill the form, agree to the guidelines."""
        self.fill_role_form(role, **changes)
        errors = self.hands.submit()
        assert errors == {}, errors
        self.agree()

    def agree(self) -> None:
        """Tick the guidelines' box and send."""
        self.hands.fill_in({"acknowledged": ["acknowledged"]})
        errors = self.hands.submit()
        assert errors == {}, errors
        assert self.hands.modal is None
        self.world.settle()

    def channel_card(self) -> dict[str, Any]:
        """The message with the role buttons."""
        return next(
            m
            for m in self.hands.messages(CHANNEL)
            if any(b["type"] == "actions" for b in m.get("blocks", []))
        )

    def dms(self) -> list[dict[str, Any]]:
        """Everything in the DM with the bot, oldest first."""
        channel = self.hands.bot_dm()
        return self.hands.messages(channel) if channel else []

    def dm_texts(self) -> list[str]:
        """The words of the DMs with the bot."""
        return [words(message) for message in self.dms()]

    def last_dm(self) -> dict[str, Any]:
        """The newest message from the bot."""
        return self.dms()[-1]

    def groups(self) -> list[dict[str, Any]]:
        """The group DMs this person is in."""
        return [c for c in self.hands.conversations() if c["kind"] == "mpim"]

    def partners(self) -> set[str]:
        """Everyone this person was ever introduced to."""
        found = {user for group in self.groups() for user in group["members"]}
        return found - {self.id, self.world.sandbox.bot_user_id}

    def press(
        self, message: dict[str, Any] | str, action_id: str, value: str | None = None
    ) -> None:
        """Press a button, and let what follows happen."""
        block_id = _block_with(message, action_id, value) if isinstance(message, dict) else None
        self.hands.click(message, action_id, block_id=block_id)
        self.world.settle()

    def dm_with(self, action_id: str) -> dict[str, Any]:
        """The newest DM that holds a button."""
        return next(m for m in reversed(self.dms()) if action_id in action_ids(m))

    def command(self, text: str) -> str:
        """Use the slash command in the programme's channel; the words of the answer."""
        answers = self.hands.command(ids.COMMAND, text, CHANNEL)
        self.world.settle()
        return "\n".join(words(answer) for answer in answers)

    def home(self) -> str:
        """The words of App Home, freshly opened."""
        view = self.hands.open_home()
        assert view is not None
        return words(view)

    def give_feedback(self, **changes: Any) -> None:
        """Fill the feedback form from the newest DM that asks for it."""
        self.hands.click(self.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
        answers = {"rating": "5", "helped_with": "Understanding rotas.", "could_improve": ""}
        self.hands.fill_in(answers | changes)
        errors = self.hands.submit()
        assert errors == {}, errors
        self.hands.close_modal()
        self.world.settle()

    def files(self) -> list[dict[str, Any]]:
        """Every file in the DM with the bot."""
        return [file for message in self.dms() for file in message.get("files", [])]


def words(shown: dict[str, Any]) -> str:
    """Everything a person reads in a message or view."""
    texts = [found["text"] for block in shown.get("blocks", []) for found in _texts(block)]
    return "\n".join(texts) if texts else shown.get("text", "")


def _texts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "plain_text") and isinstance(node.get("text"), str):
            yield node
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def action_ids(message: dict[str, Any]) -> set[str]:
    """The buttons of a message or view."""
    return {
        element["action_id"]
        for block in message.get("blocks", [])
        for element in block.get("elements", [])
        if "action_id" in element
    }


def _block_with(message: dict[str, Any], action_id: str, value: str | None) -> str | None:
    for block in message.get("blocks", []):
        for element in block.get("elements", []):
            if element.get("action_id") == action_id and value in (None, element.get("value")):
                found: str = block["block_id"]
                return found
    return None


@contextmanager
def world_at(
    folder: Path,
    start: datetime = MONDAY,
    database: Database | None = None,
    is_set_up: bool = True,
    traces_to: str = "",
    public_url: str = "",
    **options: Any,
) -> Iterator[World]:
    """A world that begins at an instant, with the IMG programme set up in its channel or not yet.

    Its database is an SQLite file in the folder, or the PostgreSQL database that is given.
    """
    clock = VirtualClock(start)
    with Sandbox(clock, **options) as sandbox:
        sandbox.answer_timeout_seconds = PATIENCE_SECONDS
        settings = demo_settings(folder, sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        if database is not None:
            settings = on_postgres(settings, database)
        more = {"otel_exporter_otlp_endpoint": traces_to, "mentorbot_public_url": public_url}
        settings = settings.model_copy(update=more)
        bot = build(settings, clock=clock, rng=random.Random(7))
        migrate(bot)
        world = World(sandbox, clock, bot)
        try:
            if is_set_up:
                set_up(bot, world.running.workspace_id)
                world.settle()
            yield world
        finally:
            world.stop()
