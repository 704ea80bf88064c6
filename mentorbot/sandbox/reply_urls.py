"""The `response_url` of an interaction: five answers within thirty minutes."""

from __future__ import annotations

from mentorbot.sandbox.acceptance import accept_message
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.postings import change, post_as_app, remove
from mentorbot.sandbox.records import Conversation, Json, Posting, ReplyTicket
from mentorbot.sandbox.state import State

MOST_USES = 5
LIFETIME_SECONDS = 30 * 60


def reply(state: State, ticket_id: str, content: Json) -> None:
    """Do what a POST to a `response_url` asks; raises `ApiError`."""
    ticket = state.reply_tickets.get(ticket_id)
    if ticket is None:
        raise ApiError("invalid_url")
    if state.clock().timestamp() - ticket.issued_at_seconds > LIFETIME_SECONDS:
        raise ApiError("expired_url")
    if ticket.uses >= MOST_USES:
        raise ApiError("used_url")
    conversation = state.conversations[ticket.conversation_id]
    _apply(state, ticket, conversation, content)
    ticket.uses += 1


def answer_command(
    state: State, conversation: Conversation, slack_user_id: str, content: Json
) -> Posting:
    """Show an answer to a slash command: to the person alone unless it is `in_channel`."""
    accept_message(content)
    in_channel = content.get("response_type") == "in_channel"
    return post_as_app(state, conversation, content, only_for=None if in_channel else slack_user_id)


def _apply(state: State, ticket: ReplyTicket, conversation: Conversation, content: Json) -> None:
    original = conversation.posting(ticket.message_ts) if ticket.message_ts else None
    if content.get("delete_original"):
        if original is not None:
            remove(conversation, original)
        return
    if content.get("replace_original") and original is not None:
        accept_message(content)
        change(state, original, content)
        return
    answer_command(state, conversation, ticket.slack_user_id, content)
