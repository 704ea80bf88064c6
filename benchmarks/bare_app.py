"""The least that a Bolt app can do: acknowledge a form over Socket Mode, and forget it."""

import sys
import threading

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from mentorbot.slack import ids


def bare_app(api_url: str, bot_token: str) -> App:
    """An app that answers after its listener, as MentorBot does, and saves nothing."""
    app = App(
        client=WebClient(token=bot_token, base_url=api_url),
        process_before_response=True,
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )

    def acknowledge(ack: Ack) -> None:
        ack()

    app.view(ids.ROLE_FORM)(acknowledge)
    return app


def main(api_url: str, bot_token: str, app_token: str) -> None:
    """Listen until ended."""
    client = WebClient(token=bot_token, base_url=api_url)
    app = bare_app(api_url, bot_token)
    SocketModeHandler(app, app_token, web_client=client, trace_enabled=False).connect()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
