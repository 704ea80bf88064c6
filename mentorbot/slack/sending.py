"""One message on its way: looked for where it may stand already, rendered, posted; then settled.

Its claim has written the intent to post down, and what was posted is settled with others. The
client has no retry handlers: slack_sdk's own would post twice when an answer is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import OPENS_A_GROUP, Message, MessageState, is_mail
from mentorbot.slack import second_copies
from mentorbot.slack.consequences import carry_out, gone_of
from mentorbot.slack.mailing import MailWay
from mentorbot.slack.outcomes import Failure, Outcome, of_address
from mentorbot.slack.way import LeaseLost, Way
from mentorbot.storage import pairings, people, second_looks, sending
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import DATABASE_AWAY, Transaction

log = structlog.get_logger(__name__)

MOST_TRIES = {
    Outcome.AMBIGUOUS: 100,
    Outcome.BROKEN: 12,
    Outcome.DELAYED: 100,
    Outcome.UNSURE: 2,
}
"""Tries that may end in one way: a day of failures on Slack's side, an hour of our own.

A day of a mail server that wants a letter later; a letter that may have gone is sent once more.

Rate limits, a Slack or a mail server that is out of reach and a token that is not taken are no
message's fault.
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


class Sender:
    """Brings messages to an end, or to a wait."""

    def __init__(self, bot: MentorBot) -> None:
        self._bot = bot

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
        way = (MailWay if is_mail(message.recipients) else Way)(
            self._bot, client, message, make_sure
        )
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

    def _refused(self, way: Way, error: Exception) -> Refusal:
        message = way.message
        try:
            failure = of_address(way.failure_of(error), message.recipients)
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

    def _fail(self, way: Way, failure: Failure) -> None:
        now, message = self._bot.clock(), way.message
        gone = gone_of(way.client, message) if failure.outcome is Outcome.GONE else []
        with self._bot.store.begin(message.workspace_id) as tx:
            held = sending.held(tx, message)
            if held is not None:
                _write_down(tx, way, held, failure, gone, now)
            elif way.has_posted and failure.leaves_doubt and second_copies.can_go(message):
                at = now + second_looks.AFTER
                second_looks.plan(tx, message.message_id, at)
        if held is not None:
            self._bot.metrics.sends.labels(outcome=str(failure.outcome)).inc()


def _write_down(
    tx: Transaction, way: Way, held: Message, failure: Failure, gone: list[str], now: datetime
) -> None:
    """What became of a try that failed, and whether there will be another."""
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


def _keep_channels(tx: Transaction, sent: Sequence[Ending]) -> None:
    """Pairs' conversations and people's DMs, so that nobody has to ask for them again."""
    learnt = [one.message for one in sent if one.is_channel_new]
    dms = {it.recipients[0]: it.channel_id or "" for it in learnt if len(it.recipients) == 1}
    people.have_dms(tx, {who: at for who, at in dms.items() if at.startswith("D")})
    for it in (one.message for one in sent):
        if it.kind in OPENS_A_GROUP and it.pairing_id and it.channel_id:
            members = pairings.members(tx, it.pairing_id)
            if {member.slack_user_id for member in members} == set(it.recipients):
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
