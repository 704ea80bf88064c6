"""The calls that put a message or a file into a conversation, and those that look for one."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.request import Request, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.domain.messages import Message
from mentorbot.slack.rendering import Attachment, Rendered

EVENT_TYPE = "mentorbot_message"
UPLOAD_TIMEOUT_SECONDS = 20
_NAME = re.compile(r"[A-Za-z0-9.]{1,40}")
_LOOK_BACK = timedelta(days=2)
"""How far our clock may have been ahead of Slack's when the message was posted."""


@dataclass(frozen=True)
class Posted:
    """Where something stands in Slack: its `ts`, or the file id of a file; and its channel.

    Raises ValueError for what nothing in Slack is called by: it could not be settled with others.
    """

    slack_ts: str
    channel_id: str | None

    def __post_init__(self) -> None:
        for name in (self.slack_ts, self.channel_id or "none"):
            if not _NAME.fullmatch(name):
                raise ValueError("Slack's answer does not say where the message stands")


def open_conversation(client: WebClient, recipients: list[str]) -> str:
    """The channel itself, or the DM or group DM with these people; opening twice is harmless."""
    if recipients[0].startswith(("C", "G")):
        return recipients[0]
    channel: str = client.conversations_open(users=",".join(recipients))["channel"]["id"]
    return channel


def post(client: WebClient, channel_id: str, key: str, rendered: Rendered) -> Posted:
    """Post a message that carries its key in its metadata, to a conversation or a person's DM."""
    answer = client.chat_postMessage(
        channel=channel_id,
        text=rendered.text,
        blocks=rendered.blocks,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        unfurl_links=False,
        unfurl_media=False,
    )
    return Posted(str(answer["ts"]), str(answer["channel"]))


def upload(client: WebClient, attachment: Attachment) -> str:
    """Bring a file's bytes to Slack, not yet shared with anybody; returns its file id."""
    place = client.files_getUploadURLExternal(
        filename=attachment.name, length=len(attachment.content)
    )
    url = str(place["upload_url"])
    if not url.startswith(("https://", "http://")):
        raise ValueError("Slack gave an upload address that is not on the web")
    request = Request(url, data=attachment.content, method="POST")  # noqa: S310  # checked above
    request.add_header("Content-Type", "application/octet-stream")
    with urlopen(request, timeout=UPLOAD_TIMEOUT_SECONDS):  # noqa: S310  # checked above
        return str(place["file_id"])


def share_file(client: WebClient, channel_id: str, file_id: str, rendered: Rendered) -> Posted:
    """Share an uploaded file with its words; Slack gives no `ts` here, so the file id stands."""
    title = rendered.attachment.title if rendered.attachment else ""
    client.files_completeUploadExternal(
        files=[{"id": file_id, "title": title}],
        channel_id=channel_id,
        initial_comment=rendered.text,
    )
    return Posted(file_id, channel_id)


def find_copies(
    client: WebClient,
    message: Message,
    since: datetime,
    file_name: str | None = None,
    *,
    everywhere: bool = False,
) -> list[Posted]:
    """Look for a message that may stand in Slack since an instant, the newest copy first.

    A message is looked for by the key in its metadata, a file by the file id kept with the intent;
    where a restored database has lost that, or knows one that was given up, by the file's name in
    its reader's DM. The look ends at the first page with a copy on it unless it goes `everywhere`.
    """
    if message.file_id is not None:
        shared = _find_shared(client, message)
        if shared is not None or file_name is None:
            return [] if shared is None else [shared]
    found: list[Posted] = []
    channel_id = message.channel_id or open_conversation(client, message.recipients)
    cursor = None
    while True:
        page = client.conversations_history(
            channel=channel_id,
            oldest=f"{(since - _LOOK_BACK).timestamp():.6f}",
            include_all_metadata=True,
            limit=200,
            cursor=cursor,
        )
        for posted in page["messages"]:
            payload = posted.get("metadata", {}).get("event_payload", {})
            names = [file.get("name") for file in posted.get("files", [])]
            if payload.get("key") == message.key or (file_name and file_name in names):
                found.append(Posted(str(posted["ts"]), channel_id))
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor or (found and not everywhere):
            return found


def take_back(client: WebClient, posted: Posted) -> None:
    """Remove a message of our own."""
    client.chat_delete(channel=posted.channel_id or "", ts=posted.slack_ts)


def _find_shared(client: WebClient, message: Message) -> Posted | None:
    file_id = message.file_id or ""
    try:
        file = client.files_info(file=file_id)["file"]
    except SlackApiError as error:
        if error.response.get("error") == "file_not_found":
            return None
        raise
    shared = any(file.get(place) for place in ("ims", "groups", "channels"))
    return Posted(file_id, message.channel_id) if shared or file.get("shares") else None
