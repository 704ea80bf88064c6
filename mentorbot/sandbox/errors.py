"""What can go wrong in the sandbox, as its callers see it.

SandboxError
├── NotPossible      a person tries what Slack's own client would not let them do
└── NoAnswer         the app did not answer an interaction in time, or refused it
    └── BadAnswer    it answered with something that Slack would not accept
SpoiltWorkspace      the file in which a workspace was kept cannot be read
ApiError             a Web API method refuses; becomes `{"ok": false, "error": …}`
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Something a person or a test did could not be done."""


class NotPossible(SandboxError):
    """Slack's client would not offer this: an unseen channel, a missing button."""


class NoAnswer(SandboxError):
    """The app did not answer within Slack's three seconds."""


class BadAnswer(NoAnswer):
    """The app answered, but with a payload that Slack refuses; `messages` says where."""

    def __init__(self, error: str, messages: list[str] | None = None) -> None:
        super().__init__(": ".join([error, *(messages or [])]))
        self.error = error
        self.messages = messages or []


class SpoiltWorkspace(Exception):
    """What was saved cannot be read; `str()` says which file."""


class ApiError(Exception):
    """A refusal by the Web API, named as Slack names it."""

    def __init__(self, error: str, *messages: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.more = more

    def response(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer
