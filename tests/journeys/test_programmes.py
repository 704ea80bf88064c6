"""Programmes from their files alone: from the first application to the day of the matching."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.model import Application, ApplicationState, ListedAddress, Role
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.domain.questions import AnyQuestion
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import reviewing
from tests.applications import fill_pages, run, send
from tests.journeys.telling import assert_nobody_was_told_twice, send_pairs
from tests.journeys.test_lottery import commit, draw
from tests.world import AMARA, CLAIRE, HANNAH, LINA, OMAR, PRIYA, ZOE, Actor, World, world_at

FILES = Path(__file__).parents[1] / "programmes"
Given = dict[str, Any]
Open = Callable[[datetime], AbstractContextManager[World]]


def own(name: str) -> ProgrammeFile:
    """One of the invented programmes."""
    return read_programme((FILES / f"{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture
def open_at(tmp_path: Path) -> Open:
    """A workspace in which no programme runs yet, at an instant."""

    @contextmanager
    def opened(start: datetime) -> Iterator[World]:
        with world_at(tmp_path, start, is_set_up=False) as made:
            yield made
            assert_nobody_was_told_twice(made)

    return opened


def some_answer(question: AnyQuestion) -> Any:
    """An answer that a question takes; none to what need not be answered."""
    answers: dict[str, Callable[[Any], Any]] = {
        "choice": lambda it: it.options[0],
        "choices": lambda it: [it.options[0]],
        "number": lambda it: str(it.least),
        "date": lambda it: (it.earliest or it.latest).isoformat(),
        "email": lambda _: "somebody@example.org",
        "attestation": lambda _: ["agreed"],
        "text": lambda _: "Somewhere",
        "long_text": lambda it: "x" * max(it.least, 1),
    }
    return answers[question.kind](question) if question.required else None


def apply(who: Actor, file: ProgrammeFile, role: Role, **given: Any) -> str:
    """Apply from the role button to the end; the words of what became of it.

    An address that they give is that of their Slack account.
    """
    if "address" in given:
        who.hands.change_profile(email=given["address"])
    action = ids.JOIN_AS_MENTEE if role is Role.MENTEE else ids.JOIN_AS_MENTOR
    who.hands.click(who.channel_card(), action)
    answers = {question.id: some_answer(question) for question in file.questions_for(role)}
    fill_pages(who, {name: it for name, it in (answers | given).items() if it is not None})
    return send(who)


def put_on_list(world: World, file: ProgrammeFile, list_id: str, *addresses: str) -> None:
    """Addresses that a coordinator has imported."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for address in addresses:
            tx.add(ListedAddress(tx.workspace_id, file.id, list_id, address))


def approve_all(world: World) -> None:
    """Hannah verifies what there is to verify, and approves everybody who waits for it."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for found in tx.session.scalars(select(Application)).all():
            if found.state is ApplicationState.IN_REVIEW:
                act = partial(_decide, tx, found)
                act(reviewing.verify, ("researcher", "standing", "registered"))
                act(reviewing.approve)
    world.settle()


def _decide(tx: Any, found: Application, use_case: Any, *more: Any) -> None:
    use_case(tx, HANNAH, found.application_id, found.version, *more, found.submitted_at)


def begin(who: Actor) -> None:
    """Read the guidelines from the message that brought the place, and agree."""
    who.hands.click(who.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
    who.agree()


@dataclass(frozen=True)
class Story:
    """A programme, two people who apply to it, and the days on which things happen."""

    file: Callable[[], ProgrammeFile]
    applied_at: datetime
    mentor: Given = field(default_factory=dict)
    mentee: Given = field(default_factory=dict)
    members: Sequence[str] = ()
    drawn_at: datetime | None = None
    results_at: datetime | None = None
    matched_at: datetime | None = None


STORIES = {
    "mila": Story(
        partial(preset, "mila"),
        datetime(2022, 12, 12, 15, tzinfo=UTC),
        mentee={"address": "zoe@mila.quebec"},
        drawn_at=datetime(2023, 1, 16, 15, tzinfo=UTC),
        results_at=datetime(2023, 1, 23, 16, tzinfo=UTC),
        matched_at=datetime(2023, 2, 13, 16, tzinfo=UTC),
    ),
    "miccai": Story(
        partial(preset, "miccai"),
        datetime(2023, 7, 3, 15, tzinfo=UTC),
        mentor={"address": "amara@example.org"},
        mentee={"address": "zoe@example.org"},
        members=("members", "amara@example.org", "zoe@example.org"),
        matched_at=datetime(2023, 10, 2, 12, tzinfo=UTC),
    ),
    "icahn": Story(
        partial(preset, "icahn"),
        datetime(2026, 1, 12, 15, tzinfo=UTC),
        mentor={"address": "amara@mountsinai.org"},
        mentee={"address": "zoe@icahn.mssm.edu"},
    ),
    "ims": Story(
        partial(preset, "ims"),
        datetime(2025, 1, 6, 15, tzinfo=UTC),
        mentee={"degree": "PhD", "year": "3"},
        matched_at=datetime(2025, 2, 21, 16, tzinfo=UTC),
    ),
    "nurses": Story(
        partial(own, "nurses"),
        datetime(2026, 11, 23, 10, tzinfo=UTC),
        mentor={"address": "amara@ward.example", "registered_on": "2019-05-01"},
        mentee={"address": "zoe@ward.example", "nights": "8"},
        members=("union", "amara@ward.example", "zoe@ward.example"),
    ),
    "accelerator": Story(
        partial(own, "accelerator"),
        datetime(2027, 2, 10, 10, tzinfo=UTC),
        mentor={"exits": "2"},
        mentee={"address": "zoe@labs.founders.example"},
        results_at=datetime(2027, 3, 5, 14, tzinfo=UTC),
        matched_at=datetime(2027, 3, 15, 14, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_file_alone_runs_a_programme_from_the_application_to_the_match(
    open_at: Open, story: Story
) -> None:
    file = story.file()
    with open_at(story.applied_at) as world:
        run(world, file)
        if story.members:
            put_on_list(world, file, *story.members)
        amara, zoe, hannah = map(world.person, (AMARA, ZOE, HANNAH))
        apply(amara, file, Role.MENTOR, **story.mentor)
        apply(zoe, file, Role.MENTEE, **story.mentee)
        approve_all(world)
        if story.drawn_at:
            world.move_to(datetime(2023, 1, 3, 15, tzinfo=UTC))
            commit(hannah)
            world.move_to(story.drawn_at)
            draw(hannah)
        if story.results_at:
            assert not any("You have a place" in told for told in zoe.dm_texts())
            world.move_to(story.results_at)
        begin(amara)
        begin(zoe)
        if story.matched_at:
            assert zoe.partners() == set()
            world.move_to(story.matched_at)
        if file.matching.review:
            send_pairs(world, CLAIRE, HANNAH)
        assert zoe.partners() == {AMARA}
        assert amara.partners() == {ZOE}


def test_union_refuses_kindly_and_its_one_place_goes_on_to_the_next(open_at: Open) -> None:
    file = own("nurses")
    with open_at(datetime(2026, 11, 23, 10, tzinfo=UTC)) as world:
        run(world, file)
        put_on_list(world, file, "union", "lina@ward.example", "omar@ward.example")
        zoe, lina, omar = map(world.person, (ZOE, LINA, OMAR))
        member = {"nights": "4"}
        said = apply(zoe, file, Role.MENTEE, address="zoe@elsewhere.example", **member)
        assert "Companions are members of the union." in said
        said = apply(zoe, file, Role.MENTOR, registered_on="2024-07-05")
        assert "Companions are members of the union." in said
        assert "“The day you were registered” has to be 30 June 2024 or earlier." in said
        apply(lina, file, Role.MENTEE, address="lina@ward.example", **member)
        said = apply(omar, file, Role.MENTEE, address="omar@ward.example", **member)
        assert "first on the waiting list" in said
        assert "a place" in lina.dm_texts()[-1]
        lina.hands.open_home()
        lina.press("home", ids.WITHDRAW)
        begin(omar)
        assert "You are a *mentee*" in omar.home()


def test_accelerator_lets_founders_in_by_each_of_its_ways_and_tells_the_others_why(
    open_at: Open,
) -> None:
    file = own("accelerator")
    refused: list[tuple[Given, str]] = [
        ({"money": "An exchange"}, "Companies on an exchange have outgrown this."),
        ({"team": "30"}, "“People in your company” has to be 20 or less."),
        ({"team": "60", "money": "Grants"}, "“People in your company” has to be"),
        ({"address": "zoe@mail.example"}, "Your e-mail address has to end in"),
        ({"team": "21"}, "somebody in the team will look at it"),
    ]
    taken: list[tuple[str, Given]] = [
        (LINA, {}),
        (OMAR, {"address": "omar@old.example"}),
        (PRIYA, {"team": "50", "money": "Grants"}),
    ]
    with open_at(datetime(2027, 2, 10, 10, tzinfo=UTC)) as world:
        run(world, file)
        put_on_list(world, file, "alumni", "omar@old.example")
        for given, said in refused:
            fitting = {"address": "zoe@founders.example"}
            assert said in apply(world.person(ZOE), file, Role.MENTEE, **(fitting | given))
        for number, (who, given) in enumerate(taken):
            fitting = {"address": f"n{number}@harbour.example"}
            said = apply(world.person(who), file, Role.MENTEE, **(fitting | given))
            assert "is with the programme's team" in said
