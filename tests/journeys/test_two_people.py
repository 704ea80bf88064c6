"""The thinnest whole story: two people, one cycle, one certificate."""

import io

import pytest
from pypdf import PdfReader

from mentorbot.slack import ids
from tests.world import AMARA, ZOE, World, on_both_databases, words


@on_both_databases
@pytest.mark.phrase("IMG-04", "IMG-05", "IMG-06", "IMG-10", "IMG-16", "IMG-18", "IMG-19")
def test_two_people_live_through_a_cycle_to_the_certificate(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    assert "no mentee free right now" in amara.dm_texts()[-1]
    zoe.join("mentee")

    (group,) = zoe.groups()
    introduction = words(zoe.hands.messages(group["id"])[0])
    assert "you both work in paediatrics in Leeds" in introduction
    assert "Your first meeting" in introduction
    assert "Finding my feet in the NHS." in introduction

    for week in (1, 2, 3):
        world.pass_days(4 if week == 1 else 7)
        for person in (amara, zoe):
            assert f"Week {week}" in person.dm_texts()[-1]
            person.press(person.last_dm(), ids.CHECK_IN_MET)
            assert "You met with" in person.dm_texts()[-1]

    world.pass_days(3)
    zoe.give_feedback()
    (file,) = amara.files()
    page = PdfReader(io.BytesIO(amara.hands.download(file["id"]))).pages[0].extract_text()
    assert "Amara" in page
    assert "IMG Mentorship Programme" in page

    for person in (amara, zoe):
        person.press(person.dm_with(ids.CONTINUE), ids.CONTINUE)
    world.pass_days(8)
    assert "nobody new is free" in words(zoe.hands.messages(zoe.groups()[0]["id"])[-1])
