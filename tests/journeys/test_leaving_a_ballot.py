"""A ballot whose people go, for good or into the other role, while it is open."""

from datetime import timedelta
from pathlib import Path

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.heartbeat import run_due
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.usecases import enrolment, erasing
from tests.journeys.telling import modal_words, name_of, programme, times_told
from tests.journeys.test_ballots import both_sides, called, open_paper, vote
from tests.world import AMARA, HANNAH, MONDAY, OMAR, RAJESH, ZOE

MENTORS_FORM = {
    "specialty": "Paediatrics",
    "level": "Registrar or specialty trainee",
    "place": "Leeds",
    "languages": ["English"],
    "offer": "Tea.",
    "capacity": 1,
}


def test_who_is_erased_or_takes_the_other_role_leaves_no_vote_and_is_nobodys_choice(
    tmp_path: Path,
) -> None:
    with programme(tmp_path, MONDAY, both_sides()) as world:
        amara, rajesh, zoe, omar, hannah = map(world.person, (AMARA, RAJESH, ZOE, OMAR, HANNAH))
        for mentor in (amara, rajesh):
            mentor.join("mentor")
        for mentee in (zoe, omar):
            mentee.join("mentee")
        hannah.command("ballot")
        hannah.press(hannah.hands.messages(CHANNEL)[-1], ids.OPEN_BALLOT)
        vote(zoe, amara, rajesh)
        vote(amara, zoe)
        with world.bot.store.begin(world.running.workspace_id) as tx:
            erasing.erase(tx, AMARA, world.clock())
        world.settle()
        assert times_told(zoe, "Somebody among your choices has left the programme. You can") == 1
        assert "Voted so far: 1 of 3" in hannah.command("ballot")
        open_paper(zoe)
        assert called(amara) not in modal_words(zoe)
        zoe.hands.close_modal(all=True)
        with world.bot.store.begin(world.running.workspace_id) as tx:
            enrolment.save_form(tx, "img", ZOE, Role.MENTOR, MENTORS_FORM)
            enrolment.acknowledge(tx, "img", ZOE, Role.MENTOR, 1, world.clock())
        world.settle()
        assert "Voted so far: 0 of 3" in hannah.command("ballot")
        vote(omar, zoe, rajesh)
        vote(zoe, omar)
        world.pass_days(2)
        assert omar.partners() == {ZOE}
        assert f"{name_of(omar)}: {name_of(zoe)}, {name_of(rajesh)}" in hannah.command("ballot")


def test_who_takes_the_role_that_is_chosen_from_is_not_asked_to_choose(tmp_path: Path) -> None:
    night = MONDAY.replace(hour=23)
    data = both_sides(shown=["offer"]).model_dump(mode="json")
    data["matching"] |= {"mode": "ranked"}
    with programme(tmp_path, night, ProgrammeFile.model_validate(data)) as world:
        amara, zoe, omar, hannah = map(world.person, (AMARA, ZOE, OMAR, HANNAH))
        amara.join("mentor")
        omar.join("mentee")
        zoe.join("mentee")
        hannah.command("ballot")
        hannah.press(hannah.hands.messages(CHANNEL)[-1], ids.OPEN_BALLOT)
        with world.bot.store.begin(world.running.workspace_id) as tx:
            enrolment.save_form(tx, "img", ZOE, Role.MENTOR, MENTORS_FORM)
            enrolment.acknowledge(tx, "img", ZOE, Role.MENTOR, 1, world.clock())
        world.pass_days(0.6)
        assert times_told(omar, "is open! Please read who is there") == 1
        assert times_told(zoe, "is open! Please read who is there") == 0


def test_news_of_a_ballot_that_was_held_up_past_its_end_is_told_to_nobody(tmp_path: Path) -> None:
    with programme(tmp_path, MONDAY, both_sides()) as world:
        amara, zoe, hannah = map(world.person, (AMARA, ZOE, HANNAH))
        amara.join("mentor")
        zoe.join("mentee")
        hannah.command("ballot")
        hannah.hands.click(hannah.hands.messages(CHANNEL)[-1], ids.OPEN_BALLOT)
        world.sandbox.wait_until_idle()
        run_due(world.bot)
        world.clock.set(world.clock() + timedelta(hours=25))
        world.settle()
        assert times_told(zoe, "is open! Please read who is there") == 0
        assert zoe.partners() == {AMARA}
