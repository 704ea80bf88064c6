"""A file chosen in a modal: as Slack hands it to the app, and what its client refuses."""

import urllib.request
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest

from mentorbot.sandbox.errors import NotPossible
from mentorbot.sandbox.modals import put_on_stack
from mentorbot.sandbox.people import Person
from mentorbot.sandbox.server import Sandbox

ZOE, OMAR = "U0ZOE00000", "U0OMAR0000"
CONTENT = b"id: mine\n"


def asking(**element: Any) -> dict[str, Any]:
    """A modal that asks for a file."""
    return {
        "type": "modal",
        "callback_id": "files",
        "title": {"type": "plain_text", "text": "A file"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "file",
                "label": {"type": "plain_text", "text": "Your file"},
                "element": {"type": "file_input", "action_id": "file", **element},
            }
        ],
    }


def shown_to(sandbox: Sandbox, **element: Any) -> Person:
    """Zoë, with the modal before her."""
    put_on_stack(sandbox.state, ZOE, asking(**element))
    return sandbox.person(ZOE)


def test_chosen_file_is_in_the_state_and_is_downloaded_with_the_bots_token(
    sandbox: Sandbox,
) -> None:
    zoe = shown_to(sandbox)
    zoe.fill(file=[zoe.upload("my programme.yml", CONTENT)])
    held = (zoe.modal or {})["state"]["values"]["file"]["file"]
    assert held["type"] == "file_input"
    (file,) = held["files"]
    assert (file["name"], file["size"], file["user"]) == ("my programme.yml", len(CONTENT), ZOE)
    url = file["url_private_download"]
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {sandbox.bot_token}"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.read() == CONTENT
    with pytest.raises(HTTPError, match="403"):
        urllib.request.urlopen(url)


def test_input_without_a_file_is_required_and_begins_empty(sandbox: Sandbox) -> None:
    zoe = shown_to(sandbox)
    assert (zoe.modal or {})["state"]["values"]["file"]["file"]["files"] == []
    assert zoe.submit() == {"file": "Please complete this required field."}


def test_too_many_files_and_other_types_are_refused_by_the_client(sandbox: Sandbox) -> None:
    zoe = shown_to(sandbox, max_files=1, filetypes=["yml"])
    zoe.fill(file=[zoe.upload("a.yml", CONTENT), zoe.upload("b.yml", CONTENT)])
    assert zoe.submit() == {"file": "Please choose at most 1."}
    zoe.fill(file=[zoe.upload("a.exe", CONTENT)])
    assert zoe.submit() == {"file": "Files of the type exe are not taken here."}


def test_nobody_hands_in_what_somebody_else_uploaded(sandbox: Sandbox) -> None:
    zoe = shown_to(sandbox)
    theirs = sandbox.person(OMAR).upload("a.yml", CONTENT)
    for file_id in (theirs, "F0NONE"):
        with pytest.raises(NotPossible):
            zoe.fill(file=[file_id])


def test_page_uploads_a_file_for_the_acting_person_alone(sandbox: Sandbox) -> None:
    zoe = shown_to(sandbox)
    kind = {"Content-Type": "application/octet-stream"}
    with httpx.Client(base_url=sandbox.url, params={"as": ZOE, "name": "a.yml"}) as browser:
        posted = browser.post("/_page/upload", content=CONTENT, headers=kind)
        elsewhere = {**kind, "Sec-Fetch-Site": "cross-site"}
        refused = browser.post("/_page/upload", content=CONTENT, headers=elsewhere)
    assert refused.status_code == 403
    zoe.fill(file=[posted.json()["file"]])
    assert (zoe.modal or {})["state"]["values"]["file"]["file"]["files"][0]["name"] == "a.yml"
