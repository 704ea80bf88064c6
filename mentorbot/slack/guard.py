"""The guard around every listener: what it may use, and what becomes of its refusals and failures.

A listener commits before anything is acknowledged. An expected refusal becomes a modal error, an
ephemeral or a modal of its own. An unexpected failure of a click is logged and the person told; of
an event it is let through, so that Slack delivers the event again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, Refusal
from mentorbot.domain.model import Person
from mentorbot.slack import blocks, meant
from mentorbot.slack.outcomes import Outcome, failure_of
from mentorbot.slack.payloads import payload_key, request_id
from mentorbot.slack.profiles import person_from_profile
from mentorbot.slack.refusals import worded
from mentorbot.storage import inbox, people
from mentorbot.storage.store import Transaction
from mentorbot.wording import DEFAULT_LOCALE, Markup, say

log = structlog.get_logger(__name__)
REPLY_TIMEOUT_SECONDS = 3
UNANSWERED = (SlackClientError, OSError, HTTPException)
"""A call to Slack that was refused, or whose answer did not come."""


class AlreadyHandled(Exception):
    """Slack delivered a payload again that has had its effect."""


class _Unknown(Exception):
    """The person has no name here yet; raised inside `begin_knowing_person` only."""


@dataclass
class Call:
    """One payload from Slack: who did what, and the means to answer."""

    bot: MentorBot
    body: dict[str, Any]
    client: WebClient
    answer: Ack
    workspace_id: str
    slack_user_id: str
    now: datetime
    is_event: bool
    has_news: bool = False
    _has_looked: bool = False
    _locale: str = DEFAULT_LOCALE
    _is_known: bool = False
    _meant: str | None = None

    @property
    def locale(self) -> str:
        """The person's locale; a database that is away must not keep us from answering."""
        if not self._has_looked:
            try:
                with self.read():
                    pass
            except SQLAlchemyError as error:
                log.warning("locale.unknown", error=type(error).__name__)
                self._has_looked = True
        return self._locale

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction in which this payload has its one effect; raises AlreadyHandled."""
        with self.bot.store.begin(self.workspace_id) as tx:
            taken = inbox.take(tx, payload_key(self.body), self.slack_user_id, self.now)
            if taken is None:
                raise AlreadyHandled
            if not self._has_looked:
                self._take_in(taken.name, taken.locale or DEFAULT_LOCALE)
            tx.meant = None if self.is_event else self._find_meant
            yield tx
        self.has_news = self.has_news or tx.has_news

    @contextmanager
    def begin_knowing_person(self) -> Iterator[Transaction]:
        """As `begin`, with the person stored; Slack is asked about them first if need be."""
        try:
            with self.begin() as tx:
                if not self._is_known:
                    raise _Unknown
                yield tx
        except _Unknown:
            self.know_person()
            with self.begin() as tx:
                yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction for looking only."""
        with self.bot.store.read(self.workspace_id) as tx:
            self._look_up(tx)
            tx.meant = None if self.is_event else self._find_meant
            yield tx

    def _find_meant(self, tx: Transaction) -> str | None:
        """Which programme the payload is about, found out once."""
        if self._meant is None:
            self._meant = meant.find(tx, self.body, self.slack_user_id)
        return self._meant

    def ack(self, **answer: Any) -> None:
        """Acknowledge, perhaps with an answer, cut to a message's size; it tells its programme."""
        if "blocks" in answer:
            answer["blocks"] = blocks.posted(answer["blocks"])
        programme_id = self._told_programme
        if programme_id is not None and "blocks" in answer:
            answer["blocks"] = meant.stamped(answer["blocks"], programme_id)
        if "view" in answer:
            answer["view"] = self._stamped(answer["view"])
        self.answer(**answer)

    @property
    def _told_programme(self) -> str | None:
        """The programme that was found out, or else the one that the click or form came with."""
        return self._meant if self._meant is not None else meant.carried_by(self.body)

    def _stamped(self, view: dict[str, Any]) -> dict[str, Any]:
        programme_id = self._told_programme
        return view if programme_id is None else meant.stamped_view(view, programme_id)

    def _look_up(self, tx: Transaction) -> None:
        """Read about the person in passing, once, in whatever transaction comes first."""
        if not self._has_looked:
            self._take_in(*people.name_and_locale(tx, self.slack_user_id) or ("", DEFAULT_LOCALE))

    def _take_in(self, name: str, locale: str) -> None:
        self._has_looked, self._is_known, self._locale = True, name != "", locale

    def say(self, key: str, **values: object) -> Markup:
        """A sentence in the person's language."""
        return say(key, self.locale, **values)

    def refusal(self, refusal: Refusal) -> Markup:
        """What a person reads of a refusal."""
        return self.say(refusal.key, **worded(refusal.values, self.locale))

    @property
    def action(self) -> dict[str, Any]:
        """The button that was pressed."""
        found: dict[str, Any] = self.body["actions"][0]
        return found

    @property
    def view(self) -> dict[str, Any]:
        """The view that was submitted, or in which a button was pressed."""
        return meant.unstamped_view(self.body["view"])

    def know_person(self) -> None:
        """Make sure that the person is stored, asking Slack about them the first time."""
        if not self._has_looked:
            with self.read():
                pass
        if not self._is_known:
            seen = self.fetch_person(self.slack_user_id)
            with self.bot.store.begin(self.workspace_id) as tx:
                stored = people.first_seen(tx, seen, self.now)
            self._take_in(stored.name, stored.locale)

    def fetch_person(self, slack_user_id: str) -> Person:
        """Ask Slack about somebody."""
        answer = self.client.users_info(user=slack_user_id, include_locale=True)
        return person_from_profile(self.workspace_id, answer["user"])

    def open_view(self, view: dict[str, Any]) -> None:
        """Open a modal, on top of the one in which the click happened, if any.

        Raises AlreadyHandled where this very click has opened one: a trigger serves once.
        """
        self.ack()
        in_modal = self.body.get("view", {}).get("type") == "modal"
        method = self.client.views_push if in_modal else self.client.views_open
        try:
            method(trigger_id=self.body["trigger_id"], view=self._stamped(view))
        except SlackApiError as error:
            if error.response.get("error") == "exchanged_trigger_id":
                raise AlreadyHandled from error
            raise

    def update_view(self, view: dict[str, Any]) -> None:
        """Put another modal in place of the one in which a button was pressed."""
        self.ack()
        self.client.views_update(view_id=self.view["id"], view=self._stamped(view))

    def update_view_below(self, view: dict[str, Any]) -> None:
        """Close the modal that was sent, and put another in place of the one under it."""
        self.ack()
        below = self.view["previous_view_id"]
        self.client.views_update(view_id=below, view=self._stamped(view))

    def is_workspace_admin(self) -> bool:
        """Whether Slack knows the person as an admin of the workspace."""
        user = self.client.users_info(user=self.slack_user_id)["user"]
        return bool(user.get("is_admin") or user.get("is_owner"))

    def replace_message(self, text: str, new_blocks: list[dict[str, Any]]) -> None:
        """Put the outcome of a click in place of the message, or modal, that held its button."""
        if self.body.get("view", {}).get("type") == "modal":
            self.update_view(self._notice(text))
            return
        self.ack()
        if not self.body.get("response_url"):
            return
        if self._reply(text=text, blocks=new_blocks, replace_original=True) is not True:
            self._update_message(text, new_blocks)

    def _update_message(self, text: str, new_blocks: list[dict[str, Any]]) -> None:
        """The other way to replace a message: not for ephemeral ones, and twice is harmless."""
        message = self.body.get("container", {})
        if message.get("is_ephemeral") or "message_ts" not in message:
            return
        try:
            self.client.chat_update(
                channel=message["channel_id"],
                ts=message["message_ts"],
                text=text,
                blocks=new_blocks,
            )
        except UNANSWERED as error:
            log.warning("replace.failed", error=type(error).__name__)

    def tell(self, text: str) -> None:
        """Answer the person alone, wherever the payload came from."""
        kind = self.body.get("type")
        if "command" in self.body:
            self.ack(text=text, blocks=[blocks.section(text)])
        elif kind == "view_submission":
            self.ack(response_action="update", view=self._notice(text))
        else:
            self.ack()
            self._tell_after_click(text)

    def _tell_after_click(self, text: str) -> None:
        if self.body.get("response_url"):
            was_taken = self._reply(
                text=text,
                blocks=[blocks.section(text)],
                response_type="ephemeral",
                replace_original=False,
            )
            if was_taken is False:
                self._say_in_dm(text)
            return
        try:
            self.open_view(self._notice(text))
        except UNANSWERED:
            self._say_in_dm(text)

    def _say_in_dm(self, text: str) -> None:
        self.client.chat_postMessage(
            channel=self.slack_user_id, text=text, blocks=[blocks.section(text)]
        )

    def _reply(self, **message: Any) -> bool | None:
        """Use the payload's response_url, once: a retry after a lost answer would say it twice.

        Whether Slack took it; None where its answer was lost.
        """
        url = self.body["response_url"]
        client = WebhookClient(url, timeout=REPLY_TIMEOUT_SECONDS, retry_handlers=[])
        try:
            answer = client.send(**message)
        except UNANSWERED as error:
            log.warning("reply.lost", error=type(error).__name__)
            return None
        if answer.status_code == 200 and '"error"' not in answer.body:
            return True
        log.warning("reply.refused", status=answer.status_code)
        return False

    def _notice(self, text: str) -> dict[str, Any]:
        return blocks.modal(
            "notice", self.say("notice.title"), [blocks.section(text)], close=self.say("close")
        )


Listener = Callable[[Call], None]


def guard(bot: MentorBot, listener: Listener) -> Callable[..., None]:
    """Bolt's view of a listener: never raises after an ack, answers every refusal."""

    def guarded(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        call = _call(bot, ack, body, client, context)
        ids = {"request": request_id(body), "workspace": call.workspace_id}
        with (
            structlog.contextvars.bound_contextvars(
                **ids, person=call.slack_user_id, listener=listener.__name__
            ),
            bot.tracing.span(f"listener {listener.__name__}", **ids) as note,
        ):
            started, outcome = time.monotonic(), "failed"
            try:
                outcome = _run(listener, call)
            finally:
                note(outcome)
                measured = bot.metrics.listeners.labels(listener.__name__, outcome)
                measured.observe(time.monotonic() - started)
                if call.has_news:  # after the answer, which the beat must not hold up
                    bot.knock.set()

    guarded.__name__ = listener.__name__
    return guarded


def _run(listener: Listener, call: Call) -> str:
    """Run a listener and answer for it; returns a word for what became of it."""
    try:
        listener(call)
        if call.is_event:
            call.ack()
        return "done"
    except AlreadyHandled:
        log.info("payload.repeated")
        call.ack()
        return "repeated"
    except Refusal as refusal:
        log.info("refused", key=refusal.key)
        _answer_safely(call, partial(_refuse, call, refusal))
        return "refused"
    except Exception as error:
        if call.is_event:
            if not _is_in_vain(call, error):
                raise
            log.warning("event.in_vain", error=type(error).__name__)
            call.ack()
            return "refused"
        log.exception("listener.failed")
        _answer_safely(call, lambda: call.tell(call.say("refusal.unexpected")))
        return "failed"


def _is_in_vain(call: Call, error: Exception) -> bool:
    """Whether an event fails however often it is sent: its person or workspace is not there."""
    if isinstance(error, SlackApiError):
        return failure_of(error).outcome is Outcome.GONE
    with call.bot.store.read(call.workspace_id) as tx:
        return people.workspace(tx) is None


def _refuse(call: Call, refusal: Refusal) -> None:
    if isinstance(refusal, InvalidAnswers) and call.body.get("type") == "view_submission":
        errors: dict[str, str] = {
            block_id: call.say(key, **values)
            for block_id, (key, values) in refusal.problems.items()
        }
        call.ack(response_action="errors", errors=errors)
    elif call.is_event:
        call.ack()
    else:
        call.tell(call.refusal(refusal))


def _answer_safely(call: Call, answer: Callable[[], None]) -> None:
    try:
        answer()
    except UNANSWERED as error:
        log.warning("answer.failed", error=type(error).__name__)
        call.ack()


def _call(
    bot: MentorBot,
    ack: Ack,
    body: dict[str, Any],
    client: WebClient,
    context: BoltContext,
) -> Call:
    workspace_id = context.team_id or body.get("team_id") or ""
    slack_user_id = context.user_id or ""
    return Call(
        bot=bot,
        body=body,
        client=client,
        answer=ack,
        workspace_id=workspace_id,
        slack_user_id=slack_user_id,
        now=bot.clock(),
        is_event="event" in body,
    )
