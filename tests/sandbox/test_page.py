"""The page's routes: what they tell, to whom, and what they refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.page import ASSETS
from mentorbot.sandbox.server import Sandbox

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CHANNEL = "C0IMGMENTR"
AMARA, ZOE, SOFIA = "U0AMARA000", "U0ZOE00000", "U0SOFIA000"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(VirtualClock(START)) as running:
        running.answer_timeout_seconds = 0.2
        yield running


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, timeout=10) as client:
        yield client


@pytest.fixture
def bot(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)


def act(browser: httpx.Client, person: str, **deed: Any) -> httpx.Response:
    return browser.post("/_page/act", params={"as": person}, json=deed)


def state(browser: httpx.Client, person: str) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/_page/state", params={"as": person}).json()
    return found


def test_page_says_that_it_is_a_simulation(browser: httpx.Client) -> None:
    assert "Simulated workspace: nothing here reaches Slack" in browser.get("/").text


@pytest.mark.parametrize("path", ["/", "/_page/assets/app.js", "/_page/state"])
def test_policy_lets_nothing_in_from_elsewhere(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_asset_that_the_page_names_is_served(browser: httpx.Client) -> None:
    named = set(re.findall(r'"/_page/assets/([\w.]+)"', browser.get("/").text))
    for script in ASSETS.glob("*.js"):
        named |= set(re.findall(r'from "\./([\w.]+)"', script.read_text(encoding="utf-8")))
    assert {"app.js", "style.css", "blocks.js"} <= named
    for name in named:
        assert browser.get(f"/_page/assets/{name}").status_code == 200, name


def test_scripts_never_write_markup() -> None:
    for script in ASSETS.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_state_tells_who_is_there_and_what_they_see(browser: httpx.Client) -> None:
    found = state(browser, AMARA)
    amara = next(person for person in found["people"] if person["id"] == AMARA)
    assert amara["initials"] == "AN"
    assert amara["local_time"] == "10:00"
    assert found["now"] == START.isoformat()
    assert found["bot"] == {"id": "U0MENTORBT", "name": "MentorBot", "connected": False}
    assert {it["id"] for it in found["conversations"]} == {"C0GENERAL0", CHANNEL}
    assert (found["modal"], found["modal_depth"], found["home"]) == (None, 0, None)


def test_local_time_is_the_persons_own(browser: httpx.Client) -> None:
    times = {it["id"]: it["local_time"] for it in state(browser, AMARA)["people"]}
    assert times["U0RAJESH00"] == "15:30"
    assert times["U0PRIYA000"] == "05:00"


def test_nobody_chosen_means_the_first_person(browser: httpx.Client) -> None:
    assert browser.get("/_page/state").json()["acting"] == "U0HANNAH00"


@pytest.mark.parametrize("person", ["U0NOBODY00", "U0MENTORBT"])
def test_unknown_person_and_bot_are_not_found(browser: httpx.Client, person: str) -> None:
    for path in ("state", "messages", "file/F0NONE0000"):
        answer = browser.get(f"/_page/{path}", params={"as": person})
        assert answer.status_code == 404
        assert answer.json()["ok"] is False


def unread(browser: httpx.Client, person: str, conversation_id: str) -> tuple[int, int]:
    """What is new for a person, as told beside their name and beside the conversation."""
    found = state(browser, person)
    beside_name = next(it["unread"] for it in found["people"] if it["id"] == person)
    rooms = {it["id"]: it["unread"] for it in found["conversations"]}
    return beside_name, rooms[conversation_id]


def test_what_is_said_in_a_channel_is_new_there_and_counts_for_nobody(
    browser: httpx.Client,
) -> None:
    assert act(browser, ZOE, do="say", conversation=CHANNEL, text="Hello").json()["ok"] is True
    assert unread(browser, AMARA, CHANNEL) == (0, 1)
    assert unread(browser, ZOE, CHANNEL) == (0, 0)
    read = browser.get("/_page/messages", params={"as": AMARA, "conversation": CHANNEL})
    assert [message["text"] for message in read.json()["messages"]] == ["Hello"]
    assert unread(browser, AMARA, CHANNEL) == (0, 0)


def test_direct_message_counts_until_it_is_read(browser: httpx.Client, bot: WebClient) -> None:
    room = str(bot.chat_postMessage(channel=ZOE, text="Between us")["channel"])
    assert unread(browser, ZOE, room) == (1, 1)
    browser.get("/_page/messages", params={"as": ZOE, "conversation": room})
    assert unread(browser, ZOE, room) == (0, 0)


def test_direct_message_is_hidden_from_others(browser: httpx.Client, bot: WebClient) -> None:
    bot.chat_postMessage(channel=ZOE, text="Between us")
    room = next(it["id"] for it in state(browser, ZOE)["conversations"] if it["kind"] == "im")
    path = "/_page/messages"
    assert browser.get(path, params={"as": ZOE, "conversation": room}).status_code == 200
    assert browser.get(path, params={"as": AMARA, "conversation": room}).status_code == 404
    assert act(browser, AMARA, do="say", conversation=room, text="Hi").status_code == 404


def test_ephemeral_message_is_shown_to_one_person_only(
    browser: httpx.Client, bot: WebClient
) -> None:
    bot.chat_postEphemeral(channel=CHANNEL, user=ZOE, text="Psst")
    for person, shown in ((ZOE, ["Psst"]), (AMARA, [])):
        found = browser.get("/_page/messages", params={"as": person, "conversation": CHANNEL})
        assert [message["text"] for message in found.json()["messages"]] == shown


@pytest.mark.parametrize(
    ("name", "kind", "place"),
    [
        ("certificate.pdf", "application/pdf", "inline"),
        ("page.html", "application/octet-stream", "attachment"),
        ("drawing.svg", "application/octet-stream", "attachment"),
    ],
)
def test_file_opens_for_its_reader_only_and_never_as_a_page(
    browser: httpx.Client, bot: WebClient, name: str, kind: str, place: str
) -> None:
    room = bot.conversations_open(users=ZOE)["channel"]["id"]
    bot.files_upload_v2(channel=room, filename=name, content=b"<script>")
    found = browser.get("/_page/messages", params={"as": ZOE, "conversation": room}).json()
    path = f"/_page/file/{found['messages'][-1]['files'][0]['id']}"
    mine = browser.get(path, params={"as": ZOE})
    assert mine.content == b"<script>"
    assert mine.headers["content-type"] == kind
    assert mine.headers["content-disposition"].startswith(place)
    kept = browser.get(path, params={"as": ZOE, "download": ""})
    assert kept.headers["content-disposition"].startswith("attachment")
    assert browser.get(path, params={"as": AMARA}).status_code == 404


def test_newcomer_sees_nothing_until_they_join(browser: httpx.Client) -> None:
    assert state(browser, SOFIA)["conversations"] == []
    assert act(browser, SOFIA, do="say", conversation=CHANNEL, text="Hi").status_code == 404
    assert act(browser, SOFIA, do="join_workspace").json()["ok"] is True
    assert "C0GENERAL0" in {it["id"] for it in state(browser, SOFIA)["conversations"]}
    assert act(browser, SOFIA, do="join_workspace").status_code == 409


def test_channel_is_left_and_joined(browser: httpx.Client) -> None:
    def member() -> bool:
        rooms = state(browser, ZOE)["conversations"]
        return bool(next(it["is_member"] for it in rooms if it["id"] == CHANNEL))

    act(browser, ZOE, do="leave_channel", conversation=CHANNEL)
    assert not member()
    act(browser, ZOE, do="join_channel", conversation=CHANNEL)
    assert member()


def test_bot_is_invited_to_a_channel_and_nobody_else(
    browser: httpx.Client, sandbox: Sandbox
) -> None:
    def invite(who: str) -> int:
        deed = {"do": "command", "command": "/invite", "text": who, "conversation": "C0GENERAL0"}
        return act(browser, ZOE, **deed).status_code

    members = sandbox.state.conversations["C0GENERAL0"].members
    assert invite("@somebody") != 200
    assert sandbox.bot_user_id not in members
    assert (invite("@MentorBot"), invite("@mentorbot ")) == (200, 200)
    assert members.count(sandbox.bot_user_id) == 1


def test_deactivated_person_does_nothing_more(browser: httpx.Client) -> None:
    assert act(browser, ZOE, do="deactivate").json()["ok"] is True
    assert act(browser, ZOE, do="command", command="/x", conversation=CHANNEL).status_code == 404
    zoe = next(person for person in state(browser, ZOE)["people"] if person["id"] == ZOE)
    assert zoe["deactivated"] is True


def test_silent_bot_is_told_as_no_answer(browser: httpx.Client) -> None:
    answer = act(browser, ZOE, do="command", command="/hello", conversation=CHANNEL)
    assert answer.status_code == 504
    assert answer.json()["kind"] == "no_answer"


@pytest.mark.parametrize(
    "deed",
    [
        {"do": "fly"},
        {},
        {"do": "click", "action_id": "a"},
        {"do": "submit", "values": "text"},
    ],
)
def test_deed_that_cannot_be_read_is_refused(browser: httpx.Client, deed: dict[str, Any]) -> None:
    answer = act(browser, ZOE, **deed)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "deed",
    [
        {"do": "submit", "values": {}},
        {"do": "close_modal"},
        {"do": "set_input", "block_id": "x", "value": "y"},
        {"do": "click", "container": {"kind": "home"}, "action_id": "a"},
        {
            "do": "click",
            "container": {"kind": "message", "conversation": CHANNEL, "ts": "1.0"},
            "action_id": "a",
        },
    ],
)
def test_deed_with_nothing_to_act_on_is_refused(
    browser: httpx.Client, deed: dict[str, Any]
) -> None:
    answer = act(browser, ZOE, **deed)
    assert answer.status_code == 409
    assert answer.json()["ok"] is False


@pytest.mark.parametrize(
    ("step", "now"),
    [("day", "2026-11-24T10:00:00+00:00"), ("week", "2026-11-30T10:00:00+00:00")],
)
def test_clock_moves_by_a_step(browser: httpx.Client, step: str, now: str) -> None:
    answer = browser.post("/_page/clock", json={"step": step}).json()
    assert answer["ok"] is True
    assert answer["said"]
    assert state(browser, ZOE)["now"] == now


@pytest.mark.parametrize("step", ["year", None, 7])
def test_clock_moves_by_no_other_step(browser: httpx.Client, step: object) -> None:
    assert browser.post("/_page/clock", json={"step": step}).status_code == 400
    assert state(browser, ZOE)["now"] == START.isoformat()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/_page/act", "/_page/clock"])
def test_other_sites_cannot_act(browser: httpx.Client, path: str, headers: dict[str, str]) -> None:
    body = {"do": "deactivate", "step": "week"}
    answer = browser.post(path, params={"as": ZOE}, json=body, headers=headers)
    assert answer.status_code == 403
    assert state(browser, ZOE)["now"] == START.isoformat()
    assert not any(person["deactivated"] for person in state(browser, ZOE)["people"])


def test_the_page_itself_can_act(browser: httpx.Client, sandbox: Sandbox) -> None:
    headers = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
    answer = browser.post("/_page/clock", json={"step": "day"}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", '{"step": "day"}', 415),
        ("application/x-www-form-urlencoded", "step=day", 415),
        ("application/json", "step=day", 400),
        ("application/json", '["day"]', 400),
        ("application/json", '{"step": "' + "d" * 300_000 + '"}', 413),
        ("application/json; charset=utf-8", '{"step": "day"}', 200),
    ],
)
def test_only_json_objects_are_read(
    browser: httpx.Client, kind: str, body: str, status: int
) -> None:
    answer = browser.post("/_page/clock", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_stream_tells_each_change_and_ends_with_the_server() -> None:
    sandbox = Sandbox(VirtualClock(START))
    sandbox.start()
    try:
        with httpx.stream("GET", f"{sandbox.url}/_page/stream", timeout=10) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = (line for line in stream.iter_lines() if line)
            before = json.loads(next(lines).removeprefix("data: "))["version"]
            sandbox.person(ZOE).say(CHANNEL, "Hello")
            assert json.loads(next(lines).removeprefix("data: "))["version"] > before
            sandbox.stop()
            list(lines)
    finally:
        sandbox.stop()
