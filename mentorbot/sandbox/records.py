"""What the workspace holds: users, conversations, postings, files and views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ConversationKind = Literal["channel", "im", "mpim"]


@dataclass
class User:
    """A member of the workspace, human or bot."""

    id: str
    name: str
    about: str = ""
    time_zone: str = "Europe/London"
    locale: str = "en-GB"
    joined: bool = True
    deactivated: bool = False
    is_admin: bool = False
    is_bot: bool = False
    updated: int = 0
    email: str = ""
    is_email_confirmed: bool = True


@dataclass
class Posting:
    """A message as Slack shows it, and the one person it is for when it is ephemeral."""

    body: Json
    only_for: str | None = None
    state: Json = field(default_factory=dict)

    @property
    def ts(self) -> str:
        return str(self.body["ts"])


@dataclass
class Conversation:
    """A public channel, a direct message or a group direct message."""

    id: str
    kind: ConversationKind
    name: str
    topic: str = ""
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_general: bool = False
    created: int = 0
    postings: list[Posting] = field(default_factory=list)
    read_until: dict[str, str] = field(default_factory=dict)

    def posting(self, ts: str) -> Posting | None:
        return next((posting for posting in reversed(self.postings) if posting.ts == ts), None)


@dataclass
class StoredFile:
    """A file uploaded by the app or a person, and the conversations it is shared in."""

    id: str
    name: str
    title: str = ""
    size: int = 0
    created: int = 0
    uploaded: bool = False
    completed: bool = False
    conversations: list[str] = field(default_factory=list)
    content: bytes = b""
    uploaded_by: str = ""


@dataclass
class ShownView:
    """A view as Slack keeps it, whose it is and what has been filled in."""

    view: Json
    slack_user_id: str
    state: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.view["id"])


@dataclass
class Trigger:
    """A ticket to open one modal for one person; `issued_at` is in monotonic seconds."""

    slack_user_id: str
    issued_at: float
    view_id: str | None = None
    used: bool = False


@dataclass
class ReplyTicket:
    """Where a `response_url` leads: the conversation, the person and the message acted on."""

    slack_user_id: str
    conversation_id: str
    message_ts: str | None
    issued_at_seconds: float
    uses: int = 0
