"""Health and readiness, seen from both sides: well, and with one thing broken at a time."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.mail import Letter, NotSent
from mentorbot.metrics import Pulse
from mentorbot.storage import ledger, outbox
from mentorbot.usecases.messages import enqueue
from tests.web.stage import HttpWorld
from tests.world import AMARA


@pytest.fixture
def later(shared: HttpWorld) -> Iterator[Callable[[float], None]]:
    """Lets the heart be still for some seconds, by the clock that it goes by."""
    pulse, before = shared.bot.pulse, shared.bot.pulse._monotonic
    seconds = [0.0]
    pulse._monotonic = lambda: before() + seconds[0]
    yield lambda passed: seconds.__setitem__(0, passed)
    pulse._monotonic = before
    pulse.feel()


def look(world: HttpWorld, path: str) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{world.url}{path}")
    return answer.status_code, answer.json()


def test_bot_whose_heart_beats_is_healthy_and_ready(shared: HttpWorld) -> None:
    shared.running.heartbeat.beat()
    assert look(shared, "/healthz")[0] == 200
    status, found = look(shared, "/readyz")
    assert status == 200
    assert found["database"] == "ok"
    assert found["migrations"] == "current"
    assert found["oldest_due_seconds"] == 0


def test_bot_whose_heart_has_stopped_is_neither(
    shared: HttpWorld, later: Callable[[float], None]
) -> None:
    later(29)
    assert look(shared, "/healthz")[0] == 200
    later(31)
    for path in ("/healthz", "/readyz"):
        status, found = look(shared, path)
        assert status == 503
        assert found["ok"] is False
    shared.running.heartbeat.beat()
    assert look(shared, "/healthz")[0] == 200


def test_long_work_shows_life_at_each_message(
    shared: HttpWorld, later: Callable[[float], None]
) -> None:
    later(31)
    shared.person(AMARA).join("mentor")
    assert look(shared, "/healthz")[0] == 200


def test_bot_with_another_version_of_the_database_is_alive_but_not_ready(
    world: HttpWorld,
) -> None:
    for version, is_called in (("0001", "older"), ("9999", "too_new")):
        with world.bot.store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
            connection.exec_driver_sql("DELETE FROM supported_version")
        assert look(world, "/healthz")[0] == 200
        status, found = look(world, "/readyz")
        assert status == 503
        assert found["migrations"] == is_called


def test_bot_whose_database_was_only_added_to_stays_ready(world: HttpWorld) -> None:
    with world.bot.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("INSERT INTO supported_version VALUES ('9999')")
    status, found = look(world, "/readyz")
    assert status == 200
    assert found["migrations"] == "newer"


def test_bot_without_its_tables_is_alive_but_not_ready(world: HttpWorld) -> None:
    with world.bot.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE message RENAME TO elsewhere")
    assert look(world, "/healthz")[0] == 200
    status, found = look(world, "/readyz")
    assert status == 503
    assert found["database"] == "no such table: message"


def test_late_messages_are_told_and_do_not_make_the_bot_unready(world: HttpWorld) -> None:
    world.sandbox.faults.status("chat.postMessage", 503, times=99)
    world.sandbox.faults.status("conversations.history", 503, times=99)
    world.person(AMARA).join("mentor")
    world.clock.set(world.clock() + timedelta(minutes=10))
    status, found = look(world, "/readyz")
    assert status == 200
    late = found["oldest_due_seconds"]
    assert isinstance(late, float)
    assert 500 < late < 700


def test_pulse_goes_by_a_clock_that_nobody_can_set() -> None:
    now = [100.0]
    pulse = Pulse(lambda: now[0])
    now[0] = 107.5
    assert pulse.age_seconds() == 7.5
    pulse.feel()
    assert pulse.age_seconds() == 0


def test_messages_that_failed_are_counted_and_make_nothing_look_late(world: HttpWorld) -> None:
    with world.bot.store.begin("T0SANDBOX0") as tx:
        for state in ("dead", "unknown", "expired", "cancelled"):
            enqueue(
                tx,
                MessageKind.WELCOME,
                [AMARA],
                programme_id="img",
                subject=state,
                now=world.clock() - timedelta(days=1),
            )
            stored = outbox.by_key(tx, f"{state}:welcome:1:{AMARA}")
            assert stored is not None
            ledger.change(tx, stored.message_id, state=MessageState(state))
    status, found = look(world, "/readyz")
    assert status == 200
    assert found["oldest_due_seconds"] == 0
    assert found["messages"] == {"dead": 1, "unknown": 1, "expired": 1, "cancelled": 1}
    scraped = httpx.get(f"{world.url}/metrics").text
    for state in ("dead", "unknown", "expired", "cancelled"):
        assert f'mentorbot_outbox_messages{{state="{state}"}} 1.0' in scraped


def test_mail_that_does_not_go_is_told_and_keeps_nobody_from_clicking(world: HttpWorld) -> None:
    world.running.heartbeat.beat()
    assert look(world, "/readyz")[1]["mail"] == "ok"
    folder = world.bot.settings.mentorbot_mail_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder", encoding="utf-8")
    letter = Letter("zoe@example.net", "Zoë", "Your place", "Welcome.", "<p>Welcome.</p>")
    with pytest.raises(NotSent):
        world.bot.mail.send(letter, "key", world.clock())
    status, found = look(world, "/readyz")
    assert (status, found["mail"]) == (200, "mail_folder")
    folder.unlink()
    world.bot.mail.send(letter, "key", world.clock())
    assert look(world, "/readyz")[1]["mail"] == "ok"
