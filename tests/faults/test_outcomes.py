"""What each answer of Slack means for a message, from real answers on the wire."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import urlopen

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.outcomes import Failure, Outcome, failure_of, failure_of_look_up

Call = Callable[[], object]


@pytest.fixture(scope="module")
def slack() -> Iterator[Sandbox]:
    with Sandbox(VirtualClock(datetime(2026, 11, 23, 10, tzinfo=UTC))) as sandbox:
        yield sandbox


def client_of(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])


def error_of(call: Call) -> Exception:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("the call was answered")


def post(sandbox: Sandbox) -> Exception:
    client = client_of(sandbox)
    return error_of(lambda: client.chat_postMessage(channel="C0IMGMENTR", text="Hello"))


WORDS = {
    Outcome.AMBIGUOUS: ["fatal_error", "internal_error", "request_timeout", "service_unavailable"],
    Outcome.GONE: ["user_not_found", "users_not_found", "user_disabled", "user_not_visible"],
    Outcome.LOCKED_OUT: [
        *("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
        *("missing_scope", "no_permission", "org_login_required", "team_access_not_granted"),
    ],
    Outcome.REFUSED: [
        *("channel_not_found", "is_archived", "msg_too_long", "no_text", "restricted_action"),
        *("invalid_blocks", "not_in_channel", "an_error_that_slack_may_invent"),
    ],
}


@pytest.mark.parametrize(
    ("word", "outcome"), [(word, outcome) for outcome in WORDS for word in WORDS[outcome]]
)
def test_error_means_what_slack_says_it_means(slack: Sandbox, word: str, outcome: Outcome) -> None:
    slack.faults.fail("chat.postMessage", word)
    assert failure_of(post(slack)) == Failure(outcome, word)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_in_distress_may_have_done_it(slack: Sandbox, status: int) -> None:
    slack.faults.status("chat.postMessage", status)
    assert failure_of(post(slack)) == Failure(Outcome.AMBIGUOUS, f"http_{status}")


@pytest.mark.parametrize("word", ["ratelimited", "rate_limited"])
def test_rate_limit_without_a_status_waits_too(slack: Sandbox, word: str) -> None:
    slack.faults.fail("chat.postMessage", word)
    assert failure_of(post(slack)) == Failure(Outcome.CLEAN, "ratelimited", 30)


def test_rate_limit_says_how_long(slack: Sandbox) -> None:
    slack.faults.ratelimit("chat.postMessage", 17)
    assert failure_of(post(slack)) == Failure(Outcome.CLEAN, "ratelimited", 17)


def test_lost_answer_leaves_doubt(slack: Sandbox) -> None:
    slack.faults.lose_answer("chat.postMessage")
    found = failure_of(post(slack))
    assert found.outcome is Outcome.AMBIGUOUS
    assert found.leaves_doubt


def test_refused_connection_leaves_no_doubt() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = WebClient(
            token="xoxb-none",
            base_url=f"http://127.0.0.1:{closed.getsockname()[1]}/api/",
            retry_handlers=[],
        )
        found = failure_of(error_of(lambda: client.chat_postMessage(channel="C1", text="Hello")))
    assert found == Failure(Outcome.CLEAN, "never_connected")
    assert not found.leaves_doubt


def test_name_that_is_not_found_leaves_no_doubt() -> None:
    client = WebClient(token="xoxb-none", base_url="http://nowhere.invalid/", retry_handlers=[])
    found = failure_of(error_of(lambda: client.chat_postMessage(channel="C1", text="Hello")))
    assert found == Failure(Outcome.CLEAN, "never_connected")


@contextmanager
def proxy(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A server in the way that answers everything in one manner; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [200, 403, 404, 502])
def test_page_of_a_proxy_is_no_refusal_of_slacks(status: int) -> None:
    with proxy(status, b"<html>Please sign in</html>") as url:
        client = WebClient(token="xoxb-none", base_url=url, retry_handlers=[])
        found = failure_of(error_of(lambda: client.chat_postMessage(channel="C1", text="Hello")))
    assert found == Failure(Outcome.AMBIGUOUS, f"http_{status}")


@pytest.mark.parametrize("body", [b"", b"<html>Slow down</html>", b'{"ok":false}'])
def test_rate_limit_is_obeyed_whatever_its_body(body: bytes) -> None:
    with proxy(429, body, Retry_After="9") as url:
        client = WebClient(token="xoxb-none", base_url=url, retry_handlers=[])
        found = failure_of(error_of(lambda: client.chat_postMessage(channel="C1", text="Hello")))
    assert found == Failure(Outcome.CLEAN, "ratelimited", 9)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (403, Failure(Outcome.AMBIGUOUS, "http_403")),
        (500, Failure(Outcome.AMBIGUOUS, "http_500")),
        (429, Failure(Outcome.CLEAN, "ratelimited", 5)),
    ],
)
def test_refused_upload_is_understood(status: int, failure: Failure) -> None:
    with proxy(status, b"", Retry_After="5") as url:
        error = error_of(lambda: urlopen(url, data=b"%PDF", timeout=5))
    assert failure_of(error) == failure
    error.close()  # type: ignore[attr-defined]


def test_what_did_not_come_from_a_call_is_raised_again() -> None:
    with pytest.raises(ZeroDivisionError):
        failure_of(ZeroDivisionError())


@pytest.mark.parametrize(
    ("word", "outcome", "is_final"),
    [
        ("internal_error", Outcome.AMBIGUOUS, False),
        ("invalid_auth", Outcome.LOCKED_OUT, False),
        ("missing_scope", Outcome.REFUSED, True),
        ("no_permission", Outcome.REFUSED, True),
        ("channel_not_found", Outcome.REFUSED, True),
        ("ratelimited", Outcome.CLEAN, False),
    ],
)
def test_failed_look_up_always_leaves_doubt(
    slack: Sandbox, word: str, outcome: Outcome, is_final: bool
) -> None:
    slack.faults.fail("chat.postMessage", word)
    found = failure_of_look_up(post(slack))
    assert (found.outcome, found.is_final) == (outcome, is_final)
    assert found.leaves_doubt
