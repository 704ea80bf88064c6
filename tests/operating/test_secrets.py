"""Draws and keys by command: a draw is exported and verified, keys are made, missed and renewed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorbot.config import Settings
from mentorbot.running import check_up
from mentorbot.storage.sealing import Vault, new_key
from tests.applications import apply, run
from tests.journeys.test_lottery import DRAW_DAY, NEW_YEAR, commit, draw
from tests.lottery import AUTUMN, answer_confidentially, lottery_file
from tests.operating.conftest import Run
from tests.world import HANNAH, LINA, ZOE, World, world_at

WHERE = ("--workspace", "T0SANDBOX0")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Applications are open for places that are drawn; Lina has answered confidentially."""
    with world_at(tmp_path, AUTUMN, is_set_up=False) as made:
        run(made, lottery_file())
        apply(made.person(LINA))
        answer_confidentially(made.person(LINA))
        yield made


@pytest.fixture
def commands(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands, over the world's database, with its key."""
    settings = world.bot.settings
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", settings.mentorbot_database_url)
    monkeypatch.setenv("MENTORBOT_SECRET_KEYS", settings.mentorbot_secret_keys.get_secret_value())
    return run


def test_draw_is_exported_and_holds_when_it_is_verified(
    world: World, commands: Run, tmp_path: Path
) -> None:
    apply(world.person(ZOE))
    assert "Nothing was drawn" in commands("lottery", "export", *WHERE).output
    world.move_to(NEW_YEAR)
    commit(world.person(HANNAH))
    world.move_to(DRAW_DAY)
    draw(world.person(HANNAH))
    file = tmp_path / "draw.json"
    exported = commands("lottery", "export", *WHERE, "--role", "mentee", "-o", str(file))
    assert exported.exit_code == 0, exported.output
    assert commands("lottery", "export", *WHERE).output == file.read_text() + "\n"
    verified = commands("lottery", "verify", str(file))
    assert "The draw holds: 2 applicants" in verified.output
    published = json.loads(file.read_text())
    file.write_text(json.dumps({**published, "selected": []}))
    assert commands("lottery", "verify", str(file)).exit_code == 1
    refused = commands("lottery", "export", *WHERE, "-o", str(tmp_path / "none" / "draw.json"))
    assert refused.exit_code == 2
    assert "Nothing was drawn" in commands("lottery", "export", *WHERE, "--role", "mentor").output


def found(world: World, keys: str) -> list[str]:
    """What the doctor finds about keys, with these in the settings."""
    given = {"mentorbot_secret_keys": type(world.bot.settings.mentorbot_secret_keys)(keys)}
    settings: Settings = world.bot.settings.model_copy(update=given)
    every = [it for it in check_up(settings, world.clock) if it.key.startswith("secrets")]
    return [f"{it.key} {it.is_well}" for it in every]


def test_doctor_says_where_a_key_is_missing_or_another(world: World) -> None:
    kept = world.bot.settings.mentorbot_secret_keys.get_secret_value()
    assert found(world, kept) == ["secrets True"]
    assert found(world, f"{new_key()},{kept}") == ["secrets True"]
    assert found(world, "") == ["secrets_missing False"]
    assert found(world, new_key()) == ["secrets_closed False"]


def test_keys_are_made_and_take_over_from_old_ones(
    world: World, commands: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = world.bot.settings.mentorbot_secret_keys.get_secret_value()
    made = commands("secrets", "new").output.strip()
    assert Vault([made]).can_seal
    monkeypatch.setenv("MENTORBOT_SECRET_KEYS", made)
    assert commands("secrets", "renew").exit_code == 2
    monkeypatch.setenv("MENTORBOT_SECRET_KEYS", f"{made},{kept}")
    assert "1 sealed anew" in commands("secrets", "renew").output
    assert found(world, made) == ["secrets True"]
