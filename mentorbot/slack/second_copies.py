"""Second copies: what a process posted that stood still while another took over is removed.

No key of ours keeps Slack from taking a message twice, so the later one goes.
"""

import time

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageState, is_mail
from mentorbot.slack.posting import Posted, find_posted, take_back
from mentorbot.storage import outbox

log = structlog.get_logger(__name__)
WAITS_SECONDS = (0.0, 0.5, 2.0)
"""Before each try: removing what is gone does no harm."""


def remove(bot: MentorBot, client: WebClient, message: Message, slack_ts: str | None) -> None:
    """Remove what this process posted of a message, where another one settled it.

    Where they have only found what this process posted, there is no second.
    """
    with bot.store.read(message.workspace_id) as tx:
        known = outbox.message(tx, message.message_id)
    if known is None or slack_ts in (None, known.slack_ts) or not _can_go(known):
        return
    log.warning("delivery.taken_back", message=message.message_id)
    _try_to_remove(client, Posted(str(slack_ts), message.channel_id))


def look_for_and_remove(bot: MentorBot, client: WebClient, message: Message) -> None:
    """Remove what this process may have posted without an answer, once another has settled it."""
    known = _settled(bot, message)
    if known is None or known.slack_ts is None or not _can_go(known):
        return
    message.channel_id = known.channel_id
    try:
        copy = find_posted(client, message, message.created_at, besides=known.slack_ts)
    except (SlackClientError, OSError) as error:
        log.warning("delivery.copy_not_looked_for", error=type(error).__name__)
        return
    if copy is not None:
        log.warning("delivery.taken_back", message=message.message_id)
        _try_to_remove(client, copy)


def _can_go(message: Message) -> bool:
    """Whether it is a message in Slack: a letter cannot be called back, a file stays one file."""
    return message.file_id is None and not is_mail(message.recipients)


def _settled(bot: MentorBot, message: Message) -> Message | None:
    """The message once the other has settled it; None where that takes too long."""
    for wait_seconds in WAITS_SECONDS:
        time.sleep(wait_seconds)
        with bot.store.read(message.workspace_id) as tx:
            known = outbox.message(tx, message.message_id)
        if known is not None and known.state is MessageState.SENT:
            return known
    return None


def _try_to_remove(client: WebClient, posted: Posted) -> None:
    for wait_seconds in WAITS_SECONDS:
        time.sleep(wait_seconds)
        try:
            take_back(client, posted)
            return
        except (SlackClientError, OSError) as error:
            is_gone = isinstance(error, SlackApiError) and (
                error.response.get("error") == "message_not_found"
            )
            if is_gone:
                return
            log.warning("delivery.not_taken_back", error=type(error).__name__)
