"""Handing in a form's export and a list in Slack: read beside everything else, and answered for."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from mentorbot.intake import Order, Watch, import_applications
from mentorbot.slack import reading
from mentorbot.slack.installation import clients
from mentorbot.slack.reading import Reader
from mentorbot.storage import imports, lists
from mentorbot.usecases import admin, erasing, importing
from tests.applications import FORM, GOALS, apply, programme_file, run
from tests.journeys.telling import times_told
from tests.world import HANNAH, OMAR, ZOE, Actor, World, words, world_at

HEADER = (
    "Timestamp,Email Address,Name,Your degree,Your year,Your goals,"
    "I will take part in all of it,Your field"
)


@pytest.fixture
def world(tmp_path: Any) -> Any:
    """A programme that takes applications from files, run by Hannah."""
    with world_at(tmp_path, is_set_up=False) as made:
        rules = {
            "through": ["slack", "import"],
            "eligibility": {"mentee": {"listed_in": "members"}},
        }
        run(made, programme_file(form=FORM, lists={"members": "Members"}, **rules))
        yield made


def export(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode("utf-8-sig")


def row(name: str, degree: str = "PhD") -> str:
    when, address = "2026-11-20 09:00:00", f"{name.lower()}@example.org"
    return f'{when},{address},{name},{degree},3,"{GOALS}",Yes,Industry'


def hand_in(who: Actor, word: str, content: bytes, **given: Any) -> str:
    """Use a word that asks for a file, and hand one in; the words of the answer."""
    who.command(word)
    file_id = who.hands.upload("form.csv", content)
    who.hands.fill_in({"file": [file_id], **given})
    errors = who.hands.submit()
    assert errors == {}, errors
    said = words(who.hands.modal or {})
    who.hands.close_modal(all=True)
    who.world.settle()
    return said


def last_told(who: Actor) -> str:
    return who.dm_texts()[-1]


@pytest.mark.phrase("IMS-15", "MICCAI-01")
def test_coordinator_hands_in_members_and_applications_and_hears_what_came_of_them(
    world: World,
) -> None:
    hannah = world.person(HANNAH)
    assert "*members* (Members): 0 addresses" in hannah.command("list")
    hand_in(hannah, "list members", b"E-mail\nzoe@example.org\nlina@example.org\nnobody\n")
    assert "The list members has 2 addresses now: 2 new, 0 taken off" in last_told(hannah)
    assert "1 lines hold no address, such as: 4." in last_told(hannah)

    content = export(row("Zoe"), row("Omar"), row("Bad", "Diploma"), row("Lina"))
    said = hand_in(hannah, "import", content, what="mentee")
    assert "I am reading the file now" in said
    told = last_told(hannah)
    assert "4 rows, 3 new, 0 changed, 0 known already, 1 not taken." in told
    assert "in review: 2" in told
    assert "declined: 1" in told
    assert "Line 4: Your degree: Please choose from the list." in told
    assert "bad@example" not in told
    assert "Review 2 applications" in hannah.home()


def test_handing_the_same_file_in_again_changes_nothing(world: World) -> None:
    hannah = world.person(HANNAH)
    hand_in(hannah, "import", export(row("Zoe")), what="mentee")
    hand_in(hannah, "import", export(row("Zoe")), what="mentee")
    assert "1 rows, 0 new, 0 changed, 1 known already, 0 not taken." in last_told(hannah)


def test_who_applied_in_slack_does_not_come_in_twice_by_a_file(world: World) -> None:
    """Also who named no address in Slack: the one that Slack has confirmed tells."""
    zoe, hannah = world.person(ZOE), world.person(HANNAH)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        changed = programme_file(through=["slack", "import"])
        admin.update(tx, changed, HANNAH, world.clock())
    zoe.hands.change_profile(email="zoe@example.org")
    assert "with the programme's team" in apply(zoe)
    hand_in(hannah, "import", export(row("Zoe")), what="mentee")
    assert "1 rows, 0 new, 0 changed, 0 known already, 1 not taken." in last_told(hannah)
    assert "Line 2: This person has applied in Slack" in last_told(hannah)


def test_file_that_cannot_be_read_is_answered_for(world: World) -> None:
    hannah = world.person(HANNAH)
    hand_in(hannah, "import", b"one,two\n1,2\n", what="mentee")
    assert "Nothing was taken from the file." in last_told(hannah)
    assert "Is it the right file, with its header?" in last_told(hannah)


def test_what_a_column_means_is_said_once(world: World) -> None:
    hannah = world.person(HANNAH)
    header = HEADER.replace("Your degree", "Level of study")
    hand_in(hannah, "import", export(row("Zoe"), header=header), what="mentee")
    assert "No column answers Your degree (degree), which is required." in last_told(hannah)
    said = {"what": "mentee", "meanings": "Level of study = degree\n"}
    hand_in(hannah, "import", export(row("Zoe"), header=header), **said)
    assert "1 new" in last_told(hannah)
    hand_in(hannah, "import", export(row("Omar"), row("Lina"), header=header), what="mentee")
    assert "2 rows, 2 new" in last_told(hannah)


def test_line_that_says_nothing_of_a_column_is_shown_in_the_form(world: World) -> None:
    hannah = world.person(HANNAH)
    hannah.command("import")
    file_id = hannah.hands.upload("form.csv", export(row("Zoe")))
    hannah.hands.fill_in({"file": [file_id], "what": "mentee", "meanings": "nonsense"})
    assert "Column = question" in hannah.hands.submit()["meanings"]


def test_only_those_who_may_import_hand_files_in(world: World) -> None:
    omar = world.person(OMAR)
    for word in ("import", "list members"):
        answer = omar.command(word)
        assert omar.hands.modal is None
        assert "coordinators" in answer


def test_file_that_is_too_long_for_slack_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    hannah = world.person(HANNAH)
    hand_in(hannah, "import", export(row("Zoe")), what="mentee")
    assert "This file is too long." in last_told(hannah)


def test_reading_that_was_killed_is_taken_up_again_and_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between two slices; when its time is over another begins again."""
    hannah, team = world.person(HANNAH), world.running.workspace_id
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    real, killed = reading.import_applications, list[int]()

    def dying(bot: Any, order: Order, stream: Any, watch: Watch) -> Any:
        def went_on(rejected: Sequence[Any], read: int) -> None:
            if not killed:
                killed.append(read)
                raise SystemExit
            watch.went_on(rejected, read)

        return real(bot, order, stream, Watch(watch.begun, went_on))

    monkeypatch.setattr(reading, "import_applications", dying)
    hannah.command("import")
    file_id = hannah.hands.upload("form.csv", export(*map(row, ("Zoe", "Omar", "Lina"))))
    hannah.hands.fill_in({"file": [file_id], "what": "mentee"})
    assert hannah.hands.submit() == {}
    with pytest.raises(SystemExit):
        world.settle()
    with world.bot.store.read(team) as tx:
        assert sum(count for *_what, count in imports.counts(tx, "img")) == 2
    world.settle()
    assert times_told(hannah, "3 rows") == 0
    world.pass_days(0.01)
    assert times_told(hannah, "3 rows, 1 new, 0 changed, 2 known already, 0 not taken") == 1
    assert import_applications is real


def test_heartbeat_lets_a_thread_read_and_what_it_gives_back_is_read_by_another(
    world: World,
) -> None:
    hannah, team = world.person(HANNAH), world.running.workspace_id
    hannah.command("import")
    file_id = hannah.hands.upload("form.csv", export(row("Zoe")))
    hannah.hands.fill_in({"file": [file_id], "what": "mentee"})
    assert hannah.hands.submit() == {}
    world.sandbox.wait_until_idle()
    first = Reader(world.bot, clients(world.bot, 10))
    first.look(team)
    first.stop()
    first.look(team)
    second = Reader(world.bot, clients(world.bot, 10))
    second.look(team)
    for thread in threading.enumerate():
        if thread.name == "reader":
            thread.join()
    world.settle()
    assert times_told(hannah, "The file is in") == 1
    with world.bot.store.read(team) as tx:
        assert imports.waiting(tx, world.clock()) is None


def test_erasing_a_person_takes_their_address_off_the_lists(world: World) -> None:
    hannah, team = world.person(HANNAH), world.running.workspace_id
    hand_in(hannah, "list members", b"zoe@example.org\nlina@example.org\n")
    hand_in(hannah, "import", export(row("Zoe")), what="mentee")
    world.running.heartbeat.sweep()
    with world.bot.store.begin(team) as tx:
        erasing.erase(tx, ZOE, world.clock())
        assert lists.count(tx, "img", "members") == 1
