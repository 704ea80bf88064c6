"""Group mentoring: one mentor and a few mentees, from the introduction to the certificate."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import CheckInAnswer, EndReason
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.sandbox.errors import NotPossible
from mentorbot.slack import ids
from mentorbot.storage import pairings, participants
from tests.journeys.telling import modal_words, name_of, programme, times_told
from tests.world import (
    AMARA,
    HANNAH,
    LINA,
    MARGARET,
    MONDAY,
    NGUYEN,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
    words,
)

MATCHED_AT = datetime(2026, 11, 30, 10, tzinfo=UTC)
MENTEES = (ZOE, LINA, OMAR, PRIYA)


def groups_of(least: int, most: int) -> ProgrammeFile:
    """The IMG file in which mentors have groups."""
    data = preset("img").model_dump(mode="json")
    criteria = [it | {"ignore": []} for it in data["matching"]["criteria"]]
    group = {"least": least, "most": most}
    data["form"] = [asked for asked in data["form"] if asked["id"] != "capacity"]
    data["matching"] = {"mode": "best", "on": "2026-11-30", "group": group, "criteria": criteria}
    return ProgrammeFile.model_validate(data)


def join(who: Actor, role: str, **answers: Any) -> None:
    """Choose a role, in a form that asks for no number of mentees."""
    action = ids.JOIN_AS_MENTOR if role == "mentor" else ids.JOIN_AS_MENTEE
    who.hands.click(who.channel_card(), action)
    said = {"offer": "Exam tips."} if role == "mentor" else {"hopes": f"As {who.id} hopes."}
    level = "Registrar or specialty trainee"
    given = {"specialty": "Paediatrics", "level": level, "place": "Leeds", "languages": ["English"]}
    who.hands.fill_in(given | said | answers)
    errors = who.hands.submit()
    assert errors == {}, errors
    who.agree()


def leave(who: Actor) -> None:
    """Leave the programme, by the command."""
    assert "Would you like to leave" in who.command("leave")
    who.press(who.hands.messages(who.channel_card()["channel"])[-1], ids.LEAVE)


def newest_group(who: Actor) -> tuple[set[str], list[str]]:
    """Who is in somebody's newest group DM beside the bot, and what is said there."""
    group = who.groups()[-1]
    said = [words(message) for message in who.hands.messages(group["id"])]
    return set(group["members"]) - {who.world.sandbox.bot_user_id}, said


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two mentors and five mentees wait for groups of three or four."""
    with programme(tmp_path, MONDAY, groups_of(3, 4)) as made:
        join(made.person(AMARA), "mentor")
        join(made.person(MARGARET), "mentor", specialty="Psychiatry", place="York")
        for who in MENTEES:
            join(made.person(who), "mentee")
        join(made.person(NGUYEN), "mentee", specialty="Psychiatry", place="York")
        made.move_to(MATCHED_AT)
        yield made


def talk_is_for_all_of_them(world: World, everyone: set[str]) -> None:
    members, (introduction,) = newest_group(world.person(AMARA))
    assert members == everyone
    assert f"{name_of(world.person(AMARA))} as mentor, all others as mentees" in introduction
    assert "Why this group?" in introduction
    assert "you all share" in introduction
    for mentee in everyone - {AMARA}:
        assert f"As {mentee} hopes." in introduction


@pytest.mark.phrase("MILA-03")
def test_mentor_and_group_are_introduced_checked_in_with_and_thanked_as_one(world: World) -> None:
    """Five mentees fill one group of three or four, not two: somebody waits, and hears so."""
    amara, zoe, nguyen = map(world.person, (AMARA, ZOE, NGUYEN))
    everyone = {AMARA, *MENTEES}
    talk_is_for_all_of_them(world, everyone)
    assert len(amara.groups()) == 1
    assert world.person(MARGARET).groups() == nguyen.groups() == []
    assert times_told(nguyen, "there was no mentor left for you") == 1, nguyen.dm_texts()
    told = "1 group is introduced. Still waiting: mentors 1, mentees 1."
    assert times_told(world.person(HANNAH), told) == 1
    world.pass_days(5)
    for who in map(world.person, everyone):
        assert times_told(who, "Week 1: have you and") == 1
    lina, others = world.person(LINA), [it for it in everyone if it != LINA]
    lina.press(lina.dm_with(ids.CHECK_IN_HELP), ids.CHECK_IN_HELP)
    (answer,) = [it for it in lina.dm_texts() if "I do not tell" in it]
    assert all(name_of(world.person(it)) in answer for it in others)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    assert any(
        "You met with" in told and all(name_of(world.person(it)) in told for it in everyone - {ZOE})
        for told in zoe.dm_texts()
    )
    world.pass_days(17)
    assert times_told(amara, "Thank you for all you gave!") == 1
    for mentee in map(world.person, MENTEES):
        assert times_told(mentee, f"Your cycle with {name_of(amara)} ends on") == 1
        assert times_told(mentee, f"and {name_of(amara)}'s certificate depends on it") == 1
        mentee.give_feedback()
    (certificate,) = amara.files()
    assert certificate["name"].endswith(".pdf")


@pytest.mark.phrase("MILA-03")
def test_group_goes_on_without_one_who_leaves_while_it_is_large_enough(world: World) -> None:
    amara, zoe, lina = map(world.person, (AMARA, ZOE, LINA))
    before = len(zoe.dms())
    leave(zoe)
    members, (said,) = newest_group(amara)
    assert members == {AMARA, LINA, OMAR, PRIYA}
    assert f"{name_of(zoe)} has had to leave your group." in said
    assert "in a conversation without them" in said
    assert len(zoe.groups()) == 1
    world.pass_days(4)
    members, (_, starter) = newest_group(lina)
    assert members == {AMARA, LINA, OMAR, PRIYA}
    assert "start a conversation" in starter
    assert len(zoe.dms()) == before
    assert times_told(lina, "Week 1: have you and") == 1
    leave(lina)
    for who in map(world.person, (AMARA, OMAR, PRIYA)):
        assert times_told(who, "your group is too small now to go on") == 1
        assert "You are paired with" not in who.home()


def test_what_a_leaver_answered_stays_and_the_mentor_is_no_stranger_to_them(world: World) -> None:
    world.pass_days(5)
    zoe = world.person(ZOE)
    zoe.press(zoe.dm_with(ids.CHECK_IN_MET), ids.CHECK_IN_MET)
    leave(zoe)
    with world.bot.store.read(world.running.workspace_id) as tx:
        left = participants.of_person(tx, "img", ZOE)
        assert left is not None
        (apart,) = pairings.of_participant(tx, left.participant_id, active_only=False)
        assert apart.end_reason is EndReason.LEFT
        (asked,) = pairings.check_ins(tx, apart.pairing_id, left.participant_id)
        assert asked.answer is CheckInAnswer.MET
        mentor = participants.of_person(tx, "img", AMARA)
        assert mentor is not None
        known = pairings.past_pairs(tx, [left.participant_id])
        assert (mentor.participant_id, left.participant_id) in known
    world.pass_days(8)
    assert times_told(world.person(AMARA), "Week 2: have you and") == 1
    assert times_told(zoe, "Week 2") == 0


def test_coordinators_see_the_whole_group_and_nobody_in_it_reads_the_others_answers(
    world: World,
) -> None:
    hannah, zoe, lina = map(world.person, (HANNAH, ZOE, LINA))
    hannah.command(f"appoint {name_of(zoe)} coordinator")
    world.pass_days(5)
    lina.press(lina.dm_with(ids.CHECK_IN_NOT_YET), ids.CHECK_IN_NOT_YET)
    listed = hannah.command("pairs")
    assert all(name_of(world.person(it)) in listed for it in (AMARA, *MENTEES))
    assert "Check-ins: not yet." in listed
    assert "kept from you" in zoe.command("pairs")
    assert "not yet" not in zoe.command("pairs")
    world.pass_days(17)
    lina.give_feedback()
    told = hannah.command("feedback")
    assert f"{name_of(lina)} on {name_of(world.person(AMARA))}" in told


def test_who_left_a_group_after_its_closing_can_still_give_feedback(world: World) -> None:
    zoe, nguyen, hannah = map(world.person, (ZOE, NGUYEN, HANNAH))
    world.pass_days(22)
    leave(zoe)
    zoe.give_feedback()
    told = hannah.command("feedback")
    assert f"{name_of(zoe)} on {name_of(world.person(AMARA))}" in told
    zoe.press(zoe.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
    assert hannah.command("feedback") == told
    assert nguyen.groups() == []


@pytest.mark.phrase("MILA-03")
def test_mentee_who_ends_it_leaves_the_group_and_the_others_go_on(world: World) -> None:
    amara = world.person(AMARA)
    _everyone, before = newest_group(amara)
    mentees = sorted(amara.partners())
    leaver = world.person(mentees[0])
    leaver.command("end")
    assert leaver.hands.submit() == {}
    world.settle()
    everyone, texts = newest_group(amara)
    assert leaver.id not in everyone
    assert any("has had to leave your group" in it for it in texts)
    assert times_told(amara, "has ended your pairing") == 0
    assert before != texts


def test_group_goes_on_while_one_mentee_takes_a_break(world: World) -> None:
    zoe, amara, lina = map(world.person, (ZOE, AMARA, LINA))
    zoe.command("pause")
    zoe.hands.open_home()
    zoe.press("home", ids.PAUSE)
    assert "how long" in modal_words(zoe).lower()
    zoe.hands.fill_in({"weeks": "2"})
    assert zoe.hands.submit() == {}
    world.settle()
    assert times_told(amara, "Your group goes on until then") == 1
    assert times_told(lina, "Your group goes on until then") == 1
    world.pass_days(5)
    assert times_told(amara, "Week 1: have you and") == 1
    assert times_told(zoe, "Week 1: have you and") == 0


@pytest.mark.phrase("MILA-02")
def test_mentor_has_one_or_two_mentees_as_they_said_and_never_three(tmp_path: Path) -> None:
    data = preset("img").model_dump(mode="json")
    for asked in data["form"]:
        if asked["id"] == "capacity":
            asked |= {"least": 1, "most": 2}
    with programme(tmp_path, MONDAY, ProgrammeFile.model_validate(data)) as world:
        amara, rajesh = world.person(AMARA), world.person(RAJESH)
        with pytest.raises(NotPossible, match="offers no option '3'"):
            amara.fill_role_form("mentor", capacity="3")
        amara.hands.close_modal(all=True)
        amara.join("mentor", capacity="2")
        rajesh.join("mentor", capacity="1")
        for who in (ZOE, LINA, OMAR, PRIYA):
            world.person(who).join("mentee")
        assert len(amara.partners()) == 2
        assert len(rajesh.partners()) == 1
        assert world.person(PRIYA).partners() == set()
