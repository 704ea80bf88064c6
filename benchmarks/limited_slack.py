"""A Slack that does little but keep its limits, and notes when each message came.

A message a second in a conversation, with Slack's short bursts, and so many a minute in a
workspace, which may be two seconds ahead. A conversation's id tells its workspace. `GET /report`
gives the instant of each message by its conversation, and how many calls were refused.
"""

import json
import math
import sys
import threading
import time
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mentorbot.sandbox.ratelimits import RateLimits
from mentorbot.web.server import WebServer, listen

AHEAD_SECONDS = 2.0


def conversation(workspace_id: str, number: int) -> str:
    """The id of one of a workspace's many people, whose DM it stands for."""
    return f"U{workspace_id[1:]}{number:06d}"


def workspace_of(channel: str) -> str:
    """The workspace that a conversation's id tells of."""
    return f"T{channel[1:-6]}"


class LimitedSlack:
    """What came, and what was refused."""

    def __init__(self, ceilings_per_minute: dict[str, float]) -> None:
        self._ceilings = {name: per_minute / 60 for name, per_minute in ceilings_per_minute.items()}
        self._used_until: dict[str, float] = {}
        self._limits = RateLimits()
        self._posted: dict[str, list[dict[str, object]]] = {}
        self.arrived: dict[str, float] = {}
        self.refused: Counter[str] = Counter()
        self.repeated = 0

    async def api(self, request: Request) -> Response:
        """Any method of the Web API."""
        method = request.path_params["method"]
        body = await request.body()
        given = await request.json() if body.startswith(b"{") else dict(await request.form())
        wait_seconds = self._wait_seconds(method, str(given.get("channel", "")))
        if wait_seconds:
            self.refused[method] += 1
            refusal = {"ok": False, "error": "ratelimited"}
            return JSONResponse(refusal, 429, headers={"Retry-After": str(wait_seconds)})
        return JSONResponse({"ok": True, **self._answer(method, given)})

    def _wait_seconds(self, method: str, channel: str) -> int:
        wait_seconds = self._limits.wait_seconds(method, {"channel": channel})
        if wait_seconds or method != "chat.postMessage":
            return wait_seconds
        workspace_id, now = workspace_of(channel), time.monotonic()
        used_until = max(self._used_until.get(workspace_id, now), now)
        if used_until - now > AHEAD_SECONDS:
            return math.ceil(used_until - now - AHEAD_SECONDS)
        self._used_until[workspace_id] = used_until + 1 / self._ceilings[workspace_id]
        return 0

    def _answer(self, method: str, given: dict[str, object]) -> dict[str, object]:
        channel = str(given.get("channel", ""))
        if method == "conversations.history":
            return {"messages": self._posted.get(channel, [])}
        if method != "chat.postMessage":
            return {"team_id": "T0", "user_id": "U0", "channel": {"id": given.get("users")}}
        self.repeated += channel in self.arrived
        self.arrived[channel] = time.time()
        posted = {"ts": f"{time.time():.6f}", "metadata": _metadata(given.get("metadata"))}
        self._posted.setdefault(channel, []).append(posted)
        return {"ts": posted["ts"], "channel": channel}

    async def report(self, _request: Request) -> Response:
        """What has come so far."""
        found = {"arrived": self.arrived, "refused": self.refused, "repeated": self.repeated}
        return JSONResponse(found)


def _metadata(given: object) -> object:
    return json.loads(given) if isinstance(given, str) else given


def main(ceilings: str, port: str) -> None:
    """Serve until ended; `ceilings` names workspaces, as `T1=500,T2=60` messages a minute."""
    named = (it.split("=") for it in ceilings.split(","))
    slack = LimitedSlack({name: float(per_minute) for name, per_minute in named})
    routes = [
        Route("/api/{method}", slack.api, methods=["GET", "POST"]),
        Route("/report", slack.report),
    ]
    WebServer(Starlette(routes=routes), listen("127.0.0.1", int(port))).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
