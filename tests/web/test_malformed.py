"""What Slack has signed and yet is not as Slack says: refused in a line, with nothing half done."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import crafted
from tests.malformed import GONE, INSTEAD, Json, as_request, changed, places, real
from tests.web.stage import HttpWorld, serving_world, signed_post

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HttpWorld, list[Json]]]:
    """A world that is sent anything, and real payloads of it."""
    with serving_world(tmp_path_factory.mktemp("open")) as world:
        yield world, real(world)


def send(world: HttpWorld, body: str, kind: str) -> int:
    secret = world.sandbox.signing_secret
    return signed_post(world.url, body, secret, **{"Content-Type": kind}).status_code


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_payload_with_something_wrong_is_handled_or_refused_and_never_half(
    open_to_all: tuple[HttpWorld, list[Json]], data: st.DataObject
) -> None:
    world, payloads = open_to_all
    payload = data.draw(st.sampled_from(payloads))
    path = data.draw(st.sampled_from(sorted(places(payload), key=str)))
    before = crafted.rows(world)
    status = send(world, *as_request(changed(payload, path, data.draw(st.sampled_from(INSTEAD)))))
    assert status in (200, 400, 404)
    if status != 200:
        assert crafted.rows(world) == before


CLICK, SUBMISSION, COMMAND, JOINED, CHANGED, ENTERED, OPENED, REVOKED = range(8)


@pytest.mark.parametrize(
    ("which", "path", "instead"),
    [
        (CLICK, ("actions",), []),
        (CLICK, ("actions",), GONE),
        (CLICK, ("actions", 0), []),
        (CLICK, ("user",), GONE),
        (CLICK, ("team",), "x" * 41),
        (CLICK, ("team", "id"), ["T0"]),
        (CLICK, ("trigger_id",), GONE),
        (CLICK, ("response_url",), [{}]),
        (CLICK, ("message",), []),
        (SUBMISSION, ("view",), None),
        (SUBMISSION, ("view",), []),
        (SUBMISSION, ("view", "state"), GONE),
        (SUBMISSION, ("view", "state", "values", "place"), 7),
        (SUBMISSION, ("view", "state", "values", "place", "place"), True),
        (SUBMISSION, ("view", "state", "values", "place", "place", "value"), "\ud800"),
        (SUBMISSION, ("view", "private_metadata"), {}),
        (SUBMISSION, ("response_urls",), None),
        (COMMAND, ("user_id",), GONE),
        (COMMAND, ("team_id",), GONE),
        (JOINED, ("event",), ["x"]),
        (JOINED, ("event", "user"), None),
        (JOINED, ("event", "user", "id"), 10**300),
        (JOINED, ("event", "user", "is_bot"), [{}]),
        (JOINED, ("authorizations",), {}),
        (CHANGED, ("event", "user", "id"), GONE),
        (ENTERED, ("event", "user"), [{}]),
        (ENTERED, ("event", "channel"), None),
        (OPENED, ("event", "user"), GONE),
        (REVOKED, ("event", "tokens"), True),
    ],
)
def test_payload_that_is_not_as_slack_says_is_refused_with_nothing_done(
    open_to_all: tuple[HttpWorld, list[Json]], which: int, path: tuple[Any, ...], instead: Any
) -> None:
    world, payloads = open_to_all
    before = crafted.rows(world)
    assert send(world, *as_request(changed(payloads[which], path, instead))) == 400
    assert crafted.rows(world) == before


def nested(depth: int) -> str:
    return '{"type":' + '{"a":' * depth + "1" + "}" * depth + "}"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (nested(100_000), "application/json"),
        (nested(500), "application/json"),
        ('{"type":"event_callback","event_id":' + "9" * 5000 + "}", "application/json"),
        ('{"type":["event_callback"]}', "application/json"),
        ("payload=%FF", FORM),
        ("payload=%7B%7D&payload=%7B%7D", FORM),
        ("command=%2Fmentorbot&command=%2Fother&team_id=T0&user_id=U0&trigger_id=1", FORM),
        ("payload", FORM),
    ],
)
def test_body_that_cannot_be_read_as_one_payload_is_refused(
    open_to_all: tuple[HttpWorld, list[Json]], body: str, kind: str
) -> None:
    assert send(open_to_all[0], body, kind) == 400


@pytest.mark.parametrize("unknown", ["person", "workspace"])
def test_event_about_nobody_we_know_is_taken_once(
    open_to_all: tuple[HttpWorld, list[Json]], unknown: str
) -> None:
    world, payloads = open_to_all
    if unknown == "person":
        event = changed(payloads[ENTERED], ("event", "user"), "U0NOBODY99")
    else:
        event = changed(payloads[ENTERED], ("authorizations", 0, "team_id"), "T0STRANGE0")
    before = crafted.rows(world)
    assert (
        send(world, json.dumps({**event, "event_id": f"Ev0{unknown}"}), "application/json") == 200
    )
    assert crafted.rows(world) == before


def test_command_may_speak_of_a_payload(open_to_all: tuple[HttpWorld, list[Json]]) -> None:
    world, payloads = open_to_all
    spoken = changed(payloads[COMMAND], ("text",), "what is a payload?")
    assert send(world, *as_request({**spoken, "trigger_id": "1.2.3"})) == 200
