"""A backup from before brings nobody back who was erased since, whoever restores it and how."""

import subprocess
from pathlib import Path

import pytest

from mentorbot import operating
from mentorbot.running import upgrade_database
from mentorbot.storage import erasure_file, lanes
from mentorbot.storage.store import open_engine
from tests.journeys.telling import pair_up
from tests.operating.test_erasing import TEAM, erase, everything, holding, seen_whole
from tests.postgres import Database, Server
from tests.test_operating import run_python
from tests.world import AMARA, OMAR, ZOE, World


def recovers(world: World) -> bool:
    with world.bot.store.begin(TEAM) as tx:
        held = lanes.hold(tx, "a test", world.clock() + lanes.STILL_UNDER_WAY, 0)
    return held is not None and held.recover_from_at is not None


def test_backup_from_before_an_erasure_brings_nobody_back(world: World, tmp_path: Path) -> None:
    amara, zoe, omar = (world.person(who) for who in (AMARA, ZOE, OMAR))
    pair_up(amara, zoe)
    omar.join("mentee")
    world.pass_days(1)
    settings, backup = world.bot.settings, tmp_path / "yesterday.bak"
    operating.back_up_database(settings, backup)
    world.pass_days(1)
    erase(world)
    world.settle()
    heard = len(zoe.dms())
    assert ZOE.encode() in backup.read_bytes()
    kept, repeated = operating.restore_database(settings, backup, world.clock)
    assert repeated == 1
    assert kept is not None
    assert holding(everything(world.bot.store.engine), ZOE) == {}
    for file in tmp_path.glob("mentorbot.db*"):
        assert ZOE.encode() not in file.read_bytes(), file
    world.pass_days(40)
    world.running.heartbeat.sweep()
    world.settle()
    assert holding(everything(world.bot.store.engine), ZOE) == {}
    assert len(zoe.dms()) == heard


def test_restored_database_is_in_recovery_and_one_that_runs_on_is_not(
    world: World, tmp_path: Path
) -> None:
    settings, backup = world.bot.settings, tmp_path / "good.bak"
    operating.back_up_database(settings, backup)
    assert not recovers(world)
    operating.restore_database(settings, backup, world.clock)
    assert recovers(world)


@pytest.mark.parametrize("world", ["postgres"], indirect=True)
def test_postgresql_brought_back_by_its_own_tools_erases_again_before_anything_is_sent(
    world: World,
    postgres: Database,
    postgres_server: Server,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    programs, dump = postgres_server.programs, tmp_path / "backup.sql"
    tell = ["--dbname", postgres.superuser_url, "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1"]
    run([programs / "pg_dump", "--clean", "--if-exists", postgres.superuser_url, "-f", dump])
    assert ZOE in dump.read_text()
    erase(world)
    heard = len(zoe.dms())
    world.bot.store.close()
    run([programs / "psql", *tell, "--file", dump])
    with seen_whole(world, request) as engine:
        assert set(holding(everything(engine), ZOE)) >= {"person", "participant"}
        upgrade_database(world.bot.settings)
        assert holding(everything(engine), ZOE) == {}
    world.pass_days(30)
    assert len(zoe.dms()) == heard


def run(words: list[object]) -> None:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_heartbeat_by_command_erases_again_before_it_sends(world: World, tmp_path: Path) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    settings, copy = world.bot.settings, tmp_path / "copy.db"
    operating.back_up_database(settings, copy)
    erase(world)
    heard = len(zoe.dms())
    ticked = run_python(
        tmp_path,
        *("-m", "mentorbot", "tick", "--now", "2999-01-01T00:00Z"),
        SLACK_API_URL=settings.slack_api_url,
        SLACK_BOT_TOKEN=settings.slack_bot_token.get_secret_value(),
        MENTORBOT_DATABASE_URL=f"sqlite:///{copy}",
        MENTORBOT_ERASURES_FILE=str(settings.erasures_path()),
    )
    assert ticked.returncode == 0, ticked.stderr
    engine = open_engine(f"sqlite:///{copy}")
    assert holding(everything(engine), ZOE) == {}
    engine.dispose()
    assert len(zoe.dms()) == heard


def test_line_cut_short_by_a_crash_costs_no_other_erasure(world: World) -> None:
    world.person(ZOE).join("mentee")
    world.person(AMARA).join("mentor")
    path = erase(world)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    erase(world, AMARA)
    first, second = erasure_file.read(path)
    assert {first.workspace_id, second.workspace_id} == {TEAM}
    assert first.digest != second.digest
    assert path.stat().st_mode & 0o077 == 0
