"""Files that people hand in through a modal: looked up and fetched with the bot's token."""

from urllib.request import Request, urlopen

from slack_sdk import WebClient

from mentorbot.domain.errors import UploadLost, UploadTooLarge
from mentorbot.slack.client import LISTENER_TIMEOUT_SECONDS
from mentorbot.slack.guard import UNANSWERED


def fetch(client: WebClient, file_id: str, most_bytes: int) -> bytes:
    """The content of an uploaded file.

    Raises UploadTooLarge before anything is fetched, UploadLost where Slack does not give it.
    """
    try:
        file = client.files_info(file=file_id)["file"]
        if int(file.get("size") or 0) > most_bytes:
            raise UploadTooLarge(most_kilobytes=most_bytes // 1000)
        content = _download(file["url_private_download"], client.token or "", most_bytes)
    except UNANSWERED as error:
        raise UploadLost from error
    if len(content) > most_bytes:
        raise UploadTooLarge(most_kilobytes=most_bytes // 1000)
    return content


def _download(url: str, token: str, most_bytes: int) -> bytes:
    """At most one byte more than there is room for."""
    headers = {"Authorization": f"Bearer {token}"}
    asked = Request(url, headers=headers)  # noqa: S310  # the address is Slack's own answer
    with urlopen(asked, timeout=LISTENER_TIMEOUT_SECONDS) as answer:  # noqa: S310  # as above
        content: bytes = answer.read(most_bytes + 1)
    return content
