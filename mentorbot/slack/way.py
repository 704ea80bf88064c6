"""The way of one message to Slack: looked for where it may stand already, rendered, posted."""

from collections.abc import Callable
from datetime import datetime

from slack_sdk import WebClient

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageState, ends_with_pairing
from mentorbot.domain.model import Pairing
from mentorbot.slack import second_copies
from mentorbot.slack.outcomes import Failure, failure_of, failure_of_look_up
from mentorbot.slack.posting import (
    Posted,
    find_copies,
    open_conversation,
    post,
    share_file,
    upload,
)
from mentorbot.slack.rendering import Outdated, Rendered, render
from mentorbot.storage import applications, pairings, second_looks, sending
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    acquaintances,
    agreements,
    anonymous,
    ballots,
    concerns,
    pace,
    request_ends,
    session_news,
    surveys,
)


class LeaseLost(Exception):
    """Somebody else has the message now, or it is settled."""


class Way:
    """The way of a message to its reader, and how far it has come on it."""

    def __init__(
        self,
        bot: MentorBot,
        client: WebClient,
        message: Message,
        make_sure: Callable[[], bool],
    ) -> None:
        self.client = client
        self.message = message
        self.is_looking = False
        self.has_posted = False
        self._may_have_copies = message.intent_at is not None
        self._known_channel_id = message.channel_id
        self.bot = bot
        self.make_sure = make_sure

    def is_in_doubt(self, recover_from: datetime | None) -> bool:
        """Whether it may stand in Slack already."""
        return self.message.intent_at is not None or recover_from is not None

    def failure_of(self, error: Exception) -> Failure:
        """What an error means that was met on it; raises what no call has caused."""
        return failure_of_look_up(error) if self.is_looking else failure_of(error)

    def look(self, recover_from: datetime | None) -> Ending | None:
        """Its end, where it stands in Slack: the oldest copy, should there be several."""
        self.is_looking = True
        message, file_name = self.message, None
        since = message.intent_at or message.created_at
        if recover_from is not None:
            since = min(since, message.created_at, recover_from)
            file_name = self._file_name()
        found = find_copies(self.client, message, since, file_name)
        self.is_looking = False
        if not found:
            message.intent_at = message.file_id = None
            return None
        self._may_have_copies |= len(found) > 1
        return self._sent(found[-1])

    def _file_name(self) -> str | None:
        with self.bot.store.read(self.message.workspace_id) as tx:
            try:
                rendered = render(tx, self.message)
            except Outdated:
                return None
        return rendered.attachment.name if rendered.attachment else None

    def go(self) -> Ending:
        """Post it, unless it has become pointless."""
        message, rendered = self.message, self.prepare()
        if isinstance(rendered, MessageState):
            return Ending(message, rendered, self.bot.clock())
        if rendered.attachment is not None:
            self._note_file(rendered)
        elif len(message.recipients) > 1 and message.channel_id is None:
            message.channel_id = open_conversation(self.client, message.recipients)
        if not self.make_sure():
            raise LeaseLost
        self.has_posted = True
        return self._sent(self._post(rendered))

    def prepare(self) -> Rendered | MessageState:
        """What is to be posted, or why it is pointless: too late, outdated, its pairing over."""
        message = self.message
        with self.bot.store.read(message.workspace_id) as tx:
            if not sending.is_held(tx, message):
                raise LeaseLost
            try:
                invite_url = self.bot.settings.mentorbot_invite_url
                return self.pointless(tx) or render(tx, message, invite_url)
            except Outdated:
                return MessageState.CANCELLED

    def pointless(self, tx: Transaction) -> MessageState | None:
        message = self.message
        pairing = pairings.pairing(tx, message.pairing_id) if message.pairing_id else None
        if message.expires_at is not None and message.expires_at <= self.bot.clock():
            return MessageState.EXPIRED
        is_silent = pairing and (not pairing.is_active or pairing.on_hold_at is not None)
        if is_silent and ends_with_pairing(message.kind):
            return MessageState.CANCELLED
        if self._is_superseded(tx):
            return MessageState.CANCELLED
        if (ending := self._overtaken(tx)) is not None:
            return ending
        if pairing and len(message.recipients) > 1:
            self._leave_out_who_has_left(tx, pairing)
            message.channel_id = pairing.channel_id or message.channel_id
        return None

    def _leave_out_who_has_left(self, tx: Transaction, pairing: Pairing) -> None:
        """Address a group's message, claimed as a mentee left it, to the others alone."""
        members = pairings.members(tx, pairing.pairing_id)
        there = {member.slack_user_id for member in members}
        still = [who for who in self.message.recipients if who in there]
        if pairing.is_active and still != self.message.recipients:
            self.message.recipients, self.message.channel_id = still, None

    def _is_superseded(self, tx: Transaction) -> bool:
        """Whether it is about an application that does not stand as it would say any more."""
        application_id = self.message.params.get("application_id")
        if application_id is None:
            return False
        found = applications.application(tx, application_id)
        return found is None or found.state != self.message.params["state"]

    def _overtaken(self, tx: Transaction) -> MessageState | None:
        """Why nothing is to be said of a session or a request any more."""
        if "session_id" in self.message.params:
            return session_news.pointless(tx, self.message, self.bot.clock())
        if "request_id" in self.message.params:
            return request_ends.pointless(tx, self.message, self.bot.clock())
        if "question_id" in self.message.params:
            return anonymous.pointless(tx, self.message, self.bot.clock())
        if "acquaintance_id" in self.message.params:
            return acquaintances.pointless(tx, self.message)
        if "concern_id" in self.message.params:
            return concerns.pointless(tx, self.message, self.bot.clock())
        if "extension" in self.message.params:
            return pace.pointless(tx, self.message)
        if "agreement" in self.message.params:
            return agreements.pointless(tx, self.message)
        if "ballot_id" in self.message.params:
            return ballots.pointless(tx, self.message, self.bot.clock())
        if "survey_id" in self.message.params:
            return surveys.pointless(tx, self.message, self.bot.clock())
        return None

    def _note_file(self, rendered: Rendered) -> None:
        """A file has an id once its bytes are with Slack; it is noted before the file is shared."""
        message, attachment = self.message, rendered.attachment
        if attachment is None:
            return
        message.channel_id = message.channel_id or open_conversation(
            self.client, message.recipients
        )
        message.file_id = upload(self.client, attachment)
        lease_seconds = self.bot.settings.mentorbot_lease_seconds
        with self.bot.store.begin(message.workspace_id) as tx:
            now = self.bot.clock()
            if not sending.note_file(tx, message, now, lease_seconds):
                raise LeaseLost

    def _post(self, rendered: Rendered) -> Posted:
        message = self.message
        if message.file_id is not None:
            return share_file(self.client, message.channel_id or "", message.file_id, rendered)
        place = message.channel_id if len(message.recipients) > 1 else message.recipients[0]
        return post(self.client, place or "", message.key, rendered)

    def _sent(self, posted: Posted) -> Ending:
        message, now = self.message, self.bot.clock()
        message.channel_id = posted.channel_id or message.channel_id
        is_new = message.channel_id != self._known_channel_id
        looks_again = self._may_have_copies and second_copies.can_go(message)
        look_again_at = now + second_looks.AFTER if looks_again else None
        return Ending(message, MessageState.SENT, now, posted.slack_ts, is_new, look_again_at)
