"""Only Slack's own, fresh requests have an effect, and only once; the rest is refused."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.types import Message

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack.app import create_app
from mentorbot.web.events import MOST_BYTES, PATH, events_route
from tests.web.stage import HttpWorld, signed_post
from tests.world import ZOE


def join(event_id: str = "Ev1", user: str = "U0NOBODY00") -> dict[str, Any]:
    """The news of a person who comes to the workspace."""
    return {
        "type": "event_callback",
        "event_id": event_id,
        "team_id": "T0SANDBOX0",
        "event": {"type": "team_join", "user": {"id": user, "name": "Somebody"}},
    }


def people_known(world: HttpWorld) -> int:
    with world.bot.store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM person")
        return int(found.scalar_one())


@pytest.fixture
def unmoved(shared: HttpWorld) -> Iterator[HttpWorld]:
    """A world in which nothing may happen."""
    before = people_known(shared)
    yield shared
    assert people_known(shared) == before


def test_unsigned_request_is_refused(unmoved: HttpWorld) -> None:
    assert httpx.post(f"{unmoved.url}/slack/events", json=join()).status_code == 401


def test_request_signed_with_another_secret_is_refused(unmoved: HttpWorld) -> None:
    for secret in ("another", ""):
        assert signed_post(unmoved.url, json.dumps(join()), secret).status_code == 401


def test_request_whose_body_was_changed_is_refused(unmoved: HttpWorld) -> None:
    signed = unmoved.post({"type": "url_verification", "challenge": "c"}).request.headers
    names = ("x-slack-signature", "x-slack-request-timestamp")
    headers = {name: signed[name] for name in names}
    answer = httpx.post(f"{unmoved.url}/slack/events", json=join(), headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("age_seconds", [600, -600])
def test_request_of_another_time_is_refused(unmoved: HttpWorld, age_seconds: int) -> None:
    assert unmoved.post(join(), age_seconds=age_seconds).status_code == 401


@pytest.mark.parametrize("at", ["", "yesterday", "-5", "1e9", "9" * 5000])
def test_request_with_an_unreadable_time_is_refused(unmoved: HttpWorld, at: str) -> None:
    changed = {"X-Slack-Request-Timestamp": at}
    assert unmoved.post(join(), **changed).status_code == 401


@pytest.mark.parametrize("signature", [b"", b"v0=", b"v1=00", "v0=é".encode()])
def test_request_with_an_unreadable_signature_is_refused(
    unmoved: HttpWorld, signature: bytes
) -> None:
    headers = {
        b"X-Slack-Request-Timestamp": str(int(time.time())).encode(),
        b"X-Slack-Signature": signature,
    }
    answer = httpx.post(f"{unmoved.url}/slack/events", json=join(), headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_what_a_stranger_sends_is_refused_before_it_is_read(unmoved: HttpWorld, kind: str) -> None:
    endless = "payload=" * (kind != "application/json") + "[" * 400_000
    answer = signed_post(unmoved.url, endless, "another", **{"Content-Type": kind})
    assert answer.status_code == 401


def test_request_that_breaks_off_is_no_failure(unmoved: HttpWorld) -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    route = events_route(create_app(unmoved.bot), "secret")
    request = Request({"type": "http", "method": "POST", "path": PATH, "headers": []}, gone)
    assert asyncio.run(route.endpoint(request)).status_code == 400


def test_oversized_request_is_refused(unmoved: HttpWorld) -> None:
    large = join() | {"padding": "x" * MOST_BYTES}
    assert unmoved.post(large).status_code == 413


def test_oversized_request_without_a_length_is_refused(unmoved: HttpWorld) -> None:
    parts = (b"x" * 65_536 for _part in range(20))
    headers = {"X-Slack-Request-Timestamp": str(int(time.time()))}
    answer = httpx.post(f"{unmoved.url}/slack/events", content=parts, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "", "payload=%7B"])
def test_signed_nonsense_never_has_an_effect(unmoved: HttpWorld, body: str) -> None:
    assert signed_post(unmoved.url, body, unmoved.sandbox.signing_secret).status_code in (400, 404)


def test_body_that_is_no_text_is_refused(unmoved: HttpWorld) -> None:
    headers = {"X-Slack-Request-Timestamp": str(int(time.time()))}
    answer = httpx.post(f"{unmoved.url}/slack/events", content=b"\xff\xfe", headers=headers)
    assert answer.status_code == 400


def test_the_address_is_confirmed_to_slack_alone(unmoved: HttpWorld) -> None:
    challenge = {"type": "url_verification", "challenge": "a word"}
    assert unmoved.post(challenge).json() == {"challenge": "a word"}
    assert httpx.post(f"{unmoved.url}/slack/events", json=challenge).status_code == 401
    assert httpx.get(f"{unmoved.url}/slack/events").status_code == 405


def test_event_that_is_replayed_has_one_effect(world: HttpWorld) -> None:
    before = people_known(world)
    answers = [world.post(join("Ev7", user)).status_code for user in ("U0NEW00001", "U0NEW00002")]
    assert answers == [200, 200]
    assert people_known(world) == before + 1


def test_event_whose_listener_fails_is_sent_again_and_has_one_effect(world: HttpWorld) -> None:
    zoe = world.person(ZOE)
    zoe.hands.leave_channel(CHANNEL)
    world.sandbox.faults.fail("users.info", "internal_error")
    zoe.hands.join_channel(CHANNEL)
    world.settle()
    assert world.sandbox.faults.are_pending is False
    given_up = {it["event"]["type"] for it in world.sandbox.deliveries.undelivered}
    assert "member_joined_channel" not in given_up
    assert len(zoe.dms()) == 1


def test_other_requests_are_answered_while_a_listener_waits(world: HttpWorld) -> None:
    with world.bot.store.begin("T0SANDBOX0") as tx:
        tx.session.execute(text("SELECT 1"))
        clicking = threading.Thread(target=lambda: world.post(join("Ev9")))
        clicking.start()
        time.sleep(0.1)
        started = time.monotonic()
        assert httpx.get(f"{world.url}/healthz").status_code == 200
        assert time.monotonic() - started < 1
        assert clicking.is_alive()
    clicking.join(timeout=10)
    assert not clicking.is_alive()
