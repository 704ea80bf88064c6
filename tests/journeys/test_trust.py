"""What somebody says about a partner who runs the programme stays away from that partner."""

from datetime import timedelta

import pytest

from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.slack import ids
from mentorbot.storage import people
from tests.journeys.telling import name_of, pair_up, times_told
from tests.world import AMARA, HANNAH, LINA, MARGARET, ZOE, World


@pytest.fixture
def hannah_mentors(world: World) -> World:
    """The only coordinator is Zoë's mentor."""
    pair_up(world.person(HANNAH), world.person(ZOE))
    return world


def test_call_for_help_about_the_only_coordinator_promises_nobody(hannah_mentors: World) -> None:
    world = hannah_mentors
    hannah, zoe = world.person(HANNAH), world.person(ZOE)
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    answer = zoe.dm_texts()[-1]
    assert "A coordinator will be in touch" not in answer
    assert "I could tell no coordinator of it" in answer
    assert f"I do not tell {name_of(hannah)}." in answer
    assert times_told(hannah, "asked for help") == 0
    pairs = hannah.command("pairs")
    assert "asked for help" not in pairs
    assert "your own pair" in pairs

    world.pass_days(17)
    zoe.give_feedback(helped_with="Finding words for a quiet mentor.")
    assert "quiet mentor" not in hannah.command("feedback")


def test_another_coordinator_hears_what_the_partner_does_not(hannah_mentors: World) -> None:
    world = hannah_mentors
    hannah, zoe, margaret = (world.person(who) for who in (HANNAH, ZOE, MARGARET))
    with world.bot.store.begin(world.running.workspace_id) as tx:
        tx.add(
            Appointment(
                tx.workspace_id,
                "img",
                MARGARET,
                TeamRole.COORDINATOR,
                "",
                world.clock(),
                MARGARET,
            )
        )
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    assert "A coordinator will be in touch with you soon" in zoe.dm_texts()[-1]
    assert times_told(margaret, f"{name_of(zoe)} asked for help") == 1
    assert "asked for help" in margaret.command("pairs")
    assert times_told(hannah, "asked for help") == 0

    world.pass_days(14)
    assert times_told(margaret, f"No answer to two check-ins in a row from {name_of(hannah)}") == 1
    assert times_told(hannah, "No answer to two check-ins") == 0

    world.pass_days(3)
    zoe.give_feedback(helped_with="Finding words for a quiet mentor.")
    assert "quiet mentor" in margaret.command("feedback")
    assert "quiet mentor" not in hannah.command("feedback")


def test_help_that_no_coordinator_is_left_to_give_is_not_promised(world: World) -> None:
    hannah, lina, zoe = (world.person(who) for who in (HANNAH, LINA, ZOE))
    pair_up(lina, zoe)
    hannah.hands.deactivate()
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    assert "A coordinator will be in touch" not in zoe.dm_texts()[-1]


def test_coordinator_who_leaves_as_a_mentor_still_hears_what_coordinators_hear(
    hannah_mentors: World,
) -> None:
    world = hannah_mentors
    hannah, amara, lina = (world.person(who) for who in (HANNAH, AMARA, LINA))
    amara.join("mentor")
    lina.join("mentee")
    silence_is_seen_at = world.clock() + timedelta(days=18, hours=-0.5)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        person = people.person(tx, AMARA)
        assert person is not None
        person.time_zone = "Asia/Tokyo"  # so that the silence is seen before it is ten in London
    world.move_to(silence_is_seen_at - timedelta(hours=3))
    hannah.hands.open_home()
    hannah.press("home", ids.LEAVE)
    world.move_to(silence_is_seen_at + timedelta(hours=2))
    assert times_told(hannah, f"(pair: {name_of(amara)} and {name_of(lina)})") == 1


def test_home_names_the_coordinators_to_turn_to(hannah_mentors: World) -> None:
    zoe, hannah = hannah_mentors.person(ZOE), hannah_mentors.person(HANNAH)
    assert f"Coordinator: {name_of(hannah)}." in zoe.home()
