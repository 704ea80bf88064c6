"""What names a payload of Slack's, the same each time that Slack delivers it."""

import hashlib
import json
from typing import Any


def payload_key(body: dict[str, Any]) -> str:
    """What names a payload: Slack's event_id or trigger_id, else a digest of all of it."""
    key = body.get("event_id") or body.get("trigger_id")
    if key:
        return str(key)[:120]
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def request_id(body: dict[str, Any]) -> str:
    """A short name of a payload for the log, the same each time that Slack delivers it."""
    return hashlib.sha256(payload_key(body).encode()).hexdigest()[:12]
