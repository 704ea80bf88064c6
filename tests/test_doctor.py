"""`mentorbot doctor`: whatever is wrong with an installation is named, and nothing else is."""

import logging
import shutil
import sqlite3
import threading
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import structlog
import tzdata
from click.testing import Result
from pydantic import SecretStr
from sqlalchemy import make_url
from typer.testing import CliRunner

from mentorbot.bootstrap import real_clock
from mentorbot.cli import app
from mentorbot.config import Settings
from mentorbot.domain.findings import Finding
from mentorbot.domain.messages import NO_INVITE_LINK, MessageState
from mentorbot.domain.permissions import TeamRole
from mentorbot.running import check_up
from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.demo import CHANNEL, COORDINATOR
from mentorbot.sandbox.population import Population
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.manifest import scopes
from mentorbot.slack.oauth_stores import Installed
from mentorbot.storage import appointments, people
from mentorbot.storage.backup import back_up
from mentorbot.usecases import team as team_of
from mentorbot.zones import SAMPLE, iana_version, of_zones
from tests.applications import programme_file, run
from tests.postgres import Database, Server
from tests.smtp import made_certificate, mail_server
from tests.storage.told import message
from tests.web.stage import SECOND, serving_worlds
from tests.world import MONDAY, World, world_at

ALL_WELL = {
    *("token_kind", "heartbeat", "database", "migrations", "messages", "zones", "reachable"),
    *("clock", "app_token", "token_taken", "scopes_all", "channel", "coordinators"),
    "mail_spooled",
}
Doctor = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Looking an installation over sets logs up, as every command does."""
    before, root = structlog.get_config(), logging.getLogger()
    sinks = list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in ("", "alembic", "slack_sdk")}
    yield
    structlog.configure(**before)
    root.handlers[:] = sinks
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation with nothing wrong; each test puts right again what it breaks."""
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    with world_at(tmp_path_factory.mktemp("doctor")) as made:
        yield made


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Runs `mentorbot doctor` with these settings and no others, in an empty folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)

    def run(**settings: str) -> Result:
        return CliRunner().invoke(app, ["doctor"], env={k.upper(): v for k, v in settings.items()})

    return run


def look_over(world: World, **changes: object) -> list[Finding]:
    """What the doctor finds, with some settings changed."""
    settings = world.bot.settings.model_copy(update=changes)
    return list(check_up(settings, world.clock))


def ills(found: list[Finding]) -> dict[str, dict[str, object]]:
    return {it.key: dict(it.values) for it in found if not it.is_well}


def faults(world: World, **changes: object) -> dict[str, dict[str, object]]:
    """What is wrong, by key."""
    return ills(look_over(world, **changes))


def test_nothing_is_found_where_nothing_is_wrong(shared: World) -> None:
    found = look_over(shared)
    assert ills(found) == {}
    assert {it.key for it in found} == ALL_WELL


def test_looking_an_installation_over_says_and_changes_nothing(shared: World) -> None:
    before = shared.sandbox.version
    look_over(shared)
    assert shared.sandbox.version == before
    assert shared.sandbox.is_connected


@pytest.mark.parametrize(
    ("name", "token", "key"),
    [
        ("slack_bot_token", "", "token_missing"),
        ("slack_bot_token", "xapp-1-A0-1-abcdef", "token_mixed_up"),
        ("slack_bot_token", "xoxp-1-abcdef", "token_of_person"),
        ("slack_bot_token", "xoxe.xoxp-1-abcdef", "token_of_person"),
        ("slack_bot_token", "xoxe-1-abcdef", "token_for_renewal"),
        ("slack_bot_token", '"xoxb-1-abcdef"', "token_unknown"),
        ("slack_bot_token", "xoxb-1-abcdef", "token_refused"),
        ("slack_bot_token", "xoxe.xoxb-1-abcdef", "token_refused"),
        ("slack_app_token", "", "no_door"),
        ("slack_app_token", "xoxb-1-abcdef", "token_mixed_up"),
        ("slack_app_token", "xoxp-1-abcdef", "token_of_person"),
        ("slack_app_token", "xapp-1-A0-1-abcdef", "app_token_refused"),
    ],
)
def test_a_wrong_token_is_told_from_every_other(
    shared: World, name: str, token: str, key: str
) -> None:
    found = faults(shared, **{name: SecretStr(token)})
    assert set(found) == {key}
    assert "abcdef" not in str(found)
    assert found[key].get("name", name.upper()) == name.upper()


def test_a_revoked_token_is_told_with_slacks_word(tmp_path: Path) -> None:
    with world_at(tmp_path) as world:
        world.sandbox.state.grants.end("token_revoked")
        assert faults(world) == {
            "token_refused": {"name": "SLACK_BOT_TOKEN", "why": "token_revoked"}
        }


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"slack_client_id": "1.2", "slack_bot_token": SecretStr("")}, "SLACK_BOT_TOKEN"),
        ({"slack_client_id": "1.2"}, None),
    ],
)
def test_http_mode_is_told_what_it_lacks(
    shared: World, changes: dict[str, object], word: str | None
) -> None:
    secret = {"slack_signing_secret": SecretStr("signing-secret"), "slack_app_token": SecretStr("")}
    found = look_over(shared, **secret, **changes)
    if word is None:
        assert "http" in {it.key for it in found}
        assert ills(found) == {}
    else:
        assert word in str(ills(found)["http_incomplete"]["sentence"])


def test_the_scopes_that_are_missing_are_named(shared: World) -> None:
    grants = shared.sandbox.state.grants
    grants.grant(", ".join(it for it in scopes() if it not in ("mpim:write", "users:read")))
    assert faults(shared) == {
        "scopes": {"name": "SLACK_BOT_TOKEN", "missing": "mpim:write, users:read"}
    }
    grants.grant(",".join([*scopes(), "reactions:read"]))
    assert faults(shared) == {}


@pytest.mark.parametrize(
    ("seconds", "key"),
    [(61, "clock_ahead"), (400, "clock_ahead"), (-61, "clock_behind"), (60, None), (-60, None)],
)
def test_a_clock_that_differs_by_more_than_a_minute_is_told(
    shared: World, seconds: int, key: str | None
) -> None:
    now = shared.clock()
    here = now + timedelta(seconds=seconds)
    found = ills(list(check_up(shared.bot.settings, lambda: here)))
    assert found == ({key: {"seconds": abs(seconds)}} if key else {})


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (lambda sandbox: sandbox.faults.status("api.test", 503), "http_503"),
        (lambda sandbox: sandbox.faults.lose_answer("api.test"), "Remote end closed"),
        (lambda sandbox: sandbox.faults.ratelimit("api.test", 30), "ratelimited"),
    ],
)
def test_a_slack_that_does_not_answer_is_told_once(
    shared: World, fault: Callable[[Sandbox], None], why: str
) -> None:
    fault(shared.sandbox)
    found = faults(shared)
    assert set(found) == {"unreachable"}
    assert why in str(found["unreachable"]["why"])


def test_an_address_where_nobody_listens_is_told(shared: World) -> None:
    nobody = "http://127.0.0.1:9/api/"
    found = faults(shared, slack_api_url=nobody)
    assert set(found) == {"unreachable"}
    assert found["unreachable"]["url"] == nobody
    assert "refused" in str(found["unreachable"]["why"])


class Stranger(BaseHTTPRequestHandler):
    """Something that answers in place of Slack, without a date."""

    body = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"<html>Please sign in to this network</html>", {"unreachable"}),
        (b'{"ok": true}', {"scopes"}),
    ],
)
def test_what_answers_in_place_of_slack_is_not_taken_for_slack(
    shared: World, monkeypatch: pytest.MonkeyPatch, body: bytes, wrong: set[str]
) -> None:
    monkeypatch.setattr(Stranger, "body", body)
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = look_over(shared, slack_api_url=f"http://127.0.0.1:{server.server_port}/api/")
        server.shutdown()
    assert set(ills(found)) == wrong
    assert ("clock_untold" in {it.key for it in found}) == (wrong != {"unreachable"})


def test_a_channel_without_the_bot_is_told_with_what_to_do(shared: World) -> None:
    channel = shared.sandbox.state.conversations[CHANNEL]
    bot = shared.sandbox.bot_user_id
    channel.members.remove(bot)
    assert set(faults(shared)) == {"channel_left"}
    channel.members.append(bot)
    channel.is_archived = True
    assert set(faults(shared)) == {"channel_archived"}
    channel.is_archived = False
    del shared.sandbox.state.conversations[CHANNEL]
    assert faults(shared)["channel_hidden"]["channel"] == CHANNEL
    shared.sandbox.state.conversations[CHANNEL] = channel
    assert faults(shared) == {}


def test_a_coordinator_who_has_left_slack_is_named(shared: World) -> None:
    user = shared.sandbox.state.users[COORDINATOR]
    user.deactivated = True
    assert faults(shared)["coordinators_gone"]["gone"] == COORDINATOR
    user.deactivated, user.joined = False, False
    assert faults(shared)["coordinators_gone"]["gone"] == COORDINATOR
    user.joined = True
    assert faults(shared) == {}


@pytest.mark.parametrize("method", ["conversations.info", "users.info"])
def test_what_slack_does_not_tell_is_not_taken_for_gone(shared: World, method: str) -> None:
    shared.sandbox.faults.fail(method, "missing_scope")
    found = faults(shared)
    assert set(found) == {"untold"}
    assert found["untold"]["why"] == "missing_scope"


def test_a_token_of_another_workspace_than_the_database_is_told(shared: World) -> None:
    with Sandbox(shared.clock, population=SECOND) as elsewhere:
        found = faults(shared, slack_api_url=elsewhere.api_url)
    here = shared.sandbox.workspace_id
    assert found == {"other_workspace": {"workspace": SECOND.workspace_id, "others": here}}


def test_each_workspace_that_installed_the_bot_is_looked_at(tmp_path: Path) -> None:
    with serving_worlds(tmp_path, Population.read(), SECOND) as (north, south):
        for world in (north, south):
            world.install()
            world.set_up()
        found = look_over(north)
        assert ills(found) == {}
        assert [it.key for it in found].count("channel") == 2
        assert "http" in {it.key for it in found}

        south.sandbox.state.grants.grant("chat:write")
        assert faults(north)["scopes"]["name"] == SECOND.workspace_id
        south.sandbox.state.grants.end("token_revoked")
        told = {"name": SECOND.workspace_id, "why": "token_revoked"}
        assert faults(north) == {"token_refused": told}
        Installed(north.bot).delete_bot(enterprise_id=None, team_id=SECOND.workspace_id)
        assert faults(north) == {"not_installed": {"workspace": SECOND.workspace_id}}
        with north.bot.store.begin(SECOND.workspace_id) as tx:
            people.uninstalled(tx, north.clock())
        assert faults(north) == {}


def test_a_token_that_cannot_be_renewed_is_told(tmp_path: Path) -> None:
    with serving_worlds(tmp_path, Population.read()) as (north,):
        grants = north.sandbox.state.grants
        grants.rotates, grants.token_lifetime_seconds = True, 1
        north.install()
        time.sleep(1.1)
        north.sandbox.faults.fail("oauth.v2.access", "internal_error")
        told = {"workspace": north.sandbox.workspace_id, "why": "internal_error"}
        assert faults(north) == {"token_not_renewed": told}
        assert faults(north) == {}


def test_programme_without_an_owner_is_told_with_the_way_out(shared: World) -> None:
    team, now = shared.sandbox.workspace_id, shared.clock()
    with shared.bot.store.begin(team) as tx:
        (owner,) = [it for it in appointments.of_programme(tx, "img") if it.role is TeamRole.OWNER]
        appointments.dismiss(tx, "img", owner.slack_user_id, TeamRole.OWNER)
        appointments.appoint(tx, replace(owner, role=TeamRole.COORDINATOR))
    name = "IMG Mentorship Programme"
    assert faults(shared) == {"no_owner": {"programme": name, "workspace": team}}
    with shared.bot.store.begin(team) as tx:
        appointments.dismiss(tx, "img", owner.slack_user_id, TeamRole.COORDINATOR)
        team_of.appoint(tx, "img", owner.slack_user_id, TeamRole.OWNER, "operator", now)
    assert faults(shared) == {}


def test_programme_that_goes_by_addresses_needs_the_scope_for_them(tmp_path: Path) -> None:
    with world_at(tmp_path, is_set_up=False) as world:
        rule = {"email_domain": ["example.org"]}
        run(world, programme_file(eligibility={"mentee": rule}))
        assert faults(world) == {}
        granted = (it for it in scopes() if it != "users:read.email")
        world.sandbox.state.grants.grant(",".join(granted))
        assert set(faults(world)) == {"scopes", "addresses_unread"}


def test_mail_server_is_spoken_to_and_nothing_is_sent(
    shared: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = made_certificate(tmp_path)
    with mail_server(certificate=certificate, is_asked=True, logins={"me": "pa55word"}) as post:
        right, wrong = (SecretStr(post.url_of(f"me:{it}")) for it in ("pa55word", "pa55"))
        where = {"where": f"127.0.0.1:{post.port}"}
        assert faults(shared, mentorbot_smtp_url=right) == {"mail_certificate": where}
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        found = look_over(shared, mentorbot_smtp_url=right)
        assert ills(found) == {}
        assert "mail" in {it.key for it in found}
        assert faults(shared, mentorbot_smtp_url=wrong) == {"mail_login": where}
        tls = SecretStr(post.url_of("me:pa55word").replace("smtp:", "smtps:"))
        assert faults(shared, mentorbot_smtp_url=tls) == {"mail_security": where}
    assert faults(shared, mentorbot_smtp_url=right) == {"mail_server": where}
    assert post.letters == []
    assert not any("mail from" in it.lower() for it in post.said)


def test_letters_without_a_sender_or_a_folder_are_told(shared: World, tmp_path: Path) -> None:
    sender = faults(shared, mentorbot_mail_from="MentorBot <mentorbot@localhost>")
    assert sender == {"mail_from_unset": {"programmes": "IMG Mentorship Programme"}}
    blocked = tmp_path / "a file"
    blocked.write_text("")
    found = faults(shared, mentorbot_mail_folder=blocked / "mail")
    assert found == {"mail_folder": {"where": str(blocked / "mail")}}
    assert list(tmp_path.iterdir()) == [blocked]


def test_no_programme_yet_is_told_and_is_no_fault(tmp_path: Path) -> None:
    with world_at(tmp_path, is_set_up=False) as world:
        found = look_over(world)
    assert ills(found) == {}
    assert "no_programme" in {it.key for it in found}


def test_a_database_that_is_not_there_yet_is_told_and_not_made(
    shared: World, tmp_path: Path
) -> None:
    file = tmp_path / "deep" / "mentorbot.db"
    found = faults(shared, mentorbot_database_url=f"sqlite:///{file}")
    assert found == {"database_missing": {"where": str(file)}}
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(shared: World, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, and too long to be taken for an empty one")
    found = faults(shared, mentorbot_database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert found["database_failed"]["why"] == "file is not a database"
    assert set(found) == {"database_failed"}


@pytest.mark.parametrize("url", ["", "mentorbot.db", "mysql://bot:pa55word@db/mentorbot"])
def test_an_address_that_is_no_databases_is_told(shared: World, url: str) -> None:
    found = look_over(shared, mentorbot_database_url=url)
    assert set(ills(found)) == {"database_url"}
    assert "pa55word" not in str(found)
    assert "token_taken" in {it.key for it in found}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("DELETE FROM alembic_version", "migrations_older"),
        (
            "UPDATE alembic_version SET version_num = 'of the future';"
            "DELETE FROM supported_version",
            "migrations_too_new",
        ),
    ],
)
def test_a_database_of_another_version_is_told_with_the_way_out(
    shared: World, tmp_path: Path, change: str, key: str
) -> None:
    copy = tmp_path / "copy.db"
    file = shared.bot.settings.sqlite_path()
    assert file is not None
    back_up(file, copy)
    with closing(sqlite3.connect(copy)) as database, database:
        database.executescript(change)
    assert set(faults(shared, mentorbot_database_url=f"sqlite:///{copy}")) == {key}


def test_a_postgresql_that_is_away_or_read_only_is_told(
    tmp_path: Path, postgres: Database, postgres_server: Server
) -> None:
    with world_at(tmp_path, database=postgres) as world:
        assert faults(world) == {}
        name = make_url(postgres.url).database
        postgres_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        assert "read-only transaction" in str(faults(world)["database_failed"]["why"])
        postgres_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        away = postgres.url.replace("@/", ":pa55word@/").replace(str(name), "nowhere")
        found = faults(world, mentorbot_database_url=away)
        assert set(found) == {"database_failed"}
        assert "does not exist" in str(found["database_failed"]["why"])
        assert "pa55word" not in str(found)


def test_messages_that_are_stuck_are_counted(tmp_path: Path) -> None:
    with world_at(tmp_path) as world:
        now = world.clock()
        late, in_time = now - timedelta(minutes=16), now - timedelta(minutes=14)
        lately, long_ago = now - timedelta(days=6), now - timedelta(days=8)
        states = [
            (MessageState.PENDING, late, None),
            (MessageState.SENDING, late, None),
            (MessageState.PENDING, in_time, None),
            (MessageState.SENT, late, late),
            *[(MessageState.DEAD, lately, at) for at in (lately, lately, lately, long_ago)],
            *[(MessageState.UNKNOWN, lately, at) for at in (lately, long_ago)],
        ]
        with world.bot.store.begin(world.running.workspace_id) as tx:
            for number, (state, due_at, settled_at) in enumerate(states):
                message(tx, f"m{number}", state=state, not_before_at=due_at, settled_at=settled_at)
        assert faults(world) == {
            "messages_overdue": {"count": 2},
            "messages_dead": {"count": 3},
            "messages_unknown": {"count": 1},
        }


def test_invitations_without_a_link_to_invite_with_are_counted(tmp_path: Path) -> None:
    with world_at(tmp_path) as world:
        with world.bot.store.begin(world.running.workspace_id) as tx:
            message(tx, "waits", last_error=NO_INVITE_LINK, not_before_at=world.clock())
            message(tx, "went", state=MessageState.SENT, last_error=NO_INVITE_LINK)
        assert faults(world) == {"uninvited": {"count": 1}}


@pytest.fixture
def zone_files(tmp_path: Path) -> Iterator[Path]:
    """A folder of time zones, in place of the system's."""
    with as_file(files("tzdata") / "zoneinfo") as bundled:
        for name in SAMPLE:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(bundled / name, tmp_path / name)
    zoneinfo.reset_tzpath([str(tmp_path)])
    yield tmp_path
    zoneinfo.reset_tzpath()


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        ("tzdata.zi", "# version 2026a\n", "zones"),
        ("tzdata.zi", "# version 2019c\n", "zones_old"),
        ("+VERSION", "2019c\n", "zones_old"),
        ("tzdata.zi", "# a version of our own\n", "zones_of_system"),
    ],
)
def test_time_zones_are_told_with_their_age(
    zone_files: Path, file: str, text: str, key: str
) -> None:
    (zone_files / file).write_text(text)
    (found,) = of_zones((), MONDAY.date())
    assert found.key == key
    assert found.is_well == (key != "zones_old")


def test_time_zones_come_from_the_package_where_the_system_has_none(tmp_path: Path) -> None:
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        assert iana_version() == tzdata.IANA_VERSION
    finally:
        zoneinfo.reset_tzpath()


def test_a_programmes_time_zone_that_cannot_be_read_is_told(
    shared: World, zone_files: Path
) -> None:
    (zone_files / "Europe/London").write_bytes(b"torn")
    found = faults(shared)
    assert found == {"zones_missing": {"zones": "Europe/London"}}
    assert [it.key for it in of_zones(("Mars/Olympus",), MONDAY.date())] == ["zones_missing"]


def test_the_command_ends_well_with_one_line_for_each_thing(doctor: Doctor, tmp_path: Path) -> None:
    clock = VirtualClock(real_clock(), flowing=True)
    with world_at(tmp_path, clock(), rate_limits=True) as world:
        world.clock.set(clock())
        settings = {
            "slack_bot_token": world.sandbox.bot_token,
            "slack_app_token": world.sandbox.app_token,
            "slack_api_url": world.sandbox.api_url,
            "mentorbot_database_url": world.bot.settings.mentorbot_database_url,
            "mentorbot_mail_from": "mentors@example.org",
        }
        told = doctor(**settings)
        assert told.exit_code == 0, told.output
        lines = told.stdout.splitlines()
        assert len(lines) == len(ALL_WELL) + 2  # two tokens are of their kind; settings are read
        assert all(line.startswith("✓ ") for line in lines)
        assert "its 1 coordinator has an active account" in told.stdout

        secret = "xoxb-1-of-somebody-else"
        wrong = doctor(**settings | {"slack_bot_token": secret})
        assert wrong.exit_code == 1
        (line,) = [it for it in wrong.stdout.splitlines() if it.startswith("✗ ")]
        assert "Slack refuses the token (SLACK_BOT_TOKEN): invalid_auth." in line
        assert "Install the app" in line
        for said in (told.output, wrong.output):
            assert secret not in said
            assert world.sandbox.bot_token not in said
            assert world.sandbox.app_token not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MENTORBOT_HEARTBEAT_SECONDS", "60"),
        ("MENTORBOT_LEASE_SECONDS", "5"),
        ("SLACK_API_URL", "slack.com/api"),
    ],
)
def test_a_setting_that_makes_no_sense_ends_the_look(doctor: Doctor, name: str, value: str) -> None:
    told = doctor(**{name: value})
    assert told.exit_code == 1
    assert told.stdout.startswith(f"✗ {name}: ")
    assert len(told.stdout.splitlines()) == 1


def test_a_file_of_settings_that_is_no_text_is_told(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("SLACK_BOT_TOKEN=xoxb-é".encode("utf-16"))
    told = doctor()
    assert told.exit_code == 1
    assert told.stdout.startswith("✗ .env cannot be read: ")
    assert "Traceback" not in told.output


def test_a_secret_that_gets_into_a_sentence_is_not_shown(doctor: Doctor) -> None:
    told = doctor(slack_signing_secret="hush-hush", slack_api_url="http://hush-hush.invalid/")
    assert told.exit_code == 1
    assert "hush" not in told.stdout
    assert "http://[redacted].invalid/" in told.stdout
