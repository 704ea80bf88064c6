"""What follows when a message cannot be delivered: nobody is left waiting for nothing."""

from collections.abc import Collection
from datetime import datetime

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.slack.outcomes import Failure
from mentorbot.slack.profiles import person_from_profile
from mentorbot.storage.store import Transaction
from mentorbot.usecases import concerns, membership
from mentorbot.usecases.messages import tell_coordinators

log = structlog.get_logger(__name__)


def carry_out(
    tx: Transaction, message: Message, failure: Failure, gone: Collection[str], now: datetime
) -> None:
    """Accounts that are gone leave their programmes; of the rest the coordinators are told."""
    for slack_user_id in gone:
        membership.deactivated(tx, slack_user_id, now)
    if "concern_id" in message.params:
        concerns.heard_by_nobody(tx, message, now)
    elif not gone and message.kind is not MessageKind.UNREACHABLE:
        tell_coordinators(
            tx,
            MessageKind.UNREACHABLE,
            programme_id=message.programme_id,
            subject=message.message_id,
            now=now,
            whom=message.recipients,
            what=str(message.kind),
            why=failure.reason,
            about=message.recipients[0],
            in_doubt=message.state is MessageState.UNKNOWN,
        )


def gone_of(client: WebClient, message: Message) -> list[str]:
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
