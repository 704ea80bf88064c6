"""A programme's dates: applications, the matching of all, fixed dates, the end, evergreen pairs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.model import Application, ApplicationState, Cycle, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import tables
from mentorbot.usecases import admin, reviewing
from tests import crafted
from tests.applications import apply, fill
from tests.journeys.telling import (
    accept,
    group_texts,
    img,
    name_of,
    programme,
    times_told,
    when,
)
from tests.world import (
    ABEBE,
    AMARA,
    HANNAH,
    LINA,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
    action_ids,
    words,
)

TORONTO = "America/Toronto"
GOALS = "I would like to find out how one becomes a medical science liaison. " * 4
IMS_MENTEE = {
    "degree": "PhD",
    "year": "3",
    "path": ["Medical science liaison"],
    "meeting": "Virtually",
    "goals": GOALS,
    "commitment": ["agreed"],
}
IMS_MENTOR = {
    "mentor_kind": "IMS alumni",
    "path": ["Medical science liaison"],
    "meeting": "Either is fine",
    "offer": "How the work looks from the inside.",
    "time": ["agreed"],
}


def approve_all(world: World) -> None:
    """Hannah verifies what there is to verify and approves everybody."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        waits = tables.applications.c.state == ApplicationState.IN_REVIEW
        for found in tx.session.scalars(select(Application).where(waits)).all():
            one = (HANNAH, found.application_id)
            reviewing.verify(tx, *one, found.version, ["standing"], world.clock())
            reviewing.approve(tx, *one, found.version, world.clock())
    world.settle()


def test_two_coordinators_who_match_at_once_bring_it_about_once(tmp_path: Path) -> None:
    january = datetime(2025, 1, 6, 15, tzinfo=UTC)
    with programme(tmp_path, january, preset("ims")) as world:
        hannah, lina, priya = (world.person(it) for it in (HANNAH, LINA, PRIYA))
        hannah.command("appoint <@U0LINA0000> coordinator")
        apply(priya, Role.MENTEE, **IMS_MENTEE)
        approve_all(world)
        accept(priya)
        for who in (hannah, lina):
            who.command("match now")
        for who in (hannah, lina):
            asked = next(
                it for it in who.hands.messages(CHANNEL) if ids.MATCH_NOW in action_ids(it)
            )
            who.hands.click(asked, ids.MATCH_NOW)
        world.settle()
        assert times_told(priya, "there was no mentor left for you") == 1
        assert times_told(hannah, "Those who waited in the") == 1


def test_button_to_match_that_was_shown_before_a_matching_matches_nobody_again(
    tmp_path: Path,
) -> None:
    january = datetime(2025, 1, 6, 15, tzinfo=UTC)
    with programme(tmp_path, january, preset("ims")) as world:
        hannah, priya = world.person(HANNAH), world.person(PRIYA)
        apply(priya, Role.MENTEE, **IMS_MENTEE)
        approve_all(world)
        accept(priya)
        buttons = [hannah.hands.command(ids.COMMAND, "match now", CHANNEL)[-1] for _two in range(2)]
        hannah.press(buttons[0], ids.MATCH_NOW)
        world.pass_days(1)
        hannah.press(buttons[1], ids.MATCH_NOW)
        assert "has ended, so nothing was changed" in words(hannah.hands.messages(CHANNEL)[-1])
        assert times_told(priya, "there was no mentor left for you") == 1
        assert times_told(hannah, "Those who waited in the") == 1

        world.pass_days(1)
        hannah.press(hannah.hands.command(ids.COMMAND, "match now", CHANNEL)[-1], ids.MATCH_NOW)
        assert times_told(hannah, "Those who waited in the") == 2
        assert times_told(priya, "there was no mentor left for you") == 1


@pytest.mark.phrase("IMS-06", "IMS-14")
def test_ims_finds_the_mentor_of_ones_career_path_who_likes_to_meet_the_same_way(
    tmp_path: Path,
) -> None:
    january = datetime(2025, 1, 6, 15, tzinfo=UTC)
    law, lab = ["Policy and government"], ["Academic faculty"]
    with programme(tmp_path, january, preset("ims")) as world:
        mentors = ((AMARA, law, "In person"), (RAJESH, law, "Virtually"), (ABEBE, lab, "In person"))
        mentees = ((PRIYA, lab, "Virtually"), (OMAR, law, "Virtually"), (LINA, law, "In person"))
        for who, path, meeting in mentors:
            wish = {"path": path, "meeting": meeting}
            apply(world.person(who), Role.MENTOR, **(IMS_MENTOR | wish))
        for who, path, meeting in mentees:
            wish = {"path": path, "meeting": meeting}
            apply(world.person(who), Role.MENTEE, **(IMS_MENTEE | wish))
        approve_all(world)
        for who, _path, _meeting in (*mentors, *mentees):
            accept(world.person(who))
        world.move_to(datetime(2025, 2, 21, 16, tzinfo=UTC))
        omar, lina, priya = (world.person(it) for it in (OMAR, LINA, PRIYA))
        assert omar.partners() == {RAJESH}
        assert lina.partners() == {AMARA}
        assert priya.partners() == {ABEBE}
        told = group_texts(omar, world.person(RAJESH))[0]
        assert "you share Policy and government and you share Virtually" in told
        assert "Virtually" not in group_texts(priya, world.person(ABEBE))[0]


@pytest.mark.phrase("IMS-07", "IMS-12", "IMS-13")
def test_ims_matches_by_the_end_of_february_and_runs_from_march_to_june(tmp_path: Path) -> None:
    january = datetime(2025, 1, 6, 15, tzinfo=UTC)
    with programme(tmp_path, january, preset("ims")) as world:
        hannah, amara, priya, omar = (world.person(it) for it in (HANNAH, AMARA, PRIYA, OMAR))
        assert "is with the programme's team" in apply(amara, Role.MENTOR, **IMS_MENTOR)
        assert "is with the programme's team" in apply(priya, Role.MENTEE, **IMS_MENTEE)
        fill(omar, Role.MENTEE, **IMS_MENTEE)
        omar.hands.close_modal(all=True)

        world.move_to(datetime(2025, 1, 24, 4, 59, tzinfo=UTC))
        assert times_told(omar, "Applications close on 24 January 2025 at 05:00.") == 1
        assert when(omar.last_dm(), "UTC").date().isoformat() == "2025-01-20"
        assert times_told(priya, "is not sent yet") == 0
        world.move_to(datetime(2025, 1, 25, tzinfo=UTC))
        assert "have closed: 2 people applied. 2 applications wait" in hannah.last_dm()["text"]

        approve_all(world)
        for who in (amara, priya):
            accept(who)
            assert (
                "Everybody who waits is matched together on 21 February 2025"
                in (who.last_dm()["text"])
            )
            assert "matched together on 21 February 2025" in who.command("status")
            assert "matched together on 21 February 2025" in who.home()
        assert priya.partners() == set()

        world.move_to(datetime(2025, 2, 21, 14, 59, tzinfo=UTC))
        assert priya.partners() == set()
        (warned,) = [text for text in hannah.dm_texts() if "is to be matched" in text]
        assert "In 14 days, by 28 February 2025" in warned
        assert "Waiting: mentors 1, mentees 1. I match them on 21 February 2025" in warned
        world.move_to(datetime(2025, 2, 21, 15, 1, tzinfo=UTC))
        assert priya.partners() == {AMARA}
        assert "Your cycle runs until 30 June 2025" in "\n".join(group_texts(amara, priya))
        assert (
            "1 pair is introduced. Still waiting: mentors 0, mentees 0"
            in (hannah.last_dm()["text"])
        )

        world.move_to(datetime(2025, 6, 30, 13, tzinfo=UTC))
        assert times_told(hannah, "is to be matched") == 1
        asked = [
            when(message, TORONTO)
            for message in priya.dms()
            if ids.CHECK_IN_MET in action_ids(message)
        ]
        assert [f"{at:%d %b %H:%M}" for at in asked] == [
            "11 Mar 10:00",
            "11 Apr 10:00",
            "11 May 10:00",
            "11 Jun 10:00",
        ]
        assert times_told(priya, "Check-in 2: have you and") == 1
        together = "\n".join(group_texts(amara, priya))
        assert "once a week" not in together
        assert "two weeks" not in together
        closing = priya.dm_with(ids.GIVE_FEEDBACK)
        assert action_ids(closing) == {ids.GIVE_FEEDBACK}
        assert "somebody new" not in "\n".join(priya.dm_texts() + amara.dm_texts())

        world.move_to(datetime(2025, 7, 30, tzinfo=UTC))
        for who in (amara, priya):
            assert times_told(who, "The IMS Career Mentorship Program is over") == 1
            assert who.groups() == who.groups()[:1]
            for shown in (who.command("status"), who.home()):
                assert "The IMS Career Mentorship Program is over" in shown
                assert "You have a place" not in shown
        priya.home()
        priya.hands.click("home", ids.GIVE_FEEDBACK)
        priya.hands.fill_in({"rating": "5", "helped_with": "Seeing the work.", "could_improve": ""})
        assert priya.hands.submit() == {}
        world.settle()
        assert amara.files() != []


def test_place_that_was_never_taken_up_ends_with_the_programme(tmp_path: Path) -> None:
    january = datetime(2025, 1, 6, 15, tzinfo=UTC)
    with programme(tmp_path, january, preset("ims")) as world:
        amara, priya, lina = (world.person(it) for it in (AMARA, PRIYA, LINA))
        apply(amara, Role.MENTOR, **IMS_MENTOR)
        for who in (priya, lina):
            apply(who, Role.MENTEE, **IMS_MENTEE)
        approve_all(world)
        for who in (amara, priya):
            accept(who)
        world.move_to(datetime(2025, 7, 30, tzinfo=UTC))
        assert "is over. Sarah Topa (CMP Manager)" in lina.home()
        assert "You have a place" not in lina.command("status")
        lina.press(lina.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
        assert lina.hands.modal is None


@pytest.mark.phrase("MILA-01")
def test_mila_third_cohort_runs_for_nine_months_and_is_over(tmp_path: Path) -> None:
    data = preset("mila").model_dump(mode="json")
    data["form"] = [it for it in data["form"] if not it["sensitive"]]
    data["application"] = {"through": ["import"], "cohort": 3}
    data["lists"] = {}
    file = ProgrammeFile.model_validate(data)
    with programme(tmp_path, datetime(2023, 2, 6, 15, tzinfo=UTC), file) as world:
        amara, priya = world.person(AMARA), world.person(PRIYA)
        card = words(amara.channel_card())
        assert "Everybody who waits is matched together" in card
        assert "someone free" not in card + amara.command("status")
        for who, role in ((amara, Role.MENTOR), (priya, Role.MENTEE)):
            join(who, file, role)
        world.move_to(datetime(2023, 2, 13, 14, 59, tzinfo=UTC))
        assert priya.partners() == set()
        world.move_to(datetime(2023, 11, 13, 14, tzinfo=UTC))
        assert priya.partners() == {AMARA}
        assert "Your cycle runs until 13 November 2023" in "\n".join(group_texts(amara, priya))
        asked = [
            when(message, TORONTO)
            for message in priya.dms()
            if ids.CHECK_IN_MET in action_ids(message)
        ]
        assert [at.month for at in asked] == [2, 3, 4, 5, 6, 7, 8, 9]
        assert {f"{at:%d %H:%M}" for at in asked} == {"27 10:00"}
        assert len({at.utcoffset() for at in asked}) == 2
        world.move_to(datetime(2023, 11, 13, 15, 1, tzinfo=UTC))
        assert times_told(priya, "The Mila Mentorship Program is over") == 1
        with world.bot.store.read(world.running.workspace_id) as tx:
            (cycle,) = tx.session.scalars(select(Cycle))
        assert (cycle.cohort, cycle.starts_on.isoformat()) == (3, "2023-02-13")


def join(who: Actor, file: ProgrammeFile, role: Role) -> None:
    """Take a role, answering each question with whatever it takes."""
    action = ids.JOIN_AS_MENTOR if role is Role.MENTOR else ids.JOIN_AS_MENTEE
    who.hands.click(who.channel_card(), action)
    asked = {it.id: it for it in file.questions_for(role)}
    given: dict[str, Any] = {}
    for block in (who.hands.modal or {})["blocks"]:
        question = asked.get(str(block.get("block_id", "")).partition(".")[0])
        if question is not None:
            given[block["block_id"]] = _an_answer(question)
    who.hands.fill_in(given)
    assert who.hands.submit() == {}
    who.agree()


def _an_answer(question: Any) -> Any:
    if question.kind == "choice":
        return question.options[0]
    if question.kind == "choices":
        return [question.options[0]]
    if question.kind in ("attestation", "consent"):
        return ["agreed"]
    return {"number": "1", "email": "somebody@mila.quebec"}.get(question.kind, GOALS[:200])


EVERGREEN = {"weeks": 6, "repeats": "evergreen"}


def test_evergreen_pairs_each_run_their_own_length_and_go_on_with_somebody_new(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, datetime(2026, 9, 21, 8, tzinfo=UTC), img(cycle=EVERGREEN)) as world:
        amara, zoe, rajesh, lina = (world.person(it) for it in (AMARA, ZOE, RAJESH, LINA))
        amara.join("mentor")
        zoe.join("mentee")
        world.move_to(datetime(2026, 10, 5, 8, tzinfo=UTC))
        rajesh.join("mentor")
        lina.join("mentee")
        assert "Your cycle runs until 2 November 2026" in "\n".join(group_texts(zoe, amara))
        assert "Your cycle runs until 16 November 2026" in "\n".join(group_texts(lina, rajesh))
        assert "Each pair has its own time" in world.person(HANNAH).home()

        world.move_to(datetime(2026, 10, 27, tzinfo=UTC))
        for who in (amara, zoe):
            who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
        for who in (rajesh, lina):
            assert all(ids.CONTINUE not in action_ids(it) for it in who.dms())
        world.move_to(datetime(2026, 11, 2, 9, 59, tzinfo=UTC))
        assert "paired with" in zoe.home()
        assert "until 2 November 2026" in zoe.home()
        world.move_to(datetime(2026, 11, 2, 10, 1, tzinfo=UTC))
        assert "until 14 December 2026" in zoe.home(), "nobody else is free: they meet again"
        assert f"paired with {name_of(rajesh)} until 16 November 2026" in lina.home()

        world.move_to(datetime(2026, 11, 10, tzinfo=UTC))
        lina.press(lina.dm_with(ids.CONTINUE), ids.CONTINUE)
        rajesh.press(rajesh.dm_with(ids.OPT_OUT), ids.OPT_OUT)
        omar = world.person(OMAR)
        omar.join("mentee")
        assert omar.partners() == set()
        world.move_to(datetime(2026, 11, 16, 10, 1, tzinfo=UTC))
        assert "You are paused" in rajesh.home()
        assert "in line" in lina.home()
        assert omar.partners() == set()
        rajesh.command("resume")
        assert rajesh.partners() == {LINA, OMAR}, "somebody new comes before a repeat"
        assert f"paired with {name_of(amara)}" in zoe.home()


BEST = {"mode": "best", "on": "2026-12-20", "by": "2026-12-24"}


def test_coordinators_are_warned_and_match_early_and_the_date_still_comes(tmp_path: Path) -> None:
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    with programme(tmp_path, start, img(matching=BEST)) as world:
        hannah, amara, zoe, rajesh, lina, omar = (
            world.person(it) for it in (HANNAH, AMARA, ZOE, RAJESH, LINA, OMAR)
        )
        amara.join("mentor")
        for mentee in (zoe, lina):
            world.pass_days(1)
            mentee.join("mentee")
        world.move_to(datetime(2026, 12, 17, 9, 59, tzinfo=UTC))
        assert times_told(hannah, "Waiting: mentors 1, mentees 2.") == 1
        world.move_to(datetime(2026, 12, 17, 11, tzinfo=UTC))
        assert times_told(hannah, "Waiting: mentors 1, mentees 2.") == 2

        assert "That is for owners and coordinators only" in zoe.command("match now")
        asked = hannah.hands.command(ids.COMMAND, "match now", CHANNEL)[-1]
        assert "Waiting: mentors 1, mentees 2" in words(asked)
        hannah.press(asked, ids.MATCH_NOW)
        (left_over,) = {ZOE, LINA} - amara.partners()
        assert (
            "1 pair is introduced. Still waiting: mentors 0, mentees 1"
            in (hannah.last_dm()["text"])
        )
        told = world.person(left_over).last_dm()["text"]
        assert "You stay in line until 20 December 2026" in told
        rajesh.join("mentor")
        assert rajesh.partners() == set()
        assert "matched together on 20 December 2026" in rajesh.last_dm()["text"]
        world.move_to(datetime(2026, 12, 20, 10, 1, tzinfo=UTC))
        assert rajesh.partners() == {left_over}

        omar.join("mentee")
        assert "in line for the next one, and the coordinators say when" in omar.last_dm()["text"]
        assert "in line for the next time" in omar.command("status")
        world.move_to(datetime(2026, 12, 24, 12, tzinfo=UTC))
        assert times_told(hannah, "is to be matched") == 2
        acts = crafted.rows(world)["audit_entry"]
        assert sum("match.now" in "".join(row) for row in acts) == 1


def test_late_newcomers_are_matched_at_once_where_the_file_says_so(tmp_path: Path) -> None:
    start = datetime(2026, 12, 19, 9, tzinfo=UTC)
    file = img(matching=BEST | {"late": "instant"})
    with programme(tmp_path, start, file) as world:
        hannah, amara, zoe = (world.person(it) for it in (HANNAH, AMARA, ZOE))
        amara.join("mentor")
        world.move_to(datetime(2026, 12, 20, 10, 1, tzinfo=UTC))
        assert "there was no mentee left for you yet. You stay in line" in amara.last_dm()["text"]
        assert "are people matched" not in amara.command("status")
        zoe.join("mentee")
        assert zoe.partners() == {AMARA}
        assert "matched the moment somebody is free" in hannah.command("match now")


def test_date_that_moves_takes_its_matching_and_what_was_promised_along(tmp_path: Path) -> None:
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    with programme(tmp_path, start, img(matching=BEST)) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        amara.join("mentor")
        zoe.join("mentee")
        with world.bot.store.begin(world.running.workspace_id) as tx:
            later = BEST | {"on": "2026-12-22"}
            admin.update(tx, img(matching=later), HANNAH, world.clock())
        world.move_to(datetime(2026, 12, 22, 9, 59, tzinfo=UTC))
        assert zoe.partners() == set()
        assert "matched together on 22 December 2026" in zoe.home()
        world.move_to(datetime(2026, 12, 22, 10, 1, tzinfo=UTC))
        assert zoe.partners() == {AMARA}


YEARS = [
    {
        "id": "one",
        "name": "Year One",
        "months": 12,
        "then": "two",
        "starters": ["Which class stayed with you?"],
    },
    {
        "id": "two",
        "name": "Year Two",
        "months": 12,
        "starters": ["Which specialty would you like to see?"],
        "guide": {"title": "Year Two in short", "url": "https://example.org/two"},
    },
]


@pytest.mark.phrase("ICAHN-02")
def test_mentee_comes_into_the_next_stage_by_themselves_once(tmp_path: Path) -> None:
    start = datetime(2026, 9, 1, 9, tzinfo=UTC)
    file = img(stages=YEARS, stage_question="Your year")
    with programme(tmp_path, start, file) as world:
        amara, zoe, abebe = world.person(AMARA), world.person(ZOE), world.person(ABEBE)
        zoe.join("mentee", stage="Year One")
        amara.join("mentor")
        assert "You are in: *Year One*" in zoe.home()
        world.pass_days(4)
        assert "Which class stayed with you?" in "\n".join(group_texts(zoe, amara))
        abebe.join("mentee", stage="Year Two")

        world.move_to(datetime(2027, 9, 1, 8, 59, tzinfo=UTC))
        assert "You are in: *Year One*" in zoe.home()
        world.move_to(datetime(2029, 9, 2, tzinfo=UTC))
        assert "You are in: *Year Two*" in zoe.home()
        assert times_told(zoe, "begins for you: *Year Two*") == 1
        reached = next(it for it in zoe.dms() if "begins for you" in it["text"])
        assert when(reached, "Europe/London").isoformat().startswith("2027-09-01T10:00")
        assert "Which specialty would you like to see?" in words(reached)
        assert "Year Two in short" in words(reached)
        assert times_told(abebe, "begins for you") == 0
        assert "You are in: *Year Two*" in abebe.command("status")


def test_last_day_of_applications_is_the_programmes_own(tmp_path: Path) -> None:
    start = datetime(2025, 1, 23, 15, tzinfo=UTC)
    with programme(tmp_path, start, preset("ims")) as world:
        priya = world.person(PRIYA)
        world.clock.set(datetime(2025, 1, 24, 4, 59, tzinfo=UTC))
        assert "is with the programme's team" in apply(priya, Role.MENTEE, **IMS_MENTEE)
        world.clock.set(start + timedelta(hours=14))
        assert "Applications closed on 23 January 2025" in world.person(ZOE).command("apply mentee")
