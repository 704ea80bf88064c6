"""Clocks that are wrong by an hour or a day, and right again: nothing is lost, nothing repeated."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from mentorbot.bootstrap import build
from mentorbot.config import Settings
from mentorbot.slack.app import create_delivery, web_client
from mentorbot.slack.delivery import Delivery
from mentorbot.slack.posting import post
from mentorbot.slack.rendering import render
from mentorbot.storage import lanes, sending
from tests.faults.office import Office
from tests.world import ZOE

LEASE_SECONDS = 60
HOUR, DAY, RIGHT = timedelta(hours=1), timedelta(days=1), timedelta()
WRONG = (HOUR, DAY, -HOUR, -DAY)
STEPS = [
    *((by, by) for by in WRONG),
    *((by, RIGHT) for by in WRONG),
    *((RIGHT, by) for by in WRONG),
]


def die_after_the_call(office: Office, clock: Callable[[], datetime]) -> None:
    """A sender takes the lane and a message, posts it, and dies before it settles anything."""
    with office.bot.store.begin(office.workspace_id) as tx:
        assert lanes.hold(tx, "dead", clock(), LEASE_SECONDS)
        (claimed,) = sending.claim(tx, "dead", clock(), LEASE_SECONDS, 1).messages
        rendered = render(tx, claimed)
    post(web_client(office.bot), ZOE, claimed.key, rendered)


@contextmanager
def successor(office: Office, clock: Callable[[], datetime]) -> Iterator[Delivery]:
    """Another sender over the same database, by a clock of its own."""
    bot = build(office.bot.settings, clock=clock, rng=random.Random(2))
    yield create_delivery(bot, "successor")
    bot.store.close()


@pytest.mark.parametrize(("wrong_by", "then_by"), STEPS)
def test_what_a_sender_posted_before_it_died_is_found_by_any_clock(
    office: Office, wrong_by: timedelta, then_by: timedelta
) -> None:
    due_at = office.clock() + min(wrong_by, RIGHT)
    one = office.write(not_before=due_at)
    die_after_the_call(office, lambda: office.clock() + wrong_by)
    with successor(office, lambda: office.clock() + then_by) as delivery:
        office.wait(max((due_at - office.clock() - then_by).total_seconds(), 0))
        for _minute in range(3):
            delivery.drain()
            office.wait(LEASE_SECONDS)
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


@pytest.mark.parametrize("ahead_by", [HOUR, DAY])
def test_lease_that_a_clock_ahead_of_ours_gave_lasts_no_longer_than_one_of_ours(
    office: Office, ahead_by: timedelta
) -> None:
    """Its holder may be well, so it keeps what it has for as long as a lease of ours lasts."""
    one, lease_seconds = office.write(), office.bot.settings.mentorbot_lease_seconds
    die_after_the_call(office, lambda: office.clock() + ahead_by)
    with successor(office, office.clock) as delivery:
        delivery.drain()
        office.wait(lease_seconds - 1)
        delivery.drain()
        assert not office.is_settled(one)
        office.wait(1)
        delivery.drain()
    assert office.is_settled(one)
    assert office.arrived()[one] == 1


def test_no_lease_may_be_set_to_last_longer_than_is_believed() -> None:
    with pytest.raises(ValueError, match="mentorbot_lease_seconds"):
        Settings(mentorbot_lease_seconds=lanes.LONGEST_LEASE.total_seconds() + 1)
    longest = Settings(mentorbot_lease_seconds=lanes.LONGEST_LEASE.total_seconds())
    assert longest.mentorbot_lease_seconds == 600
