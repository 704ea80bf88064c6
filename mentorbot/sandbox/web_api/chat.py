"""chat.*: the app's messages."""

from __future__ import annotations

from mentorbot.sandbox.acceptance import accept_message
from mentorbot.sandbox.appearance import message_object
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.postings import change, post_as_app, remove
from mentorbot.sandbox.records import Conversation, Json, Posting
from mentorbot.sandbox.web_api.call import Call, method


@method("chat.postMessage", "channel", writes=True)
def post_message(call: Call) -> Json:
    conversation = _destination(call)
    content = call.content()
    accept_message(content, is_posted=True)
    if thread_ts := call.text("thread_ts"):
        _refuse_lost_thread(conversation, thread_ts)
        content["thread_ts"] = thread_ts
    posting = post_as_app(call.state, conversation, content)
    message = message_object(posting, with_metadata=True)
    return {"channel": conversation.id, "ts": posting.ts, "message": message}


@method("chat.update", "channel", "ts", writes=True)
def update(call: Call) -> Json:
    conversation = call.own_channel()
    posting = _own_posting(call, conversation, "cant_update_message")
    content = call.content()
    if content["blocks"] is None and content["text"] is None:
        content["blocks"] = posting.body.get("blocks")
    accept_message(content, is_posted=True)
    change(call.state, posting, content)
    message = message_object(posting, with_metadata=True)
    return {
        "channel": conversation.id,
        "ts": posting.ts,
        "text": posting.body["text"],
        "message": message,
    }


@method("chat.delete", "channel", "ts", writes=True)
def delete(call: Call) -> Json:
    conversation = call.own_channel()
    posting = _own_posting(call, conversation, "cant_delete_message")
    remove(conversation, posting)
    return {"channel": conversation.id, "ts": posting.ts}


@method("chat.postEphemeral", "channel", "user", writes=True)
def post_ephemeral(call: Call) -> Json:
    conversation = _writable(call.own_channel())
    user_id = call.text("user")
    if user_id not in conversation.members:
        raise ApiError("user_not_in_channel")
    content = call.content()
    accept_message(content)
    posting = post_as_app(call.state, conversation, content, only_for=user_id)
    return {"message_ts": posting.ts}


def _destination(call: Call) -> Conversation:
    name = call.text("channel")
    if not name.startswith("U"):
        return _writable(call.own_channel())
    user = call.state.users.get(name)
    if user is None or not user.joined or user.is_bot:
        raise ApiError("channel_not_found")
    return _writable(call.state.direct_message(name))


def _writable(conversation: Conversation) -> Conversation:
    if conversation.is_archived:
        raise ApiError("is_archived")
    return conversation


def _own_posting(call: Call, conversation: Conversation, refusal: str) -> Posting:
    posting = conversation.posting(call.text("ts"))
    if posting is None or posting.only_for is not None:
        raise ApiError("message_not_found")
    if posting.body["user"] != call.state.population.bot_user_id:
        raise ApiError(refusal)
    return posting


def _refuse_lost_thread(conversation: Conversation, thread_ts: str) -> None:
    if conversation.posting(thread_ts) is None:
        raise ApiError("thread_not_found")
