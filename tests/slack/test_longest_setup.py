"""Setting up shows the longest file, the most mistakes and changes within Slack's limits."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import blocks, ids
from mentorbot.slack.guides import guide_blocks
from tests.slack.test_longest_wording import check_cuts, longest_file, swelling
from tests.world import HANNAH, World, words, world_at


def most_of_all() -> dict[str, Any]:
    """The longest file, with the longest rules of applying."""
    data = longest_file("en").model_dump(mode="json")
    leaf = {"answer": "place", "is": swelling(75), "why": swelling(150)}
    deep: dict[str, Any] = leaf
    for _level in range(6):
        deep = {"any": [{"all": [deep] * 2}, leaf]}
    lottery = {
        "mode": "lottery",
        "places": 1_000_000,
        "seed_source": swelling(400),
    }
    data["lists"] = {f"list_{number}": swelling(150) for number in range(30)}
    data["application"] = {
        "through": ["slack", "import"],
        "opens_on": "2027-01-01",
        "closes_on": "2027-12-31",
        "results_on": "2028-01-31",
        "eligibility": {"mentee": deep, "mentor": {"all": [leaf] * 50}},
        "facts": [{"id": f"fact_{number}", "label": swelling(150)} for number in range(10)],
        "selection": {"mentee": lottery, "mentor": lottery},
    }
    return data


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[World]:
    """A workspace in which no programme runs yet."""
    with world_at(tmp_path, is_set_up=False) as made:
        yield made


def hand_in(world: World, data: dict[str, Any]) -> dict[str, Any]:
    """Choose a file in the set-up form and send it; the modal that comes then."""
    hannah = world.person(HANNAH)
    hannah.command("setup")
    hannah.hands.fill_in({"file": [hannah.hands.upload("mine.yml", json.dumps(data).encode())]})
    assert hannah.hands.submit() == {}
    shown = hannah.hands.modal
    assert shown is not None
    check_cuts(shown)
    return shown


def test_longest_programme_is_read_back_and_its_every_change_is_told(fresh: World) -> None:
    data = most_of_all()
    shown = hand_in(fresh, data)
    assert shown["callback_id"] == ids.CONFIRM_SETUP_FORM
    hannah = fresh.person(HANNAH)
    assert hannah.hands.submit() == {}
    hannah.hands.close_modal()
    changed = {
        **data,
        "name": swelling(60, "Another"),
        "form": [_renamed(it) for it in data["form"]],
    }
    changed["guidelines"] = {
        role: {"version": 2, "points": ["Be kind."]} for role in ("mentor", "mentee")
    }
    shown = hand_in(fresh, changed)
    assert shown["callback_id"] == ids.CONFIRM_UPDATE_FORM
    assert words(shown).count("The question “Anew") == len(data["form"])


def _renamed(question: dict[str, Any]) -> dict[str, Any]:
    return {**question, "label": swelling(150, "Anew")}


def test_most_mistakes_are_shown_with_how_many_more_there_are(fresh: World) -> None:
    data = most_of_all()
    data |= {f"word_{number}" + "x" * 200: swelling(900) for number in range(90)}
    shown = hand_in(fresh, data)
    assert shown["callback_id"] == ids.SETUP_FORM
    assert "There are 90 mistakes in this file." in words(shown)
    assert "and 70 more" in words(shown)


def test_longest_guides_of_both_roles_fit_a_modal(fresh: World) -> None:
    file: ProgrammeFile = longest_file("en")
    shown = [block for guides in file.guides.values() for block in guide_blocks(guides)]
    assert len(shown) == 16
    check_cuts(blocks.modal("notice", "Guides", shown))
