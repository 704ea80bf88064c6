"""The calls that put a message or a file into a conversation, and those that look for one."""

from urllib.request import Request, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.domain.messages import Message
from mentorbot.slack.rendering import Attachment, Rendered

EVENT_TYPE = "mentorbot_message"
UPLOAD_TIMEOUT_SECONDS = 20
_LOOK_BACK_SECONDS = 600


def open_conversation(client: WebClient, recipients: list[str]) -> str:
    """The channel itself, or the DM or group DM with these people; opening twice is harmless."""
    if recipients[0].startswith(("C", "G")):
        return recipients[0]
    channel: str = client.conversations_open(users=",".join(recipients))["channel"]["id"]
    return channel


def post(client: WebClient, channel_id: str, key: str, rendered: Rendered) -> str:
    """Post a message that carries its key in its metadata; returns Slack's `ts`."""
    answer = client.chat_postMessage(
        channel=channel_id,
        text=rendered.text,
        blocks=rendered.blocks,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(answer["ts"])


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


def share_file(client: WebClient, channel_id: str, file_id: str, rendered: Rendered) -> str:
    """Share an uploaded file with its words; returns the file id, for Slack gives no `ts` here."""
    title = rendered.attachment.title if rendered.attachment else ""
    client.files_completeUploadExternal(
        files=[{"id": file_id, "title": title}],
        channel_id=channel_id,
        initial_comment=rendered.text,
    )
    return file_id


def find_posted(client: WebClient, message: Message) -> str | None:
    """Look for a message that an earlier try may have posted: its `ts` (or file id), or None.

    Files are looked for by the file id kept with the intent, messages by the key in their metadata.
    """
    if message.file_id is not None:
        return _find_shared(client, message.file_id)
    if message.channel_id is None or message.intent_at is None:
        return None
    oldest = f"{message.intent_at.timestamp() - _LOOK_BACK_SECONDS:.6f}"
    cursor = None
    while True:
        page = client.conversations_history(
            channel=message.channel_id,
            oldest=oldest,
            include_all_metadata=True,
            limit=200,
            cursor=cursor,
        )
        for posted in page["messages"]:
            payload = posted.get("metadata", {}).get("event_payload", {})
            if payload.get("key") == message.message_id:
                return str(posted["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None


def _find_shared(client: WebClient, file_id: str) -> str | None:
    try:
        file = client.files_info(file=file_id)["file"]
    except SlackApiError as error:
        if error.response.get("error") == "file_not_found":
            return None
        raise
    shared = any(file.get(place) for place in ("ims", "groups", "channels"))
    return file_id if shared or file.get("shares") else None
