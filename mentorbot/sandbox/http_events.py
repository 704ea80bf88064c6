"""HTTP mode: signed requests to the app's one request URL."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from mentorbot.sandbox.deliveries import Answer, EnvelopeKind, Retry
from mentorbot.sandbox.records import Json


class HttpEvents:
    """Posts events, interactions and commands to the app as Slack does."""

    def __init__(self, events_url: str, signing_secret: str) -> None:
        self._url = urlsplit(events_url)
        self._signing_secret = signing_secret
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sandbox-http")

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def deliver(
        self, kind: EnvelopeKind, payload: Json, retry: Retry | None, timeout_seconds: float
    ) -> Answer:
        """Post one signed request and read its answer."""
        body, headers = _body(kind, payload)
        headers |= self._signature(body)
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry.attempt)
            headers["X-Slack-Retry-Reason"] = retry.reason
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, body, headers, timeout_seconds)

    def _post(self, body: bytes, headers: dict[str, str], timeout_seconds: float) -> Answer:
        secure = self._url.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._url.netloc, timeout=timeout_seconds)
        try:
            connection.request("POST", self._url.path or "/", body, headers)
            response = connection.getresponse()
            content = response.read()
        except TimeoutError:
            return Answer(False, reason="http_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(False, reason="connection_failed")
        finally:
            connection.close()
        if response.status != 200:
            return Answer(False, reason="http_error")
        return Answer(True, _payload(response.getheader("Content-Type", ""), content))

    def _signature(self, body: bytes) -> dict[str, str]:
        # Apps compare this with the machine's own clock, so the sandbox's clock would not do.
        timestamp = str(int(time.time()))
        digest = hmac.new(
            self._signing_secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256
        )
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }


def _body(kind: EnvelopeKind, payload: Json) -> tuple[bytes, dict[str, str]]:
    if kind == "events_api":
        return json.dumps(payload).encode(), {"Content-Type": "application/json"}
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def _payload(content_type: str, content: bytes) -> Json | None:
    if not content.strip():
        return None
    if content_type.startswith("application/json"):
        parsed = json.loads(content)
        return parsed if isinstance(parsed, dict) else None
    return {"text": content.decode()}
