"""The verdict: effects in the database and in Slack's record, against what was answered."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Acknowledgement, Participant, Person
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.payloads import payload_key
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction
from tests.faults.inbound.acts import Act, Story

LEAVES_A_TRACE = {"join", "enter", "move", "form", "agree", "pause", "resume", "details"}
"""Acts that change something in the database; the others only show something."""


@dataclass
class Verdict:
    """What went wrong, a sentence each; nothing where everything had exactly one effect."""

    missing: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.missing or self.repeated or self.half)


class Found:
    """Everything in the database that acts leave behind, by person."""

    def __init__(self, tx: Transaction) -> None:
        self.people = _by_person(tx.session.scalars(select(Person)))
        self.participants = _by_person(tx.session.scalars(select(Participant)))
        self.agreed = {it.participant_id for it in tx.session.scalars(select(Acknowledgement))}
        self.messages = list(
            tx.session.scalars(select(Message).order_by(tables.outbox.c.created_at))
        )
        self.keys = set(tx.session.scalars(select(tables.handled_payloads.c.payload_key)))
        self.told: dict[tuple[MessageKind, str], int] = Counter()
        self.pauses: dict[str, list[Any]] = defaultdict(list)
        for message in self.messages:
            for reader in message.recipients:
                self.told[message.kind, reader] += 1
            if message.kind is MessageKind.PARTNER_PAUSED:
                self.pauses[message.params["about"]].append(self._weeks(message))
            elif message.kind is MessageKind.PARTNER_BACK:
                self.pauses[message.params["about"]].append(None)

    def is_handled(self, act: Act) -> bool:
        """Whether the database knows the payload."""
        return payload_key(act.payload) in self.keys

    def _weeks(self, message: Message) -> int:
        zone = ZoneInfo(self.people[message.params["about"]].time_zone)
        until = date.fromisoformat(message.params["until"])
        return (until - message.created_at.astimezone(zone).date()).days // 7


def _by_person(rows: Any) -> dict[str, Any]:
    return {row.slack_user_id: row for row in rows}


def judge(bot: MentorBot, sandbox: Sandbox, stories: list[Story]) -> Verdict:
    """Compare what there is with what must be."""
    with bot.store.read(sandbox.workspace_id) as tx:
        found = Found(tx)
    verdict = Verdict()
    opened = _views_opened(sandbox)
    for story in stories:
        for act in story.done:
            if act.what in LEAVES_A_TRACE and not found.is_handled(act):
                verdict.missing.append(f"{story.slack_user_id}: {act.what} left no trace")
            if act.what == "open" and opened[act.effect] != 1:
                wrong = verdict.repeated if opened[act.effect] else verdict.missing
                wrong.append(f"{story.slack_user_id}: a click opened {opened[act.effect]} forms")
        _judge_coming(found, sandbox, story, verdict)
        _judge_enrolment(found, story, verdict)
        _judge_changes(found, story, verdict)
    _judge_record(found, sandbox, verdict)
    return verdict


def _views_opened(sandbox: Sandbox) -> Counter[str]:
    """How many forms each click opened, by its trigger."""
    return Counter(
        str(call.arguments["trigger_id"])
        for call in sandbox.calls
        if call.method == "views.open" and call.response.get("ok")
    )


def _outcomes(story: Story, what: str) -> Iterator[tuple[Act, bool]]:
    """A person's acts of a kind, and whether each was answered."""
    yield from ((act, True) for act in story.done if act.what == what)
    if story.unsure is not None and story.unsure.what == what:
        yield story.unsure, False


def _judge_coming(found: Found, sandbox: Sandbox, story: Story, verdict: Verdict) -> None:
    who = story.slack_user_id
    for what, kind in (("join", MessageKind.WELCOME), ("enter", MessageKind.CHOOSE_ROLE)):
        for act, _is_done in _outcomes(story, what):
            count = found.told[kind, who]
            if count > 1:
                verdict.repeated.append(f"{who}: {count} messages for {what}")
            elif count != found.is_handled(act):
                verdict.half.append(f"{who}: {what} without its message, or the other way round")
    if story.effects("home") and who not in sandbox.state.homes:
        verdict.missing.append(f"{who}: looked at a Home tab that was never published")


def _judge_enrolment(found: Found, story: Story, verdict: Verdict) -> None:
    who = story.slack_user_id
    held = found.participants.get(who)
    for act, _is_done in _outcomes(story, "form"):
        if (held is not None) != found.is_handled(act):
            verdict.half.append(f"{who}: a form without its enrolment, or the other way round")
    for act, _is_done in _outcomes(story, "agree"):
        has_role = held is not None and held.role is not None and held.draft is None
        has_agreed = held is not None and held.participant_id in found.agreed
        is_told = bool(
            found.told[MessageKind.INTRODUCTION, who] or found.told[MessageKind.QUEUE_PLACE, who]
        )
        if {has_role, has_agreed, is_told} != {found.is_handled(act)}:
            verdict.half.append(f"{who}: agreed to the guidelines by half")
    if found.told[MessageKind.INTRODUCTION, who] > 1:
        verdict.repeated.append(f"{who}: introduced twice")


def _judge_changes(found: Found, story: Story, verdict: Verdict) -> None:
    """What is changed again and again must stand as the last change left it."""
    who, unsure = story.slack_user_id, story.unsure
    person, held = found.people.get(who), found.participants.get(who)
    for what, actual in (
        ("move", person and person.time_zone),
        ("details", held and held.answers.get("hopes")),
    ):
        may_be = story.effects(what)[-1:]
        if may_be and unsure is not None and unsure.what == what:
            may_be.append(unsure.effect)
        if may_be and actual not in may_be:
            verdict.repeated.append(f"{who}: {what} stands at {actual!r}, not at {may_be[-1]!r}")
    _judge_pauses(found, story, verdict)


def _judge_pauses(found: Found, story: Story, verdict: Verdict) -> None:
    """A partner hears of each pause and each coming back once, in their order."""
    who = story.slack_user_id
    if not found.told[MessageKind.INTRODUCTION, who]:
        return  # nobody to tell
    every = [*story.done, *([story.unsure] if story.unsure is not None else [])]
    meant = [
        act.effect if act.what == "pause" else None
        for act in every
        if act.what in ("pause", "resume") and found.is_handled(act)
    ]
    told = found.pauses[who]
    if len(told) > len(meant):
        verdict.repeated.append(f"{who}: {len(meant)} pauses and returns, told {told}")
    elif told != meant:
        verdict.missing.append(f"{who}: paused {meant}, told {told}")


def _judge_record(found: Found, sandbox: Sandbox, verdict: Verdict) -> None:
    """Slack holds each message that was sent once, and no message twice."""
    taken: Counter[str] = Counter()
    for conversation in sandbox.state.conversations.values():
        for posting in conversation.postings:
            metadata = posting.body.get("metadata", {})
            if "key" in metadata.get("event_payload", {}):
                taken[metadata["event_payload"]["key"]] += 1
    for message in found.messages:
        count = taken[message.key]
        if count > 1:
            verdict.repeated.append(f"{message.kind} stands {count} times")
        elif message.state is MessageState.SENT and count == 0:
            verdict.missing.append(f"{message.kind} is sent and stands nowhere")
    pairs = {tuple(it.recipients) for it in found.messages if it.kind is MessageKind.INTRODUCTION}
    met = Counter(who for pair in pairs for who in pair)
    verdict.repeated.extend(f"{who}: {count} partners" for who, count in met.items() if count > 1)
