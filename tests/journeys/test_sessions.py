"""Sessions: told of, said yes to, moved, held; before applying, in the room, and afterwards."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import sessions as stored
from mentorbot.usecases import admin
from tests import crafted
from tests.applications import run
from tests.journeys.telling import (
    assert_nobody_was_told_twice,
    img,
    modal_words,
    name_of,
    pair_up,
    programme,
    times_told,
    when,
)
from tests.journeys.test_ballots import mila
from tests.world import (
    AMARA,
    HANNAH,
    LINA,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
    action_ids,
    on_both_databases,
    words,
    world_at,
)

__all__ = ["mila"]
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
EVENING: dict[str, Any] = {
    "id": "evening",
    "title": "An evening together",
    "kind": "support_group",
    "on": "2026-12-03",
    "at": "18:30",
    "link": "https://meet.example.org/evening",
    "invite_days": 7,
}


def evening(**parts: Any) -> dict[str, Any]:
    """A session of one's own."""
    return EVENING | parts


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """IMG's four weeks, with an evening of two places."""
    with programme(tmp_path, MONDAY, img(sessions=[evening(places=2)])) as running:
        yield running


def button_in(shown: dict[str, Any], action_id: str, title: str) -> str:
    """The row of buttons that belongs to a session in a list."""
    blocks = shown["blocks"]
    for at, block in enumerate(blocks):
        if title in words({"blocks": [block]}):
            row = blocks[at + 1]
            assert action_id in {it["action_id"] for it in row["elements"]}
            return str(row["block_id"])
    raise AssertionError(f"{title} is not listed")


def listed(who: Actor) -> dict[str, Any]:
    """The list of sessions, opened from App Home."""
    if who.hands.modal is not None:
        who.hands.close_modal(all=True)
    who.hands.open_home()
    who.hands.click("home", ids.SHOW_SESSIONS)
    assert who.hands.modal is not None
    return who.hands.modal


def manage(coordinator: Actor) -> None:
    """Open the next session, as those who run the programme see it."""
    row = next(it for it in listed(coordinator)["blocks"] if it["type"] == "actions")
    coordinator.hands.click("modal", ids.MANAGE_SESSION, block_id=row["block_id"])


def say(who: Actor, action_id: str, title: str) -> str:
    """Press a button of a session in the list of all; what the list says then."""
    modal = listed(who)
    who.hands.click("modal", action_id, block_id=button_in(modal, action_id, title))
    who.world.settle()
    return modal_words(who)


def entry_of(who: Actor, number: int = -1) -> Any:
    """An appointment that somebody was sent as a file, read by another's parser."""
    content = who.hands.download(who.files()[number]["id"])
    (found,) = Calendar.from_ical(content).walk("VEVENT")
    return found


@pytest.mark.phrase("IMS-11")
def test_information_session_is_told_before_anybody_applies_in_each_readers_time_zone(
    tmp_path: Path,
) -> None:
    with world_at(tmp_path, datetime(2024, 12, 20, 15, tzinfo=UTC), is_set_up=False) as made:
        run(made, preset("ims"))
        zoe, lina = made.person(ZOE), made.person(LINA)
        zoe.hands.change_profile(time_zone="America/Toronto")
        lina.hands.change_profile(time_zone="Europe/Paris")
        made.settle()
        assert "Wednesday, 8 January at 15:00" in zoe.home()
        assert "Wednesday, 8 January at 21:00" in lina.home()
        assert "information session, recommended" in lina.home()
        made.move_to(datetime(2024, 12, 26, 12, tzinfo=UTC))
        told = zoe.hands.messages(CHANNEL)[-1]
        instant = int(datetime(2025, 1, 8, 20, tzinfo=UTC).timestamp())
        assert f"<!date^{instant}^" in words(told)
        assert "zoom.us" not in words(told)
        lina.press(told, ids.SESSION_YES)
        assert "zoom.us" in words(lina.dms()[-1])
        assert entry_of(lina)["dtstart"].dt == datetime(2025, 1, 8, 20, tzinfo=UTC)
        made.move_to(datetime(2025, 1, 8, 12, tzinfo=UTC))
        assert times_told(lina, "A short reminder: *Information session*") == 1
        assert when(lina.dms()[-1], "Europe/Paris").hour in range(8, 21)
        assert times_told(zoe, "Information session") == 0
        assert "You have not applied" in zoe.home()
        assert_nobody_was_told_twice(made)


@on_both_databases
def test_last_place_is_given_once_and_comes_free_for_whoever_waits_first(world: World) -> None:
    people = [world.person(it) for it in (ZOE, OMAR, LINA, PRIYA)]
    for who in people:
        who.join("mentee")
    said = [say(who, ids.SESSION_YES, "An evening together") for who in people]
    assert ["You are coming" in it for it in said] == [True, True, False, False]
    assert all("you are on the waiting list" in it for it in said[2:])
    zoe, omar, lina, priya = people
    assert len(zoe.files()) == 1
    assert lina.files() == []
    say(zoe, ids.SESSION_NO, "An evening together")
    assert "a place came free" in words(lina.dms()[-1])
    assert priya.files() == []
    assert "meet.example.org" not in priya.home()
    assert len(omar.files()) == 1


@pytest.mark.phrase("IMG-13")
def test_local_support_group_is_listed_with_its_place_and_can_be_said_yes_to(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, preset("img")) as world:
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.join("mentee")
        listed = zoe.command("sessions")
        assert "IMG evening" in listed
        assert "support group" in listed
        assert "Thursday, 3 December at 18:30" in listed
        assert "postgraduate centre" in listed
        assert "You are coming" in say(zoe, ids.SESSION_YES, "Thursday, 3 December")
        entry = entry_of(zoe)
        assert entry["summary"] == "IMG evening"
        assert entry["location"] == "the postgraduate centre of your hospital"
        assert "You are coming" in zoe.home()
        world.move_to(datetime(2026, 12, 3, 12, tzinfo=UTC))
        assert times_told(zoe, "A short reminder: *IMG evening*") == 1
        assert times_told(hannah, "IMG evening") == 0


@pytest.mark.phrase("MILA-13")
def test_training_is_required_reminded_of_attended_by_code_and_opens_the_ballot(
    mila: World,
) -> None:
    zoe, omar, amara, hannah = (mila.person(it) for it in (ZOE, OMAR, AMARA, HANNAH))
    assert "*Best practices in mentorship* (training session, required)" in zoe.home()
    assert "Training and check-in" in zoe.home()
    say(zoe, ids.SESSION_YES, "Best practices")
    entry = entry_of(zoe)
    assert entry["dtstart"].params["TZID"] == "America/Toronto"
    assert entry["dtstart"].dt.hour == 16
    mila.move_to(datetime(2023, 2, 8, 20, tzinfo=UTC))
    assert times_told(zoe, "A short reminder: *Best practices") == 1
    assert times_told(omar, "This is required in your programme") == 1
    assert "No session takes a code now" in zoe.command("here 000000")

    mila.move_to(datetime(2023, 2, 8, 21, 10, tzinfo=UTC))
    code = code_of(mila, hannah)
    assert "look again at the six digits" in zoe.command("here 999")
    assert "Welcome to “Best practices in mentorship”" in zoe.command(f"here {code}")
    mila.move_to(datetime(2023, 2, 8, 22, 5, tzinfo=UTC))
    assert "name your first 3 choices" in words(zoe.last_dm())
    hannah.press(hannah.dm_with(ids.MANAGE_SESSION), ids.MANAGE_SESSION)
    assert name_of(zoe) in modal_words(hannah)
    hannah.hands.fill_in({"there": [AMARA]})
    assert hannah.hands.submit() == {}
    mila.move_to(datetime(2023, 2, 10, 23, tzinfo=UTC))
    for was_there in (zoe, amara):
        assert times_told(was_there, "I have no record that you were at") == 0
    assert times_told(omar, "I have no record that you were at") == 1
    omar.press(omar.dm_with(ids.SESSION_DONE), ids.SESSION_DONE)
    assert times_told(omar, "you made up for") == 1
    listed(hannah)
    hannah.hands.click("modal", ids.SHOW_ATTENDANCE)
    board = modal_words(hannah)
    assert f"{name_of(zoe)}: 1 of 1" in board
    assert f"{name_of(omar)}: 1 of 1" in board
    assert f"{name_of(mila.person(LINA))}: 0 of 1" in board


def code_of(world: World, coordinator: Actor) -> str:
    """The code of the session that is next, as a coordinator shows it in the room."""
    manage(coordinator)
    said = modal_words(coordinator)
    coordinator.hands.close_modal(all=True)
    return said.partition("show in the room: *")[2][:6]


@pytest.mark.phrase("IMS-09")
def test_one_workshop_or_networking_event_a_month_is_counted_for_the_mentee_first(
    tmp_path: Path,
) -> None:
    monthly = [
        evening(id="workshop", title="Workshop", kind="workshop", on="2026-11-26"),
        evening(id="networking", title="Networking", kind="networking", on="2026-12-10"),
        evening(id="panel", title="Workshop again", kind="workshop", on="2027-01-14"),
    ]
    rule = {"each_month": 1, "kinds": ["workshop", "networking"]}
    cycle = {"months": 3, "join_until_day": 14}
    file = img(sessions=monthly, attendance=rule, cycle=cycle)
    with programme(tmp_path, MONDAY, file) as world:
        amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
        pair_up(amara, zoe)
        assert "Sessions in November 2026: 0 of 1 so far" in zoe.home()
        assert "Sessions in" not in amara.home()
        world.move_to(datetime(2026, 11, 26, 18, 40, tzinfo=UTC))
        zoe.command(f"here {code_of(world, hannah)}")
        assert "Sessions in November 2026: 1 of 1. Thank you" in zoe.home()
        world.move_to(datetime(2027, 1, 4, 12, tzinfo=UTC))
        home = zoe.home()
        assert "Sessions in January 2027: 0 of 1 so far" in home
        assert "Sessions missed in December 2026" in home
        listed(hannah)
        hannah.hands.click("modal", ids.SHOW_ATTENDANCE)
        assert f"{name_of(zoe)}: 1 of 2" in modal_words(hannah)


@pytest.mark.phrase("ICAHN-09")
def test_panels_and_lunches_recur_with_invitations_places_and_reminders(tmp_path: Path) -> None:
    file = preset("icahn")
    lunch = next(it for it in file.sessions if it.id == "lunch_and_learn")
    assert len(lunch.dates) == 48
    assert lunch.dates[:3] == [date(2026, 9, 8), date(2026, 10, 13), date(2026, 11, 10)]
    sessions = [it.model_dump(mode="json") for it in file.sessions]
    with programme(tmp_path, MONDAY, img(sessions=sessions)) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        home = zoe.home()
        assert "Lunch and learn" in home
        assert "Tuesday, 8 December at 12:00" in home
        world.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
        told = zoe.dm_with(ids.SESSION_YES)
        assert "Lunch and learn" in words(told)
        zoe.press(told, ids.SESSION_YES)
        world.move_to(datetime(2026, 12, 8, 11, tzinfo=UTC))
        assert times_told(zoe, "A short reminder: *Lunch and learn*") == 1
        world.move_to(datetime(2027, 1, 6, 12, tzinfo=UTC))
        assert times_told(zoe, "You are invited: *Lunch and learn*") == 1
        assert "Tuesday, 12 January at 12:00" in words(zoe.last_dm())
        assert times_told(zoe, "You are invited: *Career panel*") == 0


def icahn_in_img() -> Any:
    """Icahn's sessions and library, in a programme that anybody may join."""
    data = preset("icahn").model_dump(mode="json")
    items = [it | {"stages": []} for it in data["library"]["items"]]
    library = data["library"] | {"items": items}
    return img(sessions=data["sessions"], library=library)


@pytest.mark.phrase("ICAHN-11")
def test_student_books_office_hours_of_a_chair_and_the_slot_is_theirs_alone(
    tmp_path: Path,
) -> None:
    chair = "Twenty minutes with the chair"
    with programme(tmp_path, MONDAY, icahn_in_img()) as world:
        zoe, omar = world.person(ZOE), world.person(OMAR)
        for who in (zoe, omar):
            who.join("mentee")
        assert "1 place left" in zoe.command("sessions")
        assert "You are coming" in say(zoe, ids.SESSION_YES, chair)
        assert "All places are taken" in omar.command("sessions")
        assert "you are on the waiting list" in say(omar, ids.SESSION_YES, chair)
        assert entry_of(zoe)["summary"] == "Twenty minutes with the chair of surgery"
        say(zoe, ids.SESSION_NO, chair)
        assert "a place came free" in words(omar.dms()[-1])


@pytest.mark.phrase("ICAHN-08")
def test_student_signs_up_for_shadowing_and_finds_the_interest_groups(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, icahn_in_img()) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee")
        assert "A morning in pediatrics* (shadowing)" in zoe.command("sessions")
        assert "You are coming" in say(zoe, ids.SESSION_YES, "A morning in pediatrics")
        world.move_to(datetime(2026, 12, 10, 12, tzinfo=UTC))
        assert times_told(zoe, "A short reminder: *A morning in pediatrics*") == 1
        found = zoe.command("resources interest")
        assert "Specialty interest group: pediatrics" in found


def test_session_moved_after_its_reminder_is_told_once_with_a_newer_file(world: World) -> None:
    zoe, hannah = world.person(ZOE), world.person(HANNAH)
    zoe.join("mentee")
    say(zoe, ids.SESSION_YES, "An evening together")
    world.move_to(datetime(2026, 12, 3, 9, tzinfo=UTC))
    assert times_told(zoe, "A short reminder") == 1
    change(hannah, on="2026-12-05", at="19:00")
    assert times_told(zoe, "This was moved") == 1
    first, second = entry_of(zoe, 0), entry_of(zoe, 1)
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
    assert second["dtstart"].dt.day == 5
    world.move_to(datetime(2026, 12, 6, 9, tzinfo=UTC))
    assert times_told(zoe, "Saturday, 5 December at 19:00") == 2
    assert times_told(hannah, "“An evening together” is over; 1 person had said yes") == 1


def change(coordinator: Actor, **fields: Any) -> None:
    """A coordinator changes the next session."""
    manage(coordinator)
    coordinator.hands.fill_in(fields)
    errors = coordinator.hands.submit()
    assert errors == {}, errors
    coordinator.hands.close_modal(all=True)
    coordinator.world.settle()


def test_session_called_off_is_told_to_those_who_said_yes_and_taken_out_of_calendars(
    world: World,
) -> None:
    zoe, omar, hannah = (world.person(it) for it in (ZOE, OMAR, HANNAH))
    for who in (zoe, omar):
        who.join("mentee")
    say(zoe, ids.SESSION_YES, "An evening together")
    change(hannah, off=["off"])
    assert times_told(zoe, "this was called off") == 1
    assert times_told(omar, "this was called off") == 0
    assert entry_of(zoe)["status"] == "CANCELLED"
    world.pass_days(14)
    assert times_told(zoe, "A short reminder") == 0
    assert "Nothing is planned" in zoe.command("sessions")


def test_session_cannot_be_moved_into_the_past(world: World) -> None:
    hannah = world.person(HANNAH)
    manage(hannah)
    hannah.hands.fill_in({"on": "2026-11-01"})
    assert "This has passed" in hannah.hands.submit()["on"]


def test_five_wrong_codes_are_enough(world: World) -> None:
    zoe, hannah = world.person(ZOE), world.person(HANNAH)
    zoe.join("mentee")
    world.move_to(datetime(2026, 12, 3, 18, 20, tzinfo=UTC))
    code = code_of(world, hannah)
    for _try in range(5):
        assert "look again" in zoe.command("here 12")
    assert "too many wrong codes" in zoe.command(f"here {code}")


def test_who_leaves_gives_their_place_to_whoever_waits(world: World) -> None:
    zoe, omar, lina = (world.person(it) for it in (ZOE, OMAR, LINA))
    for who in (zoe, omar, lina):
        who.join("mentee")
        say(who, ids.SESSION_YES, "An evening together")
    zoe.hands.close_modal(all=True)
    zoe.command("leave")
    zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.LEAVE)
    assert "a place came free" in words(lina.dms()[-1])


def test_changed_file_moves_its_sessions_but_not_one_that_a_coordinator_moved(
    world: World,
) -> None:
    zoe, hannah = world.person(ZOE), world.person(HANNAH)
    zoe.join("mentee")
    say(zoe, ids.SESSION_YES, "An evening together")
    run_update(world, img(sessions=[evening(places=2, at="19:30")]))
    assert times_told(zoe, "Thursday, 3 December at 19:30") == 1
    change(hannah, at="20:00")
    run_update(world, img(sessions=[evening(places=2, at="18:00")]))
    assert "Thursday, 3 December at 20:00" in zoe.command("sessions")
    run_update(world, img())
    assert times_told(zoe, "this was called off") == 1
    run_update(world, img(sessions=[evening(places=2)]))


def run_update(world: World, file: Any) -> None:
    """A coordinator brings the programme's file up to date."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, file, HANNAH, world.clock())
    world.settle()


def test_session_of_participants_takes_no_answer_from_others(world: World) -> None:
    zoe, rajesh = world.person(ZOE), world.person(RAJESH)
    zoe.join("mentee")
    world.move_to(datetime(2026, 11, 26, 12, tzinfo=UTC))
    told = zoe.dm_with(ids.SESSION_YES)
    assert "An evening together" not in rajesh.home()
    with world.bot.store.read(world.running.workspace_id) as tx:
        (held,) = stored.of_programme(tx, "img")
    assert "is for others" in crafted.click(rajesh, ids.SESSION_YES, held.session_id)
    with world.bot.store.read(world.running.workspace_id) as tx:
        assert stored.of_session(tx, held.session_id) == []
    zoe.press(told, ids.SESSION_YES)
    assert len(zoe.files()) == 1


def test_who_runs_the_programme_and_takes_no_part_sees_to_sessions_without_being_asked_to_come(
    world: World,
) -> None:
    hannah = world.person(HANNAH)
    assert "Will you come?" not in hannah.home()
    buttons = {it for block in listed(hannah)["blocks"] for it in action_ids({"blocks": [block]})}
    assert ids.MANAGE_SESSION in buttons
    assert ids.SESSION_YES not in buttons


@pytest.mark.phrase("MILA-14")
def test_calendar_file_holds_the_dates_and_the_sessions_that_one_has_not_declined(
    world: World,
) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    zoe.command("calendar")
    zoe.press("modal", ids.CALENDAR_FILE)
    (file,) = [it for it in zoe.files() if it["name"].endswith(".ics")]
    calendar = Calendar.from_ical(zoe.hands.download(file["id"]))
    titles = [str(it["summary"]) for it in calendar.walk("VEVENT")]
    assert len(titles) == len(set(titles)) > 0
