"""Sessions that change: who hears of it, by which words, and who is told nothing that is untrue."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.slack import ids
from tests.journeys.telling import (
    img,
    modal_words,
    pair_up,
    programme,
    times_told,
    told_since,
    when,
)
from tests.journeys.test_sessions import MONDAY, change, evening, manage, run_update, say
from tests.operating.test_erasing import erase
from tests.world import AMARA, HANNAH, OMAR, ZOE

TITLE = "An evening together"


def test_session_moved_before_anybody_was_invited_is_told_of_at_once(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening(on="2026-12-20")])) as world:
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.join("mentee")
        change(hannah, on="2026-11-26")
        assert times_told(zoe, "You are invited") == 1
        assert "Thursday, 26 November" in zoe.dm_texts()[-1]
        world.pass_days(30)
        assert times_told(zoe, "You are invited") == 1


def test_session_moved_by_an_hour_is_still_told_of_on_its_day(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening(on="2026-12-20")])) as world:
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.join("mentee")
        change(hannah, at="19:30")
        assert times_told(zoe, "You are invited") == 0
        world.move_to(datetime(2026, 12, 13, 12, tzinfo=UTC))
        assert times_told(zoe, "You are invited") == 1


def test_session_that_a_newer_file_brings_on_short_notice_is_told_of_at_once(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, img()) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        for _twice in range(2):
            run_update(world, img(sessions=[evening(on="2026-11-26")]))
        assert times_told(zoe, "You are invited") == 1


def test_who_waits_for_a_place_hears_of_a_change_without_a_place_or_the_link(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening(places=1)])) as world:
        zoe, omar, hannah = (world.person(it) for it in (ZOE, OMAR, HANNAH))
        for who in (zoe, omar):
            who.join("mentee")
            say(who, ids.SESSION_YES, TITLE)
        change(hannah, on="2026-12-04")
        assert "you still have your place" in zoe.dm_texts()[-1]
        assert "you are still on the waiting list" in omar.dm_texts()[-1]
        assert "meet.example.org" not in omar.dm_texts()[-1]
        change(hannah, off=["off"])
        assert "the waiting list with it" in omar.dm_texts()[-1]
        assert omar.files() == []


def test_who_gives_their_place_back_before_hearing_of_a_change_is_not_told_that_they_have_one(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening()])) as world:
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.join("mentee")
        say(zoe, ids.SESSION_YES, TITLE)
        world.move_to(datetime(2026, 11, 23, 23, tzinfo=UTC))
        change(hannah, on="2026-12-04")
        assert times_told(zoe, "This was moved") == 0
        say(zoe, ids.SESSION_NO, TITLE)
        world.pass_days(2)
        assert times_told(zoe, "This was moved") == 0


def test_place_that_comes_free_at_night_is_told_of_in_the_morning(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening(places=1)])) as world:
        zoe, omar = world.person(ZOE), world.person(OMAR)
        for who in (zoe, omar):
            who.join("mentee")
            say(who, ids.SESSION_YES, TITLE)
        world.move_to(datetime(2026, 11, 24, 2, tzinfo=UTC))
        before = len(omar.dms())
        say(zoe, ids.SESSION_NO, TITLE)
        assert told_since(omar, before) == []
        world.pass_days(1)
        assert times_told(omar, "a place came free") == 1
        assert when(omar.dms()[before], "UTC").hour == 10


def test_who_joins_after_a_required_session_has_missed_nothing(tmp_path: Path) -> None:
    required = evening(presence="required", make_up="Watch it.", on="2026-11-25")
    with programme(tmp_path, MONDAY, img(sessions=[required])) as world:
        zoe, omar = world.person(ZOE), world.person(OMAR)
        zoe.join("mentee")
        world.move_to(datetime(2026, 11, 26, 12, tzinfo=UTC))
        omar.join("mentee")
        world.pass_days(4)
        assert times_told(zoe, "no record") == 1
        assert times_told(omar, "no record") == 0


def test_news_of_what_the_file_has_no_longer_is_dropped_and_alarms_nobody(tmp_path: Path) -> None:
    required = evening(presence="required", make_up="Watch it.", on="2026-11-25", at="22:00")
    with programme(tmp_path, MONDAY, img(sessions=[required])) as world:
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.join("mentee")
        world.move_to(datetime(2026, 11, 27, 23, 30, tzinfo=UTC))
        before = len(hannah.dms())
        run_update(world, img())
        world.pass_days(2)
        assert times_told(zoe, "no record") == 0
        assert told_since(hannah, before) == []


@pytest.mark.parametrize(
    ("how", "open_to"), [("role", "mentees"), ("deactivated", "everybody"), ("erased", "everybody")]
)
def test_who_is_not_there_any_more_gives_their_place_to_whoever_waits(
    tmp_path: Path, how: str, open_to: str
) -> None:
    file = img(sessions=[evening(places=1, open_to=open_to)])
    with programme(tmp_path, MONDAY, file) as world:
        zoe, omar = world.person(ZOE), world.person(OMAR)
        for who in (zoe, omar):
            who.join("mentee")
            say(who, ids.SESSION_YES, TITLE)
            who.hands.close_modal(all=True)
        if how == "role":
            zoe.join("mentor")
        elif how == "deactivated":
            zoe.hands.deactivate()
        else:
            erase(world, ZOE)
        world.settle()
        assert times_told(omar, "a place came free") == 1


def test_month_that_is_over_and_offered_more_than_the_next_is_told_as_missed(
    tmp_path: Path,
) -> None:
    rule = {"each_month": 1, "kinds": ["support_group"]}
    cycle = {"months": 3, "join_until_day": 14}
    file = img(sessions=[evening(on="2026-12-03")], attendance=rule, cycle=cycle)
    with programme(tmp_path, MONDAY, file) as world:
        pair_up(world.person(AMARA), world.person(ZOE))
        assert "Sessions in" not in world.person(ZOE).home()
        world.move_to(datetime(2027, 1, 4, 12, tzinfo=UTC))
        home = world.person(ZOE).home()
        assert "Sessions missed in December 2026" in home
        assert "so far" not in home


def test_session_that_recurs_soon_is_told_of_by_its_next_time_and_not_by_all_at_once(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, img()) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        daily = evening(on="2026-11-24", repeats="FREQ=DAILY;COUNT=10")
        run_update(world, img(sessions=[daily]))
        assert times_told(zoe, "You are invited") == 1
        assert "Tuesday, 24 November" in zoe.dm_texts()[-1]


def test_who_takes_the_other_role_before_their_morning_is_not_invited(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img()) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        world.move_to(datetime(2026, 11, 23, 23, tzinfo=UTC))
        run_update(world, img(sessions=[evening(on="2026-11-26", open_to="mentees")]))
        zoe.join("mentor")
        world.pass_days(1)
        assert times_told(zoe, "You are invited") == 0


def test_of_two_who_move_a_session_at_once_the_second_reads_that_it_was_moved(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, img(sessions=[evening()])) as world:
        hannah, omar = world.person(HANNAH), world.person(OMAR)
        hannah.command(f"appoint <@{OMAR}> coordinator")
        manage(omar)
        change(hannah, at="19:00")
        omar.hands.fill_in({"at": "20:00"})
        assert omar.hands.submit() == {}
        assert "Somebody has changed" in modal_words(omar)
        assert "at 19:00" in omar.command("sessions")
