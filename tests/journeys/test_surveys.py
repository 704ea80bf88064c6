"""Surveys: opened by their day, asked for until they are answered, anonymous where promised."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.storage import surveys as stored
from tests import crafted
from tests.journeys.telling import (
    img,
    modal_words,
    name_of,
    pair_up,
    programme,
    times_told,
)
from tests.journeys.test_sessions import run_update
from tests.world import (
    AMARA,
    CLAIRE,
    HANNAH,
    LINA,
    LUKASZ,
    MARGARET,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
    words,
)

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
SURVEY: dict[str, Any] = {
    "id": "halfway",
    "title": "Half of the way",
    "opens_day": 10,
    "days": 21,
    "questions": [
        {"id": "value", "kind": "number", "label": "How much?", "least": 1, "most": 10},
        {"id": "often", "kind": "choice", "label": "How often?", "options": ["Often", "Rarely"]},
        {"id": "well", "kind": "long_text", "label": "What goes well?", "most": 500},
    ],
}
GIVEN = {"value": "8", "often": "Often", "well": "Coffee on Thursdays"}
PEOPLE = (AMARA, RAJESH, LUKASZ, MARGARET, CLAIRE, ZOE, OMAR, LINA, PRIYA)


def asked(**parts: Any) -> dict[str, Any]:
    """A survey of one's own."""
    return SURVEY | parts


def long_cycle(**parts: Any) -> Any:
    """IMG in a cycle of three months, with a survey."""
    return img(cycle={"days": 90, "join_until_day": 14}, surveys=[asked(**parts)])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A mandatory survey on the tenth day of a cycle."""
    with programme(tmp_path, MONDAY, long_cycle(mandatory=True)) as running:
        yield running


def answer(who: Actor, **changes: Any) -> str:
    """Answer from the newest message; what is said then."""
    who.hands.click(who.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
    who.hands.fill_in(GIVEN | changes)
    assert who.hands.submit() == {}
    who.world.settle()
    said = modal_words(who)
    who.hands.close_modal(all=True)
    return said


def results(coordinator: Actor) -> str:
    """What a coordinator reads of the newest survey."""
    coordinator.hands.open_home()
    coordinator.hands.click("home", ids.SHOW_SURVEYS)
    coordinator.hands.click("modal", ids.SURVEY_RESULTS)
    said = modal_words(coordinator)
    coordinator.hands.close_modal(all=True)
    return said


@pytest.mark.phrase("MILA-17")
def test_two_mandatory_surveys_of_ten_minutes_are_asked_of_both_roles_until_they_are_done(
    tmp_path: Path,
) -> None:
    surveys = [it.model_dump(mode="json") for it in preset("mila").surveys]
    assert [(it["mandatory"], it["minutes"]) for it in surveys] == [(True, 10), (True, 10)]
    assert all(it.takes_minutes(role) <= 10 for it in preset("mila").surveys for role in it.roles)
    file = img(cycle={"months": 9, "join_until_day": 14, "repeats": "once"}, surveys=surveys)
    with programme(tmp_path, MONDAY, file) as world:
        amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
        pair_up(amara, zoe)
        world.pass_days(131)
        for who in (amara, zoe):
            assert times_told(who, "“Half of the way” of the IMG") == 1
            assert "about 10 minutes" in words(who.dm_with(ids.ANSWER_SURVEY))
        zoe.hands.click(zoe.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
        zoe.hands.fill_in({"value": "9", "often": "Not yet", "topics": ["Career"], "well": "Much"})
        assert zoe.hands.submit() == {}
        zoe.hands.close_modal(all=True)
        assert f"Still to answer: {name_of(amara)}" in hannah.command("surveys")
        world.pass_days(22)
        assert times_told(zoe, "A short reminder: “Half") == 0
        assert times_told(amara, "A short reminder: “Half") == 3
        assert times_told(hannah, "“Half of the way” is closed. 1 of 2 has answered") == 1
        world.pass_days(95)
        assert times_told(zoe, "“Looking back” of the IMG") == 1


@pytest.mark.phrase("IMS-10")
def test_mentee_takes_part_in_the_evaluation_and_the_coordinator_reads_completion_and_results(
    world: World,
) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(11)
    assert "is open until" in zoe.home()
    zoe.press(zoe.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
    zoe.hands.fill_in({"value": "8", "often": "Often", "well": " "})
    assert "Please fill this in" in zoe.hands.submit()["well"]
    zoe.hands.close_modal(all=True)
    assert "Your answers to “Half of the way” are in" in answer(zoe)
    assert "Half of the way" not in zoe.home()
    answer(zoe, well="Coffee on Fridays")
    read = results(hannah)
    assert "1 of 2 has answered" in read
    assert "On average 8.0" in read
    assert "Often: 1" in read
    assert "Coffee on Fridays" in read
    assert "Thursdays" not in read

    rows = list(csv.reader(io.StringIO(as_file(hannah))))
    assert rows[0][:2] == ["Name", "Role"]
    assert rows[1][1:] == ["mentee", "8", "Often", "Coffee on Fridays"]


def test_anonymous_answers_are_kept_without_person_or_time_and_read_after_the_end_from_five_on(
    tmp_path: Path,
) -> None:
    questions = [
        {"id": "value", "kind": "number", "label": "How much?", "least": 0, "most": 10},
        {"id": "well", "kind": "long_text", "label": "What goes well?", "most": 500},
        {
            "id": "alone",
            "kind": "text",
            "label": "For mentees",
            "roles": ["mentee"],
            "required": False,
        },
    ]
    file = long_cycle(anonymous=True, mandatory=True, questions=questions)
    with programme(tmp_path, MONDAY, file) as world:
        people, hannah = [world.person(it) for it in PEOPLE], world.person(HANNAH)
        for number, who in enumerate(people):
            who.join("mentor" if number < 5 else "mentee")
        world.pass_days(12)
        for number, who in enumerate(people[:4]):
            fill(who, {"value": "5", "well": f"Secret number {number}"})
        fill(people[5], {"value": "0", "well": "=HYPERLINK(1)", "alone": "I alone say this"})
        read = results(hannah)
        assert "shown once it is closed" in read
        assert "Secret" not in read
        assert name_of(people[4]) in hannah.command("surveys")
        with world.bot.store.read(world.running.workspace_id) as tx:
            (held,) = stored.of_programme(tx, "img")
            assert all(it.answers == {} for it in stored.responses(tx, held.survey_id))
            keys = [it["key"] for it in held.pool]
            assert keys == sorted(keys)
            assert len(set(keys)) == 5
            assert set(held.pool[0]) == {"key", "answers"}
        people[0].press(people[0].dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
        assert people[0].hands.modal is None
        world.move_to(held.closes_at + timedelta(hours=2))
        read = results(hannah)
        assert "Secret number 3" in read
        assert "Fewer than 5 have answered this" in read
        assert "I alone say this" not in read
        content = as_file(hannah)
        assert "'=HYPERLINK(1)" in content
        assert "I alone say this" not in content
        assert "mentor" not in content
        assert any(row[0] == "0" for row in csv.reader(io.StringIO(content)))


def fill(who: Actor, given: dict[str, Any]) -> None:
    """Answer the survey from its message."""
    who.hands.click(who.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
    who.hands.fill_in(given)
    assert who.hands.submit() == {}
    who.hands.close_modal(all=True)
    who.world.settle()


def as_file(coordinator: Actor) -> str:
    """The newest survey's answers, as the file that a coordinator is sent."""
    coordinator.hands.open_home()
    coordinator.hands.click("home", ids.SHOW_SURVEYS)
    coordinator.hands.click("modal", ids.SURVEY_RESULTS)
    coordinator.press("modal", ids.SURVEY_FILE)
    return coordinator.hands.download(coordinator.files()[-1]["id"]).decode("utf-8-sig")


def test_survey_that_opened_as_anonymous_stays_so_whatever_a_newer_file_says(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, long_cycle(anonymous=True)) as world:
        amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
        pair_up(amara, zoe)
        world.pass_days(11)
        zoe.hands.click(zoe.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
        assert "without your name" in modal_words(zoe)
        run_update(world, long_cycle(anonymous=False))
        zoe.hands.fill_in(GIVEN)
        assert zoe.hands.submit() == {}
        assert "Coffee" not in results(hannah)
        with world.bot.store.read(world.running.workspace_id) as tx:
            (held,) = stored.of_programme(tx, "img")
            assert [it.answers for it in stored.responses(tx, held.survey_id)] == [{}]


def test_results_can_be_read_though_a_newer_file_asks_for_something_else(world: World) -> None:
    amara, zoe, hannah = (world.person(it) for it in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(11)
    answer(zoe)
    questions = [SURVEY["questions"][0] | {"id": "well"}, SURVEY["questions"][2] | {"id": "value"}]
    run_update(world, long_cycle(questions=questions))
    assert "How much?" in results(hannah)
    zoe.hands.click(zoe.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
    zoe.hands.fill_in({"value": "In words", "well": "3"})
    assert zoe.hands.submit() == {}
    assert "On average 3.0" in results(hannah)


@pytest.mark.phrase("IMS-17")
def test_outcomes_are_asked_half_a_year_later_of_those_who_took_part_to_the_end(
    tmp_path: Path,
) -> None:
    later = asked(id="later", title="Where are you now?", afterwards=True, opens_on="2027-06-21")
    later["opens_day"] = None
    cycle = {"days": 28, "join_until_day": 14, "repeats": "once"}
    with programme(tmp_path, MONDAY, img(cycle=cycle, surveys=[later])) as world:
        amara, zoe, omar, rajesh, hannah = (
            world.person(it) for it in (AMARA, ZOE, OMAR, RAJESH, HANNAH)
        )
        pair_up(amara, zoe)
        omar.join("mentee")
        omar.command("leave")
        omar.press(omar.hands.messages("C0IMGMENTR")[-1], ids.LEAVE)
        world.move_to(datetime(2027, 6, 22, 12, tzinfo=UTC))
        for who, times in ((zoe, 1), (amara, 1), (omar, 0), (rajesh, 0)):
            assert times_told(who, "“Where are you now?”") == times
        answer(zoe, well="I lead a clinic")
        assert "I lead a clinic" in results(hannah)
        assert "1 of 2 has answered" in hannah.command("surveys")


def test_survey_takes_nothing_after_its_end_nor_from_others(world: World) -> None:
    amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    world.pass_days(11)
    with world.bot.store.read(world.running.workspace_id) as tx:
        (held,) = stored.of_programme(tx, "img")
    assert "nothing was changed" in crafted.click(omar, ids.ANSWER_SURVEY, held.survey_id)
    world.move_to(held.closes_at + timedelta(hours=1))
    zoe.press(zoe.dm_with(ids.ANSWER_SURVEY), ids.ANSWER_SURVEY)
    assert "takes no answers now" in str(zoe.hands.modal or zoe.dm_texts()[-1])
    assert "Nothing is asked of you" in zoe.command("survey")


def test_who_takes_the_other_role_before_their_morning_is_not_asked(tmp_path: Path) -> None:
    night = datetime(2026, 11, 23, 3, tzinfo=UTC)
    survey = asked(opens_on="2026-12-03", roles=["mentee"])
    survey["opens_day"] = None
    with programme(tmp_path, night, img(surveys=[survey])) as world:
        zoe, omar = world.person(ZOE), world.person(OMAR)
        for who in (zoe, omar):
            who.hands.change_profile(time_zone="America/Los_Angeles")
            who.join("mentee")
        world.move_to(datetime(2026, 12, 3, 11, tzinfo=UTC))
        zoe.join("mentor")
        world.pass_days(1)
        assert times_told(omar, "Half of the way") == 1
        assert times_told(zoe, "Half of the way") == 0
