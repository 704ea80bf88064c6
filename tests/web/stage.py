"""A bot that serves over HTTP, with the simulated workspaces that speak to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr

from mentorbot.bootstrap import build, migrate
from mentorbot.config import Settings
from mentorbot.heartbeat import run_due
from mentorbot.programmes import preset
from mentorbot.running import Serving
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR, demo_settings, set_up
from mentorbot.sandbox.population import Population
from mentorbot.sandbox.server import Sandbox
from mentorbot.usecases import admin
from mentorbot.web.server import listen
from tests.postgres import Database, on_postgres
from tests.world import MONDAY, World

SECOND = replace(
    Population.read(),
    workspace_id="T0SECOND00",
    workspace_name="Southern Deanery",
    bot_user_id="U0SECONDBT",
)


class HttpWorld(World):
    """A workspace whose bot listens over HTTP; several may share one bot."""

    def __init__(self, sandbox: Sandbox, clock: VirtualClock, serving: Serving, url: str) -> None:
        self.sandbox, self.clock, self.running, self.url = sandbox, clock, serving, url
        self.bot = serving.bot

    def settle(self) -> None:
        """Let everything that is due now happen and be delivered."""
        self.sandbox.wait_until_idle()
        for _round in range(50):
            if not run_due(self.bot) and not self.running.delivery.drain():
                return

    def set_up(self) -> None:
        """The IMG programme in its channel, as a command of the operator's."""
        with self.bot.store.begin(self.sandbox.workspace_id) as tx:
            admin.set_up(tx, preset("img"), CHANNEL, COORDINATOR, self.clock())
        self.settle()

    def install(self) -> httpx.Response:
        """Follow the install link to the consent page and back; the page at the end."""
        started = httpx.get(f"{self.url}/slack/install")
        consent = parse_qs(urlsplit(started.headers["location"]).query)
        agreed = httpx.get(self.sandbox.authorize_url, params=consent)
        return httpx.get(agreed.headers["location"], headers=state_cookie(started))

    def post(self, body: dict[str, Any], **changes: Any) -> httpx.Response:
        """An event to the bot, signed as Slack signs unless changed."""
        return signed_post(self.url, json.dumps(body), self.sandbox.signing_secret, **changes)


def state_cookie(answer: httpx.Response) -> dict[str, str]:
    """What a browser sends back; over plain HTTP a client would keep a `Secure` cookie."""
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def signed_post(
    url: str, body: str, secret: str, *, age_seconds: int = 0, **headers: str
) -> httpx.Response:
    """A request to the bot with a signature of some secret and age."""
    at = str(int(time.time()) - age_seconds)
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    given = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={digest}",
    }
    return httpx.post(f"{url}/slack/events", content=body, headers=given | headers)


def settings_of(folder: Path, sandbox: Sandbox, url: str, *, single: bool) -> Settings:
    """Settings of a bot that serves: with one token, or with installing from a link."""
    bot_token = sandbox.bot_token if single else ""
    return demo_settings(folder, sandbox.api_url, bot_token, "").model_copy(
        update={
            "slack_signing_secret": SecretStr(sandbox.signing_secret),
            "slack_client_id": "" if single else sandbox.client_id,
            "slack_client_secret": SecretStr("" if single else sandbox.client_secret),
            "slack_authorize_url": sandbox.authorize_url,
            "mentorbot_public_url": url,
        }
    )


@contextmanager
def serving_worlds(
    folder: Path,
    *populations: Population,
    single: bool = False,
    database: Database | None = None,
) -> Iterator[list[HttpWorld]]:
    """One bot that serves, and a workspace for each population; calls to all go to the first."""
    clock = VirtualClock(MONDAY)
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with ExitStack() as stack:
        sandboxes = [
            stack.enter_context(Sandbox(clock, population=it, events_url=f"{url}/slack/events"))
            for it in populations
        ]
        for it in sandboxes:
            it.retry_delays_seconds = (0.0, 0.05, 0.05)
        first = sandboxes[0]
        first.neighbours.extend(sandboxes[1:])
        settings = settings_of(folder, first, url, single=single)
        if database is not None:
            settings = on_postgres(settings, database)
        bot = build(settings, clock=clock, rng=random.Random(7))
        migrate(bot)
        serving = Serving(bot, listener)
        try:
            yield [HttpWorld(it, clock, serving, url) for it in sandboxes]
        finally:
            serving.stop()


@contextmanager
def serving_world(folder: Path) -> Iterator[HttpWorld]:
    """One workspace whose token is in the settings, the IMG programme set up."""
    with serving_worlds(folder, Population.read(), single=True) as (world,):
        set_up(world.bot, world.running.workspace_id)
        world.settle()
        yield world
