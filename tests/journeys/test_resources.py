"""A library by topic and place: a page with each check-in, and all of it on request."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.resources import Library
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests.journeys.telling import img, modal_words, pair_up, programme
from tests.world import AMARA, SOFIA, ZOE, World, words

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
LEEDS = "Moving to Leeds"
ITEMS = [
    {"title": "Visas", "url": "https://a.uk/1", "topic": "Visas"},
    {"title": "Buses", "url": "https://a.uk/2", "topic": "Getting about", "places": ["Leeds"]},
    {"title": "Trams", "url": "https://a.uk/3", "topic": "Getting about", "places": ["Croydon"]},
]


@pytest.mark.phrase("IMG-12")
def test_each_check_in_offers_a_page_for_ones_place_and_the_rest_is_there_on_request(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor", place="Leeds")
    zoe.join("mentee", place="Truro")
    world.pass_days(5)
    assert LEEDS in words(amara.dm_with(ids.CHECK_IN_MET))
    first = words(zoe.dm_with(ids.CHECK_IN_MET))
    assert "Worth a look: <https://www.gmc-uk.org/welcometoukpractice|GMC: Welcome" in first
    world.pass_days(7)
    second = words(zoe.dm_with(ids.CHECK_IN_MET))
    assert "|NHS Employers: welcoming" in second

    here = amara.command("resources")
    assert here.index(LEEDS) < here.index("Welcome to UK practice")
    assert LEEDS not in zoe.command("resources")
    assert LEEDS in zoe.command("resources leeds")
    found = zoe.command("resources visa")
    assert "Health and Care Worker visa" in found
    assert "Find a GP" not in found
    assert "I know no page for “moon”. There are pages on Starting work" in zoe.command(
        "resources moon"
    )
    zoe.press("home", ids.SHOW_RESOURCES)
    assert "Welcome to UK practice" in modal_words(zoe)
    assert "/mentorbot resources visa" in zoe.command("help")


def test_next_cycle_offers_the_pages_that_come_next(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor", place="Truro")
    zoe.join("mentee", place="Truro")
    world.pass_days(22)
    for who in (amara, zoe):
        who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
    world.pass_days(18)
    offered = [text.partition("Worth a look: ")[2] for text in zoe.dm_texts()]
    pages = [it for it in offered if it]
    assert len(pages) == len(set(pages)) == 5, pages


def test_who_has_no_role_yet_reads_what_is_for_everywhere(world: World) -> None:
    sofia = world.person(SOFIA)
    sofia.hands.join_workspace()
    found = sofia.command("resources")
    assert "Welcome to UK practice" in found
    assert LEEDS not in found


def test_programme_without_a_library_says_so_and_offers_no_button(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, img(library=None), "cli", world.clock())
    pair_up(amara, zoe)
    assert "has no library" in zoe.command("resources")
    assert "Worth knowing" not in zoe.home()
    assert "resources" not in zoe.command("help")
    world.pass_days(5)
    assert "Worth a look" not in words(zoe.dm_with(ids.CHECK_IN_MET))


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ("leeds", ["Buses", "Visas"]),
        ("East Croydon, London", ["Trams", "Visas"]),
        (["Leeds", "Croydon"], ["Buses", "Trams", "Visas"]),
        ("Leedstown", ["Visas"]),
        (None, ["Visas"]),
    ],
)
def test_pages_of_a_place_are_for_those_who_named_it(answer: Any, titles: list[str]) -> None:
    library = Library.model_validate({"place_question": "place", "items": ITEMS})
    assert [it.title for it in library.fitting({"place": answer})] == titles
    assert library.offered({"place": answer}, len(titles) + 1) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place_question": "town"}, "the form has no question 'town'"),
        ({"place_question": None}, "places need place_question, which is not there"),
        ({"items": [ITEMS[0], ITEMS[0]]}, "this page stands there twice"),
    ],
)
def test_library_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    library = {"place_question": "place", "items": ITEMS} | change
    with pytest.raises(ValueError, match=said):
        img(library=library)


def test_the_img_library_is_for_everywhere_apart_from_its_places() -> None:
    library = preset("img").library
    assert library is not None
    assert len(library.fitting({})) + len([it for it in library.items if it.places]) == len(
        library.items
    )


@pytest.mark.phrase("ICAHN-03")
def test_pages_are_chosen_by_the_goals_and_the_stage_of_a_mentee() -> None:
    library = preset("icahn").library
    assert library is not None
    first = [it.title for it in library.for_goals({}, "year_one", ["My first research project"])]
    assert first[0] == "Research years and dual degrees"
    assert "Finding a specialty" in first
    assert "Applying: narrative, CV and interviews" not in first
    fourth = [it.title for it in library.for_goals({}, "year_four", ["A good ranking"])]
    assert fourth[0] == "Applying: narrative, CV and interviews"
    assert "Finding a specialty" not in fourth


@pytest.mark.phrase("ICAHN-03")
def test_mentee_reads_first_what_their_stage_and_goals_ask_for(tmp_path: Path) -> None:
    stages = [
        {"id": "early", "name": "Early", "months": 6, "then": "late"},
        {"id": "late", "name": "Late", "months": 6},
    ]
    items = [
        {"title": "For all", "url": "https://a.uk/1", "topic": "Path"},
        {"title": "For the early", "url": "https://a.uk/2", "topic": "Path", "stages": ["early"]},
        {"title": "For the late", "url": "https://a.uk/3", "topic": "Path", "stages": ["late"]},
        {"title": "On research", "url": "https://a.uk/4", "topic": "Path", "goals": ["research"]},
    ]
    file = img(stages=stages, library={"items": items}, goals={"examples": []})
    with programme(tmp_path, MONDAY, file) as world:
        zoe = world.person(ZOE)
        zoe.join("mentee", stage="Early")
        shown = zoe.command("resources")
        assert shown.index("For the early") < shown.index("For all")
        assert "For the late" not in shown
        zoe.command("goals")
        zoe.press("modal", ids.ADD_GOAL)
        zoe.hands.fill_in({"text": "Begin some research", "ticked": []})
        assert zoe.hands.submit() == {}
        world.settle()
        zoe.hands.close_modal(all=True)
        shown = zoe.command("resources")
        assert shown.index("On research") < shown.index("For the early")
