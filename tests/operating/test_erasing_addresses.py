"""Erasing somebody by their e-mail address, also who was never in Slack; and they stay erased."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mentorbot import operating
from mentorbot.cli import app
from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.model import ListedAddress, Role
from mentorbot.intake import Order, Watch, import_applications
from mentorbot.storage import applications
from mentorbot.storage.applications import Round
from mentorbot.usecases import importing, reviewing
from tests.applications import apply, programme_file, run
from tests.journeys.test_importing import export, row
from tests.operating.test_erasing import TEAM, erase, everything, holding, seen_whole
from tests.world import HANNAH, OMAR, ZOE, World, on_both_databases, world_at

ADDRESS = "quokka@example.org"


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A programme that takes applications from files, and keeps a list."""
    is_postgres = getattr(request, "param", "sqlite") == "postgres"
    database = request.getfixturevalue("postgres") if is_postgres else None
    with world_at(tmp_path, database=database, is_set_up=False) as made:
        run(made, programme_file(through=["slack", "import"], lists={"members": "Members"}))
        yield made


def take_in(world: World, *names: str) -> importing.Report:
    """A form's export in which these people have applied."""
    return take_in_rows(world, *map(row, names))


def take_in_rows(world: World, *rows: str) -> importing.Report:
    order = Order(TEAM, "img", (Role.MENTEE,), HANNAH)
    watch = Watch(lambda _table, _columns: None, lambda _rejected, _read: None)
    found = import_applications(world.bot, order, BytesIO(export(*rows)), watch)
    world.settle()
    return found


def approve_all(world: World) -> None:
    with world.bot.store.begin(TEAM) as tx:
        while case := reviewing.next_case(tx, HANNAH):
            found = case.application
            reviewing.approve(tx, HANNAH, found.application_id, found.version, world.clock())
    world.settle()


def be_invited(world: World) -> None:
    """Quokka applies elsewhere, is a member, and gets a letter."""
    with world.bot.store.begin(TEAM) as tx:
        tx.add(ListedAddress(TEAM, "img", "members", ADDRESS))
    take_in(world, "Quokka", "Lina")
    approve_all(world)
    assert len(letters(world)) == 1


def letters(world: World) -> list[Path]:
    return list(world.bot.settings.mentorbot_mail_folder.glob("*.eml"))


def traces(world: World, request: pytest.FixtureRequest) -> set[str]:
    """The tables that still know somebody called Quokka."""
    with seen_whole(world, request) as engine:
        return set(holding(everything(engine), "Quokka", "quokka"))


@on_both_databases
def test_nothing_is_left_of_somebody_erased_by_their_address(
    world: World, request: pytest.FixtureRequest
) -> None:
    be_invited(world)
    assert traces(world, request) == {"application", "listed_address"}
    _path, erased = operating.erase_person(world.bot.settings, TEAM, ADDRESS, world.clock)
    held = erased.held
    assert (erased.accounts, held.applications, held.listed) == (0, 1, 1)
    assert len(held.letters) == 1
    assert letters(world) == []
    assert traces(world, request) == set()
    with world.bot.store.read(TEAM) as tx:
        assert applications.count_sent(tx, Round("img", 1)) == 2
    with pytest.raises(OperatorRefused, match="Nothing is stored of quokka"):
        erase(world, ADDRESS)


def test_letter_that_cannot_be_deleted_is_named_and_the_person_erased_at_the_next_start(
    world: World, request: pytest.FixtureRequest
) -> None:
    be_invited(world)
    (letter,) = letters(world)
    letter.unlink()
    letter.mkdir()
    with pytest.raises(OperatorRefused, match=f"{letter.name}.* give the command again"):
        erase(world, ADDRESS)
    assert traces(world, request) == {"application", "listed_address"}
    letter.rmdir()
    assert operating.repeat_erasures(world.bot) == 1
    assert traces(world, request) == set()


def test_letter_that_waits_does_not_go_to_somebody_erased(world: World) -> None:
    take_in(world, "Quokka")
    with world.bot.store.begin(TEAM) as tx:
        case = reviewing.next_case(tx, HANNAH)
        assert case is not None
        found = case.application
        reviewing.decline(tx, HANNAH, found.application_id, found.version, "No.", world.clock())
    erase(world, ADDRESS)
    world.pass_days(1)
    assert letters(world) == []


@on_both_databases
def test_same_export_brings_nobody_back_who_was_erased(
    world: World, request: pytest.FixtureRequest
) -> None:
    be_invited(world)
    erase(world, ADDRESS)
    again = take_in(world, "Quokka", "Lina")
    assert (again.new, again.same, again.rejected) == (0, 1, 1)
    assert [it.key for it in again.first_rejected[0].faults] == ["imports.erased"]
    assert traces(world, request) == set()
    world.pass_days(1)
    later = row("Quokka").replace("2026-11-20", "2026-11-24")
    assert take_in_rows(world, later).new == 1


def test_backup_from_before_brings_no_address_back(
    world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    be_invited(world)
    settings, backup = world.bot.settings, tmp_path / "yesterday.bak"
    operating.back_up_database(settings, backup)
    erase(world, ADDRESS)
    _kept, repeated = operating.restore_database(settings, backup, world.clock)
    assert repeated == 1
    assert traces(world, request) == set()
    for file in tmp_path.glob("mentorbot.db*"):
        assert ADDRESS.encode() not in file.read_bytes(), file


def test_address_and_account_that_belong_together_are_erased_together(world: World) -> None:
    """Whichever of the two is named; and who only typed the address keeps all but that."""
    zoe, omar = world.person(ZOE), world.person(OMAR)
    for who in (zoe, omar):
        apply(who, email="zoe@example.org")
    _path, erased = operating.erase_person(world.bot.settings, TEAM, "zoe@example.org", world.clock)
    assert (erased.accounts, erased.held.applications) == (1, 1)
    after = everything(world.bot.store.engine)
    assert holding(after, ZOE, "zoe@example.org", "Okonkwo") == {}
    with world.bot.store.read(TEAM) as tx:
        (left,) = applications.of_person(tx, Round("img", 1), OMAR)
    assert left.answers["degree"] == "PhD"


def test_erasing_an_account_keeps_its_export_out_too(world: World) -> None:
    take_in(world, "Zoe")
    world.running.heartbeat.sweep()
    erase(world, ZOE)
    assert take_in(world, "Zoe").rejected == 1


def test_command_takes_an_address_and_says_what_was_erased(world: World) -> None:
    be_invited(world)
    url = world.bot.settings.mentorbot_database_url
    erasures = str(world.bot.settings.erasures_path())
    folder = str(world.bot.settings.mentorbot_mail_folder)
    given = ["people", "erase", "Quokka@Example.org", "--workspace", TEAM, "--yes"]
    told = CliRunner().invoke(
        app,
        given,
        env={
            "MENTORBOT_DATABASE_URL": url,
            "MENTORBOT_ERASURES_FILE": erasures,
            "MENTORBOT_MAIL_FOLDER": folder,
        },
    )
    assert told.exit_code == 0, told.output
    said = "quokka@example.org is erased in T0SANDBOX0: 1 × application, 1 × letter,"
    assert f"{said} 1 × place on a list." in told.stdout
    assert letters(world) == []
