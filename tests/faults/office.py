"""A bot that only delivers, a simulated Slack that counts what arrived, and a clock in hand."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mentorbot.bootstrap import MentorBot, build
from mentorbot.domain.messages import Attempt, Message, MessageKind, MessageState, key_of
from mentorbot.domain.model import Role
from mentorbot.domain.programme import parse_stored
from mentorbot.heartbeat import next_at, run_due
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import demo_settings, set_up
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.app import create_delivery, introduce_workspace, web_client
from mentorbot.slack.delivery import Delivery
from mentorbot.slack.profiles import person_from_profile
from mentorbot.storage import migration, outbox, pairings, people, tables
from mentorbot.usecases import closing, enrolment, pauses
from mentorbot.usecases.messages import enqueue
from tests.world import AMARA, MONDAY, ZOE

ANSWERS = {
    "specialty": "Paediatrics",
    "level": "Registrar or specialty trainee",
    "place": "Leeds",
    "languages": ["English"],
}
OF_ROLE = {Role.MENTOR: {"offer": "Time.", "capacity": "1"}, Role.MENTEE: {"hopes": "Company."}}


class Office:
    """Puts messages in the outbox, lets them be delivered, and counts what stands in Slack."""

    def __init__(self, sandbox: Sandbox, clock: VirtualClock, bot: MentorBot) -> None:
        self.sandbox, self.clock, self.bot = sandbox, clock, bot
        self.workspace_id = introduce_workspace(bot)
        self.delivery = create_delivery(bot, "first")
        self.others: list[MentorBot] = []

    def another(self, sender: str, **settings: Any) -> Delivery:
        """A second sender over the same database, perhaps with other settings."""
        changed = self.bot.settings.model_copy(update=settings)
        chance = random.Random(sender)
        bot = build(changed, clock=self.clock, rng=chance)
        self.others.append(bot)
        return create_delivery(bot, sender)

    def write(self, subject: str = "one", to: str = ZOE, **more: Any) -> str:
        """Put a welcome, or another message, in the outbox; its id."""
        kind = more.pop("kind", MessageKind.WELCOME)
        now = self.clock()
        with self.bot.store.begin(self.workspace_id) as tx:
            enqueue(tx, kind, [to], programme_id="img", subject=subject, now=now, **more)
            stored = outbox.by_key(tx, f"{subject}:{kind}:1:{to}")
        assert stored is not None
        return stored.message_id

    def stored(self, message_id: str) -> Message:
        """A message as the outbox has it."""
        with self.bot.store.read(self.workspace_id) as tx:
            found = outbox.message(tx, message_id)
        assert found is not None
        return found

    def messages(self, kind: MessageKind) -> list[Message]:
        """Every message of a kind in the outbox."""
        with self.bot.store.read(self.workspace_id) as tx:
            query = select(Message).where(tables.outbox.c.kind == kind)
            return list(tx.session.scalars(query))

    def attempts(self, message_id: str) -> list[str]:
        """How the tries at a message ended."""
        with self.bot.store.read(self.workspace_id) as tx:
            query = select(Attempt).where(tables.attempts.c.message_id == message_id)
            return [found.outcome for found in tx.session.scalars(query)]

    def arrived(self) -> Counter[str]:
        """How often each message stands in Slack, by its id; it is known by the key it carries."""
        with self.bot.store.read(self.workspace_id) as tx:
            columns = select(tables.outbox.c.dedupe_key, tables.outbox.c.message_id)
            ids = {
                key_of(tx.workspace_id, cause): its for cause, its in tx.session.execute(columns)
            }
        payloads = (it.get("metadata", {}).get("event_payload", {}) for it in self._postings())
        return Counter(ids[payload["key"]] for payload in payloads if "key" in payload)

    def texts(self) -> list[str]:
        """What was posted, in words."""
        return [str(message["text"]) for message in self._postings()]

    def files(self) -> list[str]:
        """The file of every posting that shows one."""
        return [file["id"] for posting in self._postings() for file in posting.get("files", [])]

    def _postings(self) -> list[Json]:
        conversations = self.sandbox.state.conversations.values()
        return [posting.body for each in conversations for posting in each.postings]

    def calls(self, method: str) -> int:
        """How often a method was called."""
        return sum(call.method == method for call in self.sandbox.calls)

    def wait(self, seconds: float) -> None:
        """Let time go by without a beat."""
        self.clock.advance(timedelta(seconds=seconds))

    def work(self, hours: float = 1, delivery: Delivery | None = None) -> None:
        """Beat now and whenever something is due, for some hours; less often where nothing goes."""
        until = self.clock() + timedelta(hours=hours)
        while True:
            done = run_due(self.bot) + (delivery or self.delivery).drain()
            coming = next_at(self.bot)
            if coming is None or max(coming, self.clock()) > until:
                self.clock.set(max(until, self.clock()))
                return
            soon = timedelta(seconds=1 if done else 60)
            self.clock.set(max(coming, self.clock() + soon))

    def enrol(self, slack_user_id: str, role: Role) -> None:
        """Somebody takes a role; matching is tried at once."""
        user = web_client(self.bot).users_info(user=slack_user_id, include_locale=True)["user"]
        seen, now = person_from_profile(self.workspace_id, user), self.clock()
        with self.bot.store.begin(self.workspace_id) as tx:
            people.first_seen(tx, seen, now)
            given = ANSWERS | OF_ROLE[role]
            enrolment.save_form(tx, "img", slack_user_id, role, given)
            file = parse_stored(enrolment.programme_or_refuse(tx).definition)
            version = file.guidelines[role].version
            enrolment.acknowledge(tx, "img", slack_user_id, role, version, now)

    def conversation_of(self, pairing_id: str | None) -> str | None:
        """The group DM that a pairing is known to talk in."""
        with self.bot.store.read(self.workspace_id) as tx:
            found = pairings.pairing(tx, pairing_id or "")
        return found.channel_id if found else None

    def leave(self, slack_user_id: str) -> None:
        """Somebody leaves the programme."""
        with self.bot.store.begin(self.workspace_id) as tx:
            enrolment.leave(tx, "img", slack_user_id, self.clock())

    def pause(self, slack_user_id: str, days: int) -> None:
        """Somebody pauses."""
        with self.bot.store.begin(self.workspace_id) as tx:
            pauses.pause(tx, "img", slack_user_id, days, self.clock())

    def introduce(self, mentor: str = AMARA, mentee: str = ZOE) -> Message:
        """Pair two people; their introduction, not yet sent."""
        self.enrol(mentor, Role.MENTOR)
        self.enrol(mentee, Role.MENTEE)
        (found,) = (
            one
            for one in self.messages(MessageKind.INTRODUCTION)
            if one.recipients == [mentor, mentee]
        )
        return found

    def certify(self) -> Message:
        """A pair, its feedback, and so a certificate in the outbox."""
        introduction = self.introduce()
        self.delivery.drain()
        with self.bot.store.begin(self.workspace_id) as tx:
            closing.give_feedback(
                tx,
                introduction.pairing_id or "",
                ZOE,
                rating=5,
                helped_with="Rotas.",
                could_improve="",
                now=self.clock(),
            )
        (found,) = self.messages(MessageKind.CERTIFICATE)
        return found

    def is_settled(self, message_id: str) -> bool:
        """Sent, with nothing left of the sending."""
        found = self.stored(message_id)
        traces = (found.intent_at, found.lease_by, found.lease_until_at)
        return found.state is MessageState.SENT and traces == (None, None, None)


@contextmanager
def office_at(folder: Path) -> Iterator[Office]:
    """An office whose first mail, the role buttons in the channel, has gone out."""
    clock = VirtualClock(MONDAY)
    with Sandbox(clock) as sandbox:
        settings = demo_settings(folder, sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        bot = build(settings, clock=clock, rng=random.Random(7))
        migration.upgrade(bot.store.engine)
        office = Office(sandbox, clock, bot)
        set_up(bot, office.workspace_id)
        office.delivery.drain()
        try:
            yield office
        finally:
            for each in (bot, *office.others):
                each.store.close()
