"""A process that is Slack on the wire and fails on purpose; told what to do on standard input.

Plain asyncio, one process, no framework: it has to keep up with several senders on few cores.
Every line that it reads is an order in JSON, and is answered with a line that says how far it is.
"""

import asyncio
import json
import random
import socket
import struct
import sys
from collections import Counter
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.faults.chaos.clock import QuickClock
from tests.faults.chaos.record import Record, key_in

MOST_RETRY_AFTER_SECONDS = 3
_RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """How a call fails; what is `AFTER` was done all the same."""

    ERROR_BEFORE = "500, not done"
    RATE_LIMIT = "429"
    SILENCE_BEFORE = "no answer, not done"
    RESET_BEFORE = "reset, not done"
    FATAL_BEFORE = "fatal_error, not done"
    ERROR_AFTER = "500, done"
    SILENCE_AFTER = "no answer, done"
    RESET_AFTER = "answer lost, done"
    FATAL_AFTER = "fatal_error, done"
    SPOILT_AFTER = "half an answer, done"

    @property
    def does_it(self) -> bool:
        """Whether Slack does what it was asked."""
        return self.name.endswith("AFTER")


class FaultySlack:
    """The state that all connections share."""

    def __init__(self, clock: QuickClock, rng: random.Random) -> None:
        self.record = Record(clock)
        self.rng = rng
        self.share = 0.0
        self.is_down = False
        self.refused: dict[str, str] = {}
        self.base_url = ""
        self.calls: Counter[str] = Counter()
        self.heard: list[dict[str, Any]] = []
        self.faults: Counter[str] = Counter()

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Change how it fails, or write the record down; says how far it is."""
        self.share = order.get("share", self.share)
        self.is_down = order.get("is_down", self.is_down)
        self.refused = order.get("refused", self.refused)
        if "clock" in order:
            self.record.clock = QuickClock(**order["clock"])
        if "write_to" in order:
            Path(order["write_to"]).write_text(json.dumps(self.record.written()), encoding="utf-8")
        if "calls_to" in order:
            Path(order["calls_to"]).write_text(json.dumps(self.heard), encoding="utf-8")
        return {
            "taken": len(self.record.postings) - self.record.deleted,
            "taken_back": self.record.deleted,
            "calls": self.calls,
            "faults": self.faults,
        }

    def note(self, sender: str, workspace_id: str, method: str, fault: Fault | None) -> Any:
        """Remember a call; what is returned is to be filled in."""
        at = self.record.clock().isoformat()
        call = {"at": at, "sender": sender, "workspace": workspace_id, "method": method}
        self.heard.append({**call, "fault": fault, "key": "", "channel": "", "ts": ""})
        return self.heard[-1]

    def fault(self) -> Fault | None:
        """What befalls the next call."""
        if self.is_down:
            return self.rng.choice((Fault.ERROR_BEFORE, Fault.RESET_BEFORE))
        if self.rng.random() >= self.share:
            return None
        return self.rng.choice(list(Fault))

    def answer(self, workspace_id: str, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked."""
        if method in self.refused:
            return {"ok": False, "error": self.refused[method]}
        answered = self.record.answer(workspace_id, method, given)
        if "upload_url" in answered:
            answered["upload_url"] = self.base_url + answered["upload_url"]
        return answered


class Connection(asyncio.Protocol):
    """One connection of a sender; it may carry several requests, one after another."""

    def __init__(self, slack: FaultySlack) -> None:
        self._slack = slack
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._held += data
        while (split := self._held.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._held[:split].decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            end = split + 4 + int(headers.get("content-length", "0"))
            if len(self._held) < end:
                return
            body, self._held = self._held[split + 4 : end], self._held[end:]
            bearer = next((line for line in lines if line.lower().startswith("authorization")), "")
            self._handle(first.split(" ")[1], headers, bearer.rpartition("xoxb-")[2], body)

    def _handle(self, target: str, headers: dict[str, str], token: str, body: bytes) -> None:
        workspace_id, _, sender = token.partition("/")
        address = urlsplit(target)
        method = address.path.rpartition("/")[2]
        is_upload = address.path.startswith("/upload/")
        self._slack.calls["upload" if is_upload else method] += 1
        fault = self._slack.fault()
        if fault is not None:
            self._slack.faults[fault] += 1
        answer: dict[str, Any] = {"ok": True}
        noted = self._slack.note(sender, workspace_id, method, fault)
        if not is_upload:
            given = _given(address.query, headers, body)
            if fault is None or fault.does_it:
                answer = self._slack.answer(workspace_id, method, given)
            where = answer.get("channel", given.get("channel", ""))
            noted["channel"] = where["id"] if isinstance(where, dict) else where
            noted["ts"] = answer.get("ts", given.get("ts", ""))
            noted["key"] = key_in(given)
        self._end(fault, answer, headers.get("connection") == "close")

    def _end(self, fault: Fault | None, answer: dict[str, Any], is_last: bool) -> None:
        if fault in (Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER):
            return
        if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
            self._reset()
        elif fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
            self._write(500, b"upstream connect error", "text/plain")
        elif fault is Fault.RATE_LIMIT:
            wait = self._slack.rng.randint(1, MOST_RETRY_AFTER_SECONDS)
            words = json.dumps({"ok": False, "error": "ratelimited"}).encode()
            self._write(429, words, "application/json", f"Retry-After: {wait}\r\n")
        elif fault in (Fault.FATAL_BEFORE, Fault.FATAL_AFTER):
            self._write(200, json.dumps({"ok": False, "error": "fatal_error"}).encode())
        elif fault is Fault.SPOILT_AFTER:
            self._write(200, json.dumps(answer).encode()[:-5])
        else:
            self._write(200, json.dumps(answer).encode())
        if is_last:
            self._transport.close()

    def _reset(self) -> None:
        found = self._transport.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def _write(
        self, status: int, body: bytes, kind: str = "application/json", more: str = ""
    ) -> None:
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}; charset=utf-8"
            f"\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        )
        self._transport.write(head.encode() + body)


def _given(query: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    given: dict[str, Any] = dict(parse_qsl(query))
    if headers.get("content-type", "").startswith("application/json"):
        held: dict[str, Any] = json.loads(body or b"{}")
        return given | held
    return given | dict(parse_qsl(body.decode()))


async def serve(slack: FaultySlack) -> None:
    """Be Slack until standard input ends, as it does when whoever started this is gone."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(slack), "127.0.0.1", 0, backlog=500, reuse_address=True
    )
    slack.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    _say({"api_url": f"{slack.base_url}/api/"})
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        _say(slack.obey(json.loads(line)))
    server.close()


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(
        serve(
            FaultySlack(
                QuickClock(float(sys.argv[1]), float(sys.argv[2])), random.Random(sys.argv[3])
            )
        )
    )
