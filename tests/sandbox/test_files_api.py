"""Files: the external upload flow, who may read them, and what is refused."""

import urllib.request

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.errors import NotPossible
from mentorbot.sandbox.server import Sandbox
from tests.sandbox.api import refusal

ZOE, CHANNEL, GENERAL = "U0ZOE00000", "C0IMGMENTR", "C0GENERAL0"
CONTENT = b"%PDF-1.7 a certificate"


def test_uploaded_file_is_downloaded_by_who_sees_it(sandbox: Sandbox, client: WebClient) -> None:
    dm = client.conversations_open(users=ZOE)["channel"]["id"]
    done = client.files_upload_v2(
        channel=dm,
        filename="certificate.pdf",
        title="Your certificate",
        content=CONTENT,
        initial_comment="Well done",
    )
    file_id = done["file"]["id"]
    message = sandbox.person(ZOE).messages(dm)[-1]
    assert message["text"] == "Well done"
    assert message["files"][0]["id"] == file_id
    assert message["files"][0]["title"] == "Your certificate"
    assert message["files"][0]["mimetype"] == "application/pdf"
    assert message["files"][0]["size"] == len(CONTENT)
    assert sandbox.person(ZOE).download(file_id) == CONTENT
    with pytest.raises(NotPossible):
        sandbox.person("U0OMAR0000").download(file_id)

    info = client.files_info(file=file_id)["file"]
    assert info["ims"] == [dm]
    asked = urllib.request.Request(
        info["url_private"], headers={"Authorization": f"Bearer {sandbox.bot_token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert answer.read() == CONTENT


def test_file_is_refused_before_upload_twice_and_outside_the_channel(
    sandbox: Sandbox, client: WebClient
) -> None:
    def complete(file_id: str, **more: str) -> str:
        files = [{"id": file_id}]
        return refusal(client, "files.completeUploadExternal", files=files, **more)

    given = client.files_getUploadURLExternal(filename="a.pdf", length=len(CONTENT))
    file_id = given["file_id"]
    assert complete(file_id, channel_id=CHANNEL) == "file_not_found"
    with urllib.request.urlopen(given["upload_url"], CONTENT) as answer:
        assert answer.read() == f"OK - {len(CONTENT)}".encode()
    assert complete(file_id, channel_id=GENERAL) == "not_in_channel"
    assert complete(file_id, channel_id="C0NOWHERE0") == "channel_not_found"
    assert refusal(client, "files.info", file=file_id) == "file_not_found"
    client.files_completeUploadExternal(files=[{"id": file_id}], channel_id=CHANNEL)
    assert complete(file_id, channel_id=CHANNEL) == "file_not_found"
    assert complete("F999999999", channel_id=CHANNEL) == "file_not_found"
    answer = refusal(client, "files.getUploadURLExternal", filename="a.pdf", length="0")
    assert answer == "invalid_arguments"
