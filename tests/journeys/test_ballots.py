"""Choosing by ballot: Mila's three choices in 48 hours, and a programme where both sides choose."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import (
    Acknowledgement,
    Application,
    ApplicationState,
    Participant,
    ParticipantState,
    Person,
    Role,
)
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.usecases import enrolment, placing
from tests.applications import run
from tests.journeys.telling import (
    assert_nobody_was_told_twice,
    group_texts,
    img,
    modal_words,
    name_of,
    programme,
    times_told,
    when,
)
from tests.world import (
    AMARA,
    CLAIRE,
    HANNAH,
    LINA,
    LUKASZ,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    Actor,
    World,
    action_ids,
    words,
    world_at,
)

TORONTO = "America/Toronto"
TRAINING_WEEK = datetime(2023, 2, 6, 15, tzinfo=UTC)
OPENS_AT = datetime(2023, 2, 8, 22, tzinfo=UTC)
MENTORS: Mapping[str, dict[str, Any]] = {
    AMARA: {"field": "Deep learning", "topics": ["A career in industry"]},
    RAJESH: {"field": "Computer vision", "topics": ["Starting a company"]},
    LUKASZ: {"field": "Neuroscience", "topics": ["Writing and publishing"]},
    CLAIRE: {"field": "Optimisation", "topics": ["Building a network"]},
}
MENTEES: Mapping[str, dict[str, Any]] = {
    ZOE: {"field": "Deep learning", "topics": ["A career in industry"]},
    OMAR: {"field": "Deep learning", "topics": ["A career in industry"]},
    LINA: {"field": "Neuroscience", "topics": ["Writing and publishing"]},
    PRIYA: {"field": "Optimisation", "topics": ["Building a network"]},
}


@pytest.fixture
def mila(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Mila's own programme in the week of its training session, everybody in their place."""
    is_postgres = getattr(request, "param", "sqlite") == "postgres"
    database = request.getfixturevalue("postgres") if is_postgres else None
    with world_at(tmp_path, TRAINING_WEEK, database=database, is_set_up=False) as made:
        file = preset("mila")
        run(made, file)
        for role, people in ((Role.MENTOR, MENTORS), (Role.MENTEE, MENTEES)):
            for who, answers in people.items():
                made.person(who).hands.change_profile(time_zone=TORONTO)
                seat(made, file, who, role, answers)
        made.settle()
        yield made
        assert_nobody_was_told_twice(made)


def seat(
    world: World, file: ProgrammeFile, who: str, role: Role, answers: Mapping[str, Any]
) -> None:
    """Somebody has the place that they were given, and has agreed to the guidelines."""
    given: dict[str, Any] = {
        "address": f"{who.lower()}@mila.quebec",
        "position": "A professional",
        "workplace": "At Mila",
        "spoken": ["English"],
        "goals": "To find out whether academia or industry is for me. " * 2,
        "experience": f"Twelve years of work, as told by {who}.",
        "time_mentee": ["agreed"],
        "time_mentor": ["agreed"],
        "evaluation": ["agreed"],
        "capacity": "1",
    }
    world.person(who).hands.open_home()
    with world.bot.store.begin(world.running.workspace_id) as tx:
        now, place = world.clock(), ApplicationState.SELECTED
        found = Application(tx.workspace_id, f"of {who}", file.id, 3, role, "import", place, now)
        found.slack_user_id = who
        found.answers = file.check_answers(role, given | answers)
        placing.offer(tx, tx.add(found))
        enrolment.acknowledge(tx, file.id, who, role, 1, now)


def open_paper(voter: Actor) -> dict[str, Any]:
    """Open the ballot paper from the newest message that leads to it."""
    voter.hands.click(voter.dm_with(ids.VOTE), ids.VOTE)
    assert voter.hands.modal is not None
    return voter.hands.modal


def called(who: Actor) -> str:
    """Somebody's name in Slack."""
    found: str = who.world.sandbox.state.users[who.id].name
    return found


def id_of(voter: Actor, person: Actor, number: int = 1) -> str:
    """What somebody is known by in the list of a choice."""
    assert voter.hands.modal is not None
    (block,) = [it for it in voter.hands.modal["blocks"] if it.get("block_id") == str(number)]
    name = called(person)
    found = [it["value"] for it in block["element"]["options"] if it["text"]["text"] == name]
    return str(found[0])


def vote(voter: Actor, *choices: Actor) -> str:
    """Vote from the newest message; the words of the answer."""
    open_paper(voter)
    given = {str(at): id_of(voter, one, at) for at, one in enumerate(choices, start=1)}
    voter.hands.fill_in(given)
    errors = voter.hands.submit()
    assert errors == {}, errors
    voter.world.settle()
    said = modal_words(voter)
    voter.hands.close_modal(all=True)
    return said


@pytest.mark.parametrize("mila", ["sqlite", "postgres"], indirect=True)
@pytest.mark.phrase("MILA-11")
def test_mentees_name_three_mentors_within_48_hours_of_the_training_session(mila: World) -> None:
    zoe, omar, lina, priya = (mila.person(it) for it in (ZOE, OMAR, LINA, PRIYA))
    amara, rajesh, lukasz, claire = (mila.person(it) for it in (AMARA, RAJESH, LUKASZ, CLAIRE))
    hannah = mila.person(HANNAH)
    assert "matched together on 13 February 2023" in zoe.home()
    assert "The ballot opens on Wednesday, 8 February at 17:00" in zoe.home()
    assert "choose whom you would like" in words(zoe.last_dm())
    assert "choose" not in words(amara.last_dm())
    assert "opens by itself" in hannah.command("ballot")

    mila.move_to(OPENS_AT)
    told = words(zoe.last_dm())
    assert "name your first 3 choices" in told
    assert "until Friday, 10 February at 17:00" in told
    assert when(zoe.last_dm(), TORONTO).hour == 17
    assert not any(ids.VOTE in action_ids(it) for it in amara.dms())

    read = words(open_paper(zoe))
    for shown in (called(amara), "Deep learning", "as told by U0AMARA000", "At Mila"):
        assert shown in read
    assert "@mila.quebec" not in read
    assert zoe.hands.submit() != {}
    zoe.hands.fill_in({"1": id_of(zoe, amara), "2": id_of(zoe, amara)})
    assert "same person twice" in zoe.hands.submit()["2"]
    zoe.hands.close_modal(all=True)

    assert "your vote counts" in vote(zoe, amara, rajesh)
    vote(omar, amara, lukasz)
    vote(lina, rajesh, amara)
    vote(lina, lukasz, amara)
    board = hannah.command("ballot")
    assert "Voted so far: 3 of 4" in board
    assert board.index("Have voted") < board.index(name_of(zoe)) < board.index(name_of(priya))
    assert name_of(amara) not in board
    assert "You can change your choices" in zoe.home()

    mila.move_to(OPENS_AT + timedelta(hours=25))
    assert times_told(priya, "A short reminder: the ballot") == 1
    assert times_told(zoe, "A short reminder: the ballot") == 0

    open_paper(priya)
    priya.hands.fill_in({"1": id_of(priya, claire)})
    mila.move_to(OPENS_AT + timedelta(hours=49))
    priya.hands.submit()
    assert "The ballot closed on" in modal_words(priya)
    priya.hands.close_modal(all=True)
    assert "matched on 13 February 2023" in hannah.command("ballot")
    assert zoe.partners() == set()

    mila.move_to(datetime(2023, 2, 13, 16, tzinfo=UTC))
    pairs = {it.id: next(iter(it.partners())) for it in (zoe, omar, lina, priya)}
    assert pairs[LINA] == LUKASZ
    assert pairs[PRIYA] == CLAIRE
    assert {pairs[ZOE], pairs[OMAR]} == {AMARA, RAJESH}
    assert pairs[ZOE] == RAJESH, "Omar's other choice is Lina's first"
    assert "the mentee's first choice has come true" in group_texts(omar, amara)[0]
    for mentee, mentor in ((zoe, rajesh), (priya, claire)):
        assert "choice" not in group_texts(mentee, mentor)[0].partition("Your first meeting")[0]
    listed = hannah.command("pairs")
    for said in ("the mentee's choice 1", "the mentee's choice 2", "without a vote"):
        assert said in listed
    board = hannah.command("ballot")
    assert "2 were a first choice, 1 a second or later one, and 1 were found by answers" in board
    assert "What was chosen" in board
    zoe.press(zoe.dm_with(ids.VOTE), ids.VOTE)
    assert "everybody has been matched since" in zoe.dm_texts()[-1]
    for mentor in (amara, rajesh, lukasz, claire):
        assert not any("choice 2" in it for it in mentor.dm_texts())


@pytest.mark.phrase("MILA-09")
def test_mentees_who_do_not_vote_meet_the_mentor_who_fits_their_goals(mila: World) -> None:
    zoe, lina, priya = (mila.person(it) for it in (ZOE, LINA, PRIYA))
    mila.move_to(datetime(2023, 2, 13, 16, tzinfo=UTC))
    fits = (
        (lina, LUKASZ, "Writing and publishing and you share Neuroscience"),
        (priya, CLAIRE, "Building a network and you share Optimisation"),
        (zoe, AMARA, "A career in industry and you share Deep learning"),
    )
    for mentee, mentor, why in fits[:2]:
        assert mentee.partners() == {mentor}
        assert f"you share {why}" in group_texts(mentee, mila.person(mentor))[0]
    taken = [it for it in (ZOE, OMAR) if mila.person(it).partners() == {AMARA}]
    assert len(taken) == 1
    assert f"you share {fits[2][2]}" in group_texts(mila.person(taken[0]), mila.person(AMARA))[0]


def both_sides(**ballot: Any) -> ProgrammeFile:
    """A programme of one's own, in which mentors choose too, whenever a coordinator says so."""
    rules = {"choices": 2, "hours": 24, "reminder_hours": 6, "shown": ["place", "hopes", "offer"]}
    criteria = [{"question": "specialty", "weight": 3}, {"question": "place", "weight": 1}]
    matching = {"mode": "two_sided", "ballot": rules | ballot, "criteria": criteria}
    return img(matching=matching)


def test_mentors_choose_too_where_the_file_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monday = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    with programme(tmp_path, monday, both_sides()) as world:
        amara, rajesh, zoe, omar, lina = (
            world.person(it) for it in (AMARA, RAJESH, ZOE, OMAR, LINA)
        )
        hannah = world.person(HANNAH)
        for mentor in (amara, rajesh):
            mentor.join("mentor")
        for mentee in (zoe, omar):
            mentee.join("mentee")
        assert "Before that you can choose" in words(zoe.last_dm())
        hannah.command("ballot")
        asked = next(
            it for it in hannah.hands.messages(CHANNEL) if ids.OPEN_BALLOT in action_ids(it)
        )
        hannah.press(asked, ids.OPEN_BALLOT)
        lina.join("mentee")
        for who in (amara, rajesh, zoe, omar, lina):
            assert times_told(who, "is open! Please read who is there") == 1
        capsys.readouterr()
        vote(zoe, amara, rajesh)
        named = id_of_choice(open_paper(zoe))
        zoe.hands.close_modal(all=True)
        vote(omar, amara, rajesh)
        vote(amara, omar)
        assert named not in "".join(capsys.readouterr()), "no vote is in the log"
        assert "read about the mentees" in words(open_paper(rajesh))
        rajesh.hands.close_modal(all=True)
        rajesh.command("pause 1 week")
        assert times_told(zoe, f"{name_of(rajesh)} cannot take part for now") == 1
        assert times_told(omar, f"{name_of(rajesh)} cannot take part for now") == 1
        assert "Please choose somebody else" not in vote(zoe, amara)
        rajesh.command("resume")
        zoe.hands.open_home()
        zoe.press("home", ids.VOTE)
        zoe.hands.fill_in({"2": id_of(zoe, rajesh, 2)})
        assert zoe.hands.submit() == {}
        zoe.hands.close_modal(all=True)
        world.pass_days(1.1)
        assert omar.partners() == {AMARA}
        assert zoe.partners() == {RAJESH}
        assert times_told(lina, "there was no mentor left for you") == 1
        assert "first choice has come true" in group_texts(omar, amara)[0]


def test_who_runs_the_programme_and_takes_part_never_sees_choices(tmp_path: Path) -> None:
    monday = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    with programme(tmp_path, monday, both_sides(choices_seen="at_once")) as world:
        hannah, amara, zoe = (world.person(it) for it in (HANNAH, AMARA, ZOE))
        hannah.command(f"appoint {name_of(amara)} coordinator")
        amara.join("mentor")
        zoe.join("mentee")
        amara.hands.open_home()
        amara.press("home", ids.SHOW_BALLOT)
        amara.press("modal", ids.OPEN_BALLOT)
        assert "The ballot is open until" in modal_words(amara)
        amara.hands.close_modal(all=True)
        vote(zoe, amara)
        assert "What was chosen" in hannah.command("ballot")
        assert "What was chosen" not in amara.command("ballot")
        world.pass_days(2)
        assert "the mentee's choice 1" in hannah.command("pairs")
        assert "choice 1" not in amara.command("pairs")


def crowd(world: World, many: int) -> None:
    """So many mentors, on no wire, with the longest names and answers."""
    version = preset("img").guidelines[Role.MENTOR].version
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for number in range(many):
            who, now = f"U0CROWD{number:03}", world.clock()
            tx.add(Person(tx.workspace_id, who, f"{number:03} " + "&<>" * 80))
            answers = {"offer": "<&>" * 1000, "place": "Leeds", "specialty": "Paediatrics"}
            given: dict[str, Any] = {"role": Role.MENTOR, "state": ParticipantState.ACTIVE}
            one = Participant(tx.workspace_id, who, "img", who, answers=answers, **given)
            one.waiting_since_at, one.waiting_spell = now, 1
            tx.add(one)
            tx.add(Acknowledgement(tx.workspace_id, who, Role.MENTOR, version, now))


@pytest.mark.parametrize("many", [12, 120])
def test_paper_is_read_page_by_page_and_keeps_what_was_chosen(tmp_path: Path, many: int) -> None:
    monday = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    with programme(tmp_path, monday, both_sides()) as world:
        hannah, zoe = world.person(HANNAH), world.person(ZOE)
        crowd(world, many)
        zoe.join("mentee")
        hannah.hands.open_home()
        hannah.press("home", ids.SHOW_BALLOT)
        hannah.press("modal", ids.OPEN_BALLOT)
        seen, pages = set[str](), -(-many // 10)
        view = open_paper(zoe)
        first = offered(view)[0]
        zoe.hands.fill_in({"1": first})
        for page in range(1, pages + 1):
            view = zoe.hands.modal or {}
            seen |= set(re.findall(r"\*(\d{3}) ", words(view)))
            assert f"Page {page} of {pages}" in words(view)
            assert first in offered(view)
            assert ("people of this page" in words(view)) == (many > 100)
            if page < pages:
                zoe.press("modal", ids.BALLOT_ON)
        assert len(seen) == many
        zoe.press("modal", ids.BALLOT_BACK)
        assert f"Page {pages - 1} of {pages}" in words(zoe.hands.modal or {})
        assert zoe.hands.submit() == {}
        zoe.hands.close_modal(all=True)
        assert "Voted so far: 1 of" in hannah.command("ballot")
        open_paper(zoe)
        assert id_of_choice(zoe.hands.modal or {}) == first


def id_of_choice(view: dict[str, Any]) -> str:
    """Who is the first choice in a paper."""
    return str(view["blocks"][1]["element"]["initial_option"]["value"])


def offered(view: dict[str, Any]) -> list[str]:
    """Who stands in the list of the first choice."""
    return [it["value"] for it in view["blocks"][1]["element"]["options"]]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2026-12-07", "I match them on 7 December 2026, once the ballot has closed"),
        (None, "`/mentorbot ballot` shows where the ballot stands, and opens it"),
    ],
)
def test_warning_before_the_deadline_leads_to_the_ballot(
    tmp_path: Path, on: str | None, said: str
) -> None:
    monday = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    ballot = {"choices": 1, "hours": 48}
    matching = {"mode": "ranked", "on": on, "by": "2026-12-09", "ballot": ballot}
    with programme(tmp_path, monday, img(matching=matching)) as world:
        world.person(ZOE).join("mentee")
        world.pass_days(2)
        assert times_told(world.person(HANNAH), said) == 1
