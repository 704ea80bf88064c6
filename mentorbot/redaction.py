"""Secrets kept out of the logs, whatever brought them there."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from structlog.typing import Processor

_TOKEN = re.compile(r"\b(xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{3,}")
_REPLY_URL = re.compile(r"(https://hooks\.slack\.com/)[^\s\"']+")
_PASSWORD_IN_URL = re.compile(r"(://[^/\s:@]+:)[^@\s/]+@")
_SHORTEST = 6


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """The text without Slack's tokens, reply addresses, passwords in URLs and these secrets."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "[redacted]")
    text = _TOKEN.sub(r"\1-[redacted]", text)
    text = _REPLY_URL.sub(r"\1[redacted]", text)
    return _PASSWORD_IN_URL.sub(r"\1[redacted]@", text)


def redacting(render: Processor, secrets: Collection[str] = ()) -> Processor:
    """A structlog renderer whose every line is redacted, tracebacks too."""

    def rendered(logger: Any, method: str, event: Any) -> Mapping[str, Any] | str:
        return redact(str(render(logger, method, event)), secrets)

    return rendered
