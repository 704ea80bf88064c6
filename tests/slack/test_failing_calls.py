"""Every call to Slack fails once: the story goes on, nothing is half-written or said twice.

In walk k the k-th call of every act fails, whatever it is: the act either goes through or its
person is told, and then doing it again goes through. Two new people live through each walk.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from mentorbot.domain.messages import Message, MessageState
from mentorbot.domain.model import Membership, Pairing, Participant, ParticipantState, Role
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.errors import NoAnswer, NotPossible
from mentorbot.sandbox.faults import Faults
from mentorbot.sandbox.population import Population, Resident
from mentorbot.slack import ids
from mentorbot.storage import participants
from tests.world import Actor, World, words, world_at

Break = Callable[[Faults, int], None]
BREAKS: dict[str, Break] = {
    "internal_error": lambda faults, after: faults.fail("*", "internal_error", after=after),
    "fatal_error": lambda faults, after: faults.fail("*", "fatal_error", after=after),
    "ratelimited": lambda faults, after: faults.ratelimit("*", 2, after=after),
    "500": lambda faults, after: faults.status("*", 500, after=after),
    "lost answer": lambda faults, after: faults.lose_answer("*", after=after),
}
HARDEST = ("lost answer", "internal_error")
ALL_KINDS_UP_TO = 3
MOST_CALLS = 12
"""Calls to Slack that one act may cause; the walk shows that none causes more."""


@dataclass(frozen=True)
class Act:
    """Something a person or time does, and how to see that it is done."""

    name: str
    who: Actor
    do: Callable[[], object]
    is_done: Callable[[], bool]


class Pair:
    """Two people's story, act by act."""

    def __init__(self, world: World, mentor: Actor, mentee: Actor) -> None:
        self.world, self.mentor, self.mentee = world, mentor, mentee
        self.began_on = world.clock().replace(hour=12, minute=0)

    def acts(self) -> Iterator[Act]:
        yield from self.joins(self.mentor, "mentor")
        yield from self.joins(self.mentee, "mentee")
        for who in (self.mentor, self.mentee):
            yield Act(
                "home", who, who.hands.open_home, lambda who=who: who.hands.home() is not None
            )
        yield self.waits(4, ids.CHECK_IN_MET)
        yield self.presses(self.mentor, ids.CHECK_IN_MET, "You met with")
        yield self.presses(self.mentee, ids.CHECK_IN_NOT_YET, "Not yet, noted")
        for day in (11, 18):
            yield self.waits(day, ids.CHECK_IN_MET)
        yield self.waits(21, ids.CONTINUE)
        yield self.opens(self.mentee, ids.GIVE_FEEDBACK, ids.FEEDBACK_FORM)
        yield Act("feedback", self.mentee, self.sends_feedback, lambda: bool(self.mentor.files()))
        for who in (self.mentor, self.mentee):
            yield self.presses(who, ids.OPT_OUT, "You sit the next cycle out")
        yield self.waits(28, ids.RESUME)

    def joins(self, who: Actor, role: str) -> Iterator[Act]:
        def form() -> None:
            who.fill_role_form(role)

        def send() -> None:
            if _open_form(who) != ids.ROLE_FORM:
                _close(who)
                form()
            who.hands.submit()

        def agree() -> None:
            if _open_form(who) != ids.GUIDELINES_FORM:
                _close(who)
                who.hands.open_home()
                who.hands.click("home", ids.READ_GUIDELINES)
            who.hands.fill_in({"acknowledged": ["acknowledged"]})
            who.hands.submit()

        yield Act(f"{role} form", who, form, lambda: _open_form(who) == ids.ROLE_FORM)
        yield Act(f"{role} sent", who, send, lambda: _open_form(who) == ids.GUIDELINES_FORM)
        yield Act(f"{role} agreed", who, agree, lambda: self.is_enrolled(who))

    def is_enrolled(self, who: Actor) -> bool:
        with self.world.bot.store.read(self.world.running.workspace_id) as tx:
            found = participants.of_person(tx, "img", who.id)
        return found is not None and found.is_active

    def waits(self, day: int, action_id: str) -> Act:
        """Until noon of a day of the cycle, when both have a button before them."""

        def wait() -> None:
            self.world.move_to(self.began_on + timedelta(days=day))

        def has_come() -> bool:
            return all(action_id in _buttons(who) for who in (self.mentor, self.mentee))

        return Act(f"day {day}", self.mentee, wait, has_come)

    def presses(self, who: Actor, action_id: str, outcome: str) -> Act:
        def press() -> None:
            who.hands.click(who.dm_with(action_id), action_id)

        return Act(action_id, who, press, lambda: outcome in "".join(who.dm_texts()))

    def opens(self, who: Actor, action_id: str, form: str) -> Act:
        def press() -> None:
            who.hands.click(who.dm_with(action_id), action_id)

        return Act(action_id, who, press, lambda: _open_form(who) == form)

    def sends_feedback(self) -> None:
        mentee = self.mentee
        mentee.hands.fill_in({"rating": "4", "helped_with": "Rotas.", "could_improve": ""})
        mentee.hands.submit()


def _open_form(who: Actor) -> str | None:
    return who.hands.modal["callback_id"] if who.hands.modal else None


def _close(who: Actor) -> None:
    while who.hands.modal:
        who.hands.close_modal(all=True)


def _buttons(who: Actor) -> set[str]:
    newest = who.dms()[-1] if who.dms() else {}
    return {
        element["action_id"]
        for block in newest.get("blocks", [])
        for element in block.get("elements", [])
        if "action_id" in element
    }


def _seen(who: Actor) -> Counter[str]:
    """Everything in front of a person: what they are told is something new in it."""
    shown = Counter(words(it) for it in who.hands.messages(CHANNEL))
    shown.update(who.dm_texts())
    if who.hands.modal:
        shown[words(who.hands.modal)] += 1
    return shown


class Walk:
    """One pair's story with one fault in each act."""

    def __init__(self, world: World, k: int, kind: str) -> None:
        self.world, self.k, self.kind = world, k, kind
        self.hits = 0

    def run(self, pair: Pair) -> None:
        for act in pair.acts():
            self.live_through(act)

    def live_through(self, act: Act) -> None:
        label = f"{act.name}, {self.kind} at call {self.k}"
        before = _seen(act.who)
        faults = self.world.sandbox.faults
        BREAKS[self.kind](faults, self.k - 1)
        answered = self.attempt(act)
        self.hits += not faults.are_pending
        faults.clear()
        self.recover()
        if act.is_done():
            return
        was_told = not answered or _seen(act.who) - before
        assert was_told, f"{label}: nothing happened, and nobody was told"
        self.attempt(act)
        self.recover()
        assert act.is_done(), f"{label}: a second time did not help either"

    def attempt(self, act: Act) -> bool:
        answered = False
        with suppress(NoAnswer, NotPossible):
            act.do()
            answered = True
        self.world.settle()
        return answered

    def recover(self) -> None:
        """Long enough for every wait that delivery may ask for."""
        self.world.move_to(self.world.clock() + timedelta(minutes=6))


def _people(count: int) -> Population:
    here = Population.read()
    extra = (
        Resident(f"U1{n:08d}", f"Dr Number {n}", channels=("C0GENERAL0", CHANNEL))
        for n in range(count)
    )
    return replace(here, people=(*here.people, *extra))


def _walks(world: World) -> Iterator[tuple[Walk, Pair]]:
    """k = 1, 2, 3 … until no act has a k-th call; deep in an act the hardest failures suffice."""
    number = 0
    for k in range(1, MOST_CALLS + 1):
        for kind in BREAKS if k <= ALL_KINDS_UP_TO else HARDEST:
            walk = Walk(world, k, kind)
            mentor, mentee = (world.person(f"U1{n:08d}") for n in (number, number + 1))
            number += 2
            yield walk, Pair(world, mentor, mentee)
            if walk.hits == 0:
                return
    raise AssertionError(f"an act makes more than {MOST_CALLS} calls")


def test_every_call_to_slack_fails_in_turn_and_the_story_goes_on(tmp_path: Path) -> None:
    with world_at(tmp_path, population=_people(2 * MOST_CALLS * len(BREAKS))) as world:
        world.sandbox.answer_timeout_seconds = 1.0
        world.sandbox.retry_delays_seconds = (0.0, 0.0, 0.0)
        for walk, pair in _walks(world):
            walk.run(pair)
            _check_books(world)
            _check_conversations(world)


def _check_books(world: World) -> None:
    """The database holds whole things only, and everything that was to be said was said."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        assert tx.session.execute(text("PRAGMA foreign_key_check")).all() == []
        messages = list(tx.session.scalars(select(Message)))
        for message in messages:
            if message.not_before_at <= world.clock():
                assert message.state in (MessageState.SENT, MessageState.CANCELLED), message
                assert message.intent_at is message.lease_by is message.lease_until_at is None
        for participant in tx.session.scalars(select(Participant)):
            assert participant.draft is None
            assert participant.state is ParticipantState.PAUSED
            assert participant.waiting_since_at is None
        members: dict[str, list[Role]] = {}
        for membership in tx.session.scalars(select(Membership)):
            members.setdefault(membership.pairing_id, []).append(membership.role)
        for pairing in tx.session.scalars(select(Pairing)):
            assert sorted(members.pop(pairing.pairing_id)) == [Role.MENTEE, Role.MENTOR]
            assert pairing.next_due_at is None
            assert not pairing.is_active
        assert members == {}


def _check_conversations(world: World) -> None:
    """Each message of the outbox stands in Slack once, and each certificate was shared once."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        sent = list(tx.session.scalars(select(Message).where(_is_sent())))
    keys: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for conversation in world.sandbox.state.conversations.values():
        for posting in conversation.postings:
            keys.update(_key(posting.body))
            files.update(file["id"] for file in posting.body.get("files", []))
    with_files = {it.slack_ts for it in sent if it.file_id}
    assert set(files) == with_files
    assert set(keys) == {it.key for it in sent if not it.file_id}
    assert set(keys.values()) | set(files.values()) <= {1}


def _is_sent() -> Any:
    from mentorbot.storage import tables

    return tables.outbox.c.state == MessageState.SENT


def _key(body: dict[str, Any]) -> list[str]:
    payload = body.get("metadata", {}).get("event_payload", {})
    return [payload["key"]] if "key" in payload else []
