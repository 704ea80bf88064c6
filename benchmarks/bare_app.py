"""The least that a Bolt app can do: acknowledge a form, over Socket Mode or HTTP, and forget it."""

import sys
import threading

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from starlette.applications import Starlette

from mentorbot.slack import ids
from mentorbot.web.events import events_route
from mentorbot.web.server import WebServer, listen


def bare_app(api_url: str, bot_token: str, signing_secret: str = "") -> App:
    """An app that answers after its listener, as MentorBot does, and saves nothing."""
    app = App(
        client=WebClient(token=bot_token, base_url=api_url),
        signing_secret=signing_secret or None,
        process_before_response=True,
        token_verification_enabled=False,
        request_verification_enabled=bool(signing_secret),
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )

    def acknowledge(ack: Ack) -> None:
        ack()

    app.view(ids.ROLE_FORM)(acknowledge)
    return app


def listen_to_socket_mode(api_url: str, bot_token: str, app_token: str) -> None:
    """Listen until ended."""
    client = WebClient(token=bot_token, base_url=api_url)
    app = bare_app(api_url, bot_token)
    SocketModeHandler(app, app_token, web_client=client, trace_enabled=False).connect()
    threading.Event().wait()


def serve(api_url: str, bot_token: str, signing_secret: str, port: str) -> None:
    """Serve over HTTP, on MentorBot's own server, until ended."""
    app = bare_app(api_url, bot_token, signing_secret)
    web = Starlette(routes=[events_route(app, signing_secret)])
    WebServer(web, listen("127.0.0.1", int(port))).start()
    threading.Event().wait()


if __name__ == "__main__":
    {"socket": listen_to_socket_mode, "http": serve}[sys.argv[1]](*sys.argv[2:])
