"""What a programme gives people to read, and whom they can ask, wherever they look."""

import json
from typing import Any

import pytest
import yaml

from mentorbot.domain.errors import InvalidProgramme
from mentorbot.domain.model import Programme
from mentorbot.domain.programme import read_programme
from mentorbot.programmes import preset
from mentorbot.slack import ids
from tests.world import AMARA, HANNAH, ZOE, World, words

GUIDES = {
    "mentor": [
        {"title": "Best practices in mentorship", "url": "https://example.org/guide"},
        {"title": "Your first month", "text": "Listen more than you talk & ask."},
    ]
}
CONTACTS = [
    {"name": "Sarah Topa", "title": "CMP Manager", "email": "sarah@example.org"},
    {"name": "Shaghayegh Foroozan", "title": "Program Coordinator"},
]


def with_more(world: World, **more: Any) -> None:
    """The programme's file says more from now on."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        programme = tx.session.get(Programme, (world.running.workspace_id, "img"))
        assert programme is not None
        programme.definition = json.dumps(json.loads(programme.definition) | more)


@pytest.mark.phrase("MILA-21")
def test_guide_is_read_with_the_guidelines_in_app_home_and_by_command(world: World) -> None:
    with_more(world, guides=GUIDES)
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.fill_role_form("mentor")
    assert amara.hands.submit() == {}
    shown = words(amara.hands.modal or {})
    assert "<https://example.org/guide|Best practices in mentorship>" in shown
    assert "*Your first month*\nListen more than you talk &amp; ask." in shown
    amara.agree()
    assert "For mentors" in amara.command("guide")
    assert "Best practices in mentorship" in amara.command("guide")
    amara.home()
    amara.press("home", ids.SHOW_GUIDES)
    assert "Your first month" in words(amara.hands.modal or {})
    assert "For mentors" in zoe.command("guide")


@pytest.mark.phrase("ICAHN-02")
def test_guide_of_ones_own_stage_comes_first(world: World) -> None:
    """Zoe reads that of her year before those of her role; a mentor is in no year."""
    years = [
        {"id": "one", "name": "Year One", "months": 12, "then": "two"},
        {"id": "two", "name": "Year Two", "months": 12},
    ]
    for year in years:
        year["guide"] = {"title": f"{year['name']} in short", "text": "Look around first."}
    mentee = {"mentee": [{"title": "Being a mentee", "text": "Bring a question."}]}
    with_more(world, stages=years, guides=GUIDES | mentee)
    amara, zoe = world.person(AMARA), world.person(ZOE)
    zoe.join("mentee", stage="Year Two")
    amara.join("mentor")
    said = zoe.command("guide")
    assert said.index("Year Two in short") < said.index("Being a mentee")
    assert "Year One" not in said
    assert "in short" not in amara.command("guide")
    with_more(world, stages=years, guides={})
    zoe.home()
    zoe.press("home", ids.SHOW_GUIDES)
    assert "Year Two in short" in words(zoe.hands.modal or {})


def test_who_has_no_guide_reads_that_there_is_none(world: World) -> None:
    with_more(world, guides=GUIDES)
    zoe = world.person(ZOE)
    zoe.join("mentee")
    assert "no guides for you to read" in zoe.command("guide")
    assert "Guides" not in zoe.home()


@pytest.mark.phrase("MILA-20", "IMS-16")
def test_contacts_are_named_with_what_they_are_in_help_and_app_home(world: World) -> None:
    with_more(world, contacts=CONTACTS)
    for shown in (world.person(ZOE).command("help"), world.person(HANNAH).home()):
        assert "Questions about the programme? Ask Sarah Topa (CMP Manager)" in shown
        assert "<mailto:sarah@example.org|sarah@example.org>" in shown
        assert "and Shaghayegh Foroozan (Program Coordinator)." in shown


@pytest.mark.parametrize("guide", [{}, {"url": "https://example.org", "text": "Both"}])
def test_guide_is_either_a_page_or_a_text(guide: dict[str, str]) -> None:
    data = preset("img").model_dump(mode="json")
    data["guides"] = {"mentor": [{"title": "A guide", **guide}]}
    with pytest.raises(InvalidProgramme, match="a guide is a page or a text"):
        read_programme(yaml.safe_dump(data))
