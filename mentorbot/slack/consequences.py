"""What follows when a message cannot be delivered: nobody is left waiting for nothing."""

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import Message, MessageKind
from mentorbot.slack.outcomes import Failure, Outcome
from mentorbot.slack.profiles import person_from_profile
from mentorbot.usecases import membership
from mentorbot.usecases.messages import tell_coordinators

log = structlog.get_logger(__name__)


def carry_out(bot: MentorBot, client: WebClient, message: Message, failure: Failure) -> None:
    """Accounts that are gone leave their programmes; of the rest the coordinators are told."""
    gone = _gone(client, message) if failure.outcome is Outcome.GONE else []
    with bot.store.begin(message.workspace_id) as tx:
        for slack_user_id in gone:
            membership.deactivated(tx, slack_user_id, bot.clock())
        if not gone and message.kind is not MessageKind.UNREACHABLE:
            tell_coordinators(
                tx,
                MessageKind.UNREACHABLE,
                programme_id=message.programme_id,
                subject=message.message_id,
                now=bot.clock(),
                whom=message.recipients,
                what=str(message.kind),
                why=failure.reason,
                about=message.recipients[0],
            )


def _gone(client: WebClient, message: Message) -> list[str]:
    """Which of a message's recipients have no account any more; asked of Slack one by one."""
    found = []
    for slack_user_id in message.recipients:
        try:
            user = client.users_info(user=slack_user_id)["user"]
            if person_from_profile(message.workspace_id, user).is_deactivated:
                found.append(slack_user_id)
        except (SlackClientError, OSError) as error:
            log.warning("consequences.unsure", person=slack_user_id, error=type(error).__name__)
    return found
