"""Metrics: what Prometheus reads, by its own parser."""

from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.web.stage import HttpWorld
from tests.world import AMARA, LUKASZ


def measured(world: HttpWorld) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of a scrape, by name and labels."""
    answer = httpx.get(f"{world.url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(world: HttpWorld, name: str, **labels: Any) -> float:
    return measured(world).get((name, tuple(sorted(labels.items()))), 0.0)


def test_every_metric_is_there_from_the_first_scrape(shared: HttpWorld) -> None:
    names = {name for name, _labels in measured(shared)}
    assert names >= {
        "mentorbot_outbox_messages",
        "mentorbot_outbox_oldest_seconds",
        "mentorbot_heartbeat_age_seconds",
        "mentorbot_database_up",
        "mentorbot_tick_seconds_count",
        "mentorbot_due_to_sent_seconds_count",
        "process_resident_memory_bytes",
    }


def test_sends_and_delays_are_counted(shared: HttpWorld) -> None:
    before = value(shared, "mentorbot_sends_total", outcome="sent")
    delays = value(shared, "mentorbot_due_to_sent_seconds_count")
    shared.person(AMARA).join("mentor")
    sent = value(shared, "mentorbot_sends_total", outcome="sent") - before
    assert sent >= 1
    assert value(shared, "mentorbot_due_to_sent_seconds_count") - delays == sent


def test_listeners_are_timed_by_name_and_outcome(shared: HttpWorld) -> None:
    before = value(shared, "mentorbot_listener_seconds_count", listener="opened", outcome="done")
    shared.person(AMARA).home()
    shared.sandbox.wait_until_idle()
    after = value(shared, "mentorbot_listener_seconds_count", listener="opened", outcome="done")
    assert after == before + 1


def test_ticks_are_timed(shared: HttpWorld) -> None:
    before = value(shared, "mentorbot_tick_seconds_count")
    shared.running.heartbeat.beat()
    assert value(shared, "mentorbot_tick_seconds_count") == before + 1


def test_rate_limits_and_what_waits_are_told(world: HttpWorld) -> None:
    world.sandbox.faults.ratelimit("chat.postMessage", 30, times=1)
    world.person(LUKASZ).join("mentor")
    assert value(world, "mentorbot_rate_limited_total", method="chat.postMessage") == 1
    assert value(world, "mentorbot_sends_total", outcome="clean") == 1
    assert value(world, "mentorbot_outbox_messages", state="pending") >= 1
    world.pass_days(0.1)
    assert value(world, "mentorbot_outbox_messages", state="pending") == 0


@pytest.mark.parametrize("state", ["dead", "unknown"])
def test_messages_that_went_wrong_are_told_by_state(world: HttpWorld, state: str) -> None:
    with world.bot.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE message SET state = '{state}'")
    assert value(world, "mentorbot_outbox_messages", state=state) >= 1


def test_metrics_are_told_without_a_database(world: HttpWorld) -> None:
    with world.bot.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE message RENAME TO elsewhere")
    assert value(world, "mentorbot_database_up") == 0
    assert value(world, "mentorbot_sends_total", outcome="sent") >= 1


def test_only_counts_are_told(shared: HttpWorld) -> None:
    text = httpx.get(f"{shared.url}/metrics").text
    for told in (AMARA, shared.sandbox.workspace_id, shared.sandbox.bot_token):
        assert told not in text
