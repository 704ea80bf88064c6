"""A coordinator's days: starting the programme, watching over it, helping where feedback fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import tables
from tests.journeys.telling import (
    assert_nobody_was_told_twice,
    group_texts,
    name_of,
    times_told,
    told_since,
)
from tests.world import AMARA, HANNAH, LINA, RAJESH, ZOE, Actor, World, words, world_at

GENERAL, GRACE = "C0GENERAL0", "U0GRACE000"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[World]:
    """A workspace in which no programme runs yet."""
    with world_at(tmp_path, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def start_the_programme(hannah: Actor) -> None:
    """The set-up form, with Grace as a second coordinator."""
    hannah.hands.command(ids.COMMAND, "setup", CHANNEL)
    given = {"preset": "img", "channel": GENERAL, "coordinators": [HANNAH, GRACE]}
    hannah.hands.fill_in(given)
    errors = hannah.hands.submit()
    assert "Write /invite @MentorBot there, then try again." in errors["channel"]
    hannah.hands.fill_in({"channel": CHANNEL})
    assert hannah.hands.submit() == {}
    shown = words(hannah.hands.modal or {})
    assert "Each cycle lasts 28 days, and the next one follows." in shown
    assert hannah.hands.submit() == {}
    assert f"is running in <#{CHANNEL}>" in words(hannah.hands.modal or {})
    hannah.hands.close_modal()
    hannah.world.settle()


def test_admin_starts_the_programme_and_everybody_else_reads_who_can(fresh: World) -> None:
    hannah, amara, zoe = fresh.person(HANNAH), fresh.person(AMARA), fresh.person(ZOE)
    nothing_yet = "An admin of this workspace can start one with `/mentorbot setup`"
    for text in ("status", "setup"):
        assert nothing_yet in amara.command(text)
    assert nothing_yet in zoe.home()
    assert "start the programme" in hannah.command("help")

    start_the_programme(hannah)
    assert "Choose your role" in words(amara.channel_card())
    hannah.command("setup")
    assert "Hand in the newer file of the IMG" in words(hannah.hands.modal or {})
    hannah.hands.close_modal()
    for word in ("people", "pairs", "feedback", f"certificate {name_of(amara)} why"):
        assert "That is for owners" in zoe.command(word)
    assert "For coordinators" not in zoe.command("help")
    for word in ("people", "pairs"):
        assert "Nobody yet." in hannah.command(word)
    amara.join("mentor")
    assert "No cycle is running yet: the first match opens one." in hannah.home()


@pytest.mark.phrase("IMG-06", "IMG-10", "IMG-19", "IMG-20")
def test_coordinator_sees_everyone_hears_a_call_for_help_and_gives_a_certificate(
    fresh: World,
) -> None:
    hannah, grace = fresh.person(HANNAH), fresh.person(GRACE)
    amara, zoe, lina, rajesh = (fresh.person(who) for who in (AMARA, ZOE, LINA, RAJESH))
    start_the_programme(hannah)
    amara.join("mentor")
    rajesh.join("mentor", specialty="Psychiatry", place="Chennai")
    zoe.join("mentee")
    people = hannah.command("people")
    assert f"{name_of(amara)}: mentor, active, 1 of 1 places taken" in people
    assert f"{name_of(rajesh)}: mentor, waiting since 23 November 2026, 0 of 1" in people
    assert f"{name_of(zoe)}: mentee, active, 1 of 1 places taken" in people

    a_call_for_help_reaches_coordinators_alone(fresh, hannah, grace, amara, zoe)
    lina.join("mentee")
    assert "Mentors: 2. Mentees: 2. Pairs: 2. Waiting: mentors 0, mentees 0." in hannah.home()
    hannah.press("home", ids.SHOW_PAIRS)
    assert name_of(lina) in words(hannah.hands.modal or {})
    hannah.hands.close_modal()

    fresh.pass_days(30)
    assert amara.files() == []
    a_certificate_is_given_with_a_reason(fresh, hannah, amara)
    zoe.give_feedback(rating="2", could_improve="More meetings.")
    assert len(amara.files()) == 1
    said = hannah.command("feedback")
    assert f"{name_of(zoe)} on {name_of(amara)}: *Not so good*" in said
    assert "More meetings." in said


def a_call_for_help_reaches_coordinators_alone(
    world: World, hannah: Actor, grace: Actor, amara: Actor, zoe: Actor
) -> None:
    """Zoë presses "I need help" in week 1; she is shown where to turn at once."""
    world.pass_days(4)
    amara_heard, said = len(amara.dms()), len(group_texts(amara, zoe))
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    told = zoe.dm_texts()[-1]
    assert "A coordinator will be in touch with you soon." in told
    assert f"I do not tell {name_of(amara)}." in told
    assert "these people can help:" in told
    for place in ("BMA wellbeing", "NHS Practitioner Health", "Samaritans, free at any hour"):
        assert place in told
    assert "<https://www.practitionerhealth.nhs.uk|" in told
    for coordinator in (hannah, grace):
        assert f"{name_of(zoe)} asked for help in a check-in." in coordinator.dm_texts()[-1]
    assert told_since(amara, amara_heard) == []
    assert len(group_texts(amara, zoe)) == said
    assert "Check-ins: asked for help. Matched because you both work in" in hannah.command("pairs")


def a_certificate_is_given_with_a_reason(world: World, hannah: Actor, amara: Actor) -> None:
    """Feedback never came; the override says who gave it and why."""
    assert "Please say why" in hannah.command(f"certificate {name_of(amara)}")
    assert "I know of no mentor" in hannah.command(f"certificate {name_of(hannah)} kindness")
    reason = "Feedback never came; Zoë thanked her in person."
    answer = hannah.command(f"certificate {name_of(amara)} {reason}")
    assert f"The certificate of {name_of(amara)} is on its way, with your reason" in answer
    assert len(amara.files()) == 1
    assert times_told(amara, "Your certificate for mentoring in the IMG Mentorship") == 1
    again = hannah.command(f"certificate {name_of(amara)} {reason}")
    assert "They hold the certificate of that cycle already." in again
    with world.bot.store.read(world.running.workspace_id) as tx:
        entries = tx.session.execute(select(tables.audit_entries)).mappings().all()
    (override,) = (entry for entry in entries if entry["action"] == "certificate.override")
    assert override["actor"] == HANNAH
    assert override["details"]["reason"] == reason


@pytest.mark.phrase("IMG-20")
def test_mentor_who_worries_is_shown_where_to_raise_it_locally(world: World) -> None:
    amara, zoe, hannah = world.person(AMARA), world.person(ZOE), world.person(HANNAH)
    amara.join("mentor")
    zoe.join("mentee")
    world.pass_days(4)
    zoe_heard = len(zoe.dms())
    amara.press(amara.last_dm(), ids.CHECK_IN_HELP)
    assert "GMC: Welcome to UK practice" in amara.dm_texts()[-1]
    assert times_told(hannah, f"{name_of(amara)} asked for help in a check-in.") == 1
    assert told_since(zoe, zoe_heard) == []
    world.pass_days(14)
    assert times_told(hannah, "asked for help") == 1
