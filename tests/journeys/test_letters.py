"""What applicants outside Slack hear by e-mail: once, on its day, and with the reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from mentorbot.usecases.enrolment import programme_or_refuse
from tests.journeys.telling import accept, times_told
from tests.journeys.test_invitations import (
    approve_all,
    arrive,
    import_mentees,
    letters,
    words_of,
)
from tests.world import AMARA, HANNAH, World


def decline_all(world: World, why: str) -> None:
    """Hannah declines whatever waits for her."""
    hannah = world.person(HANNAH)
    hannah.command("review")
    while hannah.hands.modal and ids.REVIEW_DECLINE in str(hannah.hands.modal):
        hannah.hands.click("modal", ids.REVIEW_DECLINE)
        hannah.hands.fill_in({"reason": why})
        assert hannah.hands.submit() == {}
        world.settle()
    hannah.hands.close_modal(all=True)


def bring_up_to_date(world: World, **rules: Any) -> None:
    """The programme's file gets other rules of applying."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        changed = file.model_dump(mode="json")
        changed["application"] |= rules
        admin.update(tx, ProgrammeFile.model_validate(changed), HANNAH, world.clock())
    world.settle()


def test_declined_applicant_reads_the_reason_by_e_mail(world: World) -> None:
    import_mentees(world, "Sofia")
    decline_all(world, "We are <full> this time.\nDo try *again*.")
    (letter,) = letters(world)
    text, html = words_of(letter)
    assert letter["Subject"] == "Your application to IMG Mentorship Programme"
    assert "The programme's team cannot offer you a place this time. They write:" in text
    assert "We are <full> this time.\nDo try *again*." in text
    assert "We are &lt;full&gt; this time.<br>\nDo try *again*." in html
    world.pass_days(1)
    assert len(letters(world)) == 1


def test_applicant_whom_the_rules_refuse_reads_why_by_e_mail_once(world: World) -> None:
    place = {"answer": "place", "is": "Oslo"}
    bring_up_to_date(world, eligibility={"mentee": place})
    import_mentees(world, "Sofia")
    world.settle()
    (letter,) = letters(world)
    for part in words_of(letter):
        assert "You cannot take part this time, and this is why:" in part
        assert "– “Where you are” has to be Oslo." in part


def test_places_that_are_all_taken_are_told_by_e_mail_on_the_day_of_results(
    world: World,
) -> None:
    first = {"mentee": {"mode": "first_come", "places": 1}}
    bring_up_to_date(world, selection=first, results_on="2026-12-01")
    import_mentees(world, "Sofia", "Second", "Third")
    approve_all(world)
    world.move_to(datetime(2026, 12, 1, 9, 59, tzinfo=UTC))
    assert letters(world) == []
    world.move_to(datetime(2026, 12, 1, 10, 1, tzinfo=UTC))
    told = {str(letter["To"]): words_of(letter)[0] for letter in letters(world)}
    assert "You have a place" in told["Sofia <sofia@example.org>"]
    assert "You are first on the waiting list" in told["Second <second@example.org>"]
    assert "You are number 2 on the waiting list" in told["Third <third@example.org>"]


def test_invitations_move_with_the_day_of_results(world: World) -> None:
    bring_up_to_date(world, results_on="2026-12-01")
    import_mentees(world, "Sofia")
    approve_all(world)
    bring_up_to_date(world, results_on="2026-12-08")
    world.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert letters(world) == []
    world.move_to(datetime(2026, 12, 8, 12, tzinfo=UTC))
    assert len(letters(world)) == 1


def test_who_joins_before_the_day_of_results_hears_of_the_waiting_list_in_slack(
    world: World,
) -> None:
    first = {"mentee": {"mode": "first_come", "places": 1}}
    bring_up_to_date(world, selection=first, results_on="2026-12-01")
    import_mentees(world, "Second", "Sofia")
    approve_all(world)
    sofia = arrive(world)
    world.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert times_told(sofia, "You are first on the waiting list") == 1
    assert [letter["To"] for letter in letters(world)] == ["Second <second@example.org>"]


def test_who_was_told_by_e_mail_is_not_told_again_in_slack(world: World) -> None:
    import_mentees(world, "Sofia")
    decline_all(world, "We are full.")
    assert len(letters(world)) == 1
    assert times_told(arrive(world), "We are full.") == 0


@pytest.mark.phrase("MILA-12")
def test_pair_is_introduced_by_e_mail_too_with_the_guide_of_each_role(world: World) -> None:
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = parse_stored(programme_or_refuse(tx).definition).model_dump(mode="json")
        file["first_meeting"]["by_email"] = True
        file["guides"] = preset("mila").model_dump(mode="json")["guides"]
        admin.update(tx, ProgrammeFile.model_validate(file), HANNAH, world.clock())
    amara = world.person(AMARA)
    amara.join("mentor")
    import_mentees(world, "Sofia")
    approve_all(world)
    sofia = arrive(world)
    accept(sofia)
    world.settle()
    assert sofia.partners() == {AMARA}
    (letter,) = [it for it in letters(world) if "paired" in it["Subject"]]
    assert letter["To"] == "Sofia <sofia@example.org>"
    assert letter["Subject"] == "Who you are paired with in IMG Mentorship Programme"
    text, html = words_of(letter)
    assert "You are paired with Dr Amara" in text
    assert "Why the two of you: you both work in paediatrics" in text
    assert "To begin your first conversation:" in text
    guides = preset("mila").guides[Role.MENTEE]
    assert all(it.title in html for it in guides)
    world.pass_days(3)
    assert sum("paired" in it["Subject"] for it in letters(world)) == 1


def test_nobody_is_introduced_by_e_mail_where_the_file_does_not_say_so(world: World) -> None:
    amara = world.person(AMARA)
    amara.join("mentor")
    import_mentees(world, "Sofia")
    approve_all(world)
    accept(arrive(world))
    assert not any("paired" in it["Subject"] for it in letters(world))
