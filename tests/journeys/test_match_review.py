"""A matching that a working group reviews: proposed, approved by people, and only then sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests import crafted
from tests.journeys.telling import (
    accept,
    assert_nobody_was_told_twice,
    group_texts,
    modal_words,
    name_of,
    programme,
    times_told,
)
from tests.journeys.test_tracks import JULY, STUDENT, enrol
from tests.operating.test_erasing import erase
from tests.world import (
    AMARA,
    CHANNEL,
    CLAIRE,
    HANNAH,
    LUKASZ,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
)

PROPOSED_AT = datetime(2023, 10, 2, 12, tzinfo=UTC)
DEADLINE = datetime(2023, 10, 16, 12, tzinfo=UTC)


def reviewed(**changed: Any) -> ProgrammeFile:
    """The society's own file, or one that differs in its matching."""
    data = preset("miccai").model_dump(mode="json")
    return ProgrammeFile.model_validate(data | {"matching": data["matching"] | changed})


@pytest.fixture
def society(tmp_path: Path) -> Iterator[World]:
    """Two mentors, two mentees, and a working group of three: Hannah, Claire and Rajesh."""
    with programme(tmp_path, JULY, preset("miccai")) as world:
        staff(world)
        enrol(world, AMARA, Role.MENTOR, STUDENT, "Academia")
        enrol(world, LUKASZ, Role.MENTOR, STUDENT, "Industry")
        enrol(world, ZOE, Role.MENTEE, STUDENT, "Academia")
        enrol(world, OMAR, Role.MENTEE, STUDENT, "Industry")
        yield world


def staff(world: World, *reviewers: str) -> None:
    """Some people come to review the pairs, beside Hannah, who owns the programme."""
    hannah = world.person(HANNAH)
    for who in reviewers or (CLAIRE, RAJESH):
        hannah.command(f"appoint {name_of(world.person(who))} reviewer")


def look(who: Actor) -> str:
    """The proposed pairs, from the newest message that asks for a look at them."""
    who.press(who.dm_with(ids.MATCH_REVIEW), ids.MATCH_REVIEW)
    return modal_words(who)


def press(who: Actor, action_id: str) -> str:
    """A button of the open modal, and what it shows then."""
    who.press("modal", action_id)
    return modal_words(who)


def nobody_is_introduced(world: World) -> bool:
    return not any(world.person(it).partners() for it in (AMARA, LUKASZ, ZOE, OMAR))


@pytest.mark.phrase("MICCAI-04")
def test_exactly_what_the_working_group_approved_is_introduced_but_for_whoever_left(
    society: World,
) -> None:
    """Two of three approve, Omar leaves before the pairs are sent, and Lukasz waits on."""
    hannah, claire, rajesh = (society.person(it) for it in (HANNAH, CLAIRE, RAJESH))
    amara, lukasz, zoe, omar = (society.person(it) for it in (AMARA, LUKASZ, ZOE, OMAR))
    assert "people look at each pair" in zoe.home()
    society.move_to(PROPOSED_AT)
    assert nobody_is_introduced(society)
    assert "being looked at by people" in zoe.home()
    shown = look(claire)
    assert f"{name_of(amara)} with {name_of(zoe)}" in shown
    assert f"{name_of(lukasz)} with {name_of(omar)}" in shown
    assert "you share Neuroimaging, you share Academia" in shown
    assert "2 more approvals" in shown
    assert ids.MATCH_REVIEW_SEND not in str(claire.hands.modal)
    assert "One more approval" in press(claire, ids.MATCH_REVIEW_APPROVE)
    assert "The pairs of the" not in hannah.dm_texts()[-1]
    look(rajesh)
    assert "✅ Approved" in press(rajesh, ids.MATCH_REVIEW_APPROVE)
    assert times_told(hannah, "are approved. Please send them") == 1
    assert nobody_is_introduced(society)
    omar.press("home", ids.LEAVE)
    assert f"~{name_of(lukasz)} with {name_of(omar)}~" in look(hannah)
    press(hannah, ids.MATCH_REVIEW_SEND)
    society.settle()
    society.pass_days(1)
    assert zoe.partners() == {AMARA}
    assert "Academia" in "\n".join(group_texts(zoe, amara))
    assert lukasz.partners() == set()
    assert times_told(lukasz, "no mentee left for you") == 1
    for one in (hannah, claire, rajesh):
        assert times_told(one, "One approved pair") == 1
        assert name_of(lukasz) in one.dm_texts()[-1] or one is hannah
    acts = [row for row in crafted.rows(society)["audit_entry"] if "match." in "".join(row)]
    assert len(acts) == 4
    assert_nobody_was_told_twice(society)


@pytest.mark.phrase("MICCAI-04")
def test_missed_deadline_introduces_nobody_and_the_working_group_is_warned(
    society: World,
) -> None:
    """One approval of two: the days go by, the group is warned, and nothing is sent."""
    hannah, claire = society.person(HANNAH), society.person(CLAIRE)
    society.move_to(PROPOSED_AT)
    look(claire)
    press(claire, ids.MATCH_REVIEW_APPROVE)
    society.move_to(DEADLINE)
    for one in (hannah, claire, society.person(RAJESH)):
        assert times_told(one, "still wait for approval") == 3
        assert times_told(one, "Today is the day") == 1
    society.pass_days(10)
    assert nobody_is_introduced(society)
    assert not any("no mentor left" in it for it in society.person(ZOE).dm_texts())
    look(hannah)
    assert ids.MATCH_REVIEW_SEND not in str(hannah.hands.modal)
    assert "✅ Approved" in press(hannah, ids.MATCH_REVIEW_APPROVE)
    press(hannah, ids.MATCH_REVIEW_SEND)
    society.settle()
    assert society.person(ZOE).partners() == {AMARA}
    assert society.person(OMAR).partners() == {LUKASZ}


def test_nobodys_approval_counts_for_their_own_pair(tmp_path: Path) -> None:
    """Amara reviews and mentors: for her own pair a second approval is needed."""
    with programme(tmp_path, JULY, reviewed(review={"approvals": 1})) as world:
        staff(world, AMARA)
        enrol(world, AMARA, Role.MENTOR, STUDENT, "Academia")
        enrol(world, ZOE, Role.MENTEE, STUDENT, "Academia")
        world.move_to(PROPOSED_AT)
        amara, hannah = world.person(AMARA), world.person(HANNAH)
        shown = look(amara)
        assert name_of(world.person(ZOE)) not in shown
        assert "A pair of your own" in shown
        assert "One more approval" in press(amara, ids.MATCH_REVIEW_APPROVE)
        look(hannah)
        assert "✅ Approved" in press(hannah, ids.MATCH_REVIEW_APPROVE)
        assert "One more approval" in press(hannah, ids.MATCH_REVIEW_TAKE_BACK)


def test_pairs_found_anew_need_every_approval_again(society: World) -> None:
    """Priya comes while the pairs are reviewed; the old approval does not count for new pairs."""
    hannah, claire = society.person(HANNAH), society.person(CLAIRE)
    enrol(society, PRIYA, Role.MENTOR, STUDENT, "Industry", begins=False)
    society.move_to(PROPOSED_AT)
    look(claire)
    press(claire, ids.MATCH_REVIEW_APPROVE)
    accept(society.person(PRIYA))
    assert "Pairs are proposed already" in hannah.command("match now")
    assert "mentors 1, mentees 0" in look(hannah)
    assert "being found" in press(hannah, ids.MATCH_REVIEW_START_OVER)
    society.settle()
    assert "2 more approvals" in look(claire)
    assert times_told(claire, "earlier approvals no longer count") == 1
    assert nobody_is_introduced(society)


def test_pairs_that_changed_since_they_were_shown_are_neither_approved_nor_sent(
    society: World,
) -> None:
    hannah, claire = society.person(HANNAH), society.person(CLAIRE)
    society.move_to(PROPOSED_AT)
    look(claire)
    society.person(OMAR).press("home", ids.LEAVE)
    look(hannah)
    press(hannah, ids.MATCH_REVIEW_START_OVER)
    society.settle()
    assert "have changed" in press(claire, ids.MATCH_REVIEW_APPROVE)
    assert "2 more approvals" in look(hannah)


def test_matching_by_hand_goes_by_the_review_too(society: World) -> None:
    """Nobody is introduced by `match now`, and those who come later wait for the next one."""
    hannah, claire = society.person(HANNAH), society.person(CLAIRE)
    hannah.press(hannah.hands.command(ids.COMMAND, "match now", CHANNEL)[-1], ids.MATCH_NOW)
    assert nobody_is_introduced(society)
    assert "2 more approvals" in look(claire)


def test_nothing_of_an_erased_person_stays_with_the_proposed_pairs(society: World) -> None:
    """The pair is crossed out before the reviewers, without a name or what the two share."""
    hannah, claire = society.person(HANNAH), society.person(CLAIRE)
    society.move_to(PROPOSED_AT)
    look(hannah)
    press(hannah, ids.MATCH_REVIEW_APPROVE)
    erase(society, OMAR)
    kept = str(crafted.rows(society)["match_draft"])
    assert "Industry" not in kept
    assert "Academia" in kept
    shown = look(claire)
    assert OMAR not in shown
    assert "One more approval" in shown
    press(claire, ids.MATCH_REVIEW_APPROVE)
    look(hannah)
    press(hannah, ids.MATCH_REVIEW_SEND)
    society.settle()
    society.pass_days(1)
    assert society.person(ZOE).partners() == {AMARA}
    assert society.person(LUKASZ).partners() == set()
    assert "Academia" not in str(crafted.rows(society)["match_draft"])


def test_file_without_the_review_drops_the_pairs_and_matches_by_its_own_rules(
    society: World,
) -> None:
    society.move_to(PROPOSED_AT)
    file = reviewed(review=None, late="instant")
    with society.bot.store.begin(society.running.workspace_id) as tx:
        tx.meant = lambda _tx: "miccai"
        admin.update(tx, file, HANNAH, society.clock())
    society.settle()
    assert society.person(ZOE).partners() == {AMARA}
    assert "No pairs wait" in society.person(CLAIRE).command("matching")


@pytest.mark.phrase("MICCAI-05")
def test_expertise_and_preferences_decide_who_meets_whom_and_are_told_as_reasons(
    tmp_path: Path,
) -> None:
    """Both mentees could have either mentor by their track; their area and wish decide."""
    with programme(tmp_path, JULY, preset("miccai")) as world:
        staff(world)
        surgery = {"expertise": ["Surgical data science"], "meeting": "In person"}
        enrol(world, AMARA, Role.MENTOR, STUDENT, "Academia", **surgery)
        enrol(world, LUKASZ, Role.MENTOR, STUDENT, "Academia")
        enrol(world, ZOE, Role.MENTEE, STUDENT, "Academia")
        enrol(world, OMAR, Role.MENTEE, STUDENT, "Academia", **surgery)
        world.move_to(PROPOSED_AT)
        hannah, omar, amara = (world.person(it) for it in (HANNAH, OMAR, AMARA))
        shown = look(hannah)
        assert f"{name_of(amara)} with {name_of(omar)}" in shown
        assert "you share Surgical data science" in shown
        assert "In person" in shown
        for who in (hannah, world.person(CLAIRE)):
            look(who)
            press(who, ids.MATCH_REVIEW_APPROVE)
        look(hannah)
        press(hannah, ids.MATCH_REVIEW_SEND)
        world.pass_days(1)
        assert omar.partners() == {AMARA}
        told = "\n".join(group_texts(omar, amara))
        assert "you share Surgical data science" in told


@pytest.mark.phrase("MICCAI-14")
def test_mentor_reads_what_their_role_is_before_the_pair_meets_and_the_mentee_does_not(
    society: World,
) -> None:
    society.move_to(PROPOSED_AT)
    for who in (HANNAH, CLAIRE):
        look(society.person(who))
        press(society.person(who), ids.MATCH_REVIEW_APPROVE)
    look(society.person(HANNAH))
    press(society.person(HANNAH), ids.MATCH_REVIEW_SEND)
    amara, zoe = society.person(AMARA), society.person(ZOE)
    society.pass_days(3)
    assert times_told(amara, "listen actively") == 1
    assert times_told(amara, "you establish no action plan") == 1
    assert times_told(zoe, "listen actively") == 0
    assert times_told(zoe, "the goals of this relationship are yours to set") == 1


def test_approval_at_night_is_told_in_the_morning_and_not_once_it_is_taken_back(
    society: World,
) -> None:
    hannah, claire, rajesh = (society.person(it) for it in (HANNAH, CLAIRE, RAJESH))
    society.move_to(PROPOSED_AT)
    look(claire)
    press(claire, ids.MATCH_REVIEW_APPROVE)
    society.move_to(PROPOSED_AT + timedelta(hours=12))
    look(rajesh)
    press(rajesh, ids.MATCH_REVIEW_APPROVE)
    assert times_told(hannah, "are approved. Please send them") == 0
    press(rajesh, ids.MATCH_REVIEW_TAKE_BACK)
    society.pass_days(1)
    assert times_told(hannah, "are approved. Please send them") == 0
    look(claire)
    press(claire, ids.MATCH_REVIEW_TAKE_BACK)
    for who in (rajesh, claire):
        look(who)
        press(who, ids.MATCH_REVIEW_APPROVE)
    society.pass_days(1)
    assert times_told(hannah, "are approved. Please send them") == 1
