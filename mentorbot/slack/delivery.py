"""Delivery: claims messages, renders them, sends them, settles them; never lost, never twice.

A message is claimed under a lease. Just before the call its intent is committed; a sender that
finds an intent left by another looks for the message in Slack, by the key in its metadata, before
it sends anything. The client has no retry handlers: slack_sdk's own would post twice when an answer
is lost.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageKind, MessageState, ends_with_pairing
from mentorbot.slack.consequences import carry_out, gone_of
from mentorbot.slack.outcomes import Failure, Outcome, failure_of, failure_of_look_up
from mentorbot.slack.posting import find_posted, open_conversation, post, share_file, upload
from mentorbot.slack.rendering import Rendered, render
from mentorbot.storage import outbox, pairings
from mentorbot.storage.store import DATABASE_AWAY, Transaction

log = structlog.get_logger(__name__)

MOST_TRIES = {Outcome.AMBIGUOUS: 100, Outcome.BROKEN: 12}
"""Tries that may end in one way: a day of failures on Slack's side, an hour of our own.

Rate limits, a Slack that is out of reach and a token that it does not take are no message's fault.
"""
LONGEST_WAIT_SECONDS = 900
LOCKED_OUT_WAIT_SECONDS = 300
UNREADABLE_WAIT = timedelta(hours=1)
DELIVERY_TIMEOUT_SECONDS = 10
"""Shorter than any lease, so that a sender never outlives its claim."""


class Delivery:
    """Sends what is due, one message at a time.

    `client_for` gives a workspace's client, asked for each message, or None where there is none:
    then nothing is claimed, and what is due waits.
    """

    def __init__(
        self, bot: MentorBot, client_for: Callable[[str], WebClient | None], sender: str
    ) -> None:
        self._bot = bot
        self._client_for = client_for
        self._sender = sender
        self._one_at_a_time = threading.Lock()

    def drain(self) -> int:
        """Send everything that is due in every workspace; returns how many claims were made."""
        with self._one_at_a_time:
            return sum(
                self.drain_workspace(workspace) for workspace in self._bot.store.workspace_ids()
            )

    def drain_workspace(self, workspace_id: str) -> int:
        """Send everything that is due in a workspace; returns how many claims were made.

        Raises what a database raises that is away: what is under a lease is then taken up again
        when the lease runs out, and looked for in Slack first.
        """
        claims = 0
        while (client := self._client_for(workspace_id)) is not None:
            message = self._claim(workspace_id)
            if message is None:
                break
            claims += 1
            self._bot.pulse.feel()
            try:
                goes_on = self._deliver(client, message)
            except DATABASE_AWAY:
                raise
            except Exception as error:  # one bad message never stops the others
                log.exception("delivery.failed", message=message.message_id, kind=message.kind)
                self._fail(client, message, Failure(Outcome.BROKEN, type(error).__name__))
                goes_on = True
            if not goes_on:
                break
        return claims

    def _claim(self, workspace_id: str) -> Message | None:
        now = self._bot.clock()
        lease_seconds = self._bot.settings.mentorbot_lease_seconds
        while True:
            with self._bot.store.begin(workspace_id) as tx:
                message_id = outbox.claim(tx, self._sender, now, lease_seconds)
                if message_id is None:
                    return None
                try:
                    return outbox.held(tx, message_id, self._sender)
                except DATABASE_AWAY:
                    raise
                except Exception:  # one bad message never stops the others
                    log.exception("delivery.unreadable", message=message_id)
                    outbox.put_off(tx, message_id, now + UNREADABLE_WAIT)

    def _deliver(self, client: WebClient, message: Message) -> bool:
        """Bring one message to an end or a wait; False when the workspace is locked out."""
        try:
            if message.intent_at is not None and self._was_posted(client, message):
                return True
        except Exception as error:
            return self._refused(client, message, error, failure_of_look_up(error))
        if self._is_pointless(message):
            return True
        try:
            self._send(client, message)
        except Exception as error:
            return self._refused(client, message, error, failure_of(error))
        return True

    def _refused(
        self, client: WebClient, message: Message, error: Exception, failure: Failure
    ) -> bool:
        log.warning(
            "delivery.refused",
            message=message.message_id,
            kind=message.kind,
            outcome=failure.outcome,
            reason=failure.reason,
        )
        if failure.reason == "ratelimited":
            self._bot.metrics.rate_limits.labels(method=_method_of(error)).inc()
        self._fail(client, message, failure)
        return failure.outcome is not Outcome.LOCKED_OUT

    def _is_pointless(self, message: Message) -> bool:
        """Settle what is too late, or about a pairing that has ended."""
        now = self._bot.clock()
        with self._bot.store.begin(message.workspace_id) as tx:
            held = outbox.held(tx, message.message_id, self._sender)
            if held is None:
                return True
            pairing = pairings.pairing(tx, held.pairing_id) if held.pairing_id else None
            if held.expires_at is not None and held.expires_at <= now:
                outcome = MessageState.EXPIRED
            elif pairing and not pairing.is_active and ends_with_pairing(held.kind):
                outcome = MessageState.CANCELLED
            else:
                return False
            held.state, held.settled_at = outcome, now
            outbox.record_attempt(tx, held, now, outcome)
            return True

    def _was_posted(self, client: WebClient, message: Message) -> bool:
        """Whether an earlier try reached Slack after all; if not, its intent is taken back."""
        found = find_posted(client, message)
        if found is not None:
            self._settle(message, found)
            return True
        with self._bot.store.begin(message.workspace_id) as tx:
            held = outbox.held(tx, message.message_id, self._sender)
            if held is None:
                return True
            held.intent_at = held.file_id = None
            message.intent_at = message.file_id = None
        return False

    def _send(self, client: WebClient, message: Message) -> None:
        channel_id = self._conversation(client, message)
        with self._bot.store.read(message.workspace_id) as tx:
            rendered = render(tx, message)
        file_id = upload(client, rendered.attachment) if rendered.attachment else None
        if not self._commit_intent(message, channel_id, file_id):
            return
        self._settle(message, self._post(client, message, channel_id, file_id, rendered))

    def _conversation(self, client: WebClient, message: Message) -> str:
        if message.pairing_id and len(message.recipients) > 1:
            with self._bot.store.read(message.workspace_id) as tx:
                pairing = pairings.pairing(tx, message.pairing_id)
            if pairing is not None and pairing.channel_id:
                return pairing.channel_id
        return open_conversation(client, message.recipients)

    def _commit_intent(self, message: Message, channel_id: str, file_id: str | None) -> bool:
        """Renew the lease and write down that the call is about to be made."""
        now = self._bot.clock()
        lease_seconds = self._bot.settings.mentorbot_lease_seconds
        with self._bot.store.begin(message.workspace_id) as tx:
            held = outbox.held(tx, message.message_id, self._sender)
            if held is None:
                log.warning("delivery.lease_lost", message=message.message_id)
                return False
            held.intent_at, held.channel_id, held.file_id = now, channel_id, file_id
            held.lease_until_at = now + timedelta(seconds=lease_seconds)
        return True

    def _post(
        self,
        client: WebClient,
        message: Message,
        channel_id: str,
        file_id: str | None,
        rendered: Rendered,
    ) -> str:
        if file_id is not None and rendered.attachment is not None:
            return share_file(client, channel_id, file_id, rendered)
        return post(client, channel_id, message.message_id, rendered)

    def _settle(self, message: Message, slack_ts: str) -> None:
        now = self._bot.clock()
        with self._bot.store.begin(message.workspace_id) as tx:
            held = outbox.message(tx, message.message_id)
            if held is None or held.state is MessageState.SENT:
                return
            held.state, held.slack_ts, held.settled_at = MessageState.SENT, slack_ts, now
            held.intent_at = held.lease_by = held.lease_until_at = None
            outbox.record_attempt(tx, held, now, "sent")
            delay = now - max(held.not_before_at, held.created_at)
            if held.kind is MessageKind.INTRODUCTION and held.pairing_id:
                pairing = pairings.pairing(tx, held.pairing_id)
                if pairing is not None:
                    pairing.channel_id = held.channel_id
        self._bot.metrics.sends.labels(outcome="sent").inc()
        self._bot.metrics.delays.observe(max(delay.total_seconds(), 0))

    def _fail(self, client: WebClient, message: Message, failure: Failure) -> None:
        now = self._bot.clock()
        gone = gone_of(client, message) if failure.outcome is Outcome.GONE else []
        with self._bot.store.begin(message.workspace_id) as tx:
            held = outbox.held(tx, message.message_id, self._sender)
            if held is None:
                return
            outbox.record_attempt(tx, held, now, failure.outcome, failure.reason)
            held.last_error = failure.reason[:200]
            held.lease_by = held.lease_until_at = None
            if not failure.leaves_doubt:
                held.intent_at = None
            if self._is_over(tx, held, failure):
                self._give_up(held, now)
                carry_out(tx, held, failure, gone, now)
            else:
                held.state = MessageState.PENDING if held.intent_at is None else held.state
                held.not_before_at = now + _wait(held.attempt_count, failure)
        self._bot.metrics.sends.labels(outcome=str(failure.outcome)).inc()

    def _is_over(self, tx: Transaction, held: Message, failure: Failure) -> bool:
        """Whether to stop trying."""
        most = MOST_TRIES.get(failure.outcome)
        if most is None:
            return failure.is_final
        return outbox.attempts(tx, held.message_id, failure.outcome) >= most

    def _give_up(self, held: Message, now: datetime) -> None:
        maybe_posted = held.intent_at is not None
        held.state = MessageState.UNKNOWN if maybe_posted else MessageState.DEAD
        held.settled_at = now


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
    return timedelta(seconds=min(2**attempt_count, LONGEST_WAIT_SECONDS))
