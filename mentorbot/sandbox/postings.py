"""Messages in conversations: posted by the app or a person, changed and removed."""

from __future__ import annotations

from mentorbot.sandbox.appearance import with_block_ids
from mentorbot.sandbox.records import Conversation, Json, Posting
from mentorbot.sandbox.state import State


def post_as_app(
    state: State,
    conversation: Conversation,
    content: Json,
    *,
    only_for: str | None = None,
    files: list[Json] | None = None,
) -> Posting:
    """Add the app's message; `content` has text, blocks, attachments, metadata and thread_ts."""
    population = state.population
    body: Json = {
        "type": "message",
        "user": population.bot_user_id,
        "bot_id": population.bot_id,
        "app_id": population.app_id,
        "team": population.workspace_id,
        "ts": state.next_ts(),
        "text": content.get("text") or "",
        "bot_profile": {
            "id": population.bot_id,
            "app_id": population.app_id,
            "user_id": population.bot_user_id,
            "name": population.bot_name,
            "deleted": False,
            "updated": 0,
            "team_id": population.workspace_id,
        },
    }
    if content.get("blocks"):
        body["blocks"] = with_block_ids(content["blocks"])
    for key in ("attachments", "metadata", "thread_ts"):
        if content.get(key):
            body[key] = content[key]
    if files:
        body["files"] = files
    posting = Posting(body, only_for)
    conversation.postings.append(posting)
    return posting


def post_as_person(
    state: State, conversation: Conversation, slack_user_id: str, text: str
) -> Posting:
    """Add a person's plain message."""
    body: Json = {
        "type": "message",
        "user": slack_user_id,
        "team": state.population.workspace_id,
        "ts": state.next_ts(),
        "text": text,
    }
    posting = Posting(body)
    conversation.postings.append(posting)
    return posting


def change(state: State, posting: Posting, content: Json) -> None:
    """Change the app's message: text without blocks removes the blocks, as Slack does."""
    body = posting.body
    if content.get("text") is not None:
        body["text"] = content["text"]
        if content.get("blocks") is None:
            body.pop("blocks", None)
        body["edited"] = {"user": state.population.bot_user_id, "ts": state.next_ts()}
    if content.get("blocks") is not None:
        body["blocks"] = with_block_ids(content["blocks"])
    for key in ("attachments", "metadata"):
        if content.get(key) is not None:
            body[key] = content[key]
    posting.state = {}


def remove(conversation: Conversation, posting: Posting) -> None:
    conversation.postings.remove(posting)
