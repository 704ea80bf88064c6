"""The web server: every route over one bot, served from a thread of its own."""

import logging
import socket
import threading

import uvicorn
from slack_bolt import App
from starlette.applications import Starlette

from mentorbot.bootstrap import MentorBot
from mentorbot.web.certificates import certificate_routes
from mentorbot.web.events import events_route
from mentorbot.web.feeds import feed_route
from mentorbot.web.health import health_routes
from mentorbot.web.installing import installing_routes
from mentorbot.web.measures import metrics_route

KEEP_ALIVE_SECONDS = 75
"""Longer than load balancers keep theirs, so that they never write to a closed connection."""
SHUTDOWN_SECONDS = 10


def create_web(bot: MentorBot, app: App) -> Starlette:
    """The routes: Slack's requests, health, metrics, calendars, certificates; installing."""
    secret = bot.settings.slack_signing_secret.get_secret_value()
    routes = [events_route(app, secret), *health_routes(bot), metrics_route(bot)]
    routes.append(feed_route(bot))
    if bot.settings.mentorbot_public_url:
        routes += certificate_routes(bot)
    if not bot.settings.is_single_workspace:
        routes += installing_routes(bot)
    return Starlette(routes=routes)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises OSError where that cannot be had.

    Only where it is called TCP does asyncio send the small pieces of an answer at once.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class WebServer:
    """Serves until stopped; requests under way are finished first."""

    def __init__(self, web: Starlette, listener: socket.socket) -> None:
        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                web,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to serve; connections wait in the socket until the thread is ready."""
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._listener.listen(128)
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, finish those under way."""
        self._server.should_exit = True
        self._thread.join(timeout=SHUTDOWN_SECONDS + 5)

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])
