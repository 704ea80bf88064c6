"""The way of a message to somebody who is not in Slack: by e-mail, unless they are there by now."""

import structlog
from slack_sdk.errors import SlackApiError

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import Application
from mentorbot.mail import NotSent, Trouble
from mentorbot.slack.outcomes import Failure, Outcome
from mentorbot.slack.profiles import confirmed_address, person_from_profile
from mentorbot.slack.way import LeaseLost, Way
from mentorbot.storage import applications, people, privacy
from mentorbot.storage.sending import Ending
from mentorbot.storage.store import Transaction
from mentorbot.usecases import inviting

log = structlog.get_logger(__name__)
_OUTCOMES = {
    Trouble.AWAY: Outcome.CLEAN,
    Trouble.LATER: Outcome.DELAYED,
    Trouble.REFUSED: Outcome.REFUSED,
    Trouble.UNSURE: Outcome.UNSURE,
}


class MailWay(Way):
    """A letter's way; nobody can look whether an earlier copy has arrived."""

    def is_in_doubt(self, recover_from: object) -> bool:  # noqa: ARG002  # a letter is not found
        """Never: a second copy carries the Message-ID of the first, and none would shut out."""
        return False

    def failure_of(self, error: Exception) -> Failure:
        """What an error means: of the mail server, else of Slack's."""
        if isinstance(error, NotSent):
            return Failure(_OUTCOMES[error.trouble], error.reason, error.wait_seconds)
        return super().failure_of(error)

    def pointless(self, tx: Transaction) -> MessageState | None:
        """Also where the applicant was erased, or is in the workspace by now and hears it there.

        An introduction goes to those who are there.
        """
        found = self._application(tx)
        if found is None or found.email is None:
            return MessageState.CANCELLED
        if found.slack_user_id is not None and not self._is_for_those_here:
            return MessageState.CANCELLED
        return super().pointless(tx)

    def go(self) -> Ending:
        """Write to them, unless they turn out to be in the workspace."""
        message, rendered = self.message, self.prepare()
        if isinstance(rendered, MessageState):
            return Ending(message, rendered, self.bot.clock())
        letter = rendered.letter
        if letter is None:
            raise LookupError("this kind of message cannot be sent by e-mail")
        if not self._is_for_those_here and self._is_here(letter.address):
            return Ending(message, MessageState.CANCELLED, self.bot.clock())
        if not self.make_sure():
            raise LeaseLost
        self.has_posted = True
        self.bot.mail.send(letter, message.key, message.created_at)
        return Ending(message, MessageState.SENT, self.bot.clock())

    @property
    def _is_for_those_here(self) -> bool:
        return self.message.kind is MessageKind.INTRODUCTION_LETTER

    def _is_here(self, address: str) -> bool:
        """Whether somebody with the address is in the workspace; then they are welcomed there."""
        try:
            user = self.client.users_lookupByEmail(email=address)["user"]
        except SlackApiError as error:
            if error.response.get("error") == "ratelimited":
                raise
            if error.response.get("error") != "users_not_found":
                log.warning("mail.not_looked_up", error=error.response.get("error"))
            return False
        seen = person_from_profile(self.message.workspace_id, user)
        if confirmed_address(user) != address or seen.is_deactivated or seen.is_bot:
            return False
        now = self.bot.clock()
        with self.bot.store.begin(self.message.workspace_id) as tx:
            if privacy.is_erased(tx, seen.slack_user_id):
                return False
            people.first_seen(tx, seen, now)
            inviting.link(tx, {address: seen.slack_user_id}, now)
            found = self._application(tx)
            return found is not None and found.slack_user_id is not None

    def _application(self, tx: Transaction) -> Application | None:
        return applications.application(tx, self.message.params["application_id"])
