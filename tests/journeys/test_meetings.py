"""Meetings: taken down by one side in a tap or a word, seen and mended by the other, counted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.model import AuditEntry
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import tables
from mentorbot.usecases import admin
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme, told_since
from tests.world import AMARA, HANNAH, LINA, OMAR, ZOE, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
MEETINGS: dict[str, Any] = preset("miccai").model_dump(mode="json")["meetings"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """IMG's four weeks with what MICCAI asks of meetings."""
    with programme(tmp_path, MONDAY, img(meetings=MEETINGS)) as running:
        yield running


def entries(world: World) -> list[tuple[str, str, Any]]:
    """Who did what about meetings, and the length that stood then."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = tx.session.scalars(select(AuditEntry).order_by(tables.audit_entries.c.at))
        return [
            (it.actor, it.action, it.details["minutes"])
            for it in found
            if it.action.startswith("meeting.")
        ]


@pytest.mark.phrase("MICCAI-06", "MICCAI-08", "MICCAI-09", "MILA-16")
def test_meeting_is_taken_down_in_one_tap_and_counted_for_both(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    assert "No meeting is taken down yet." in zoe.home()
    world.pass_days(7)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    asked = zoe.dm_with(ids.LOG_BY_VIDEO)
    assert "1 hour by video" in str(asked)
    assert "1 hour in person" in str(asked)
    heard = len(amara.dm_texts())
    zoe.press(asked, ids.LOG_IN_PERSON)
    assert "Taken down: 1 hour in person on Monday, 30 November" in zoe.last_dm()["text"]
    (told,) = told_since(amara, heard)
    assert f"{name_of(zoe)} took down that you met: 1 hour in person" in told
    for who in (amara, zoe):
        assert "1 meeting so far: 1 hour of the 3 hours that the programme asks for" in who.home()
    assert "1 hour of the 3 hours" in amara.command("status")


@pytest.mark.phrase("MICCAI-12")
def test_pair_that_has_met_enough_is_told_to_meet_as_often_as_it_likes(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(6)
    zoe.command("met 2h video 2026-11-25")
    short = amara.command("met 30 2026-11-26")
    assert "30 minutes by video" in short
    assert "1 meeting is shorter than 1 hour, and does not count" in short
    assert "2 meetings so far: 2 hours of the 3 hours" in zoe.home()
    assert "3 meetings so far, 3 hours in all" in zoe.command("met 60 in person 2026-11-27")
    said = zoe.command("met 12h yesterday")
    assert "4 meetings so far, 15 hours in all" in said
    assert "Meet as often as you like" in said


def test_other_side_corrects_a_meeting_and_the_last_word_stands(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(2)
    zoe.command("met 45 video yesterday")
    amara.press(amara.dm_with(ids.CORRECT_MEETING), ids.CORRECT_MEETING)
    assert "never what was said" in modal_words(amara)
    amara.hands.fill_in({"minutes": "60", "format": "in_person", "next_on": "2026-12-01"})
    assert amara.hands.submit() == {}
    amara.hands.close_modal()
    world.settle()
    assert "corrected a meeting of yours. It reads now: 1 hour in person" in zoe.dm_texts()[-1]
    assert "You meet next on Tuesday, 1 December" in zoe.home()
    zoe.command("met 75 video 2026-11-24")
    assert "1 meeting so far: 1 hour 15 minutes" in amara.home()
    assert entries(world) == [
        (ZOE, "meeting.log", 45),
        (AMARA, "meeting.correct", 60),
        (ZOE, "meeting.correct", 75),
    ]


def test_tap_of_the_other_side_leaves_the_next_date_as_it_stands(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(7)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    amara.command("met")
    amara.hands.fill_in({"minutes": "90", "next_on": "2026-12-03"})
    assert amara.hands.submit() == {}
    amara.hands.close_modal()
    world.settle()
    zoe.press(zoe.dm_with(ids.LOG_BY_VIDEO), ids.LOG_BY_VIDEO)
    for who in (amara, zoe):
        assert "You meet next on Thursday, 3 December" in who.home()


def test_next_date_is_told_by_the_readers_calendar(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    zoe.hands.change_profile(time_zone="Pacific/Auckland")
    pair_up(amara, zoe)
    world.move_to(datetime(2026, 11, 30, 9, tzinfo=UTC))
    amara.command("met")
    amara.hands.fill_in({"met_on": "2026-11-29", "next_on": "2026-11-30"})
    assert amara.hands.submit() == {}
    amara.hands.close_modal()
    world.move_to(datetime(2026, 11, 30, 20, tzinfo=UTC))
    amara.command("met 30 2026-11-26")
    assert "You meet next" in amara.home()
    assert "30 minutes" in zoe.last_dm()["text"]
    assert "You meet next" not in words(zoe.last_dm())


def test_other_side_is_not_woken_by_a_meeting_that_is_taken_down(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    zoe.hands.change_profile(time_zone="Pacific/Auckland")
    pair_up(amara, zoe)
    world.move_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    amara.command("met 60")
    assert not any("took down that you met" in it for it in zoe.dm_texts())
    world.move_to(datetime(2026, 11, 24, 21, tzinfo=UTC))
    assert "took down that you met: 1 hour" in zoe.dm_texts()[-1]


def test_meeting_that_never_took_place_is_taken_out(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    zoe.command("met 60")
    told = amara.dm_with(ids.CORRECT_MEETING)
    amara.press(told, ids.CORRECT_MEETING)
    amara.hands.fill_in({"never": ["never"]})
    assert amara.hands.submit() == {}
    amara.hands.close_modal()
    world.settle()
    assert "did not take place, and took it out: 1 hour by video" in zoe.dm_texts()[-1]
    assert "No meeting is taken down yet." in zoe.home()
    amara.press(told, ids.CORRECT_MEETING)
    assert amara.hands.modal is None
    assert entries(world)[-1] == (AMARA, "meeting.take_back", 60)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("met 25h", "A day's meetings can be 12 hours long at most."),
        ("met 2", "A meeting is 5 minutes long at least."),
        ("met 60 2026-11-24", "This day is still to come."),
        ("met 60 2026-11-20", "had not been introduced yet"),
        ("met 60 by chat", "not taken down in this format"),
        ("met the queen", "I did not understand that."),
        (f"met 60 <@{OMAR}>", "With whom did you meet?"),
    ],
)
def test_meeting_that_cannot_be_is_answered_clearly_and_not_taken_down(
    world: World, said: str, answer: str
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    assert answer in zoe.command(said)
    assert entries(world) == []


def test_format_that_has_left_the_file_is_nobodys_usual_one(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    zoe.command("met 60 in person")
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, img(meetings=MEETINGS | {"formats": ["video"]}), "cli", world.clock())
    world.pass_days(1)
    assert "Taken down: 45 minutes by video" in zoe.command("met 45")


def test_day_to_come_is_refused_under_its_field_of_the_form(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    zoe.command("met")
    zoe.hands.fill_in({"met_on": "2026-11-24", "next_on": "2026-11-01"})
    errors = zoe.hands.submit()
    assert "still to come" in errors["met_on"]
    assert "from today on" in errors["next_on"]
    zoe.hands.fill_in({"met_on": "2026-11-23", "next_on": "2026-11-30"})
    assert zoe.hands.submit() == {}
    assert "Taken down: 1 hour by video" in modal_words(zoe)


def test_mentor_of_two_says_with_whom_they_met(world: World) -> None:
    amara, zoe, lina = (world.person(it) for it in (AMARA, ZOE, LINA))
    pair_up(amara, zoe, capacity="2")
    lina.join("mentee")
    answer = amara.command("met 45")
    assert name_of(zoe) in answer
    assert name_of(lina) in answer
    assert name_of(lina) in amara.command(f"met <@{LINA}|lina> 45")
    assert "took down that you met" in lina.dm_texts()[-1]
    assert not any("took down" in it for it in zoe.dm_texts())
    amara.command("met")
    assert "With whom?" in modal_words(amara)


def test_who_has_no_partner_has_no_meeting_to_take_down(world: World) -> None:
    omar = world.person(OMAR)
    omar.hands.join_channel(CHANNEL)
    assert "You are in no pair at the moment" in omar.command("met 45")


def test_both_sides_tap_and_one_meeting_stands(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(7)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    amara.press(amara.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    zoe.press(zoe.dm_with(ids.LOG_BY_VIDEO), ids.LOG_BY_VIDEO)
    amara.press(amara.dm_with(ids.LOG_BY_VIDEO), ids.LOG_BY_VIDEO)
    assert "1 meeting so far" in amara.home()
    assert [action for _who, action, _minutes in entries(world)] == ["meeting.log"]


def test_who_says_yes_second_reads_what_stands_already(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(7)
    zoe.command("met 60 yesterday")
    amara.press(amara.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    asked = amara.dm_with(ids.OPEN_MEETING)
    assert "Taken down already: 1 hour by video on Sunday, 29 November" in str(asked)


def test_coordinators_see_that_a_pair_met_and_nothing_was_asked_of_what_was_said(
    world: World,
) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    zoe.command("met")
    modal = zoe.hands.modal
    assert modal is not None
    assert not any(
        it.get("element", {}).get("type") == "plain_text_input" for it in modal["blocks"]
    )
    zoe.hands.close_modal()
    zoe.command("met 90")
    assert "1 meeting, 1 hour 30 minutes" in hannah.command("pairs")


def test_programme_without_meetings_takes_none_down(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img()) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        pair_up(amara, zoe)
        assert "takes no meetings down" in zoe.command("met 45")
        assert "met 45" not in zoe.command("help")
        world.pass_days(7)
        zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
        assert ids.LOG_BY_VIDEO not in str(zoe.last_dm())


def test_nobody_takes_a_meeting_down_for_others_or_after_the_end(world: World) -> None:
    amara, zoe, lina = (world.person(it) for it in (AMARA, ZOE, LINA))
    pair_up(amara, zoe)
    zoe.command("met 45")
    told = amara.dm_with(ids.CORRECT_MEETING)
    zoe.command("leave")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.LEAVE)
    amara.press(told, ids.CORRECT_MEETING)
    assert amara.hands.modal is None
    lina.hands.join_channel(CHANNEL)
    assert "You are in no pair" in lina.command("met 45")


@pytest.mark.phrase("IMS-08")
def test_month_without_a_meeting_is_seen_by_the_mentee_first_and_then_by_coordinators(
    tmp_path: Path,
) -> None:
    file = img(
        meetings=preset("ims").model_dump(mode="json")["meetings"],
        cycle={"months": 4, "join_until_day": 30},
    )
    with programme(tmp_path, MONDAY, file) as world:
        amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
        pair_up(amara, zoe)
        assert "Meetings in November 2026: 0 of 1 so far" in zoe.home()
        zoe.command("met 60")
        assert "Meetings in November 2026: 1 of 1" in zoe.home()
        world.move_to(datetime(2026, 12, 20, 12, tzinfo=UTC))
        assert "Meetings in December 2026: 0 of 1 so far" in zoe.home()
        assert "Meetings missed" not in hannah.command("pairs")
        world.move_to(datetime(2027, 1, 5, 12, tzinfo=UTC))
        assert "Meetings missed in December 2026" in zoe.home()
        assert "Meetings missed in December 2026" in hannah.command("pairs")
