"""Second copies: what a process posted that stood still while another took over is removed.

No key of ours keeps Slack from taking a message twice. The copy that the database names stays; what
is removed is what this process knows to have posted beside it, and whatever else is found when the
message is looked for once more.
"""

from datetime import timedelta

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, is_mail
from mentorbot.slack.outcomes import failure_of_look_up
from mentorbot.slack.posting import Posted, find_copies, take_back
from mentorbot.storage import outbox, second_looks

log = structlog.get_logger(__name__)
TRY_AGAIN_AFTER = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(hours=1)
"""How long after it was sent a message is looked for again where Slack does not answer."""


def can_go(message: Message) -> bool:
    """Whether it is a message in Slack: a letter cannot be called back, a file stays one file."""
    return message.file_id is None and not is_mail(message.recipients)


def remove(bot: MentorBot, client: WebClient, message: Message, slack_ts: str | None) -> None:
    """Remove what this process posted of a message, where another one settled it.

    Where they have only found what this process posted, there is no second.
    """
    with bot.store.read(message.workspace_id) as tx:
        known = outbox.message(tx, message.message_id)
    if known is None or slack_ts in (None, known.slack_ts) or not can_go(known):
        return
    try:
        _remove(client, message, Posted(str(slack_ts), message.channel_id))
    except Exception as error:  # whatever Slack's wire brings: it is looked for later
        log.warning("delivery.not_taken_back", error=type(error).__name__)
        _plan(bot, message, TRY_AGAIN_AFTER)


def look_again(bot: MentorBot, client: WebClient, message: Message) -> bool:
    """Remove every copy of a sent message but its own; whether Slack let us look."""
    try:
        copies = find_copies(client, message, message.created_at, everywhere=True)
        if any(copy.slack_ts == message.slack_ts for copy in copies):
            for copy in copies:
                if copy.slack_ts != message.slack_ts:
                    _remove(client, message, copy)
    except Exception as error:  # whatever Slack's wire brings stops no other message
        log.warning("delivery.copy_not_looked_for", error=type(error).__name__)
        _plan(bot, message, None if _is_over(bot, message, error) else TRY_AGAIN_AFTER)
        return False
    _plan(bot, message, None)
    return True


def _plan(bot: MentorBot, message: Message, after: timedelta | None) -> None:
    at = None if after is None else bot.clock() + after
    with bot.store.begin(message.workspace_id) as tx:
        second_looks.plan(tx, message.message_id, at)


def _is_over(bot: MentorBot, message: Message, error: Exception) -> bool:
    """Whether there is no point in looking once more."""
    if isinstance(error, SlackApiError) and failure_of_look_up(error).is_final:
        return True
    return (message.settled_at or message.created_at) + GIVEN_UP_AFTER <= bot.clock()


def _remove(client: WebClient, message: Message, copy: Posted) -> None:
    log.warning("delivery.taken_back", message=message.message_id)
    try:
        take_back(client, copy)
    except SlackApiError as error:
        if error.response.get("error") != "message_not_found":
            raise
