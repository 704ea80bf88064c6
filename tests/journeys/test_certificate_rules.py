"""A certificate that asks for more than feedback: it comes with the last thing done, and once."""

import io
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.storage import sessions
from mentorbot.usecases import attending
from tests.journeys.telling import img, modal_words, name_of, pair_up, programme
from tests.journeys.test_surveys import SURVEY, answer
from tests.world import AMARA, HANNAH, MONDAY, ZOE, Actor, World

TEAM = "T0SANDBOX0"
CERTIFICATE: dict[str, Any] = preset("img").model_dump(mode="json")["certificate"]
MEETINGS: dict[str, Any] = preset("miccai").model_dump(mode="json")["meetings"]
EVENING: dict[str, Any] = {
    "id": "evening",
    "title": "An evening for mentors",
    "kind": "workshop",
    "on": "2026-12-01",
    "at": "18:00",
    "link": "https://meet.example.org/evening",
}


def words_of(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def asking(requires: dict[str, Any], **parts: Any) -> ProgrammeFile:
    return img(certificate=CERTIFICATE | {"requires": requires}, **parts)


def come_to_the_closing(world: World) -> tuple[Actor, Actor]:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(24)
    return amara, zoe


def give_feedback(zoe: Actor) -> str:
    """Zoe gives feedback; the words she is thanked with."""
    zoe.hands.click(zoe.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
    zoe.hands.fill_in({"rating": "5", "helped_with": "Rotas."})
    assert zoe.hands.submit() == {}
    said = modal_words(zoe)
    zoe.hands.close_modal()
    zoe.world.settle()
    return said


def test_certificate_comes_when_meetings_and_surveys_are_there_too_and_once(
    tmp_path: Path,
) -> None:
    survey = SURVEY | {"mandatory": True}
    file = asking({"minutes": 60, "surveys": True}, meetings=MEETINGS, surveys=[survey])
    with programme(tmp_path, MONDAY, file) as world:
        amara, zoe = come_to_the_closing(world)
        assert "meetings on record (0 of 60 minutes)" in amara.home()
        assert any("still to come: meetings on record" in told for told in amara.dm_texts())
        assert "as soon as they have done all" in give_feedback(zoe)
        assert amara.files() == []
        zoe.command("met 60")
        assert "meetings on record" not in amara.home()
        assert "mandatory surveys (0 of 1)" in amara.home()
        assert amara.files() == []
        answer(amara)
        world.settle()
        (file,) = amara.files()
        assert "with 1 hour of meetings" in words_of(amara.hands.download(file["id"]))
        assert "still to come" not in amara.home()
        amara.command("met 30")
        world.pass_days(3)
        assert len(amara.files()) == 1


def test_coordinator_who_says_that_a_mentor_was_there_brings_the_certificate(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, asking({"sessions": 1}, sessions=[EVENING])) as world:
        amara, zoe = come_to_the_closing(world)
        assert "as soon as they have done all" in give_feedback(zoe)
        assert "sessions (0 of 1)" in amara.home()
        with world.bot.store.begin(TEAM) as tx:
            (evening,) = sessions.of_programme(tx, "img")
            attending.record(tx, evening.session_id, HANNAH, [AMARA], [], world.clock())
        world.settle()
        assert len(amara.files()) == 1


def test_coordinator_gives_a_certificate_all_the_same_with_a_reason(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, asking({"minutes": 60}, meetings=MEETINGS)) as world:
        amara, zoe = come_to_the_closing(world)
        give_feedback(zoe)
        world.pass_days(7)
        hannah = world.person(HANNAH)
        assert f"{name_of(amara)}, whose cycle ended" in hannah.command("certificate")
        hannah.command(f"certificate {name_of(amara)} They met on the ward")
        assert len(amara.files()) == 1


def test_certificate_that_nobody_has_to_wait_for_comes_with_the_feedback(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, asking({"minutes": 60}, meetings=MEETINGS)) as world:
        amara, zoe = come_to_the_closing(world)
        amara.command("met 60")
        assert amara.files() == [], "nothing comes before feedback"
        assert "on its way" in give_feedback(zoe)
        assert len(amara.files()) == 1
