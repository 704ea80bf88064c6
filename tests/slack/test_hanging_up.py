"""Closing the Socket Mode connection, also while it is closing itself."""

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
