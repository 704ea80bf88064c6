"""A coordinator sets a programme up in Slack, sees it in words first, and brings it up to date."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorbot.domain.programme import parse_stored, read_programme
from mentorbot.programmes import source
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import participants
from mentorbot.usecases import admin
from tests import crafted
from tests.world import AMARA, HANNAH, ZOE, Actor, World, words, world_at

GENERAL = "C0GENERAL0"
IMG = source("img")
MINE = IMG.replace("id: img", "id: mine").replace(
    "name: IMG Mentorship Programme", "name: Friends of Leeds"
)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[World]:
    """A workspace in which no programme runs yet."""
    with world_at(tmp_path, is_set_up=False) as made:
        yield made


def hand_in(who: Actor, text: str | bytes, name: str = "mine.yml") -> dict[str, str]:
    """Choose a file in the open form and send it."""
    content = text if isinstance(text, bytes) else text.encode()
    who.hands.fill_in({"file": [who.hands.upload(name, content)]})
    return who.hands.submit()


def shown(who: Actor) -> str:
    """The words of the open modal."""
    return words(who.hands.modal or {})


def running(world: World, programme_id: str) -> str | None:
    """The name of a programme, where it runs."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = participants.programme(tx, programme_id)
    return parse_stored(found.definition).name if found else None


def test_preset_is_read_back_in_words_with_its_dates_before_it_runs(fresh: World) -> None:
    hannah = fresh.person(HANNAH)
    hannah.command("setup")
    assert hannah.hands.submit() == {
        "file": "Please hand in a file, or choose a programme that ships with me.",
    }
    hannah.hands.fill_in({"preset": "mila"})
    assert hannah.hands.submit() == {}
    told = shown(hannah)
    for said in (
        "Mentees:\n\u2003◦ Your e-mail address has to end in mila.",
        "“What you are” has to be one of: A professional, A senior researcher.",
        "Applications are taken until the end of 31 December 2022 (America/Toronto).",
        "Reviewers decide on each application",
        "They verify: Is a researcher at Mila.",
        "Mentees: 20 places by lot, 6 of them reserved. The seed: The winning numbers",
        "All hear of their place together, on 23 January 2023.",
        "The ballot opens at the end of “Best practices in mentorship”, for 48 hours.",
        "They are matched on 13 February 2023, once the ballot has closed.",
        "It lasts 9 months from the matching. Then the programme is over.",
        "the first after 14 days, the next ones 1 month apart",
        "the applications closed on 31 December 2022: nobody can apply any more",
    ):
        assert said in told, told
    assert running(fresh, "mila") is None


def test_own_file_is_put_right_and_runs_once_it_is_confirmed(fresh: World) -> None:
    hannah = fresh.person(HANNAH)
    hannah.command("setup")
    spoilt = MINE.replace("time_zone: Europe/London", "time_zone: Europe/Leeds\ncolour: red")
    assert hand_in(hannah, spoilt) == {}
    line = spoilt.splitlines().index("time_zone: Europe/Leeds") + 1
    assert "There are 2 mistakes in this file." in shown(hannah)
    assert f"line {line}, column 1: time_zone: found 'Europe/Leeds'" in shown(hannah)
    assert f"line {line + 1}, column 1: colour: unknown word 'colour'" in shown(hannah)
    assert hand_in(hannah, MINE) == {}
    assert "Each cycle lasts 28 days, and the next one follows." in shown(hannah)
    assert "Mentors: everybody." in shown(hannah)
    assert running(fresh, "mine") is None
    assert hannah.hands.submit() == {}
    assert f"Friends of Leeds is running in <#{CHANNEL}>" in shown(hannah)
    hannah.hands.close_modal()
    fresh.settle()
    assert "Friends of Leeds" in words(fresh.person(AMARA).channel_card())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" * 1_000_001, "This file is too long. There is room for 1000 kB."),
        (b"\xff\xfe\x00\x01", "This file is not text in UTF-8."),
    ],
)
def test_file_that_is_no_programme_is_refused_beside_its_field(
    fresh: World, content: bytes, said: str
) -> None:
    hannah = fresh.person(HANNAH)
    hannah.command("setup")
    assert said in hand_in(hannah, content)["file"]


@pytest.mark.parametrize("gone", ["the entry", "the content"])
def test_file_that_slack_does_not_give_is_asked_for_once_more(fresh: World, gone: str) -> None:
    hannah = fresh.person(HANNAH)
    hannah.command("setup")
    if gone == "the entry":
        fresh.sandbox.faults.fail("files.info", "file_not_found")
    else:
        fresh.sandbox.faults.status("download", 500)
    assert "Slack did not give me the file." in hand_in(hannah, MINE)["file"]
    assert hannah.hands.submit() == {}
    assert "Friends of Leeds" in shown(hannah)


def test_change_is_told_with_whom_it_meets_and_made_when_it_is_confirmed(world: World) -> None:
    hannah, amara = world.person(HANNAH), world.person(AMARA)
    amara.join("mentor")
    newer = IMG.replace("version: 1", "version: 2", 1).replace("IMG Mentorship Programme", "IMG")
    hannah.command("setup")
    assert "newer file of the IMG Mentorship Programme" in shown(hannah)
    assert hand_in(hannah, newer) == {}
    assert "It is called IMG now, no longer IMG Mentorship Programme." in shown(hannah)
    assert "1 mentor is asked to agree to the new guidelines" in shown(hannah)
    assert running(world, "img") == "IMG Mentorship Programme"
    assert hannah.hands.submit() == {}
    assert "IMG is up to date." in shown(hannah)
    assert "Those in these roles are asked to agree to the new guidelines: mentor." in shown(hannah)
    world.settle()
    assert running(world, "img") == "IMG"
    assert "guidelines" in amara.dm_texts()[-1]


def test_programme_that_is_ours_is_brought_up_to_date_to_the_version_that_ships(
    world: World,
) -> None:
    hannah = world.person(HANNAH)
    hannah.command("setup")
    blocks = (hannah.hands.modal or {})["blocks"]
    (offered,) = [it["element"]["options"] for it in blocks if it.get("block_id") == "preset"]
    assert [it["value"] for it in offered] == ["img"]
    hannah.hands.fill_in({"preset": "img"})
    hannah.hands.submit()
    assert "nothing would change" in shown(hannah)


def test_programme_of_ones_own_is_brought_up_to_date_by_a_file_alone(fresh: World) -> None:
    hannah = fresh.person(HANNAH)
    with fresh.bot.store.begin(fresh.running.workspace_id) as tx:
        admin.set_up(tx, read_programme(MINE), CHANNEL, HANNAH, fresh.clock())
    hannah.command("setup")
    assert "A programme that ships" not in shown(hannah)
    assert hannah.hands.submit()["file"].startswith("Please hand in a file")


def test_what_cannot_change_now_is_said_and_offers_no_way_on(world: World) -> None:
    hannah, amara, zoe = world.person(HANNAH), world.person(AMARA), world.person(ZOE)
    amara.join("mentor")
    zoe.join("mentee")
    for text, said in (
        (IMG, "nothing would change"),
        (IMG.replace("days: 28", "days: 35"), "are living by its dates"),
        (MINE, "This file has the id mine, and the programme that runs has the id img."),
    ):
        hannah.command("setup")
        assert hand_in(hannah, text) == {}
        assert said in shown(hannah)
        assert (hannah.hands.modal or {})["submit"] is None
        hannah.hands.close_modal()


def test_file_that_changed_after_it_was_shown_is_not_taken_over(world: World) -> None:
    hannah = world.person(HANNAH)
    hannah.command("setup")
    hand_in(hannah, IMG.replace("IMG Mentorship Programme", "IMG"))
    (file,) = world.sandbox.state.files.values()
    file.content = IMG.replace("IMG Mentorship Programme", "Something else").encode()
    assert hannah.hands.submit() == {}
    assert "This belongs to something that has ended" in shown(hannah)
    assert running(world, "img") == "IMG Mentorship Programme"


def test_change_that_was_shown_against_an_older_file_undoes_nobody_elses(world: World) -> None:
    hannah, amara = world.person(HANNAH), world.person(AMARA)
    hannah.command(f"appoint <@{AMARA}> coordinator")
    for who, name in ((hannah, "IMG"), (amara, "Amara's programme")):
        who.command("setup")
        assert hand_in(who, IMG.replace("IMG Mentorship Programme", name)) == {}
    assert hannah.hands.submit() == {}
    assert amara.hands.submit() == {}
    assert "This belongs to something that has ended" in shown(amara)
    assert running(world, "img") == "IMG"


def test_second_programme_begins_beside_the_first_and_the_same_one_does_not(world: World) -> None:
    hannah, amara = world.person(HANNAH), world.person(AMARA)
    assert "An admin of this workspace can start one" in amara.command("setup new")
    hannah.command("setup new")
    hannah.hands.fill_in({"preset": "img"})
    hannah.hands.submit()
    assert f"IMG Mentorship Programme runs already, in <#{CHANNEL}>" in shown(hannah)
    hannah.hands.close_modal()
    hannah.hands.invite(GENERAL, "@MentorBot")
    hannah.command("setup new")
    hannah.hands.fill_in({"channel": GENERAL})
    hand_in(hannah, MINE)
    hannah.hands.submit()
    assert running(world, "mine") == "Friends of Leeds"


def test_nobody_else_confirms_what_an_admin_was_shown(fresh: World) -> None:
    hannah, amara = fresh.person(HANNAH), fresh.person(AMARA)
    hannah.command("setup")
    hannah.hands.fill_in({"preset": "img"})
    hannah.hands.submit()
    view = hannah.hands.modal or {}
    assert view["callback_id"] == ids.CONFIRM_SETUP_FORM
    said = words(crafted.submit_as(amara, view)["view"])
    assert "An admin of this workspace can start one" in said
    assert running(fresh, "img") is None
