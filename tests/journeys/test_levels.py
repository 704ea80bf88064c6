"""The level at which somebody begins: nobody is kept out by it, and a file can match by it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.telling import group_texts, img, programme
from tests.world import AMARA, LINA, OMAR, RAJESH, ZOE, World

FIRST, LAST = "Not working in the UK yet", "Consultant or GP"


@pytest.mark.phrase("IMG-09")
def test_mentees_of_every_level_find_a_mentor(world: World) -> None:
    amara, zoe, omar = map(world.person, (AMARA, ZOE, OMAR))
    amara.join("mentor", capacity="2", level=LAST)
    zoe.join("mentee", level=FIRST)
    omar.join("mentee", level=LAST)
    assert amara.partners() == {ZOE, OMAR}


@pytest.mark.phrase("IMG-09")
def test_a_file_can_match_people_of_one_level(tmp_path: Path) -> None:
    by_level = {"criteria": [{"question": "level", "weight": 5}]}
    matching = {"mode": "best", "on": "2026-12-20", **by_level}
    with programme(tmp_path, datetime(2026, 12, 1, 9, tzinfo=UTC), img(matching=matching)) as world:
        amara, rajesh, zoe, lina = map(world.person, (AMARA, RAJESH, ZOE, LINA))
        amara.join("mentor", level=FIRST)
        rajesh.join("mentor", level=LAST)
        zoe.join("mentee", level=LAST)
        lina.join("mentee", level=FIRST)
        world.move_to(datetime(2026, 12, 20, 11, tzinfo=UTC))
        assert (amara.partners(), rajesh.partners()) == ({LINA}, {ZOE})
        assert "you share Consultant or GP" in group_texts(zoe, rajesh)[0]
