"""People of one name: whoever chooses between them sees who is who."""

from pathlib import Path
from typing import Any

from mentorbot.slack import ids
from tests.journeys.telling import img, programme
from tests.journeys.test_requests import MONDAY, NO, ask, asking
from tests.world import AMARA, OMAR, RAJESH, ZOE, Actor

BY_HAND: dict[str, Any] = {"meetings": {"formats": ["video"]}}


def options_of(who: Actor, block_id: str) -> list[str]:
    """What a choice in the open form offers."""
    assert who.hands.modal is not None
    (field,) = [it for it in who.hands.modal["blocks"] if it.get("block_id") == block_id]
    return [it["text"]["text"] for it in field["element"]["options"]]


def test_two_partners_of_one_name_are_told_apart_by_when_they_came(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, img(**BY_HAND)) as world:
        amara, zoe, omar = (world.person(it) for it in (AMARA, ZOE, OMAR))
        for mentee in (zoe, omar):
            mentee.hands.change_profile(name="Sam Lee")
        amara.join("mentor", capacity="2")
        zoe.join("mentee")
        world.pass_days(2)
        omar.join("mentee")
        expected = {
            "Sam Lee (since Monday, 23 November)",
            "Sam Lee (since Wednesday, 25 November)",
        }
        for word in ("end", "cadence"):
            amara.command(word)
            assert set(options_of(amara, "pairing")) == expected
            amara.hands.close_modal(all=True)
        amara.hands.open_home()
        amara.hands.click("home", ids.OPEN_MEETING)
        assert set(options_of(amara, "pairing")) == expected


def test_two_colleagues_of_one_name_are_told_apart_by_what_they_answered(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, asking()) as world:
        zoe, amara, omar, rajesh = (world.person(it) for it in (ZOE, AMARA, OMAR, RAJESH))
        for mentor, specialty in ((omar, "Psychiatry"), (rajesh, "Paediatrics")):
            mentor.hands.change_profile(name="Sam Lee")
            mentor.join("mentor", specialty=specialty)
        amara.join("mentor")
        zoe.join("mentee")
        ask(zoe, amara)
        amara.press(amara.dm_with(NO), NO)
        offered = set(options_of(amara, "colleague"))
        assert offered == {"Sam Lee, Psychiatry", "Sam Lee, Paediatrics"}
