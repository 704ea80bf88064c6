"""Reviewing: the queue, one application at a time, and what applicants hear of it."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import AuditEntry, Role
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.slack import cases, ids
from mentorbot.storage import applications, appointments, tables
from mentorbot.usecases import applying
from tests.applications import apply, programme_file, run
from tests.journeys.telling import assert_nobody_was_told_twice, modal_words, name_of
from tests.world import AMARA, HANNAH, LINA, OMAR, ZOE, Actor, World, action_ids, world_at

JANUARY = datetime(2025, 1, 6, 10, tzinfo=UTC)
STANDING = {"facts": [{"id": "standing", "label": "In good academic standing"}]}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in January 2025, no programme yet."""
    with world_at(tmp_path, JANUARY, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def appoint(world: World, who: str, role: TeamRole = TeamRole.REVIEWER) -> Actor:
    """Somebody is in the programme's team."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        given = Appointment(tx.workspace_id, "img", who, role, "", world.clock(), HANNAH)
        appointments.appoint(tx, given)
    return world.person(who)


def press(who: Actor, action_id: str, **how: Any) -> None:
    """Press a button in the modal, and let what follows happen."""
    who.hands.click("modal", action_id, **how)
    who.world.settle()


def write(who: Actor, action_id: str, **given: str) -> dict[str, str]:
    """Press a button that asks for words, and send them; the errors in the form."""
    press(who, action_id)
    who.hands.fill_in(given)
    errors = who.hands.submit()
    who.world.settle()
    return errors


def decisions(world: World) -> list[tuple[str, str]]:
    """Who has decided what."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        found = tx.session.query(AuditEntry).order_by(tables.audit_entries.c.at).all()
    wanted = ("application.approve", "application.decline")
    return [(it.actor, it.action) for it in found if it.action in wanted]


@pytest.mark.phrase("IMG-01")
def test_application_is_validated_and_everybody_knows_where_it_stands(world: World) -> None:
    run(world, programme_file())
    zoe, omar, lina = (world.person(it) for it in (ZOE, OMAR, LINA))
    for who in (zoe, omar, lina):
        assert "is with the programme's team" in apply(who)
        world.pass_days(0.1)
    amara = appoint(world, AMARA)
    assert "Review 3 applications" in amara.home()
    amara.hands.click("home", ids.REVIEW)
    assert f"*{name_of(zoe)}* would like to be a mentee" in modal_words(amara)
    assert "3 applications wait" in modal_words(amara)
    assert "This fits what the programme asks for" in modal_words(amara)
    assert "*Your degree*\nPhD" in modal_words(amara)

    press(amara, ids.REVIEW_APPROVE)
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]
    assert f"*{name_of(omar)}*" in modal_words(amara)
    assert write(amara, ids.REVIEW_DECLINE, reason="The field is not one of ours.") == {}
    assert "> The field is not one of ours." in omar.dm_texts()[-1]
    assert "> The field is not one of ours." in omar.home()
    assert f"*{name_of(lina)}*" in modal_words(amara)
    assert "Nothing else waits" in modal_words(amara)
    press(amara, ids.REVIEW_SKIP)
    assert "1 application still waits" in modal_words(amara)
    press(amara, ids.REVIEW)
    assert f"*{name_of(lina)}*" in modal_words(amara)
    press(amara, ids.REVIEW_APPROVE)
    assert "Nothing waits for a decision any more" in modal_words(amara)
    assert decisions(world) == [
        (AMARA, "application.approve"),
        (AMARA, "application.decline"),
        (AMARA, "application.approve"),
    ]
    zoe.press(zoe.last_dm(), ids.READ_GUIDELINES)
    zoe.agree()
    assert "You are a *mentee*" in zoe.home()
    omar.hands.click(omar.channel_card(), ids.JOIN_AS_MENTEE)
    assert "> The field is not one of ours." in modal_words(omar)


def test_reviewer_asks_and_the_applicant_answers(world: World) -> None:
    run(world, programme_file())
    zoe, amara = world.person(ZOE), appoint(world, AMARA)
    apply(zoe, year="2")
    amara.command("review")
    assert "not quite what the programme asks for" in modal_words(amara)
    assert write(amara, ids.REVIEW_ASK, question="  ") != {}
    amara.hands.fill_in({"question": "Which year do you begin in May?"})
    assert amara.hands.submit() == {}
    world.settle()
    assert "Nothing waits for a decision any more" in modal_words(amara)
    assert "> Which year do you begin in May?" in zoe.dm_texts()[-1]
    assert "has a question about your application" in zoe.command("status")
    zoe.hands.click(zoe.last_dm(), ids.ANSWER_REVIEWER)
    zoe.hands.fill_in({"answer": "My third."})
    assert zoe.hands.submit() == {}
    world.settle()
    assert "your answer is with the programme's team" in modal_words(zoe)
    assert "is with the programme's team" in zoe.home()
    assert f"{name_of(zoe)}, who would like to be a mentee, has answered" in amara.dm_texts()[-1]
    amara.hands.close_modal()
    amara.press(amara.last_dm(), ids.REVIEW)
    assert "*Answered*\n> My third." in modal_words(amara)
    assert "asked a question" in modal_words(amara)
    press(amara, ids.REVIEW_APPROVE)
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]


def test_applicant_who_never_answers_is_decided_on_all_the_same(world: World) -> None:
    run(world, programme_file())
    zoe, omar, amara = world.person(ZOE), world.person(OMAR), appoint(world, AMARA)
    apply(zoe)
    world.pass_days(0.1)
    apply(omar)
    amara.command("review")
    assert write(amara, ids.REVIEW_ASK, question="Why?") == {}
    press(amara, ids.REVIEW_APPROVE)
    assert "1 application waits for an answer of its applicant" in modal_words(amara)
    amara.hands.close_modal()
    amara.command("review")
    press(amara, ids.REVIEW, value=cases.ASKED)
    assert f"*{name_of(zoe)}* would like to be a mentee" in modal_words(amara)
    assert "They have not answered your team's question yet" in modal_words(amara)
    press(amara, ids.REVIEW_SKIP)
    assert "1 application waits for an answer of its applicant" in modal_words(amara)
    press(amara, ids.REVIEW, value=cases.ASKED)
    assert write(amara, ids.REVIEW_DECLINE, reason="We have not heard from you.") == {}
    assert "Nothing waits for a decision any more" in modal_words(amara)
    assert "answer of its applicant" not in modal_words(amara)
    assert "> We have not heard from you." in zoe.dm_texts()[-1]


def test_reviewer_whose_case_an_import_has_changed_reads_so(world: World) -> None:
    run(world, programme_file())
    apply(world.person(ZOE))
    amara = appoint(world, AMARA)
    amara.command("review")
    with world.bot.store.begin(world.running.workspace_id) as tx:
        (found,) = applications.everywhere(tx, ZOE)
        found.source = "import"
        applying.submit(tx, programme_file(), found, {}, world.clock())
    press(amara, ids.REVIEW_APPROVE)
    assert "an import has changed this application meanwhile" in modal_words(amara)


@pytest.mark.phrase("IMS-03")
def test_good_standing_is_verified_by_a_person_before_anybody_is_approved(world: World) -> None:
    run(world, programme_file(**STANDING))
    zoe, amara = world.person(ZOE), appoint(world, AMARA)
    apply(zoe)
    amara.command("review")
    assert "☐ In good academic standing" in modal_words(amara)
    press(amara, ids.REVIEW_APPROVE)
    assert "There is 1 fact still to be verified" in modal_words(amara)
    amara.hands.close_modal()
    assert zoe.dm_texts() == []
    press(amara, ids.REVIEW_VERIFY)
    assert "✅ In good academic standing" in modal_words(amara)
    press(amara, ids.REVIEW_VERIFY)
    assert "☐ In good academic standing" in modal_words(amara)
    press(amara, ids.REVIEW_VERIFY)
    press(amara, ids.REVIEW_APPROVE)
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]


def test_two_reviewers_at_once_decide_once_and_the_other_reads_who_did(world: World) -> None:
    run(world, programme_file())
    zoe, amara, omar = world.person(ZOE), appoint(world, AMARA), appoint(world, OMAR)
    apply(zoe)
    for reviewer in (amara, omar):
        reviewer.command("review")
    ready = threading.Barrier(2)

    def decide(reviewer: Actor) -> None:
        ready.wait(10)
        reviewer.hands.click("modal", ids.REVIEW_APPROVE)

    threads = [threading.Thread(target=decide, args=(it,)) for it in (amara, omar)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    ((winner, _action),) = decisions(world)
    loser = omar if winner == AMARA else amara
    assert f"<@{winner}> has changed this application meanwhile" in modal_words(loser)
    assert ids.REVIEW_APPROVE not in action_ids(loser.hands.modal or {})
    press(loser, ids.REVIEW_SKIP)
    assert "Nothing waits for a decision any more" in modal_words(loser)
    assert sum("You have a place" in text for text in zoe.dm_texts()) == 1


def test_application_is_left_to_one_reviewer_who_hears_of_it(world: World) -> None:
    run(world, programme_file())
    zoe, amara, omar = world.person(ZOE), appoint(world, AMARA), appoint(world, OMAR)
    lina = world.person(LINA)
    apply(zoe)
    world.pass_days(0.1)
    apply(lina)
    amara.command("review")
    press(amara, ids.REVIEW_ASSIGN, value=LINA)
    assert "That is for" in modal_words(amara)
    amara.hands.close_modal()
    press(amara, ids.REVIEW_ASSIGN, value=OMAR)
    assert f"review the application of {name_of(zoe)}" in omar.dm_texts()[-1]
    press(amara, ids.REVIEW_SKIP)
    assert f"*{name_of(lina)}*" in modal_words(amara)
    omar.press(omar.last_dm(), ids.REVIEW)
    assert f"*{name_of(zoe)}*" in modal_words(omar)
    assert f"{name_of(amara)} changed who looks after it" in modal_words(omar)


def test_reviewers_own_application_is_decided_by_somebody_else(world: World) -> None:
    run(world, programme_file())
    amara, hannah = appoint(world, AMARA), world.person(HANNAH)
    apply(amara)
    assert "Review 0 applications" in amara.home()
    amara.command("review")
    assert "Nothing waits for a decision any more" in modal_words(amara)
    hannah.command("review")
    assert f"*{name_of(amara)}*" in modal_words(hannah)
    press(hannah, ids.REVIEW_ASSIGN, value=AMARA)
    assert "somebody else has to look after it" in modal_words(hannah)
    hannah.hands.close_modal()
    press(hannah, ids.REVIEW_APPROVE)
    assert "You have a place as a mentee" in amara.dm_texts()[-1]


def test_clear_cases_are_approved_together_after_a_look_at_who_they_are(world: World) -> None:
    run(world, programme_file())
    zoe, omar, lina = (world.person(it) for it in (ZOE, OMAR, LINA))
    amara = appoint(world, AMARA)
    apply(zoe, year="2")
    for who, role in ((omar, Role.MENTEE), (lina, Role.MENTOR)):
        apply(who, role)
    amara.command("review")
    assert "Approve 2 clear ones" in modal_words(amara)
    press(amara, ids.REVIEW_CLEAR)
    assert "These 2 applications fit" in modal_words(amara)
    assert f"{name_of(omar)}, mentee" in modal_words(amara)
    assert f"{name_of(lina)}, mentor" in modal_words(amara)
    assert amara.hands.submit() == {}
    world.settle()
    for who in (omar, lina):
        assert "You have a place" in who.dm_texts()[-1]
    assert zoe.dm_texts() == []
    assert f"*{name_of(zoe)}*" in modal_words(amara)


def test_application_that_is_withdrawn_on_the_way_is_not_spoken_of(world: World) -> None:
    """Neither a question nor a place reaches somebody who has taken the application back."""
    run(world, programme_file())
    zoe, amara = world.person(ZOE), appoint(world, AMARA)
    apply(zoe)
    amara.command("review")
    amara.hands.click("modal", ids.REVIEW_ASK)
    amara.hands.fill_in({"question": "Which lab?"})
    assert amara.hands.submit() == {}
    zoe.home()
    zoe.hands.click("home", ids.WITHDRAW)
    world.settle()
    assert zoe.dm_texts() == []
    assert "Nothing waits for a decision any more" in modal_words(amara)
