"""What is in deploy/: it fits the code it runs, as far as that can be told without an engine."""

import configparser
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mentorbot.bootstrap import build, migrate
from mentorbot.cli import app
from mentorbot.config import Settings
from mentorbot.storage import soundness
from tests.postgres import OWNER, Server
from tests.web.stage import serving_world

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = ("mentorbot.service", "mentorbot-serve.service")
COMPOSE = ("compose.yml", "compose.sqlite.yml")
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = {it.name or getattr(it.callback, "__name__", "") for it in app.registered_commands}
MOST_EXPOSURE = 15
"""In tenths; `systemd-analyze security` calls up to 2.0 well protected, and an open unit 9.6."""
Instruction = tuple[str, str]


def unit(name: str) -> configparser.ConfigParser:
    """A unit; of what may be said several times, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have case
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def environment_of(name: str) -> dict[str, str]:
    """What a unit's lines set."""
    lines = re.findall(r"^Environment=(.+)$", (DEPLOY / name).read_text("utf-8"), re.MULTILINE)
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line))


@pytest.fixture(params=UNITS)
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit as it would be installed, where its command is this environment's."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    copy = tmp_path / str(request.param)
    text = (DEPLOY / copy.name).read_text(encoding="utf-8")
    here = text.replace("/opt/mentorbot/bin", str(Path(sys.executable).parent))
    copy.write_text(here, encoding="utf-8")
    return copy


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_takes_the_units_without_a_word(installed: Path) -> None:
    said = analyze("verify", str(installed))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_unit_leaves_the_rest_of_the_machine_alone(installed: Path) -> None:
    words = ("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}")
    assert analyze(*words, str(installed)).returncode == 0
    text = installed.read_text(encoding="utf-8")
    installed.write_text(
        re.sub(r"^(Protect|Private|Restrict|SystemCall).*\n", "", text, flags=re.M)
    )
    assert analyze(*words, str(installed)).returncode != 0


@pytest.mark.parametrize(("name", "command"), [(UNITS[0], "run"), (UNITS[1], "serve")])
def test_a_unit_runs_a_command_that_there_is_with_settings_that_there_are(
    name: str, command: str
) -> None:
    service = unit(name)["Service"]
    assert service["ExecStart"] == f"/opt/mentorbot/bin/mentorbot {command}"
    assert command in COMMANDS
    assert set(environment_of(name)) <= SETTINGS
    database = environment_of(name)["MENTORBOT_DATABASE_URL"]
    assert database.startswith(f"sqlite:////var/lib/{service['StateDirectory']}/")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"


def test_the_units_differ_in_the_transport_alone_and_exclude_each_other() -> None:
    first, second = (unit(name) for name in UNITS)
    assert [it["Unit"]["Conflicts"] for it in (second, first)] == list(UNITS)
    differing = {
        (section, key)
        for section in first.sections()
        for key in {*first[section], *second[section]}
        if first[section].get(key) != second[section].get(key)
    }
    assert differing == {
        ("Unit", "Description"),
        ("Unit", "Conflicts"),
        ("Service", "ExecStart"),
        ("Service", "Environment"),
    }


def instructions() -> list[Instruction]:
    """The Dockerfile's instructions, each on one line, without comments."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    whole = "\n".join(line for line in lines if line and not line.startswith("#"))
    split = [line.split(maxsplit=1) for line in whole.replace("\\\n", " ").splitlines()]
    return [(name, rest.strip()) for name, rest in split]


def arguments(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def copied() -> list[str]:
    """What comes into the image from the checkout."""
    return [
        source
        for rest in arguments("COPY")
        if not rest.startswith("--from=")
        for source in rest.split()[:-1]
    ]


def is_sent(path: str) -> bool:
    """Whether a path of the checkout goes to the engine at all; the last pattern decides."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    verdict = True
    for pattern in (line for line in lines if line and not line.startswith("#")):
        bare = pattern.lstrip("!")
        parts = path.split("/")
        above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        names = parts if bare.startswith("**/") else above
        if any(fnmatch.fnmatch(name, bare.removeprefix("**/")) for name in names):
            verdict = pattern.startswith("!")
    return verdict


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    assert {name for name, _ in instructions()} <= {
        *("FROM", "WORKDIR", "COPY", "ENV", "RUN"),
        *("USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    stages = arguments("FROM")
    assert len(stages) == 2
    assert all(re.match(r"python:3\.\d+-slim\b", stage) for stage in stages)
    (taken,) = [rest for rest in arguments("COPY") if rest.startswith("--from=")]
    assert f" AS {taken.split()[0].removeprefix('--from=')}" in stages[0]
    assert int(arguments("USER")[-1].partition(":")[0]) >= 1000
    assert instructions()[-1][0] == "CMD"


def test_everything_copied_into_the_image_is_there_and_sent() -> None:
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert is_sent(source), source
    assert is_sent("mentorbot/cli.py")
    for private in (".env", "deploy/.env", ".git/config", "var/mentorbot.db", "tests/world.py"):
        assert not is_sent(private), private
    assert not is_sent("mentorbot/slack/__pycache__/app.cpython-313.pyc")


def test_what_is_copied_makes_the_same_wheel_as_the_checkout(tmp_path: Path) -> None:
    for source in copied():
        target = tmp_path / "src" / source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / source, target)
    assert wheel_of(tmp_path / "src", tmp_path / "image") == wheel_of(ROOT, tmp_path / "checkout")


def wheel_of(source: Path, target: Path) -> set[str]:
    """The names in the wheel of a folder."""
    pytest.importorskip("hatchling", reason="needs hatchling to build a wheel")
    build_wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build_wheel, cwd=source, check=True, capture_output=True)
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_the_wheel_is_installed_with_the_pinned_versions() -> None:
    (run, *_) = arguments("RUN")
    (pinned,) = [rest for rest in arguments("ENV") if "PIP_CONSTRAINT" in rest]
    assert "PIP_CONSTRAINT=/src/constraints.txt" in pinned.split()
    assert "pip wheel" in run
    assert "mentorbot[postgres] @ file://" in run


def test_the_image_names_settings_and_commands_that_there_are() -> None:
    named = re.findall(
        r"\b(MENTORBOT_\w+|SLACK_\w+)", "\n".join(rest for _, rest in instructions())
    )
    assert {*named} <= SETTINGS
    assert {"MENTORBOT_DATABASE_URL", "MENTORBOT_HOST", "MENTORBOT_PORT"} <= {*named}
    assert json.loads(arguments("ENTRYPOINT")[0]) == ["mentorbot"]
    (command,) = json.loads(arguments("CMD")[0])
    assert command in COMMANDS


def compose(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", COMPOSE)
def test_a_composition_names_files_volumes_commands_and_settings_that_there_are(name: str) -> None:
    whole = compose(name)
    bot = whole["services"]["bot"]
    context = (DEPLOY / bot["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / bot["build"]["dockerfile"]).is_file()
    assert set(bot["command"]) <= COMMANDS
    assert set(bot["environment"]) <= SETTINGS
    assert bot["env_file"] == "../.env"
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    used = {
        volume.partition(":")[0]
        for service in whole["services"].values()
        for volume in service.get("volumes", [])
    }
    files = {volume for volume in used if volume.startswith(".")}
    assert used - files == set(whole["volumes"])
    assert all((DEPLOY / file).is_file() for file in files)


@pytest.mark.parametrize("name", COMPOSE)
def test_whatever_a_composition_starts_is_started_again_and_waits_for_what_it_needs(
    name: str,
) -> None:
    services = compose(name)["services"]
    for service in services.values():
        assert service["restart"] == "unless-stopped"
        assert "healthcheck" in service
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "test" in services[needed]["healthcheck"]


def test_the_bot_and_its_database_agree_on_names_and_passwords() -> None:
    services = compose("compose.yml")["services"]
    given, settings = services["database"]["environment"], services["bot"]["environment"]
    assert settings["MENTORBOT_DATABASE_URL"] == (
        "postgresql://mentorbot:${POSTGRES_BOT_PASSWORD}@database/mentorbot"
    )
    assert settings["MENTORBOT_DATABASE_OWNER_URL"] == (
        "postgresql://mentorbot_owner:${POSTGRES_OWNER_PASSWORD}@database/mentorbot"
    )
    roles = (DEPLOY / "roles.sh").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$(POSTGRES_\w+_PASSWORD)", roles))
    assert asked == {"POSTGRES_OWNER_PASSWORD", "POSTGRES_BOT_PASSWORD"}
    assert asked < set(given)
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert all(name in guide for name in given)
    (published,) = services["bot"]["ports"]
    assert published == f"127.0.0.1:8080:{settings['MENTORBOT_PORT']}"


def checks() -> Iterator[tuple[str, list[str]]]:
    """Each health check of the bot, as the engine would start it."""
    (own,) = arguments("HEALTHCHECK")
    yield "/healthz", json.loads(own.partition("CMD")[2])
    yield "/readyz", compose("compose.yml")["services"]["bot"]["healthcheck"]["test"][1:]


def test_the_health_checks_tell_a_bot_that_serves_from_one_that_does_not(tmp_path: Path) -> None:
    found = dict(checks())
    with serving_world(tmp_path) as world:
        port = world.url.rpartition(":")[2]
        for path, words in found.items():
            assert path in words[-1]
            assert ends(words, port) == 0
        pulse, before = world.bot.pulse, world.bot.pulse._monotonic
        pulse._monotonic = lambda: before() + 60
        assert [ends(words, port) for words in found.values()] == [1, 1]
    assert all(ends(words, port) != 0 for words in found.values())


def ends(words: list[str], port: str) -> int:
    """How a check ends where the bot is at some port."""
    command = [sys.executable, *[word.replace("8080", port) for word in words[1:]]]
    environment = {**os.environ, "MENTORBOT_PORT": port}
    done = subprocess.run(
        command, env=environment, capture_output=True, timeout=30, check=False, text=True
    )
    return done.returncode


@pytest.fixture
def unnamed(postgres_server: Server) -> Iterator[Server]:
    """A server on which none of the bot's roles is taken."""
    postgres_server.run(f"ALTER ROLE {OWNER} RENAME TO set_aside")
    yield postgres_server
    postgres_server.run("DROP DATABASE IF EXISTS mentorbot")
    for role in ("mentorbot", "mentorbot_owner"):
        postgres_server.run(f"DROP ROLE IF EXISTS {role}")
    postgres_server.run(f"ALTER ROLE set_aside RENAME TO {OWNER}")


def test_the_roles_that_are_made_are_those_that_the_bot_needs(unnamed: Server) -> None:
    home = Path(unnamed.url().partition("host=")[2])
    environment = {
        **os.environ,
        "PATH": f"{unnamed.programs}:{os.environ['PATH']}",
        "PGHOST": str(home),
        "POSTGRES_OWNER_PASSWORD": "it's $quoted",
        "POSTGRES_BOT_PASSWORD": "deep",
    }
    made = subprocess.run(
        ["sh", str(DEPLOY / "roles.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    protected = "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM%' AND NOT rolsuper"
    assert set(unnamed.run(protected)) == {("mentorbot",), ("mentorbot_owner",)}
    settings = Settings(
        _env_file=None,
        mentorbot_database_url=unnamed.url("mentorbot", "mentorbot"),
        mentorbot_database_owner_url=unnamed.url("mentorbot_owner", "mentorbot"),
    )
    bot = build(settings)
    migrate(bot)
    found = list(soundness.of_database(bot.store, None))
    bot.store.close()
    assert [it.key for it in found if it.is_well] == ["database", "migrations"]
