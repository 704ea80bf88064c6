"""One message on its way: looked for where it may stand already, rendered, posted; then settled.

Its claim has written the intent to post down, and what was posted is settled with others. The
client has no retry handlers: slack_sdk's own would post twice when an answer is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageKind, MessageState, ends_with_pairing
from mentorbot.slack.consequences import carry_out, gone_of
from mentorbot.slack.outcomes import Failure, Outcome, failure_of, failure_of_look_up, of_address
from mentorbot.slack.posting import (
    Posted,
    find_posted,
    open_conversation,
    post,
    share_file,
    take_back,
    upload,
)
from mentorbot.slack.rendering import Rendered, render
from mentorbot.storage import applications, outbox, pairings, people, sending
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import DATABASE_AWAY, Transaction

log = structlog.get_logger(__name__)

MOST_TRIES = {Outcome.AMBIGUOUS: 100, Outcome.BROKEN: 12}
"""Tries that may end in one way: a day of failures on Slack's side, an hour of our own.

Rate limits, a Slack that is out of reach and a token that it does not take are no message's fault.
"""
MOST_LOOK_UPS = 8
LOOK_UPS_LAST = timedelta(hours=1)
"""A look-up that has failed so often, for so long, is given up."""
LONGEST_WAIT_SECONDS = 900
LONGEST_WAIT_FOR_SLACK_SECONDS = 60
LOCKED_OUT_WAIT_SECONDS = 300


@dataclass(frozen=True)
class Refusal:
    """A call that failed: what it means, and the Web API method where Slack answered."""

    failure: Failure
    method: str


class LeaseLost(Exception):
    """Somebody else has the message now, or it is settled."""


class Sender:
    """Brings messages to an end, or to a wait; `name` is what it is called in leases."""

    def __init__(self, bot: MentorBot, name: str) -> None:
        self._bot = bot
        self._name = name

    def bring(
        self,
        client: WebClient,
        message: Message,
        recover_from: datetime | None,
        make_sure: Callable[[], bool],
    ) -> Ending | Refusal | None:
        """Send a claimed message; its end, not settled yet, or what Slack refused.

        None where somebody else has it. With `recover_from` it is looked for first, since that
        instant at the latest. `make_sure` is asked just before the call, and says whether the lease
        still covers it.
        """
        way = _Way(self._bot, self._name, client, message, make_sure)
        try:
            found = way.look(recover_from) if way.is_in_doubt(recover_from) else None
            return found or way.go()
        except DATABASE_AWAY:
            raise
        except LeaseLost:
            log.warning("delivery.lease_lost", message=message.message_id)
        except Exception as error:
            return self._refused(way, error)
        return None

    def settle(self, tx: Transaction, endings: Sequence[Ending]) -> list[Ending]:
        """Write down how messages ended, and where they stand; those that were sent before."""
        news = sending.settle(tx, endings)
        _keep_channels(tx, [one for one in news if one.state is MessageState.SENT])
        return [one for one in endings if one not in news]

    def count(self, endings: Sequence[Ending]) -> None:
        """Count what was settled as sent, and how long after it was due."""
        for one in endings:
            if one.state is MessageState.SENT:
                delay = one.at - max(one.message.not_before_at, one.message.created_at)
                self._bot.metrics.sends.labels(outcome="sent").inc()
                self._bot.metrics.delays.observe(max(delay.total_seconds(), 0))

    def take_back(self, client: WebClient | None, late: Ending) -> None:
        """Somebody else took over while this process stood still: what came second goes.

        Where they have only found what this process posted, there is no second.
        """
        message = late.message
        with self._bot.store.read(message.workspace_id) as tx:
            known = outbox.message(tx, message.message_id)
        if known is None or late.slack_ts in (None, known.slack_ts):
            return
        log.warning("delivery.taken_back", message=message.message_id)
        if client is not None and message.file_id is None:
            try:
                take_back(client, Posted(str(late.slack_ts), message.channel_id))
            except (SlackClientError, OSError) as error:
                log.warning("delivery.not_taken_back", error=type(error).__name__)

    def _refused(self, way: "_Way", error: Exception) -> Refusal:
        message = way.message
        try:
            failure = failure_of_look_up(error) if way.is_looking else failure_of(error)
            failure = of_address(failure, message.recipients)
        except Exception:  # one bad message never stops the others
            log.exception("delivery.failed", message=message.message_id, kind=message.kind)
            failure = Failure(Outcome.BROKEN, type(error).__name__, of_look_up=way.is_looking)
        log.warning(
            "delivery.refused",
            message=message.message_id,
            kind=message.kind,
            outcome=failure.outcome,
            reason=failure.reason,
        )
        method = _method_of(error)
        if failure.reason == "ratelimited":
            self._bot.metrics.rate_limits.labels(method=method).inc()
        self._fail(way, failure)
        return Refusal(failure, method)

    def _fail(self, way: "_Way", failure: Failure) -> None:
        now, message = self._bot.clock(), way.message
        gone = gone_of(way.client, message) if failure.outcome is Outcome.GONE else []
        with self._bot.store.begin(message.workspace_id) as tx:
            held = sending.held(tx, message.message_id, self._name)
            if held is None:
                return
            outcome = f"look_up_{failure.outcome}" if failure.of_look_up else str(failure.outcome)
            sending.record_attempt(tx, held, now, outcome, failure.reason)
            held.last_error = failure.reason[:200]
            held.lease_by = held.lease_until_at = None
            if not (failure.of_look_up or (way.has_posted and failure.leaves_doubt)):
                held.intent_at = None
            if _is_over(tx, held, failure, outcome, now):
                maybe_posted = held.intent_at is not None
                held.state = MessageState.UNKNOWN if maybe_posted else MessageState.DEAD
                held.settled_at = now
                carry_out(tx, held, failure, gone, now)
            else:
                held.state = MessageState.PENDING if held.intent_at is None else held.state
                held.not_before_at = now + _wait(held.attempt_count, failure)
        self._bot.metrics.sends.labels(outcome=str(failure.outcome)).inc()


class _Way:
    """How far a message has come."""

    def __init__(
        self,
        bot: MentorBot,
        sender: str,
        client: WebClient,
        message: Message,
        make_sure: Callable[[], bool],
    ) -> None:
        self.client = client
        self.message = message
        self.is_looking = False
        self.has_posted = False
        self._known_channel_id = message.channel_id
        self._bot = bot
        self._sender = sender
        self._make_sure = make_sure

    def is_in_doubt(self, recover_from: datetime | None) -> bool:
        """Whether it may stand in Slack already."""
        return self.message.intent_at is not None or recover_from is not None

    def look(self, recover_from: datetime | None) -> Ending | None:
        """Its end, where it stands in Slack."""
        self.is_looking = True
        message, file_name = self.message, None
        since = message.intent_at or message.created_at
        if recover_from is not None:
            since = min(since, message.created_at, recover_from)
            file_name = self._file_name()
        found = find_posted(self.client, message, since, file_name)
        self.is_looking = False
        if found is None:
            message.intent_at = message.file_id = None
            return None
        return self._sent(found)

    def _file_name(self) -> str | None:
        with self._bot.store.read(self.message.workspace_id) as tx:
            rendered = render(tx, self.message)
        return rendered.attachment.name if rendered.attachment else None

    def go(self) -> Ending:
        """Post it, unless it has become pointless."""
        message, rendered = self.message, self._prepare()
        if isinstance(rendered, MessageState):
            return Ending(message, rendered, self._bot.clock())
        if rendered.attachment is not None:
            self._note_file(rendered)
        elif len(message.recipients) > 1 and message.channel_id is None:
            message.channel_id = open_conversation(self.client, message.recipients)
        if not self._make_sure():
            raise LeaseLost
        self.has_posted = True
        return self._sent(self._post(rendered))

    def _prepare(self) -> Rendered | MessageState:
        """What is to be posted, or why it is pointless: too late, or its pairing has ended."""
        message = self.message
        with self._bot.store.read(message.workspace_id) as tx:
            if not sending.is_held(tx, message.message_id, self._sender):
                raise LeaseLost
            return self._pointless(tx) or render(tx, message)

    def _pointless(self, tx: Transaction) -> MessageState | None:
        message = self.message
        pairing = pairings.pairing(tx, message.pairing_id) if message.pairing_id else None
        if message.expires_at is not None and message.expires_at <= self._bot.clock():
            return MessageState.EXPIRED
        if pairing and not pairing.is_active and ends_with_pairing(message.kind):
            return MessageState.CANCELLED
        if self._is_superseded(tx):
            return MessageState.CANCELLED
        if pairing and len(message.recipients) > 1:
            message.channel_id = pairing.channel_id or message.channel_id
        return None

    def _is_superseded(self, tx: Transaction) -> bool:
        """Whether it is about an application that does not stand as it would say any more."""
        application_id = self.message.params.get("application_id")
        if application_id is None:
            return False
        found = applications.application(tx, application_id)
        return found is None or found.state != self.message.params["state"]

    def _note_file(self, rendered: Rendered) -> None:
        """A file has an id once its bytes are with Slack; it is noted before the file is shared."""
        message, attachment = self.message, rendered.attachment
        if attachment is None:
            return
        message.channel_id = message.channel_id or open_conversation(
            self.client, message.recipients
        )
        message.file_id = upload(self.client, attachment)
        lease_seconds = self._bot.settings.mentorbot_lease_seconds
        with self._bot.store.begin(message.workspace_id) as tx:
            now = self._bot.clock()
            if not sending.note_file(tx, message, self._sender, now, lease_seconds):
                raise LeaseLost

    def _post(self, rendered: Rendered) -> Posted:
        message = self.message
        if message.file_id is not None:
            return share_file(self.client, message.channel_id or "", message.file_id, rendered)
        place = message.channel_id if len(message.recipients) > 1 else message.recipients[0]
        return post(self.client, place or "", message.key, rendered)

    def _sent(self, posted: Posted) -> Ending:
        message, now = self.message, self._bot.clock()
        message.channel_id = posted.channel_id or message.channel_id
        is_new = message.channel_id != self._known_channel_id
        return Ending(message, MessageState.SENT, now, posted.slack_ts, is_new)


def _keep_channels(tx: Transaction, sent: Sequence[Ending]) -> None:
    """Pairs' conversations and people's DMs, so that nobody has to ask for them again."""
    learnt = [one.message for one in sent if one.is_channel_new]
    dms = {it.recipients[0]: it.channel_id or "" for it in learnt if len(it.recipients) == 1}
    people.have_dms(tx, {who: at for who, at in dms.items() if at.startswith("D")})
    for it in (one.message for one in sent):
        if it.kind is MessageKind.INTRODUCTION and it.pairing_id and it.channel_id:
            pairings.talks_in(tx, it.pairing_id, it.channel_id)


def _is_over(tx: Transaction, held: Message, failure: Failure, outcome: str, now: datetime) -> bool:
    """Whether to stop trying."""
    if failure.of_look_up and failure.outcome in (Outcome.AMBIGUOUS, Outcome.BROKEN):
        too_long = held.intent_at is not None and held.intent_at + LOOK_UPS_LAST <= now
        return too_long and sending.attempts(tx, held.message_id, outcome) >= MOST_LOOK_UPS
    most = MOST_TRIES.get(failure.outcome)
    if most is None:
        return failure.is_final
    return sending.attempts(tx, held.message_id, outcome) >= most


def _method_of(error: Exception) -> str:
    """The Web API method that was refused."""
    if isinstance(error, SlackApiError):
        return str(getattr(error.response, "api_url", "")).rpartition("/")[2]
    return ""


def _wait(attempt_count: int, failure: Failure) -> timedelta:
    if failure.retry_after_seconds is not None:
        return timedelta(seconds=failure.retry_after_seconds)
    if failure.outcome is Outcome.LOCKED_OUT:
        return timedelta(seconds=LOCKED_OUT_WAIT_SECONDS)
    longest = LONGEST_WAIT_SECONDS
    if failure.outcome is Outcome.CLEAN:
        longest = LONGEST_WAIT_FOR_SLACK_SECONDS
    return timedelta(seconds=min(2 ** min(attempt_count, 10), longest))
