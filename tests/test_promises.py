"""Promises about the whole house: manifest, listeners, wording, tables and the README agree."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse

from mentorbot import cli
from mentorbot.bootstrap import build
from mentorbot.certificates.page import WORDING_KEYS
from mentorbot.domain import errors
from mentorbot.domain.attending import Answer
from mentorbot.domain.changes import EFFECTS
from mentorbot.domain.concerns import CaseEvent, ConcernKind
from mentorbot.domain.coverage import Why
from mentorbot.domain.dates import DateKind
from mentorbot.domain.equity import STAGES
from mentorbot.domain.goals import GoalKind
from mentorbot.domain.match_review import EditKind
from mentorbot.domain.matching.left_out import ListReason
from mentorbot.domain.matching.problem import Reason, Stage
from mentorbot.domain.matching.why import Against
from mentorbot.domain.meetings import Format
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import ApplicationState, CheckInAnswer, NextCycle, Role
from mentorbot.domain.pace import CADENCES
from mentorbot.domain.partings import Wish
from mentorbot.domain.permissions import TeamRole
from mentorbot.domain.sessions import Audience, Presence, SessionKind
from mentorbot.domain.touchpoints import Kind
from mentorbot.sandbox.demo import demo_settings
from mentorbot.slack import app as slack_app
from mentorbot.slack import ids, oauth_stores, rendering
from mentorbot.slack.concerns import IMMEDIATE, NO_CONTACT
from mentorbot.storage import migration
from mentorbot.storage.store import open_engine
from mentorbot.storage.tables import metadata
from mentorbot.usecases.match_edits import Way
from mentorbot.usecases.outlook import How
from mentorbot.usecases.tick import DueKind
from mentorbot.wording import DEFAULT_LOCALE, _sentences, languages

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT.parent / "shared" / "slack" / "manifest.schema.json"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
SOURCES = sorted((ROOT / "mentorbot").rglob("*.py"))
VIEWS = {name: value for name, value in vars(ids).items() if name.endswith("_FORM")}
ACTIONS = {
    name: value
    for name, value in vars(ids).items()
    if name.isupper()
    and isinstance(value, str)
    and name not in {*VIEWS, "COMMAND", "REPORT_MESSAGE"}
}
NOT_WORDING = {"feedback.*"}
"""Block ids that are composed as keys are."""
NEEDS_NO_LISTENER = {"notice"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    bot = build(demo_settings(folder, "http://127.0.0.1:9/api/", "xoxb-0", "xapp-0"))
    yield slack_app.create_app(bot)
    bot.store.close()


def listeners_for(app: App, body: dict[str, Any]) -> int:
    """How many of the app's listeners a payload would reach."""
    request = BoltRequest(body=body, mode="socket_mode")
    answer = BoltResponse(status=200)
    return sum(bool(it.matches(req=request, resp=answer)) for it in app._listeners)


def click(action_id: str) -> dict[str, Any]:
    action = {"type": "button", "action_id": action_id, "block_id": "b"}
    return {"type": "block_actions", "actions": [action]}


def submission(callback_id: str) -> dict[str, Any]:
    return {"type": "view_submission", "view": {"type": "modal", "callback_id": callback_id}}


def event(kind: str) -> dict[str, Any]:
    return {"type": "event_callback", "event": {"type": kind}}


@pytest.mark.parametrize("action_id", sorted(ACTIONS.values()))
def test_every_action_has_exactly_one_listener(app: App, action_id: str) -> None:
    assert listeners_for(app, click(action_id)) == 1


@pytest.mark.parametrize("callback_id", sorted(VIEWS.values()))
def test_every_form_has_exactly_one_listener(app: App, callback_id: str) -> None:
    assert listeners_for(app, submission(callback_id)) == 1


def test_every_listener_belongs_to_a_known_id(app: App) -> None:
    known = [click(it) for it in ACTIONS.values()] + [submission(it) for it in VIEWS.values()]
    known += [event(it) for it in ids.EVENTS] + [{"command": ids.COMMAND}]
    known.append({"type": "message_action", "callback_id": ids.REPORT_MESSAGE})
    reached = sum(listeners_for(app, body) for body in known)
    assert reached == len(app._listeners) == len(known)


def test_what_no_id_names_reaches_no_listener(app: App) -> None:
    strangers = [click("x"), submission("notice"), event("message"), {"command": "/mentor"}]
    assert [listeners_for(app, body) for body in strangers] == [0, 0, 0, 0]


def test_every_id_that_is_emitted_is_declared_once_in_ids() -> None:
    declared = list({**ACTIONS, **VIEWS}.values())
    assert len(set(declared)) == len(declared)
    emitted = {
        node.args[0].value
        for _path, node in _calls("modal")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert emitted == NEEDS_NO_LISTENER
    buttons = [n.args[1] for _p, n in _calls("button") if len(n.args) > 1]
    assert buttons
    assert not [it for it in buttons if isinstance(it, ast.Constant)]


@pytest.mark.skipif(not SCHEMA.exists(), reason="needs Slack's manifest.schema.json")
def test_the_manifest_is_valid_by_slacks_own_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(MANIFEST, schema)


def test_the_manifest_names_what_the_app_listens_to(app: App) -> None:
    commands = [it["command"] for it in MANIFEST["features"]["slash_commands"]]
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert commands == [ids.COMMAND]
    assert sorted(events) == sorted(ids.EVENTS)
    assert [listeners_for(app, event(it)) for it in events] == [1] * len(events)
    assert listeners_for(app, {"command": commands[0]}) == 1
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["settings"]["socket_mode_enabled"] is True


def test_people_are_mentioned_by_id_in_commands() -> None:
    """`certificate @mentor` reads `<@U…>`, which Slack sends only where it escapes."""
    assert MANIFEST["features"]["slash_commands"][0]["should_escape"] is True


def test_every_message_kind_has_a_renderer_and_a_name() -> None:
    assert rendering.kinds() == frozenset(MessageKind)
    for locale in languages():
        assert set(_sentences(locale)["kind"]) == {str(kind) for kind in MessageKind}


def _findings() -> set[str]:
    """Everything that the doctor finds, by the names it is called where it is found."""
    places = (
        "slack/doctor.py",
        "storage/soundness.py",
        "zones.py",
        "running.py",
        "cli.py",
        "terminal.py",
    )
    text = "\n".join((ROOT / "mentorbot" / it).read_text(encoding="utf-8") for it in places)
    found = set(re.findall(r"(?:well|ill|advice)\(\s*[\"'](\w+)[\"']", text))
    found |= set(re.findall(r'"(clock_\w+|token_\w+|scopes_\w+)"', text))
    found |= {"migrations", *(f"migrations_{it}" for it in migration.Version)}
    found.remove("migrations_current")
    found |= set(re.findall(r'"(mail_\w+)"', _opening_of_mail()))
    return found | {"mail_spooled", *(f"messages_{it}" for it in ("dead", "unknown", "overdue"))}


def _opening_of_mail() -> str:
    """The part of the module that speaks before a letter names anybody."""
    text = (ROOT / "mentorbot" / "mail.py").read_text(encoding="utf-8")
    reasons = re.findall(r'NotSent\(Trouble\.AWAY, "mail_\w+"', text)
    return "\n".join(reasons)


CHANGED = {
    "question_added",
    "question_removed",
    "question_changed",
    "questions_moved",
    "specialty_dropped",
    "draft_dropped",
    "guidelines_asked",
    "guidelines_said",
    "applications_begin",
    "applications_end",
    "cohort",
    "through",
    "window",
    "eligibility",
    "near_misses",
    "validation",
    "facts",
    "selection",
    "invite_url",
}
UNWISE = {
    "closed",
    "matched",
    "ended",
    "matched_before_closing",
    "matched_before_results",
    "late_check_in",
    "rare_check_ins",
    "no_check_in",
    "no_tip",
    "no_reminder",
    "no_criteria",
    "many_hours",
    "no_signposts",
    "long_form",
    *("ballot_missed", "ballot_no_reminder", "ballot_too_long"),
    *("ballot_strands", "ballot_choices"),
    *("session_over", "session_no_reminder", "survey_too_long", "survey_missed"),
}
MATCH = {
    *("asked", "done", "fails", "holds", "improving", "more", "moved", "progress", "same"),
    *("together", "unproven"),
}
MEASURES = {"left_out", "lists", "missing", "choice", "changed", "most", "matched", "blocking"}
"""What `mentorbot match` says, and what it measures beside the stages."""
FAMILIES: dict[str, set[str]] = {
    "role.*": set(Role),
    "team.several.*": set(TeamRole),
    "resources.*": {"intro", "not_found"},
    "guides.for.*": set(Role),
    "team.one.*": set(TeamRole),
    "team.may.*": set(TeamRole),
    "oversight.states.*": set(ApplicationState),
    "enrolment.form_intro.*": set(Role),
    "enrolment.form_title.*": set(Role),
    "enrolment.guidelines_intro.*": set(Role),
    "enrolment.become.*": set(Role),
    "introduction.*": {"offer", "hopes"},
    "introduction.text.*": {"pair", "group"},
    "introduction.hello.*": {"pair", "group"},
    "introduction.why.*": {"pair", "group"},
    "reasons.*": {"specialty", "place", "languages"},
    "check_in.*": set(CheckInAnswer),
    "check_in.thanks.*": {*CheckInAnswer, "help_alone"},
    "check_in.short.*": set(CheckInAnswer),
    "meeting.format.*": set(Format),
    **{f"goals.{it}.*": set(GoalKind) for it in ("heading", "kind", "add", "words")},
    "goals.tick.*": {"shared", "done", "gone"},
    "meeting.told.*": {"logged", "corrected", "taken_back"},
    "closing.*": set(Role) | set(NextCycle) | {"last_mentor", "last_mentee"},
    "agreement.shared.*": {"open", "some", "nobody"},
    "agreement.*": {"is_open", "is_shared", "is_kept"},
    "agreement.open.*": {"write", "change", "look"},
    "agreement.none.*": set(Role),
    "coordination.agreement.*": {"signed", "unsigned"},
    "described.survey.*": {"mandatory", "anonymous", "afterwards"},
    "sessions.kind.*": set(SessionKind),
    "sessions.presence.*": set(Presence) - {Presence.OPTIONAL},
    "sessions.stands.*": {*Answer, "open"},
    "sessions.said.*": set(Answer),
    "sessions.who.*": {*Answer, "came"},
    "sessions.place.*": {"asked", "freed"},
    "described.session.whom.*": set(Audience),
    "ballot.intro.*": set(Role),
    "match_review.told.*": {"made", "anew", "due", "approved", "edited"},
    "match_edits.kind.*": set(EditKind),
    "match_edits.way.*": set(Way),
    "match_edits.line.*": {"goes", "comes", "more"},
    "match_review.line.*": {"stands", "returns"},
    **{f"match_review{it}.*": {"send", "start_over"} for it in ("", ".sure", ".sure_title")},
    "ballot.nobody.*": set(Role),
    "ballot.by_score.*": {"no_vote", "left_over"},
    "awaiting.*": set(How) - {How.AT_ONCE},
    "left_over.*": set(How) - {How.ON_REQUEST},
    "over.*": set(Role),
    "closing.chosen.*": set(NextCycle),
    "closing.reminder.*": {"both", "choice", "feedback"},
    "feedback.rating.*": {str(stars) for stars in range(1, 6)},
    "certificate.page.*": set(WORDING_KEYS),
    "certificate.needs.*": {"minutes", "sessions", "surveys"},
    "described.requires.*": {"minutes", "sessions", "surveys"},
    "certificate.web.*": {
        *("name", "programme", "organisation", "citation", "period", "issued"),
        *("number", "fingerprint"),
    },
    "concerns.kind.*": set(ConcernKind),
    "concerns.tick.*": {IMMEDIATE, NO_CONTACT},
    "concerns.case.*": {"new", "open", "closed"},
    "concerns.event.*": set(CaseEvent),
    "calendar.kind.*": set(DateKind),
    "coverage.why.*": set(Why),
    "ending.wish.*": set(Wish),
    "cadence.every.*": set(CADENCES),
    "next.*": set(Kind) - {Kind.TIP},
    "partner.outlook.*": {"in_line", "after_break", "resting", "over", "may_ask"},
    "kind.*": set(MessageKind),
    "doctor.*": _findings(),
    "eligibility.*": {"at_least", "at_most", "at_least_on", "at_most_on"},
    "reviewing.wanted.*": {"assigned", "replied"},
    "form.tick.*": {"attestation", "consent"},
    "sensitive.kept.*": {"selection", "cycle"},
    "selecting.order.*": {"reserved_first", "open_first"},
    "equity.stage.*": set(STAGES),
    "changes.*": {*EFFECTS, *CHANGED}
    - {"id", "form", "application", "guidelines"}
    - {"stage_question"},
    "prudence.*": UNWISE,
    "described.*": {"hours", "days", "weeks", "months", "window", "opens", "closes", "always"}
    | {"any", "all"},
    "described.heading.*": {"who", "when", "places", "course"},
    "described.several.*": set(Role),
    "described.through.*": {"slack", "import"},
    "described.validation.*": {"none", "coordinator"},
    "described.places.*": {"all", "first_come", "lottery"},
    "described.matching.*": {"instant", "best", "ranked", "two_sided", "request"},
    "described.ballot.*": {"opens", "by_hand", "ranked", "two_sided", "shown", "names_alone"},
    "described.ballot.order.*": {"greedy_maximum", "generous", "rank_maximal"},
    "described.ballot.seen.*": {"never", "with_result", "at_once"},
    "described.cycle.*": {"repeating", "once", "evergreen"},
    "match.*": MATCH | {f"against.{it}" for it in Against},
    "match.measure.*": set(Stage) | MEASURES,
    "match.reason.*": set(Reason) | set(ListReason),
    "demo.what.*": {"message"} | set(Kind) | set(DueKind) - {DueKind.PAIRING},
}
"""Every key that code composes, with all that may stand in its gap."""


def _calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else None
                name = called.id if isinstance(called, ast.Name) else name
                if name in names:
                    yield path, node


def _patterns_in_code() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else "*" for p in node.values]
                text = "".join(map(str, parts))
                if re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.\*", text):
                    found.add(text)
    known = _sentences(DEFAULT_LOCALE)
    return {text for text in found if text.split(".")[0] in known} - NOT_WORDING


def _strings_in_code() -> set[str]:
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _keys_said() -> set[str]:
    """The keys that stand, whole, where a sentence is asked for."""
    said = {errors.Refusal.key}
    said |= {it.key for it in vars(errors).values() if isinstance(it, type) and _refuses(it)}
    for _path, node in _calls("say", "say_it"):
        said |= set(_literals(node.args[0]))
    return said


def _literals(node: ast.expr) -> Iterator[str]:
    """The whole keys that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _refuses(kind: type) -> bool:
    return issubclass(kind, errors.Refusal)


def _leaves(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield f"{prefix}{name}", [value]
        elif set(value) <= {"zero", "one", "two", "few", "many", "other"}:
            yield f"{prefix}{name}", list(value.values())
        else:
            yield from _leaves(value, f"{prefix}{name}.")


def _composed() -> set[str]:
    return {pattern.replace("*", str(gap)) for pattern, gaps in FAMILIES.items() for gap in gaps}


def test_every_composed_key_is_listed_in_full() -> None:
    assert _patterns_in_code() == set(FAMILIES)


@pytest.mark.parametrize("locale", languages())
def test_every_key_that_code_says_exists(locale: str) -> None:
    known = {key for key, _forms in _leaves(dict(_sentences(locale)))}
    missing = (_keys_said() | _composed()) - known
    assert not missing


def test_every_key_of_the_wording_is_said_somewhere() -> None:
    used = _strings_in_code() | _composed()
    known = {key for key, _forms in _leaves(dict(_sentences(DEFAULT_LOCALE)))}
    assert known - used == set()


@pytest.mark.parametrize("locale", languages())
def test_every_locale_says_the_same_things_with_the_same_values(locale: str) -> None:
    theirs, ours = (dict(_leaves(dict(_sentences(it)))) for it in (locale, DEFAULT_LOCALE))
    assert set(theirs) == set(ours)
    for key, forms in theirs.items():
        expected = set().union(*map(_gaps, ours[key]))
        assert set().union(*map(_gaps, forms)) == expected, key
        assert all(form.strip() for form in forms), key


def _gaps(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}


def test_every_key_of_every_table_leads_with_the_workspace() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "workspace_id", table.name
        for foreign in table.foreign_key_constraints:
            assert foreign.column_keys[0] == "workspace_id", table.name
            assert foreign.elements[0].column.name == "workspace_id", table.name
        for index in table.indexes:
            assert index.columns[0].name == "workspace_id", index.name


def test_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    migration.upgrade(engine)
    migration.upgrade(engine)
    assert migration.is_current(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        every = [metadata, oauth_stores.metadata, migration.supported.metadata]
        assert compare_metadata(context, every) == []
    engine.dispose()


def _shown(pattern: str) -> set[str]:
    """The commands that the README shows, in code blocks or between backticks."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```.*?```|`[^`\n]+`", readme, re.DOTALL)
    return {found.strip() for block in blocks for found in re.findall(pattern, block)}


def _commands_of(group: Any, *before: str) -> set[str]:
    found = {" ".join(before)}
    for name, command in getattr(group, "commands", {}).items():
        found |= _commands_of(command, *before, name)
    return found


def test_every_make_command_that_the_readme_shows_exists() -> None:
    shown = _shown(r"\bmake ([a-z][a-z-]*)")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= shown
    assert shown <= targets


def test_every_mentorbot_command_that_the_readme_shows_exists() -> None:
    known = _commands_of(typer.main.get_command(cli.app))
    shown = _shown(r"(?<![/\w])mentorbot ([a-z]+(?: (?:install|list|upgrade))?)")
    assert "run" in shown
    assert shown <= known


def test_every_coordinator_word_of_the_help_is_a_word_of_the_command() -> None:
    from mentorbot.slack.commands import WORDS

    sentences = _sentences(DEFAULT_LOCALE)["help"].values()
    told = {word for text in sentences for word in re.findall(r"`/mentorbot ([a-z]+)", text)}
    assert told == set(WORDS)
