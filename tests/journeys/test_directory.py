"""A directory of mentors: found by words and filters, and only by what the file shows."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from mentorbot.domain.model import Acknowledgement, Participant, ParticipantState, Person, Role
from mentorbot.slack import ids
from mentorbot.storage.store import Transaction
from mentorbot.usecases import admin
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme
from tests.world import (
    AMARA,
    LINA,
    LUKASZ,
    MONDAY,
    OMAR,
    RAJESH,
    SOFIA,
    ZOE,
    Actor,
    World,
)

IN_LEEDS = {"place": "Leeds", "offer": "A talk."}
SHOWN = {"shown": ["specialty", "place", "offer"]}


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[World]:
    """A programme with a directory, four mentors and somebody who looks."""
    with programme(tmp_path, MONDAY, img(directory=SHOWN)) as world:
        yield world


def _mentors(world: World) -> tuple[Actor, Actor, Actor]:
    amara, rajesh, lukasz = (world.person(it) for it in (AMARA, RAJESH, LUKASZ))
    amara.join("mentor", place="Leeds", offer="Mock interviews.", capacity="2")
    rajesh.join("mentor", place="Leeds", offer="CV writing.")
    lukasz.join("mentor", place="Truro", offer="Mock interviews.")
    return amara, rajesh, lukasz


def _seat(
    tx: Transaction, number: int, now: datetime, answers: Mapping[str, str] = IN_LEEDS
) -> None:
    """A mentor in Leeds who has agreed to the guidelines."""
    who, role = f"U0LEEDS{number}", Role.MENTOR
    tx.add(Person(tx.workspace_id, who, f"Mentor {number}"))
    seated = Participant(tx.workspace_id, f"of {who}", "img", who, role, ParticipantState.ACTIVE)
    seated.answers, seated.joined_at = dict(answers), now
    tx.add(seated)
    tx.add(Acknowledgement(tx.workspace_id, seated.participant_id, role, 1, now))


def test_language_that_everybody_speaks_puts_no_mentor_first(listed: World) -> None:
    amara, rajesh = listed.person(AMARA), listed.person(RAJESH)
    alike = {"specialty": "Urology", "offer": "A talk.", "capacity": "3"}
    amara.join("mentor", place="Bath", languages=["English", "French"], **alike)
    rajesh.join("mentor", place="Hull", languages=["Urdu"], **alike)
    for name in (LINA, OMAR, ZOE):
        who = listed.person(name)
        who.join("mentee", specialty="Oncology", place="Truro", languages=["English", "Urdu"])
        who.command("find urology")
        found = modal_words(who)
        assert found.index(name_of(rajesh)) < found.index(name_of(amara))
        who.hands.close_modal(all=True)


def _named(text: str) -> set[str]:
    return set(re.findall(r"<@(U0LEEDS\d+)>", text))


def test_mentee_finds_mentors_by_words_and_filters_and_sees_who_has_a_place(
    listed: World,
) -> None:
    amara, rajesh, lukasz = _mentors(listed)
    zoe = listed.person(ZOE)
    zoe.join("mentee", place="Leeds")
    with_zoe = zoe.partners()

    zoe.command("find mock interveiw")
    found = modal_words(zoe)
    assert "I found 2 mentors" in found
    assert name_of(amara) in found
    assert name_of(lukasz) in found
    assert name_of(rajesh) not in found

    zoe.hands.fill_in({"words": "leeds mock interviews"})
    assert zoe.hands.submit() == {}
    found = modal_words(zoe)
    assert found.index(name_of(amara)) < found.index(name_of(lukasz))
    assert name_of(rajesh) not in found

    zoe.hands.fill_in({"words": "", "free": ["free"]})
    assert zoe.hands.submit() == {}
    full = {it.id for it in (amara, rajesh, lukasz)} & with_zoe - {amara.id}
    seen = {it.id for it in (amara, rajesh, lukasz) if name_of(it) in modal_words(zoe)}
    assert seen == {amara.id, rajesh.id, lukasz.id} - full
    zoe.hands.fill_in({"filter_specialty": "1", "free": []})
    assert zoe.hands.submit() == {}
    assert "I found nobody for that" in modal_words(zoe)


def test_directory_shows_only_what_the_file_names_and_tells_mentors(listed: World) -> None:
    amara, _rajesh, _lukasz = _mentors(listed)
    zoe = listed.person(ZOE)
    zoe.join("mentee")
    zoe.press("home", ids.FIND)
    assert "Mock interviews." in modal_words(zoe)
    assert "Registrar or specialty trainee" not in modal_words(zoe)
    zoe.command("find registrar")
    assert "I found nobody for that" in modal_words(zoe)
    assert "You are in the directory" in amara.home()
    assert "You are in the directory" not in zoe.home()


def test_who_pauses_stands_in_no_directory_and_who_takes_no_part_finds_nobody(
    listed: World,
) -> None:
    amara, rajesh, _lukasz = _mentors(listed)
    zoe, sofia = listed.person(ZOE), listed.person(SOFIA)
    zoe.join("mentee")
    sofia.hands.join_workspace()
    amara.command("pause 2 weeks")
    zoe.command("find leeds")
    assert name_of(rajesh) in modal_words(zoe)
    assert name_of(amara) not in modal_words(zoe)
    sofia.command("find leeds")
    assert sofia.hands.modal is None


def test_who_is_gone_or_has_not_agreed_to_the_guidelines_stands_in_no_directory(
    listed: World,
) -> None:
    zoe = listed.person(ZOE)
    zoe.join("mentee")
    with listed.bot.store.begin(listed.running.workspace_id) as tx:
        for number in range(3):
            _seat(tx, number, listed.clock())
        tx.session.flush()
        gone = tx.get(Person, "U0LEEDS1")
        agreed = tx.get(Acknowledgement, "of U0LEEDS2", Role.MENTOR, 1)
        assert gone is not None
        assert agreed is not None
        gone.is_deactivated = True
        tx.session.delete(agreed)
    zoe.command("find leeds")
    assert _named(modal_words(zoe)) == {"U0LEEDS0"}


def test_many_mentors_come_in_pages_that_keep_what_was_asked(listed: World) -> None:
    zoe = listed.person(ZOE)
    zoe.join("mentee")
    with listed.bot.store.begin(listed.running.workspace_id) as tx:
        for number in range(11):
            _seat(tx, number, listed.clock())
    listed.person(AMARA).join("mentor", place="Truro")
    zoe.command("find leeds")
    first = modal_words(zoe)
    assert "I found 11 mentors" in first
    assert "Page 1 of 2" in first
    zoe.press("modal", ids.FIND_ON)
    second = modal_words(zoe)
    assert "I found 11 mentors" in second
    assert "Page 2 of 2" in second
    assert _named(first) | _named(second) == {f"U0LEEDS{number}" for number in range(11)}
    assert not _named(first) & _named(second)
    zoe.press("modal", ids.FIND_BACK)
    assert modal_words(zoe) == first


def test_directory_with_the_longest_texts_can_be_shown_and_sent(tmp_path: Path) -> None:
    options = [f"{number} {'&<>' * 30}"[:75] for number in range(100)]
    long = {"kind": "long_text", "label": "&<>" * 50, "most": 3000, "roles": ["mentor"]}
    form = [
        {"id": "specialty", "kind": "choice", "label": "<&>" * 50, "options": options},
        *({"id": f"q{number}", **long} for number in range(4)),
    ]
    shown = [str(asked["id"]) for asked in form]
    file = img(form=form, library=None, matching={"mode": "instant"}, directory={"shown": shown})
    with programme(tmp_path, MONDAY, file) as world:
        zoe = world.person(ZOE)
        zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
        zoe.hands.fill_in({"specialty": options[0]})
        zoe.hands.submit()
        zoe.agree()
        with world.bot.store.begin(world.running.workspace_id) as tx:
            for number in range(11):
                _seat(tx, number, world.clock(), dict.fromkeys(shown, "&<>" * 1000))
        zoe.command("find")
        assert "I found 11 mentors" in modal_words(zoe)
        zoe.hands.fill_in({"words": "&<>" * 60, "filter_specialty": "99"})
        assert zoe.hands.submit() == {}
        assert "I found nobody for that" in modal_words(zoe)


def test_search_of_ten_thousand_characters_is_answered_by_its_beginning(listed: World) -> None:
    amara, _rajesh, lukasz = _mentors(listed)
    zoe = listed.person(ZOE)
    zoe.join("mentee")
    zoe.command("find leeds " + "x" * 2000)
    assert name_of(amara) in modal_words(zoe)
    assert name_of(lukasz) not in modal_words(zoe)


def test_programme_without_a_directory_says_so_and_offers_no_button(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    assert "has no directory of mentors" in zoe.command("find leeds")
    assert "Find a mentor" not in zoe.home()
    assert "/mentorbot find" not in zoe.command("help")
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, img(directory=SHOWN), "cli", world.clock())
    assert "Find a mentor" in zoe.home()
    assert "/mentorbot find" in zoe.command("help")
