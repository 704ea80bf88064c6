"""Closing the Socket Mode connection, also while it is closing itself."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

from mentorbot.bootstrap import build
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import demo_settings
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.app import connect, create_app
from tests.world import MONDAY


def test_connection_that_closes_itself_meanwhile_is_no_failure(tmp_path: Path) -> None:
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        settings = demo_settings(tmp_path, sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        bot = build(settings)
        handler = connect(create_app(bot), bot)
        sandbox.wait_until_connected()
        session = handler.client.current_session
        assert session is not None
        session.sock_send_lock.acquire()
        gone = threading.Thread(target=lambda: (time.sleep(0.3), lose(session)))
        gone.start()
        handler.close()
        gone.join()
        assert not handler.client.current_session_runner.is_alive()
        bot.store.close()


def lose(session: Any) -> None:
    """What the connection's own thread does when Slack hangs up."""
    session.sock.close()
    session.sock = None
    session.sock_send_lock.release()


def test_connection_that_is_just_beginning_is_closed_all_the_same(tmp_path: Path) -> None:
    """Its own thread says that it runs after the close has said that it has ended."""
    with Sandbox(VirtualClock(MONDAY)) as sandbox:
        settings = demo_settings(tmp_path, sandbox.api_url, sandbox.bot_token, sandbox.app_token)
        bot = build(settings)
        app = create_app(bot)
        begins = HeldUp()
        app.logger.addFilter(begins)
        app.logger.setLevel(logging.INFO)
        try:
            handler = connect(app, bot)
            assert begins.has_come.wait(10)
            begins.client = handler.client
            closing = threading.Thread(target=handler.close, daemon=True)
            closing.start()
            closing.join(10)
            assert not closing.is_alive()
        finally:
            app.logger.removeFilter(begins)
            app.logger.setLevel(logging.NOTSET)
        bot.store.close()


class HeldUp(logging.Filter):
    """Holds up a connection's thread as it begins, until the client is closed and disconnected."""

    def __init__(self) -> None:
        super().__init__()
        self.has_come = threading.Event()
        self.client: Any = None

    def filter(self, record: logging.LogRecord) -> bool:
        if "Starting to receive messages" in record.getMessage():
            self.has_come.set()
            deadline = time.monotonic() + 10
            while not self._is_closed() and time.monotonic() < deadline:
                time.sleep(0.01)
        return True

    def _is_closed(self) -> bool:
        session = self.client.current_session if self.client is not None else None
        return session is not None and self.client.closed and session.sock is None
