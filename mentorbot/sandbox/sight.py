"""What one person sees of the workspace: conversations, messages and files."""

from __future__ import annotations

import copy

from mentorbot.sandbox.errors import NotPossible
from mentorbot.sandbox.inputs import state_values
from mentorbot.sandbox.records import Conversation, Json, Posting, User
from mentorbot.sandbox.state import State

KINDS = ("channel", "im", "mpim")


def is_present(user: User) -> bool:
    return user.joined and not user.deactivated


def conversations(state: State, slack_user_id: str) -> list[Json]:
    """The conversations this person can see, channels first."""
    if not is_present(state.users[slack_user_id]):
        return []
    seen = [
        _summary(state, it, slack_user_id)
        for it in state.conversations.values()
        if it.kind == "channel" or slack_user_id in it.members
    ]
    return sorted(seen, key=lambda it: KINDS.index(it["kind"]))


def conversation(state: State, conversation_id: str, slack_user_id: str) -> Conversation:
    """A conversation this person can see; raises `NotPossible`."""
    found = state.conversations.get(conversation_id)
    if found is None or (found.kind != "channel" and slack_user_id not in found.members):
        raise NotPossible("you do not see a conversation of that kind here")
    return found


def messages(state: State, conversation_id: str, slack_user_id: str) -> list[Json]:
    """What this person may see in a conversation, oldest first; it counts as read then."""
    postings = state.visible_postings(conversation_id, slack_user_id)
    if postings:
        _mark_read(state, state.conversations[conversation_id], slack_user_id, postings[-1].ts)
    return [_message(posting, conversation_id) for posting in postings]


def posting(state: State, conversation_id: str, ts: str, slack_user_id: str) -> Posting:
    """One message that this person sees; raises `NotPossible`."""
    for found in state.visible_postings(conversation_id, slack_user_id):
        if found.ts == ts:
            return found
    raise NotPossible("this message is not there any more")


def file_content(state: State, file_id: str, slack_user_id: str) -> bytes:
    """A file shared in a message that this person sees; raises `NotPossible`."""
    file = state.files.get(file_id)
    for conversation_id in file.conversations if file is not None else []:
        for seen in state.visible_postings(conversation_id, slack_user_id):
            if any(card["id"] == file_id for card in seen.body.get("files", [])):
                return state.files[file_id].content
    raise NotPossible("no such file is shared with you")


def _message(seen: Posting, conversation_id: str) -> Json:
    values = state_values(seen.body.get("blocks", []), seen.state)
    return {
        **copy.deepcopy(seen.body),
        "channel": conversation_id,
        "ephemeral": seen.only_for is not None,
        "state": {"values": copy.deepcopy(values)},
    }


def _summary(state: State, it: Conversation, slack_user_id: str) -> Json:
    visible = state.visible_postings(it.id, slack_user_id)
    read_until = it.read_until.get(slack_user_id, "")
    unread = [
        seen
        for seen in visible
        if _is_later(seen.ts, read_until) and seen.body["user"] != slack_user_id
    ]
    is_member = slack_user_id in it.members
    others = [state.users[member].name for member in it.members if member != slack_user_id]
    return {
        "id": it.id,
        "kind": it.kind,
        "name": it.name if it.kind == "channel" else ", ".join(others),
        "topic": it.topic,
        "is_member": is_member,
        "members": list(it.members),
        "unread": len(unread) if is_member else 0,
        "last_ts": visible[-1].ts if visible else None,
    }


def _mark_read(state: State, it: Conversation, slack_user_id: str, ts: str) -> None:
    if _is_later(ts, it.read_until.get(slack_user_id, "")):
        with state.change():
            it.read_until[slack_user_id] = ts


def _is_later(ts: str, than: str) -> bool:
    return not than or float(ts) > float(than)
