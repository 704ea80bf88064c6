"""Groups that lose people at awkward moments: before they have met, twice at once, for good."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.domain.model import Role
from mentorbot.heartbeat import run_due
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import sending
from mentorbot.usecases import admin, enrolment, erasing
from tests.journeys.telling import img, name_of, programme, times_told
from tests.journeys.test_groups import MATCHED_AT, MENTEES, groups_of, join, newest_group
from tests.world import (
    ABEBE,
    AMARA,
    CLAIRE,
    HANNAH,
    LINA,
    MONDAY,
    NGUYEN,
    OMAR,
    PRIYA,
    ZOE,
    World,
)

LEVEL = "Registrar or specialty trainee"
EVERYONE = {AMARA, *MENTEES}


@pytest.fixture
def matched(tmp_path: Path) -> Iterator[World]:
    """A mentor with four mentees, whose introduction waits in the outbox."""
    with programme(tmp_path, MONDAY, groups_of(3, 4)) as made:
        join(made.person(AMARA), "mentor")
        for who in MENTEES:
            join(made.person(who), "mentee")
        made.move_to(MATCHED_AT - timedelta(seconds=1))
        made.clock.set(MATCHED_AT)
        while run_due(made.bot):
            pass
        assert made.person(AMARA).groups() == []
        yield made


def go(world: World, *leavers: str) -> None:
    """Some people leave before anything more is sent."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for who in leavers:
            enrolment.leave(tx, "img", who, world.clock())


def test_group_is_introduced_though_one_of_it_is_erased_before(matched: World) -> None:
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        erasing.erase(tx, ZOE, matched.clock())
    matched.settle()
    members, (introduction,) = newest_group(matched.person(AMARA))
    assert members == EVERYONE - {ZOE}
    assert "as mentor, all others as mentees" in introduction
    assert name_of(matched.person(ZOE)) not in introduction
    assert matched.person(ZOE).groups() == []


def test_group_goes_on_in_a_new_conversation_when_one_is_erased(matched: World) -> None:
    matched.settle()
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        erasing.erase(tx, ZOE, matched.clock())
    matched.settle()
    members, (said,) = newest_group(matched.person(AMARA))
    assert members == EVERYONE - {ZOE}
    assert "Somebody has had to leave your group" in said


def test_group_that_ends_at_once_with_a_second_leaver_is_told_that_it_had_met(
    matched: World,
) -> None:
    matched.settle()
    go(matched, ZOE, LINA)
    matched.settle()
    for who in map(matched.person, (AMARA, OMAR, PRIYA)):
        assert times_told(who, "your group is too small now to go on") == 1, who.dm_texts()
        assert times_told(who, "before I could introduce you") == 0


def test_two_who_leave_at_once_are_both_told_of_in_one_new_conversation(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, groups_of(2, 4)) as world:
        join(world.person(AMARA), "mentor")
        for who in MENTEES:
            join(world.person(who), "mentee")
        world.move_to(MATCHED_AT)
        go(world, ZOE, LINA)
        world.settle()
        members, said = newest_group(world.person(AMARA))
        assert members == {AMARA, OMAR, PRIYA}
        assert len(said) == 2
        for who in (ZOE, LINA):
            assert f"{name_of(world.person(who))} has had to leave your group" in str(said)


def test_who_left_while_the_introduction_was_in_a_dead_hand_is_not_introduced(
    matched: World,
) -> None:
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        sending.claim(tx, "dead", matched.clock(), 30, 20)
    go(matched, ZOE)
    matched.pass_days(1)
    members, (goes_on, introduction) = newest_group(matched.person(AMARA))
    assert members == EVERYONE - {ZOE}
    assert "has had to leave your group" in goes_on
    assert "as mentor, all others as mentees" in introduction
    zoe = matched.person(ZOE)
    assert [it for group in zoe.groups() for it in zoe.hands.messages(group["id"])] == []


def test_who_changes_role_hears_no_more_of_the_group_that_they_left(matched: World) -> None:
    matched.settle()
    matched.person(ZOE).hands.change_profile(time_zone="America/Toronto")
    matched.move_to(MATCHED_AT + timedelta(days=4, minutes=5))
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        given = {"specialty": "Paediatrics", "level": LEVEL, "place": "Leeds", "offer": "Tea."}
        enrolment.save_form(tx, "img", ZOE, Role.MENTOR, given | {"languages": ["English"]})
        enrolment.acknowledge(tx, "img", ZOE, Role.MENTOR, 1, matched.clock())
    matched.pass_days(1)
    assert times_told(matched.person(LINA), "Week 1: have you and") == 1
    assert times_told(matched.person(ZOE), "Week 1: have you and") == 0


def test_partner_hears_that_somebody_left_who_is_erased_at_once(matched: World) -> None:
    matched.settle()
    go(matched, AMARA)
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        erasing.erase(tx, AMARA, matched.clock())
    matched.settle()
    assert times_told(matched.person(ZOE), "Your partner has had to leave the programme") == 1


def test_seven_mentees_who_hope_at_length_are_introduced(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, groups_of(7, 7)) as world:
        join(world.person(AMARA), "mentor")
        mentees = (*MENTEES, NGUYEN, ABEBE, CLAIRE)
        for who in mentees:
            join(world.person(who), "mentee", hopes=f"{who} hopes: " + "&" * 480)
        world.move_to(MATCHED_AT)
        members, (introduction,) = newest_group(world.person(AMARA))
        assert members == {AMARA, *mentees}
        assert all(f"{who} hopes" in introduction for who in mentees)


def test_group_goes_on_without_a_leaver_when_the_file_has_no_groups_any_more(
    matched: World,
) -> None:
    matched.settle()
    with matched.bot.store.begin(matched.running.workspace_id) as tx:
        admin.update(tx, img(), "cli", matched.clock())
    go(matched, ZOE)
    matched.settle()
    members, _said = newest_group(matched.person(AMARA))
    assert members == EVERYONE - {ZOE}
    assert times_told(matched.person(LINA), "has ended") == 0


def test_mentor_who_once_wanted_two_mentees_has_one_group_at_a_time(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img()) as world:
        amara = world.person(AMARA)
        amara.join("mentor", capacity="3")
        with world.bot.store.begin(world.running.workspace_id) as tx:
            admin.update(tx, groups_of(2, 2), "cli", world.clock())
        for who in MENTEES:
            join(world.person(who), "mentee")
        world.move_to(MATCHED_AT)
        assert len(amara.groups()) == 1
        world.pass_days(1)
        hannah = world.person(HANNAH)
        hannah.command("match now")
        hannah.press(hannah.hands.messages(CHANNEL)[-1], ids.MATCH_NOW)
        assert len(amara.groups()) == 1


def test_group_is_introduced_without_an_account_that_is_gone(matched: World) -> None:
    with matched.sandbox.state.change():
        matched.sandbox.state.users[ZOE].deactivated = True
    matched.settle()
    matched.pass_days(1)
    members, (introduction,) = newest_group(matched.person(AMARA))
    assert members == EVERYONE - {ZOE}
    assert "as mentor, all others as mentees" in introduction
