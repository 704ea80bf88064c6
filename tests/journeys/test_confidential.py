"""Sensitive answers: consented to, sealed, read by the draw and the report alone, and erased."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.domain.model import Application, AuditEntry, Role
from mentorbot.domain.sealed import SealedAnswer
from mentorbot.intake import Order, Watch, import_applications
from mentorbot.slack import ids
from mentorbot.storage import applications, draws, tables
from mentorbot.storage.sealing import Vault
from mentorbot.usecases import erasing, lines
from tests import crafted
from tests.applications import apply, run
from tests.journeys.telling import assert_nobody_was_told_twice
from tests.journeys.test_invitations import arrive, letters, words_of
from tests.journeys.test_lottery import DRAW_DAY, NEW_YEAR, commit, draw
from tests.lottery import AUTUMN, answer_confidentially, crowd, lottery_file
from tests.world import HANNAH, LINA, OMAR, SOFIA, ZOE, World, words, world_at

SECRET = "Zanzibar-Pemba"
RESULTS = datetime(2023, 1, 24, 15, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in November 2022, no programme yet."""
    with world_at(tmp_path, AUTUMN, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def kept(world: World) -> set[str]:
    """The questions to which there are sensitive answers."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        return {it.question_id for it in tx.session.scalars(select(SealedAnswer))}


def in_tables(world: World, secret: str) -> list[str]:
    """The tables in which something can be read, apart from the programme's own file."""
    found = []
    with world.bot.store.read(world.running.workspace_id) as tx:
        for table in tables.metadata.sorted_tables:
            for row in tx.session.execute(select(table)).mappings():
                told = {name: it for name, it in row.items() if name != "definition"}
                found += [table.name] if secret in repr(told) else []
    return found


def in_files(folder: Path, secret: str) -> list[str]:
    """The files of the bot that hold something more often than the programme's file does."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".db", ".db-wal", ".json")
        if secret.encode() in path.read_bytes()
    ]


def said_to_slack(world: World, secret: str) -> list[str]:
    """The calls to Slack that tell something, apart from a form that offers it to be chosen."""
    return [
        call.method for call in world.sandbox.calls if secret in _without_options(call.arguments)
    ]


def _without_options(arguments: Any) -> str:
    """What a call tells, apart from the options of its fields."""
    if isinstance(arguments, dict):
        kept_back = {"options"}
        return repr({k: _without_options(v) for k, v in arguments.items() if k not in kept_back})
    if isinstance(arguments, list):
        return repr([_without_options(it) for it in arguments])
    return repr(arguments)


@pytest.mark.phrase("MILA-05", "MICCAI-03")
def test_sensitive_answer_is_readable_nowhere(
    world: World,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, logger="mentorbot")
    run(world, lottery_file())
    lina, hannah = world.person(LINA), world.person(HANNAH)
    apply(lina)
    assert answer_confidentially(lina, origin=SECRET) == {}
    assert kept(world) == {"under_represented", "origin"}
    for word in ("status", "review", "people"):
        hannah.command(word)
    lina.command("status")
    lina.home()
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    assert "You answered" in words(lina.hands.modal or {})
    lina.hands.close_modal()
    world.move_to(NEW_YEAR)
    commit(hannah)
    world.move_to(DRAW_DAY)
    draw(hannah)
    world.move_to(RESULTS)
    assert in_tables(world, SECRET) == []
    assert in_files(tmp_path, SECRET) == []
    assert said_to_slack(world, SECRET) == []
    printed = capfd.readouterr()
    assert SECRET not in caplog.text + printed.out + printed.err


def test_answer_without_consent_and_consent_without_answer_are_not_taken(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    errors = answer_confidentially(lina, member=False, origin=SECRET, agreed=False)
    assert set(errors) == {"consent.origin"}
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    lina.hands.fill_in({"consent.origin": ["agreed"]})
    assert set(lina.hands.submit()) == {"origin"}
    lina.hands.close_modal(all=True)
    assert kept(world) == set()


def test_form_says_why_it_asks_and_how_long_each_answer_is_kept(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    lina.hands.open_home()
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    said = words(lina.hands.modal or {})
    assert "*Why we ask:* Some places are reserved for you." in said
    assert "erased once the results are out" in said
    assert "erased when the cycle ends" in said
    assert "tells yes or no beside a number" in said


def test_answer_is_changed_and_taken_back_at_once(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    assert answer_confidentially(lina, origin=SECRET) == {}
    assert answer_confidentially(lina, member=False, origin="Somewhere else") == {}
    assert kept(world) == {"under_represented", "origin"}
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    lina.hands.fill_in({"erase.under_represented": ["agreed"], "erase.origin": ["agreed"]})
    assert lina.hands.submit() == {}
    lina.hands.close_modal(all=True)
    assert kept(world) == set()


def test_withdrawn_application_takes_its_answers_along(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    lina.hands.open_home()
    lina.press("home", ids.WITHDRAW)
    assert kept(world) == set()


def test_nobody_reaches_the_questions_of_another(world: World) -> None:
    run(world, lottery_file())
    lina, zoe = world.person(LINA), world.person(ZOE)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    lina.hands.open_home()
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    view = lina.hands.modal
    assert view is not None
    (theirs,) = _applications(world)
    crafted.click(zoe, ids.OPEN_SENSITIVE, theirs)
    assert zoe.hands.modal is None or "Confidential" not in words(zoe.hands.modal)
    crafted.submit_as(zoe, view | {"private_metadata": f"programme:img {theirs}"})
    assert kept(world) == {"under_represented", "origin"}


def _applications(world: World) -> list[str]:
    with world.bot.store.read(world.running.workspace_id) as tx:
        return [it.application_id for it in tx.session.scalars(select(Application))]


def test_answers_for_a_draw_stay_as_they_were_committed_to(world: World) -> None:
    run(world, lottery_file())
    lina, zoe, hannah = map(world.person, (LINA, ZOE, HANNAH))
    apply(lina)
    apply(zoe)
    answer_confidentially(lina)
    lina.hands.open_home()
    world.move_to(NEW_YEAR)
    assert "Confidential questions" in zoe.home()
    zoe.hands.click("home", ids.OPEN_SENSITIVE)
    zoe.hands.fill_in({"under_represented": ["agreed"], "consent.under_represented": ["agreed"]})
    commit(hannah)
    zoe.hands.submit()
    assert "The draw is settled" in words(zoe.hands.modal or {})
    zoe.hands.close_modal(all=True)
    assert "Confidential questions" not in zoe.home()
    assert kept(world) == {"under_represented"}
    lina.hands.open_home()
    lina.hands.click("home", ids.OPEN_SENSITIVE)
    lina.hands.fill_in({"erase.under_represented": ["agreed"]})
    assert lina.hands.submit() == {}
    lina.hands.close_modal(all=True)
    assert kept(world) == set()


def test_answers_go_when_their_purpose_ends(world: World) -> None:
    run(world, lottery_file())
    lina, hannah = world.person(LINA), world.person(HANNAH)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    omar = world.person(OMAR)
    apply(omar, Role.MENTOR)
    world.move_to(NEW_YEAR)
    commit(hannah)
    world.move_to(DRAW_DAY)
    draw(hannah)
    assert kept(world) == {"under_represented", "origin"}
    world.move_to(RESULTS)
    assert kept(world) == {"origin"}
    for who in (lina, omar):
        who.press(who.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
        who.agree()
    assert lina.partners() == {OMAR}
    world.pass_days(27)
    assert kept(world) == {"origin"}
    world.pass_days(3)
    assert kept(world) == set()


def test_answers_that_no_draw_and_no_cycle_came_for_go_in_the_end(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    world.pass_days(179)
    assert kept(world) == {"under_represented", "origin"}
    world.pass_days(2)
    assert kept(world) == {"origin"}
    world.pass_days(370)
    assert kept(world) == set()


def test_erased_person_leaves_no_sealed_answer(world: World) -> None:
    run(world, lottery_file())
    lina = world.person(LINA)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        erasing.erase(tx, LINA, world.clock())
    assert kept(world) == set()


@pytest.mark.phrase("MICCAI-03")
def test_equity_report_counts_groups_and_names_nobody(world: World) -> None:
    run(world, lottery_file())
    lina, hannah = world.person(LINA), world.person(HANNAH)
    apply(lina)
    answer_confidentially(lina, origin=SECRET)
    crowd(world, 24, origins=[*["Aland-Kokar"] * 12, *["Somewhere else"] * 9])
    assert "Applications are taken until" in hannah.command("equity")
    world.move_to(NEW_YEAR)
    assert "25 applications are still to be decided" in hannah.command("equity")
    commit(hannah)
    world.move_to(DRAW_DAY)
    draw(hannah)
    told = hannah.command("equity")
    assert "*Aland-Kokar*: applied 12 and approved 12" in told
    assert "*Somewhere else*: applied 9 and approved 9" in told
    assert "*Zanzibar-Pemba*: applied – and approved –" in told
    assert "*everybody*: applied 25 and approved 25" in told
    assert lina.id not in told
    world.move_to(RESULTS)
    assert "with a place" in hannah.command("equity")
    with world.bot.store.read(world.running.workspace_id) as tx:
        read = [it.actor for it in tx.session.scalars(select(AuditEntry)) if it.action == READ]
    assert read == [HANNAH, HANNAH]


READ = "equity.read"


def test_programme_with_sensitive_questions_needs_a_key(tmp_path: Path) -> None:
    with world_at(tmp_path, AUTUMN, is_set_up=False) as world:
        world.bot.store.vault = Vault()
        with pytest.raises(SecretKeyMissing):
            run(world, lottery_file())


ELSEWHERE = {"through": ["slack", "import"], "invite_url": "https://example.org/join"}
EXPORT = (
    "Timestamp,Email Address,Name,Your field,I am of a group that is under-represented in AI\n"
    "2022-11-14 09:00:00,sofia@example.org,Sofia,Industry,Yes\n"
    f"2022-11-14 09:00:00,wrong@example.org,Wrong,{SECRET},Yes\n"
)


def test_who_applied_elsewhere_is_asked_in_slack_in_time_for_the_draw(world: World) -> None:
    run(world, lottery_file(**ELSEWHERE))
    order = Order(world.running.workspace_id, "img", (Role.MENTEE,), HANNAH)
    rejected: list[tuple[str, ...]] = []
    watch = Watch(
        lambda *_columns: None, lambda some, _read: rejected.extend(it.cells for it in some)
    )
    assert import_applications(world.bot, order, BytesIO(EXPORT.encode()), watch).new == 1
    assert [cells[-1] for cells in rejected] == [""]
    world.settle()
    assert kept(world) == set()
    (letter,) = letters(world)
    for read in words_of(letter):
        assert "They are asked in Slack alone" in read
        assert "https://example.org/join" in read

    sofia, hannah = arrive(world), world.person(HANNAH)
    asked = sofia.dm_with(ids.OPEN_SENSITIVE)
    assert "has reached me from the form that you filled in elsewhere" in words(asked)
    sofia.hands.click(asked, ids.OPEN_SENSITIVE)
    sofia.hands.fill_in({"under_represented": ["agreed"], "consent.under_represented": ["agreed"]})
    assert sofia.hands.submit() == {}
    world.settle()
    assert kept(world) == {"under_represented"}
    crowd(world, 12)
    world.move_to(NEW_YEAR)
    commit(hannah)
    sofia.hands.click(asked, ids.OPEN_SENSITIVE)
    assert "consent.under_represented" not in str(sofia.hands.modal)
    world.move_to(DRAW_DAY)
    draw(hannah)
    with world.bot.store.read(world.running.workspace_id) as tx:
        (made,) = draws.every(tx)
        mine = applications.everywhere(tx, SOFIA)[0]
        own = lines.number(tx, mine)
    assert own in made.selected
    opened = next(it.member for it in made.listed if it.id == own)
    assert opened is not None
    assert opened.value is True
