"""When Slack is answered: after the commit, once for each effect, and never with an empty promise.

Each test keeps one of Bolt's traps shut: by default it acknowledges an event before its listener
has run, runs redeliveries again, and loses the acknowledgement of a listener that raises after it.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.request import BoltRequest

from mentorbot.sandbox import clicks, events, interactions
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.slack.app import create_app
from mentorbot.slack.guard import Call, guard
from mentorbot.storage import people
from mentorbot.wording import say
from tests import crafted
from tests.world import AMARA, CLAIRE, SOFIA, ZOE, World, words


@contextmanager
def database(world: World) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else's to the bot's database."""
    path = world.bot.settings.sqlite_path()
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def locked(world: World) -> Iterator[None]:
    """While somebody else writes, nothing can be committed."""
    with database(world) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def out_of_order(world: World, table: str) -> Iterator[None]:
    """While a table is missing, whatever needs it fails."""
    with database(world) as connection:
        connection.execute("PRAGMA legacy_alter_table=ON")
        connection.execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE away RENAME TO {table}")


def in_background(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def welcomes(world: World, slack_user_id: str) -> list[str]:
    """The welcomes in somebody's DM, once everything has been delivered."""
    world.settle()
    texts = world.person(slack_user_id).dm_texts()
    return [text for text in texts if text.startswith("Welcome!")]


def newcomer(world: World, number: int) -> dict[str, Any]:
    """A `team_join` of somebody who is in the workspace, in Slack's envelope."""
    with world.sandbox.state.change():
        event = events.team_join(world.sandbox.state, (SOFIA, CLAIRE, ZOE)[number])
    return event


def test_a_form_is_answered_only_when_it_is_saved(world: World) -> None:
    amara = world.person(AMARA)
    amara.fill_role_form("mentor")
    with locked(world):
        sending = in_background(amara.hands.submit)
        sending.join(0.5)
        assert sending.is_alive(), "answered before anything could be saved"
    sending.join(5)
    assert amara.hands.modal is not None
    assert amara.hands.modal["callback_id"] == ids.GUIDELINES_FORM
    assert [row for row in crafted.rows(world)["participant"] if AMARA in row]


def test_an_event_is_answered_only_when_it_is_saved(world: World) -> None:
    with locked(world):
        world.sandbox.emit(newcomer(world, 1))
        with pytest.raises(TimeoutError):
            world.sandbox.wait_until_idle(0.5)
    world.sandbox.wait_until_idle()
    assert len(welcomes(world, CLAIRE)) == 1


def test_an_event_whose_listener_fails_comes_again_and_has_one_effect(world: World) -> None:
    world.sandbox.answer_timeout_seconds = 0.5
    world.sandbox.retry_delays_seconds = (0.1, 0.1, 0.1)
    before = crafted.rows(world)
    with out_of_order(world, "message"):
        tried = world.sandbox.emit(newcomer(world, 1))
        assert tried.wait(5)
    world.sandbox.wait_until_idle()
    assert world.sandbox.deliveries.undelivered == []
    assert len(welcomes(world, CLAIRE)) == 1
    after = crafted.rows(world)
    assert len(after["message"]) == len(before["message"]) + 1


def test_an_event_that_keeps_failing_leaves_nothing_half_written(world: World) -> None:
    world.sandbox.answer_timeout_seconds = 0.3
    world.sandbox.retry_delays_seconds = (0.0,)
    before = crafted.rows(world)
    with out_of_order(world, "message"):
        world.sandbox.emit(newcomer(world, 1))
        world.sandbox.wait_until_idle()
    assert len(world.sandbox.deliveries.undelivered) == 1
    assert crafted.rows(world) == before
    with database(world) as connection:
        assert connection.execute("SELECT * FROM handled_payload").fetchall() == []
    world.sandbox.emit(newcomer(world, 1))
    assert len(welcomes(world, CLAIRE)) == 1


def test_an_event_that_was_answered_late_has_one_effect(world: World) -> None:
    world.sandbox.answer_timeout_seconds = 0.2
    world.sandbox.retry_delays_seconds = (0.0, 0.0, 0.0)
    with locked(world):
        tried = world.sandbox.emit(newcomer(world, 1))
        assert tried.wait(5)
        time.sleep(0.2)
    world.sandbox.wait_until_idle()
    assert len(welcomes(world, CLAIRE)) == 1


def test_what_comes_twice_has_one_effect(world: World) -> None:
    world.sandbox.duplicate_events = 1
    world.sandbox.emit(newcomer(world, 1))
    assert len(welcomes(world, CLAIRE)) == 1

    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    world.pass_days(4)
    zoe.hands.open_home()
    zoe.hands.click("home", ids.PAUSE)
    state = world.sandbox.state
    with state.change():
        form = interactions.view_submission(state, state.stacks[ZOE][-1])
    for _time in range(2):
        crafted.answer(zoe, form)
    assert sum("is taking a break" in text for text in amara.dm_texts()) == 1
    world.pass_days(2)
    zoe.hands.open_home()
    with state.change():
        click = clicks.on_view(state, clicks.Click(ZOE, ids.RESUME, None, None), state.homes[ZOE])
    for _time in range(2):
        crafted.answer(zoe, click)
    assert sum("is back from their break" in text for text in amara.dm_texts()) == 1
    assert zoe.hands.modal is None or "not paused" not in words(zoe.hands.modal)


def test_a_click_that_fails_unexpectedly_changes_nothing_and_is_answered(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    amara.hands.open_home()
    before = crafted.rows(world)
    with out_of_order(world, "pairing"):
        amara.hands.click("home", ids.LEAVE)
    assert say("refusal.unexpected") in words(amara.hands.modal or {})
    amara.hands.close_modal()
    assert crafted.rows(world) == before
    amara.hands.click("home", ids.LEAVE)
    assert "left" in str(crafted.rows(world)["participant"])


@pytest.fixture
def app(world: World) -> App:
    """A second app over the same bot, to be handed payloads."""
    return create_app(world.bot)


def dispatch(app: App, body: dict[str, Any], **headers: Any) -> int:
    """Hand over a payload; the status that Slack would see."""
    request = BoltRequest(body=body, headers=headers, mode="socket_mode")
    return app.dispatch(request).status


def click(world: World, action_id: str) -> dict[str, Any]:
    state = world.sandbox.state
    action = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": "1.1"}
    with state.change():
        ticket = state.issue_reply_ticket(AMARA, CHANNEL, None)
        url = world.sandbox.response_url("actions", ticket)
        return interactions._actions(state, AMARA, action, None) | {"response_url": url}


def test_raising_after_the_answer_loses_neither_the_answer_nor_the_change(
    world: World, app: App
) -> None:
    def saves_answers_and_fails(call: Call) -> None:
        call.know_person()
        with call.begin() as tx:
            found = people.person(tx, call.slack_user_id)
            assert found is not None
            found.name = "Saved"
        call.ack()
        raise RuntimeError("after the answer")

    def answers_and_fails(ack: Callable[[], None]) -> None:
        ack()
        raise RuntimeError("after the answer")

    app.action("test.guarded")(guard(world.bot, saves_answers_and_fails))
    app.action("test.bare")(answers_and_fails)
    assert dispatch(app, click(world, "test.guarded")) == 200
    assert any("Saved" in row for row in crafted.rows(world)["person"])
    assert dispatch(app, click(world, "test.bare")) == 500, "then the guard is not needed"


def test_an_event_that_fails_is_not_answered(world: World, app: App) -> None:
    with out_of_order(world, "message"):
        assert dispatch(app, newcomer(world, 1)) == 500


def test_a_redelivery_counts_like_a_first_delivery(world: World, app: App) -> None:
    event = newcomer(world, 1)
    retry = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert dispatch(app, event, **retry) == 200
    assert dispatch(app, event, **{**retry, "x-slack-retry-num": "2"}) == 200
    assert dispatch(app, event) == 200
    assert len(welcomes(world, CLAIRE)) == 1


def test_a_click_that_is_delivered_again_opens_one_form_and_says_nothing(
    world: World, app: App
) -> None:
    pressed = click(world, ids.JOIN_AS_MENTEE)
    before = [words(it) for it in world.person(AMARA).hands.messages(CHANNEL)]
    assert [dispatch(app, pressed), dispatch(app, pressed)] == [200, 200]
    opened = [it for it in world.sandbox.calls if it.method == "views.open"]
    assert [it.response.get("error") for it in opened] == [None, "exchanged_trigger_id"]
    assert [words(it) for it in world.person(AMARA).hands.messages(CHANNEL)] == before
    assert world.person(AMARA).dms() == []
