"""The closing: feedback, its reminders, and the certificate that follows, however late."""

import io

import pytest
from pypdf import PdfReader

from mentorbot.slack import ids
from tests.journeys.telling import name_of, pair_up, times_told, told_since, when
from tests.world import AMARA, ZOE, Actor, World, on_both_databases

REMINDER = "A short reminder"


def certificate_text(mentor: Actor) -> str:
    """The words of a mentor's one certificate."""
    (file,) = mentor.files()
    text: str = PdfReader(io.BytesIO(mentor.hands.download(file["id"]))).pages[0].extract_text()
    return text


@pytest.mark.phrase("IMG-18", "IMG-19")
def test_reminders_come_after_two_and_five_days_until_the_feedback_is_there(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(21)
    closing = zoe.last_dm()
    assert f"Your cycle with {name_of(amara)} ends on 21 December 2026" in closing["text"]
    assert f"{name_of(amara)}'s certificate depends on it" in closing["text"]
    assert "Without an answer you will be paused when the cycle ends" in zoe.dm_texts()[-1]
    amara.press(amara.last_dm(), ids.CONTINUE)
    assert "I will look for somebody new for you when the cycle ends" in amara.dm_texts()[-1]
    amara_heard = len(amara.dms())

    world.pass_days(2)
    assert "Your feedback and your wish for the next cycle are still to come" in zoe.dm_texts()[-1]
    zoe.press(zoe.dm_with(ids.OPT_OUT), ids.OPT_OUT)
    world.pass_days(3)
    assert "your feedback is still to come" in zoe.dm_texts()[-1]
    reminders = [message for message in zoe.dms() if REMINDER in message["text"]]
    assert [(when(m).date() - when(closing).date()).days for m in reminders] == [2, 5]
    assert told_since(amara, amara_heard) == []

    zoe.give_feedback(rating="4", could_improve="More time.")
    assert "Amara" in certificate_text(amara)
    world.pass_days(3)
    assert len(amara.files()) == 1
    assert times_told(zoe, REMINDER) == 2
    assert "you are sitting this cycle" in zoe.dm_texts()[-1]


@on_both_databases
@pytest.mark.phrase("IMG-18", "IMG-19")
def test_feedback_after_the_cycle_still_brings_the_certificate(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(35)
    assert amara.files() == []
    assert "so you are paused for now" in zoe.dm_texts()[-1]
    assert f"Your cycle with {name_of(amara)} has ended, and your feedback is still" in zoe.home()
    zoe.give_feedback()
    text = certificate_text(amara)
    assert "23 November 2026" in text
    assert "21 December 2026" in text
    assert "28 December 2026" in text
    assert "your feedback is still to come" not in zoe.home()
    zoe.press(zoe.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
    assert times_told(zoe, "You have given this feedback already") == 1
    assert len(amara.files()) == 1


@pytest.mark.phrase("IMG-18")
def test_feedback_form_says_what_is_missing_and_takes_its_counterpart_from_the_pairing(
    world: World,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(21)
    zoe.hands.click(zoe.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
    assert f"Your feedback on {name_of(amara)}" in str(zoe.hands.modal)
    zoe.hands.fill_in({"rating": "5", "helped_with": "   "})
    assert zoe.hands.submit() != {}
    zoe.hands.fill_in({"helped_with": "Rotas <!channel> and courage."})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "The certificate is on its way to your mentor" in str(zoe.hands.modal)
    assert len(amara.files()) == 1
