"""conversations.*: channels, direct messages and what was said in them."""

from __future__ import annotations

from mentorbot.sandbox.appearance import channel_object, message_object
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.records import Conversation, Json, Posting
from mentorbot.sandbox.web_api.call import Call, cursor_to, method, place_of

MOST_USERS = 8
TYPES = {"channel": "public_channel", "im": "im", "mpim": "mpim"}


@method("conversations.open", writes=True)
def conversations_open(call: Call) -> Json:
    if call.text("channel"):
        conversation = call.channel()
        return {"channel": _opened(call, conversation), "no_op": True, "already_open": True}
    wanted = list(dict.fromkeys(call.listed("users")))
    if not wanted:
        raise ApiError("users_list_not_supplied")
    if len(wanted) > MOST_USERS:
        raise ApiError("too_many_users")
    _refuse_unreachable(call, wanted)
    known = set(call.state.conversations)
    if len(wanted) == 1:
        conversation = call.state.direct_message(wanted[0])
    else:
        conversation = call.state.group_message(wanted)
    answer: Json = {"channel": _opened(call, conversation)}
    if conversation.id in known:
        answer |= {"no_op": True, "already_open": True}
    return answer


@method("conversations.info", "channel")
def conversations_info(call: Call) -> Json:
    conversation = call.channel()
    channel = channel_object(call.state, conversation)
    if call.flag("include_num_members"):
        channel["num_members"] = len(conversation.members)
    return {"channel": channel}


@method("conversations.join", "channel", writes=True)
def conversations_join(call: Call) -> Json:
    conversation = call.channel()
    if conversation.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if conversation.is_archived:
        raise ApiError("is_archived")
    bot = call.state.population.bot_user_id
    answer: Json = {}
    if bot in conversation.members:
        answer = {"warning": "already_in_channel"}
    else:
        conversation.members.append(bot)
    return {"channel": channel_object(call.state, conversation), **answer}


@method("conversations.members", "channel")
def conversations_members(call: Call) -> Json:
    page, cursor = call.page(call.channel().members, default=100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.list")
def conversations_list(call: Call) -> Json:
    types = call.listed("types") or ["public_channel"]
    if unknown := set(types) - {"public_channel", "private_channel", "im", "mpim"}:
        raise ApiError("invalid_types", *sorted(unknown))
    bot = call.state.population.bot_user_id
    found = [
        it
        for it in call.state.conversations.values()
        if TYPES[it.kind] in types
        and (it.kind == "channel" or bot in it.members)
        and not (it.is_archived and call.flag("exclude_archived"))
    ]
    page, cursor = call.page(found, default=100)
    return {
        "channels": [channel_object(call.state, it) for it in page],
        "response_metadata": {"next_cursor": cursor},
    }


@method("conversations.history", "channel")
def conversations_history(call: Call) -> Json:
    conversation = call.own_channel()
    newest_first = [
        posting
        for posting in reversed(conversation.postings)
        if posting.only_for is None
        and posting.body.get("thread_ts", posting.ts) == posting.ts
        and _within(call, posting)
    ]
    # The cursor names a message, so that pages hold while new ones arrive.
    if cursor := call.text("cursor"):
        place = _instant(place_of(cursor, "next_ts"))
        newest_first = [posting for posting in newest_first if _instant(posting.ts) <= place]
    limit = call.limit(100, 999)
    rest = newest_first[limit:]
    following = cursor_to(rest[0].ts, "next_ts") if rest else ""
    return _messages(call, newest_first[:limit], following) | {"pin_count": 0}


@method("conversations.replies", "channel", "ts")
def conversations_replies(call: Call) -> Json:
    conversation = call.own_channel()
    asked = conversation.posting(call.text("ts"))
    if asked is None:
        raise ApiError("thread_not_found")
    root = asked.body.get("thread_ts", asked.ts)
    thread = [
        posting
        for posting in conversation.postings
        if posting.only_for is None
        and root in (posting.ts, posting.body.get("thread_ts"))
        and (posting.ts == root or _within(call, posting))
    ]
    page, cursor = call.page(thread, default=1000)
    return _messages(call, page, cursor)


def _opened(call: Call, conversation: Conversation) -> Json:
    if call.flag("return_im"):
        return channel_object(call.state, conversation)
    return {"id": conversation.id}


def _refuse_unreachable(call: Call, slack_user_ids: list[str]) -> None:
    for user_id in slack_user_ids:
        user = call.state.users.get(user_id)
        if user is None or not user.joined:
            raise ApiError("user_not_found")
        if user.is_bot:
            raise ApiError("cannot_dm_bot")
        if user.deactivated:
            raise ApiError("user_disabled")


def _within(call: Call, posting: Posting) -> bool:
    ts = _instant(posting.ts)
    inclusive = call.flag("inclusive")
    if oldest := call.text("oldest"):
        at = _instant(oldest)
        if ts < at or (ts == at and not inclusive):
            return False
    if latest := call.text("latest"):
        at = _instant(latest)
        if ts > at or (ts == at and not inclusive):
            return False
    return True


def _instant(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds), int(micros.ljust(6, "0")[:6]) if micros else 0
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None


def _messages(call: Call, postings: list[Posting], cursor: str) -> Json:
    with_metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [message_object(it, with_metadata=with_metadata) for it in postings],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer
