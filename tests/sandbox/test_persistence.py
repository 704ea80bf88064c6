"""The workspace survives a restart."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.errors import SpoiltWorkspace
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.trial_bot import card, home

ZOE, SOFIA = "U0ZOE00000", "U0SOFIA000"


def test_workspace_is_found_as_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "workspace.json"
    with Sandbox(VirtualClock(START), state_path=path) as sandbox:
        client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
        sandbox.person(SOFIA).join_workspace()
        dm = client.conversations_open(users=ZOE)["channel"]["id"]
        group = client.conversations_open(users=f"{ZOE},{SOFIA}")["channel"]["id"]
        ts = client.chat_postMessage(channel=dm, text="Hello", blocks=card("Hello"))["ts"]
        uploaded = client.files_upload_v2(channel=dm, filename="a.pdf", content=b"PDF")
        client.views_publish(user_id=ZOE, view=home("Here"))
        sandbox.controls.advance("week")
        left_at = sandbox.clock()

    with Sandbox(VirtualClock(START), state_path=path) as sandbox:
        client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
        assert sandbox.clock() == left_at
        assert client.users_info(user=SOFIA)["ok"] is True
        assert client.conversations_open(users=f"{ZOE},{SOFIA}")["channel"]["id"] == group
        person = sandbox.person(ZOE)
        assert person.messages(dm)[0]["ts"] == ts
        assert person.download(uploaded["file"]["id"]) == b"PDF"
        assert person.home()["blocks"][0]["text"]["text"] == "Here"
        assert client.chat_postMessage(channel=dm, text="Again")["ts"] > ts
        files = client.files_getUploadURLExternal(filename="b.pdf", length=3)
        assert files["file_id"] != uploaded["file"]["id"]


def test_state_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "workspace.json"
    path.write_text(json.dumps({"format": 0}))
    with pytest.raises(SpoiltWorkspace, match="another version"):
        Sandbox(VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), state_path=path)
