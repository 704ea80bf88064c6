"""Slack's rate limits per method and workspace, in tiers, for those who ask for them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mentorbot.sandbox.records import Json

# Calls a minute, from https://docs.slack.dev/apis/web-api/rate-limits
TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
TIERS = {
    "api.test": TIER_4,
    "apps.connections.open": TIER_1,
    "auth.test": TIER_4,
    "chat.delete": TIER_3,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "team.info": TIER_3,
    "users.info": TIER_4,
    "users.lookupByEmail": TIER_3,
    "users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
TIER_BURST = 2
POSTS_PER_SECOND = 1.0
POST_BURST = 3


@dataclass
class Bucket:
    """What is left of an allowance, and when that was counted, in monotonic seconds."""

    left: float
    counted_at: float


class RateLimits:
    """Counts calls; a call over the limit learns how many seconds to wait."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def wait_seconds(self, method: str, arguments: Json) -> int:
        """Zero when the call may go ahead, else the `Retry-After` of its refusal."""
        if method == "chat.postMessage":
            channel = str(arguments.get("channel"))
            return self._take((method, channel), POST_BURST, POSTS_PER_SECOND)
        if method not in TIERS:
            return 0
        per_minute = TIERS[method]
        return self._take((method, ""), per_minute + TIER_BURST, per_minute / 60)

    def _take(self, key: tuple[str, str], most: float, per_second: float) -> int:
        now = self._now()
        with self._lock:
            bucket = self._buckets.setdefault(key, Bucket(most, now))
            bucket.left = min(most, bucket.left + (now - bucket.counted_at) * per_second)
            bucket.counted_at = now
            if bucket.left >= 1:
                bucket.left -= 1
                return 0
            return max(1, math.ceil((1 - bucket.left) / per_second))
