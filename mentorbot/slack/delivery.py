"""Delivery: what is due is claimed by the lane, sent at the pace that Slack allows, and settled."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MAIL, Message, is_mail
from mentorbot.slack import second_copies
from mentorbot.slack.lanes import InHand, Lane, Lanes, Wait, nothing_done
from mentorbot.slack.outcomes import Outcome, failure_of
from mentorbot.slack.pace import EVERYTHING, Errand, Pace
from mentorbot.slack.sending import LOCKED_OUT_WAIT_SECONDS, Refusal, Sender
from mentorbot.storage import lanes, pairings, people, second_looks, sending
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import Transaction

log = structlog.get_logger(__name__)

SLICE = 20
"""So many messages are claimed in one transaction."""
DELIVERY_TIMEOUT_SECONDS = 10
"""Shorter than any lease, so that a sender never outlives its claim."""
LEASE_MARGIN_SECONDS = DELIVERY_TIMEOUT_SECONDS + 2
"""What a lease must have left when a call begins."""
POST, LOOK_UP = "chat.postMessage", "conversations.history"


class Delivery:
    """Sends what is due, in lanes.

    `client_for` gives a workspace's client, asked for each message, or None where there is none:
    then nothing is claimed, and what is due waits. `sender` is what this process is called in
    leases, in at most 27 characters; each claim adds its number. `seconds` counts for leases and
    pace, and never jumps; `nap` waits on a condition.
    """

    def __init__(
        self,
        bot: MentorBot,
        client_for: Callable[[str], WebClient | None],
        sender: str,
        *,
        seconds: Callable[[], float] = time.monotonic,
        nap: Wait = threading.Condition.wait,
    ) -> None:
        self._bot = bot
        self._client_for = client_for
        self._name = sender
        self._claims = itertools.count(1)
        self._sender = Sender(bot)
        self._seconds = seconds
        self._paces: dict[str, Pace] = {}
        self._lanes = Lanes(self, bot.settings.mentorbot_senders, seconds, nap)

    def drain(self) -> int:
        """Send everything that is due in every workspace; returns how many messages were taken up.

        What waits for its pace is waited for; what Slack holds up is put off. Raises what a
        database raises that is away: what is under a lease is then taken up again when the lease
        runs out, and looked for in Slack first.
        """
        under_way = [self.send(workspace_id) for workspace_id in self._bot.store.workspace_ids()]
        wait(under_way)
        return sum(each.result() for each in under_way)

    def send(self, workspace_id: str) -> Future[int]:
        """Begin to send what is due in a workspace; gives how many messages were taken up."""
        pace = self._pace(workspace_id)
        if not self._lanes.has(workspace_id):
            with self._bot.store.read(workspace_id) as tx:
                is_due = sending.is_due(tx, self._bot.clock())
            if not is_due or pace.is_held:
                return nothing_done()
        return self._lanes.hand_over(workspace_id, pace)

    def stop(self) -> None:
        """Finish what is under way, give back what is not, take up no more."""
        self._lanes.stop()

    def claim(self, lane: Lane, is_last: bool) -> list[InHand] | None:
        """Claim a slice, with the lane; None where nothing may be sent in it now."""
        workspace_id, lease_seconds = lane.workspace_id, self._bot.settings.mentorbot_lease_seconds
        client = self._client_for(workspace_id)
        if client is None or not self._finds_slack(client, lane):
            return None
        began, now = self._seconds(), self._bot.clock()
        with self._writing(lane) as tx:
            held = lanes.hold(tx, self._name, now, lease_seconds)
            if held is None:
                return None
            sending.repeat_unknown(tx, now)
            name = f"{self._name}/{next(self._claims)}"
            found = sending.claim(tx, name, now, lease_seconds, SLICE)
            _fill_in_channels(tx, found.messages)
            errands = [_errand(each, held.recover_from_at) for each in found.messages]
            is_quiet = is_last and not errands
            again = second_looks.due(tx, now, SLICE) if is_quiet else []
            if is_quiet:
                lanes.give_back(tx, self._name)
        lane.recover_from, lane.is_held = held.recover_from_at, bool(errands) or not is_last
        for message_id in found.unreadable:
            log.error("delivery.unreadable", message=message_id)
        self._look_again(lane.pace, client, again)
        until, until_at = began + lease_seconds, now + timedelta(seconds=lease_seconds)
        both = zip(found.messages, errands, strict=True)
        return [InHand(message, errand, until, until_at) for message, errand in both]

    def _look_again(self, pace: Pace, client: WebClient, some: Sequence[Message]) -> None:
        """Look for second copies of messages, as far as the pace lets us; the rest waits."""
        for message in some:
            errand = Errand(message.message_id, (LOOK_UP,))
            with self._lanes.changed:
                now = self._seconds()
                if pace.held_until(errand) is not None or pace.ready_at(errand) > now:
                    return
                pace.went(errand, now)
            if not second_copies.look_again(self._bot, client, message):
                return

    def _finds_slack(self, client: WebClient, lane: Lane) -> bool:
        """Whether Slack is there; asked before a message is risked where it was away."""
        pace = lane.pace
        if pace.is_held:
            return False
        if not pace.is_away:
            return True
        try:
            client.api_test()
        except (SlackClientError, OSError) as error:
            if failure_of(error).finds_no_slack:
                with self._lanes.changed:
                    pace.found_no_slack()
                return False
        with self._lanes.changed:
            pace.found_slack()
        return True

    def deliver(self, lane: Lane, one: InHand) -> Ending | None:
        """Bring one message to an end, or to a wait, and heed what Slack says of the pace."""
        self._bot.pulse.feel()
        client = self._client_for(lane.workspace_id)
        if client is None:
            self.put_off(lane, [one])
            return None
        covers = partial(self._covers, lane, one)
        ids = {"workspace": lane.workspace_id, "message": one.message.message_id}
        with self._bot.tracing.span(f"delivery {one.message.kind}", **ids) as note:
            brought = self._sender.bring(client, one.message, lane.recover_from, covers)
            refusal = brought if isinstance(brought, Refusal) else None
            note("settled" if refusal is None else refusal.failure.outcome)
        with self._lanes.changed:
            self._heed(lane.pace, one.errand, refusal)
        return brought if isinstance(brought, Ending) else None

    def settle(self, lane: Lane) -> None:
        """Settle what has come to its end and is not settled yet."""
        with self._writing(lane):
            pass

    @contextmanager
    def _writing(self, lane: Lane) -> Iterator[Transaction]:
        """A transaction that begins by settling what has come to its end."""
        with self._lanes.changed:
            endings = list(lane.endings)
        with self._bot.store.begin(lane.workspace_id) as tx:
            late = self._sender.settle(tx, endings)
            yield tx
        with self._lanes.changed:
            lane.settled(endings, self._seconds())
        self._sender.count([one for one in endings if one not in late])
        if late and (client := self._client_for(lane.workspace_id)) is not None:
            for one in late:
                second_copies.remove(self._bot, client, one.message, one.slack_ts)

    def _heed(self, pace: Pace, errand: Errand, refusal: Refusal | None) -> None:
        """A limit holds up exactly what it is about."""
        if refusal is None:
            pace.found_slack()
        elif (seconds := refusal.failure.retry_after_seconds) is not None:
            is_of_method = refusal.method not in ("", POST)
            pace.hold(refusal.method if is_of_method else errand.conversation, seconds)
        elif refusal.failure.outcome is Outcome.LOCKED_OUT:
            pace.hold(EVERYTHING, LOCKED_OUT_WAIT_SECONDS)
        elif refusal.failure.finds_no_slack:
            pace.found_no_slack()

    def _covers(self, lane: Lane, one: InHand) -> bool:
        """Whether the lease covers a call that begins now, renewed if need be."""
        if self._left_seconds(one) < LEASE_MARGIN_SECONDS:
            self._renew(lane, one)
        return self._left_seconds(one) >= LEASE_MARGIN_SECONDS

    def _left_seconds(self, one: InHand) -> float:
        """How long a lease still lasts, by a clock that may be set and by one that cannot."""
        by_clock = (one.lease_until_at - self._bot.clock()).total_seconds()
        return min(by_clock, one.lease_until - self._seconds())

    def _renew(self, lane: Lane, one: InHand) -> None:
        """Renew the lane's lease and those of all that is in hand; what was lost is let go."""
        with self._lanes.changed:
            some = [one, *lane.hand]
        lease_seconds = self._bot.settings.mentorbot_lease_seconds
        until, now = self._seconds() + lease_seconds, self._bot.clock()
        with self._writing(lane) as tx:
            lanes.hold(tx, self._name, now, lease_seconds)
            kept = sending.renew(tx, [it.message for it in some], now, lease_seconds)
        lost = []
        for it in some:
            if (it.message.message_id, it.message.lease_by) in kept:
                it.lease_until, it.lease_until_at = until, now + timedelta(seconds=lease_seconds)
            else:
                lost.append(it)
        with self._lanes.changed:
            lane.hand = [it for it in lane.hand if it not in lost]

    def put_off(self, lane: Lane, some: Sequence[InHand]) -> None:
        """Give back messages that Slack holds up, until then."""
        by_wait: dict[datetime, list[Message]] = {}
        with self._lanes.changed:
            for one in some:
                until_at = lane.pace.held_until(one.errand) or self._bot.clock()
                by_wait.setdefault(until_at, []).append(one.message)
        with self._writing(lane) as tx:
            for until_at, messages in by_wait.items():
                sending.give_back(tx, messages, until_at)

    def give_back(self, lane: Lane, some: Sequence[InHand]) -> None:
        """Give back messages that were not sent, and the lane; leases do it where this fails."""
        if not (some or lane.endings or lane.is_held):
            return
        was_held, lane.is_held = lane.is_held, False
        try:
            with self._writing(lane) as tx:
                sending.give_back(tx, [one.message for one in some])
                if was_held:
                    lanes.give_back(tx, self._name)
        except Exception as error:
            log.warning("delivery.not_given_back", error=type(error).__name__)

    def _pace(self, workspace_id: str) -> Pace:
        per_minute = self._bot.settings.mentorbot_messages_per_minute
        return self._paces.setdefault(workspace_id, Pace(per_minute, self._bot.clock))


def _errand(message: Message, recover_from: datetime | None) -> Errand:
    """What a message will ask of Slack."""
    recipients, methods = message.recipients, []
    if is_mail(recipients):
        return Errand(MAIL, ("users.lookupByEmail",))
    is_looked_for = message.intent_at is not None or recover_from is not None
    is_channel = recipients[0].startswith(("C", "G"))
    if message.channel_id is None and not is_channel and (is_looked_for or len(recipients) > 1):
        methods.append("conversations.open")
    if is_looked_for:
        methods.append("files.info" if message.file_id else LOOK_UP)
    return Errand("+".join(sorted(recipients)), tuple(methods))


def _fill_in_channels(tx: Transaction, messages: Sequence[Message]) -> None:
    """Where messages go, as far as that is known."""
    dms = people.dms(tx, [it.recipients[0] for it in messages if len(it.recipients) == 1])
    for it in messages:
        if len(it.recipients) == 1:
            it.channel_id = it.channel_id or dms.get(it.recipients[0])
        elif it.pairing_id:
            it.channel_id = it.channel_id or pairings.conversation(tx, it.pairing_id)
