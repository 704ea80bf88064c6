"""Changing the proposed pairs by hand: weighed first, taken or not, undone, and told of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorbot.domain.model import Role
from mentorbot.programmes import preset
from mentorbot.slack import ids
from tests import crafted
from tests.journeys.telling import modal_words, name_of, programme, times_told
from tests.journeys.test_match_review import PROPOSED_AT, look, nobody_is_introduced, press, staff
from tests.journeys.test_tracks import JULY, STUDENT, enrol
from tests.operating.test_erasing import erase
from tests.world import AMARA, CLAIRE, HANNAH, LUKASZ, OMAR, RAJESH, ZOE, Actor, World


@pytest.fixture
def proposed(tmp_path: Path) -> Iterator[World]:
    """Two mentors and two mentees, any of whom could be a pair, on the day of the proposal."""
    with programme(tmp_path, JULY, preset("miccai")) as world:
        staff(world)
        for who in (AMARA, LUKASZ):
            enrol(world, who, Role.MENTOR, STUDENT, "Academia")
        for who in (ZOE, OMAR):
            enrol(world, who, Role.MENTEE, STUDENT, "Academia")
        world.move_to(PROPOSED_AT)
        yield world


def pair(mentor: str, mentee: str) -> str:
    return f"<@{mentor}> with <@{mentee}>"


def mentor_of(shown: str, mentee: str) -> str:
    """Whom a mentee is proposed to, in the modal."""
    return next(it for it in (AMARA, LUKASZ) if pair(it, mentee) in shown)


def change(who: Actor, mentee: str, **given: str) -> str:
    """The form beside the pair of a mentee, filled in and sent."""
    modal = who.hands.modal
    assert modal is not None
    (button,) = (
        block["accessory"]
        for block in modal["blocks"]
        if "accessory" in block and f"<@{mentee}>" in block["text"]["text"]
    )
    assert button["action_id"] == ids.MATCH_CHANGE
    who.hands.click("modal", ids.MATCH_CHANGE, block_id=_block_of(modal, mentee))
    who.hands.fill(**given)
    assert not who.hands.submit()
    return modal_words(who)


def _block_of(modal: dict[str, object], mentee: str) -> str:
    blocks = modal["blocks"]
    assert isinstance(blocks, list)
    return next(str(it["block_id"]) for it in blocks if f"<@{mentee}>" in str(it.get("text")))


def take(who: Actor, **given: str) -> str:
    """What was weighed is taken."""
    if given:
        who.hands.fill(**given)
    assert not who.hands.submit()
    who.world.settle()
    return modal_words(who)


@pytest.mark.phrase("MICCAI-04")
def test_mentor_is_swapped_after_its_cost_was_told_and_approvals_are_cleared(
    proposed: World,
) -> None:
    claire, rajesh = proposed.person(CLAIRE), proposed.person(RAJESH)
    look(rajesh)
    press(rajesh, ids.MATCH_REVIEW_APPROVE)
    shown = look(claire)
    old, new = mentor_of(shown, ZOE), mentor_of(shown, OMAR)
    weighed = change(claire, ZOE, kind="together", mentor=new)
    for line in (f"no longer {pair(old, ZOE)}", f"now {pair(new, ZOE)}", f"now {pair(old, OMAR)}"):
        assert line in weighed
    assert "pairs: 2 (+0)" in weighed
    assert "One approval is cleared" in weighed
    assert pair(old, ZOE) in look(rajesh)
    shown = take(claire)
    assert pair(new, ZOE) in shown
    assert pair(old, OMAR) in shown
    assert "2 more approvals" in shown
    assert times_told(rajesh, "your approval no longer counts") == 1
    assert nobody_is_introduced(proposed)
    shown = press(claire, ids.MATCH_UNDO)
    assert pair(old, ZOE) in shown
    assert pair(new, OMAR) in shown
    press(claire, ids.MATCH_REVIEW_APPROVE)
    hannah = proposed.person(HANNAH)
    look(hannah)
    press(hannah, ids.MATCH_REVIEW_APPROVE)
    press(hannah, ids.MATCH_REVIEW_SEND)
    proposed.settle()
    assert proposed.person(ZOE).partners() == {old}


def test_two_who_are_kept_apart_stay_so_and_what_it_costs_is_told(proposed: World) -> None:
    """With few changes both stay alone; freely the others move, and everybody has a partner."""
    claire = proposed.person(CLAIRE)
    shown = look(claire)
    old, new = mentor_of(shown, ZOE), mentor_of(shown, OMAR)
    weighed = change(claire, ZOE, kind="apart")
    assert "As few changes as can be:* pairs: 1 (-1)" in weighed
    assert "The best for all:* pairs: 2 (+0)" in weighed
    shown = take(claire, way="free")
    assert pair(new, ZOE) in shown
    weighed = change(claire, OMAR, kind="apart")
    assert f"now {pair(old, ZOE)}" not in weighed


def test_change_weighed_before_somebody_elses_is_not_taken(proposed: World) -> None:
    claire, rajesh = proposed.person(CLAIRE), proposed.person(RAJESH)
    look(claire)
    change(claire, ZOE, kind="apart")
    look(rajesh)
    change(rajesh, OMAR, kind="apart")
    shown = take(rajesh, way="free")
    assert "have changed" in take(claire, way="free")
    assert mentor_of(look(claire), ZOE) == mentor_of(shown, ZOE)


def test_comment_is_read_by_those_who_review_and_erased_with_its_author(proposed: World) -> None:
    claire, hannah = proposed.person(CLAIRE), proposed.person(HANNAH)
    look(claire)
    words = "They share an office."
    shown = change(claire, ZOE, kind="comment", words=words)
    assert f"{name_of(claire)}: {words}" in shown
    assert words in look(hannah)
    assert "2 more approvals" in modal_words(hannah)
    erase(proposed, CLAIRE)
    assert words not in str(crafted.rows(proposed))


def test_nobody_changes_a_pair_of_their_own(proposed: World) -> None:
    """Amara reviews, too: she cannot have a mentee for herself."""
    staff(proposed, AMARA)
    amara = proposed.person(AMARA)
    amara.command("matching")
    other = OMAR if pair(LUKASZ, OMAR) in modal_words(amara) else ZOE
    assert "a pair of your own" in change(amara, other, kind="together", mentor=AMARA)


def test_reviewer_does_not_read_of_their_own_pair_what_a_change_of_others_brings(
    proposed: World,
) -> None:
    lukasz, hannah = proposed.person(LUKASZ), proposed.person(HANNAH)
    hannah.command(f"appoint {name_of(lukasz)} reviewer")
    lukasz.command("matching")
    shown = modal_words(lukasz)
    assert "A pair of your own" in shown
    theirs = ZOE if pair(AMARA, ZOE) in shown else OMAR
    weighed = change(lukasz, theirs, kind="apart")
    assert pair(AMARA, theirs) in weighed
    assert name_of(lukasz) not in weighed
    assert "a pair of your own" in weighed
