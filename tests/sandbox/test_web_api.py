"""The Web API as a client meets it: tokens, users, conversations and messages."""

import urllib.request

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.server import Sandbox
from tests.sandbox.api import refusal, refused
from tests.sandbox.trial_bot import card

ZOE, OMAR, SOFIA, BOT = "U0ZOE00000", "U0OMAR0000", "U0SOFIA000", "U0MENTORBT"
GENERAL, CHANNEL = "C0GENERAL0", "C0IMGMENTR"


def test_token_is_asked_for_and_checked(sandbox: Sandbox, client: WebClient) -> None:
    stranger = WebClient(base_url=sandbox.api_url)
    assert refusal(stranger, "auth.test") == "not_authed"
    assert refusal(stranger, "auth.test", token="xoxb-wrong") == "invalid_auth"
    assert refusal(client, "apps.connections.open") == "not_allowed_token_type"
    assert client.auth_test()["user_id"] == BOT
    assert stranger.api_test(greeting="hello")["args"]["greeting"] == "hello"
    assert client.team_info()["team"]["name"] == "Northern Deanery IMGs"


def test_token_may_come_in_the_form(sandbox: Sandbox) -> None:
    body = f"token={sandbox.bot_token}&user={ZOE}&include_locale=1".encode()
    with urllib.request.urlopen(f"{sandbox.api_url}users.info", body) as answer:
        assert b'"locale":"en-GB"' in answer.read()


def test_unknown_method_and_missing_arguments_are_named(client: WebClient) -> None:
    assert refusal(client, "admin.users.list") == "unknown_method"
    answer = refused(client, "chat.postMessage", text="Hello")
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


def test_calls_are_kept_without_their_token(sandbox: Sandbox, client: WebClient) -> None:
    client.api_call("users.info", params={"user": ZOE, "token": sandbox.bot_token})
    call = sandbox.calls[-1]
    assert (call.method, call.arguments) == ("users.info", {"user": ZOE})
    assert call.response["ok"] is True
    assert call.at == sandbox.clock()


def test_users_are_listed_page_by_page_and_only_once_joined(
    sandbox: Sandbox, client: WebClient
) -> None:
    pages = [[user["id"] for user in page["members"]] for page in client.users_list(limit=6)]
    assert [len(page) for page in pages] == [6, 6, 3]
    ids = {user_id for page in pages for user_id in page}
    assert {ZOE, BOT, "USLACKBOT"} <= ids
    assert SOFIA not in ids
    assert refusal(client, "users.info", user=SOFIA) == "user_not_found"
    sandbox.person(SOFIA).join_workspace()
    assert client.users_info(user=SOFIA)["user"]["real_name"] == "Dr Sofia Marchetti"
    assert refusal(client, "users.list", cursor="nonsense") == "invalid_cursor"


def test_same_people_share_one_conversation(client: WebClient) -> None:
    alone = client.conversations_open(users=ZOE)["channel"]["id"]
    assert client.conversations_open(users=ZOE)["already_open"] is True
    both = client.conversations_open(users=[ZOE, OMAR])["channel"]["id"]
    again = client.conversations_open(users=f"{OMAR},{ZOE}", return_im=True)["channel"]
    assert again["id"] == both
    assert again["is_mpim"] is True
    assert alone != both
    assert set(client.conversations_members(channel=both)["members"]) == {BOT, ZOE, OMAR}


def test_conversation_with_who_cannot_be_reached_is_refused(
    sandbox: Sandbox, client: WebClient
) -> None:
    sandbox.person(OMAR).deactivate()
    assert refusal(client, "conversations.open", users=f"{ZOE},{OMAR}") == "user_disabled"
    assert refusal(client, "conversations.open", users=SOFIA) == "user_not_found"
    assert refusal(client, "conversations.open", users=BOT) == "cannot_dm_bot"
    assert refusal(client, "conversations.open") == "users_list_not_supplied"
    nine = ",".join(user.id for user in sandbox.people()[:9])
    assert refusal(client, "conversations.open", users=nine) == "too_many_users"


def test_channels_are_listed_described_and_joined(client: WebClient) -> None:
    assert len(client.conversations_list()["channels"]) == 2
    assert client.conversations_list(types="im")["channels"] == []
    assert refusal(client, "conversations.list", types="rooms") == "invalid_types"
    info = client.conversations_info(channel=CHANNEL, include_num_members=True)["channel"]
    assert (info["name"], info["is_member"], info["num_members"]) == ("img-mentorship", True, 13)
    assert refusal(client, "conversations.info", channel="C0NOWHERE0") == "channel_not_found"
    assert client.conversations_join(channel=GENERAL)["channel"]["is_member"] is True
    members = client.conversations_members(channel=CHANNEL, limit=10)
    assert len(members["members"]) == 10
    assert members["response_metadata"]["next_cursor"]


def test_message_is_refused_where_slack_refuses_it(sandbox: Sandbox, client: WebClient) -> None:
    def post(**arguments: object) -> str:
        return refusal(client, "chat.postMessage", **arguments)

    assert post(channel=GENERAL, text="Hello") == "not_in_channel"
    assert post(channel="C0NOWHERE0", text="Hello") == "channel_not_found"
    assert post(channel=SOFIA, text="Hello") == "channel_not_found"
    assert post(channel=CHANNEL) == "no_text"
    assert post(channel=CHANNEL, text="x" * 40_001) == "msg_too_long"
    assert post(channel=CHANNEL, text="x", blocks="[{") == "invalid_blocks_format"
    assert post(channel=CHANNEL, text="x", metadata="[{") == "invalid_metadata_format"
    assert post(channel=CHANNEL, text="x", thread_ts="1.000001") == "thread_not_found"
    sandbox.state.conversations[CHANNEL].is_archived = True
    assert post(channel=CHANNEL, text="Hello") == "is_archived"
    assert sandbox.state.conversations[CHANNEL].postings == []


def test_invalid_blocks_are_pointed_at(client: WebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]
    answer = refused(client, "chat.postMessage", channel=CHANNEL, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert "/blocks/0" in answer["response_metadata"]["messages"][0]


def test_message_is_changed_and_deleted_by_its_author_only(
    sandbox: Sandbox, client: WebClient
) -> None:
    ts = client.chat_postMessage(channel=CHANNEL, text="One", blocks=card("One"))["ts"]
    changed = client.chat_update(channel=CHANNEL, ts=ts, text="Two")
    assert "blocks" not in changed["message"]
    assert changed["message"]["edited"]["user"] == BOT
    sandbox.person(ZOE).say(CHANNEL, "Mine")
    mine = sandbox.person(ZOE).messages(CHANNEL)[-1]["ts"]
    where = {"channel": CHANNEL, "ts": mine}
    assert refusal(client, "chat.update", text="Ours", **where) == "cant_update_message"
    assert refusal(client, "chat.delete", **where) == "cant_delete_message"
    client.chat_delete(channel=CHANNEL, ts=ts)
    assert refusal(client, "chat.update", channel=CHANNEL, ts=ts, text="x") == "message_not_found"
    assert refusal(client, "chat.delete", channel=CHANNEL, ts=ts) == "message_not_found"


def test_ephemeral_message_is_seen_by_one_person_and_no_history(
    sandbox: Sandbox, client: WebClient
) -> None:
    client.chat_postEphemeral(channel=CHANNEL, user=ZOE, text="Only you")
    assert sandbox.person(ZOE).messages(CHANNEL)[-1]["ephemeral"] is True
    assert sandbox.person(OMAR).messages(CHANNEL) == []
    assert client.conversations_history(channel=CHANNEL)["messages"] == []
    answer = refusal(client, "chat.postEphemeral", channel=CHANNEL, user=SOFIA, text="x")
    assert answer == "user_not_in_channel"


def test_history_is_newest_first_in_pages_and_hides_metadata(client: WebClient) -> None:
    metadata = {"event_type": "sent", "event_payload": {"key": "k"}}
    stamps = [
        client.chat_postMessage(channel=CHANNEL, text=f"Message {n}", metadata=metadata)["ts"]
        for n in range(5)
    ]
    assert stamps == sorted(set(stamps))
    first = client.conversations_history(channel=CHANNEL, limit=2)
    assert [message["ts"] for message in first["messages"]] == [stamps[4], stamps[3]]
    assert first["has_more"] is True
    assert "metadata" not in first["messages"][0]
    client.chat_postMessage(channel=CHANNEL, text="Between two pages")
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_history(channel=CHANNEL, cursor=cursor)
    assert [message["ts"] for message in rest["messages"]] == stamps[2::-1]
    assert rest["has_more"] is False

    between = client.conversations_history(
        channel=CHANNEL,
        oldest=stamps[1],
        latest=stamps[3],
        inclusive=True,
        include_all_metadata=True,
    )["messages"]
    assert [message["ts"] for message in between] == stamps[3:0:-1]
    assert between[0]["metadata"] == metadata
    after = client.conversations_history(channel=CHANNEL, oldest=stamps[3])["messages"]
    assert [message["ts"] for message in after][1:] == stamps[4:]
    assert refusal(client, "conversations.history", channel=GENERAL) == "not_in_channel"


def test_replies_stay_in_their_thread(client: WebClient) -> None:
    root = client.chat_postMessage(channel=CHANNEL, text="Root")["ts"]
    client.chat_postMessage(channel=CHANNEL, text="Reply", thread_ts=root)
    assert len(client.conversations_history(channel=CHANNEL)["messages"]) == 1
    replies = client.conversations_replies(channel=CHANNEL, ts=root)["messages"]
    assert [message["text"] for message in replies] == ["Root", "Reply"]
    assert refusal(client, "conversations.replies", channel=CHANNEL, ts="1.0") == "thread_not_found"


def test_timestamps_follow_the_sandbox_clock(sandbox: Sandbox, client: WebClient) -> None:
    first = client.chat_postMessage(channel=ZOE, text="Now")["ts"]
    sandbox.controls.advance("day")
    second = client.chat_postMessage(channel=ZOE, text="Tomorrow")["ts"]
    assert float(second) - float(first) == pytest.approx(24 * 60 * 60, abs=0.01)


def test_unread_messages_are_counted_until_they_are_read(
    sandbox: Sandbox, client: WebClient
) -> None:
    person = sandbox.person(ZOE)
    client.chat_postMessage(channel=ZOE, text="One")
    client.chat_postMessage(channel=ZOE, text="Two")
    assert person.unread() == 2
    person.messages(str(person.bot_dm()))
    assert person.unread() == 0
