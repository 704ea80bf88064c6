"""A private calendar: subscribed to by its address, as long as that stands."""

import re
from datetime import date

import httpx
import pytest
from icalendar import Calendar

from mentorbot.slack import ids
from tests.journeys.telling import modal_words, name_of
from tests.web.stage import HttpWorld
from tests.world import AMARA, OMAR, ZOE, Actor


def address_of(who: Actor) -> str:
    """Ask for an address for one's calendar; what is shown."""
    who.command("calendar")
    who.press("modal", ids.SUBSCRIBE)
    found = re.search(r"https?://\S+\.ics", modal_words(who))
    assert found is not None
    who.hands.close_modal(all=True)
    return found[0]


def events(answer: httpx.Response) -> dict[str, date]:
    """The days of a calendar, by their titles."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    return {str(it["summary"]): it["dtstart"].dt for it in calendar.walk("VEVENT")}


@pytest.mark.phrase("MILA-14")
def test_programme_calendar_is_shown_and_followed_by_a_private_address(world: HttpWorld) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    zoe.command("calendar")
    assert f"your pairing with {name_of(amara)} ends" in modal_words(zoe)
    zoe.hands.close_modal(all=True)
    address = address_of(zoe)
    found = events(httpx.get(address))
    (title,) = [it for it in found if "pairing" in it]
    assert "IMG Mentorship Programme: your pairing with Dr Amara" in title
    assert found[title] == date(2026, 12, 21)
    newer = address_of(zoe)
    assert newer != address
    assert httpx.get(address).status_code == 404
    assert events(httpx.get(newer))
    zoe.command("calendar")
    zoe.press("modal", ids.UNSUBSCRIBE)
    assert httpx.get(newer).status_code == 404


def test_addresses_that_are_unknown_made_up_or_of_others_open_nothing(world: HttpWorld) -> None:
    omar = world.person(OMAR)
    omar.join("mentee")
    address = address_of(omar)
    workspace = world.sandbox.workspace_id
    token = address.rsplit("/", 1)[1]
    for path in (
        f"{workspace}/x.ics",
        f"T0NEIGHBOR/{token}",
        f"{workspace}/{'x' * 5000}.ics",
        f"{workspace}/%00.ics",
        f"{'T' * 5000}/{token}",
    ):
        assert httpx.get(f"{world.url}/calendar/{path}").status_code in (404, 414, 400)
    assert httpx.post(address).status_code == 405
    omar.hands.deactivate()
    world.settle()
    assert httpx.get(address).status_code == 404
