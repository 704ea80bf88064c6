"""A small Bolt app that the sandbox's tests put on the other end of the wire."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from mentorbot.sandbox.server import Sandbox


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def form(**more: Any) -> dict[str, Any]:
    """A modal that asks for a hope and a capacity."""
    hope = {"type": "plain_text_input", "action_id": "text", "max_length": 40}
    options = [{"text": plain(each), "value": each} for each in ("1", "2", "3")]
    return {
        "type": "modal",
        "callback_id": "role",
        "title": plain("Your role"),
        "submit": plain("Send"),
        "blocks": [
            {"type": "input", "block_id": "hope", "label": plain("Hopes"), "element": hope},
            {
                "type": "input",
                "block_id": "capacity",
                "label": plain("Capacity"),
                "optional": True,
                "element": {"type": "static_select", "action_id": "pick", "options": options},
            },
        ],
        **more,
    }


def card(text: str) -> list[dict[str, Any]]:
    """A message with a button and a menu."""
    button = {"type": "button", "action_id": "confirm", "text": plain("Yes"), "value": "y"}
    options = [{"text": plain(each), "value": each} for each in ("met", "not_yet")]
    menu = {"type": "static_select", "action_id": "outcome", "options": options}
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "actions", "block_id": "answers", "elements": [button, menu]},
    ]


def home(text: str) -> dict[str, Any]:
    return {
        "type": "home",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {"type": "actions", "block_id": "ask", "elements": card(text)[1]["elements"][:1]},
        ],
    }


class TrialBot:
    """Keeps every body it hears; tests add what its listeners do by replacing `on_…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.heard: list[dict[str, Any]] = []
        self.retries: list[str | None] = []
        self.failures_left = 0
        self.submission_answer: dict[str, Any] = {}
        client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
        self.app = App(
            client=client,
            signing_secret=sandbox.signing_secret,
            process_before_response=True,
            raise_error_for_unhandled_request=False,
        )
        self._listen()

    def _listen(self) -> None:
        @self.app.command("/mentorbot")
        def command(ack: Any, body: Any, client: WebClient) -> None:
            self.heard.append(body)
            client.views_open(trigger_id=body["trigger_id"], view=form())
            ack(f"You said {body.get('text') or 'nothing'}.")

        @self.app.view("role")
        def submission(ack: Any, body: Any, view: Any, client: WebClient) -> None:
            self.heard.append(body)
            hope = view["state"]["values"]["hope"]["text"]["value"]
            if self.submission_answer:
                ack(**self.submission_answer)
            elif hope == "fame":
                ack(response_action="errors", errors={"hope": "Hope for something else."})
            else:
                client.chat_postMessage(channel=body["user"]["id"], text=hope, blocks=card(hope))
                ack()

        @self.app.view_closed("role")
        def closed(ack: Any, body: Any) -> None:
            self.heard.append(body)
            ack()

        @self.app.action("confirm")
        def confirm(ack: Any, body: Any, respond: Any) -> None:
            self.heard.append(body)
            if "response_url" in body:
                respond(text="Confirmed.", replace_original=True)
            ack()

        @self.app.action("outcome")
        def outcome(ack: Any, body: Any) -> None:
            self.heard.append(body)
            ack()

        for kind in ("team_join", "user_change", "member_joined_channel", "member_left_channel"):
            self.app.event(kind)(self._event)

        @self.app.event("app_home_opened")
        def opened(body: Any, event: Any, client: WebClient) -> None:
            self.heard.append(body)
            client.views_publish(user_id=event["user"], view=home("Hello"))

    def _event(self, body: Any, request: BoltRequest) -> None:
        self.heard.append(body)
        self.retries.append((request.headers.get("x-slack-retry-num") or [None])[0])
        if self.failures_left > 0:
            self.failures_left -= 1
            raise RuntimeError("the listener fails")

    @contextmanager
    def over_socket_mode(self) -> Iterator[TrialBot]:
        handler = SocketModeHandler(self.app, self.sandbox.app_token)
        handler.connect()
        try:
            self.sandbox.wait_until_connected()
            yield self
        finally:
            _close(handler, self.sandbox)

    def serve(self) -> ThreadingHTTPServer:
        """An HTTP server for this app, on a port of its own."""
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name: [value] for name, value in self.headers.items()}
                answer = bot.app.dispatch(BoltRequest(body=body, headers=headers))
                content = (answer.body or "").encode()
                self.send_response(answer.status)
                for name, value in answer.first_headers().items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                return

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def _close(handler: SocketModeHandler, sandbox: Sandbox) -> None:
    # Closed from its own side, the client waits for seconds in its last reads.
    client = handler.client
    client.auto_reconnect_enabled = False
    sandbox.hang_up()
    deadline = time.monotonic() + 5
    while client.is_connected() and time.monotonic() < deadline:
        time.sleep(0.005)
    client.message_processor.event.set()
    client.enqueue_message("{}")
    handler.close()


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
