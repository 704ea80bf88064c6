"""Malformed payloads over Socket Mode: taken, without effect, and the next click works."""

from typing import Any

from mentorbot.slack import ids
from tests import crafted
from tests.malformed import GONE, Json, changed, real
from tests.world import ZOE, World, words


def times_connected(world: World) -> int:
    return sum(call.method == "apps.connections.open" for call in world.sandbox.calls)


def nested(depth: int) -> Any:
    made: Any = 1
    for _level in range(depth):
        made = {"a": made}
    return made


def test_connection_stays_and_the_next_click_works(world: World) -> None:
    click, submission, command, joined, *_ = real(world)
    broken: list[Json] = [
        changed(click, ("actions",), []),
        changed(click, ("user",), GONE),
        changed(submission, ("view",), None),
        changed(submission, ("response_urls",), None),
        changed(command, ("team_id",), 10**300),
        {**click, "message": nested(300)},
        {"type": ["block_actions"]},
    ]
    before, connected = crafted.rows(world), times_connected(world)
    for payload in broken:
        assert world.sandbox.interact("interactive", payload) is None
    world.sandbox.emit(changed(joined, ("event", "user"), "x"))
    world.sandbox.wait_until_idle()
    assert world.sandbox.deliveries.undelivered == []
    assert crafted.rows(world) == before
    zoe = world.person(ZOE)
    assert "role" in words(zoe.hands.command(ids.COMMAND, "status")[-1])
    assert times_connected(world) == connected
