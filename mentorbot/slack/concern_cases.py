"""Cases of concerns before those who may read them: `/mentorbot concerns`, and a case's modal."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.concerns import WORDS_MOST, CaseEntry, Concern
from mentorbot.domain.errors import Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import concerns as stored
from mentorbot.storage import people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import concerns
from mentorbot.usecases.concerns import Case
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed, moment

LINES_SHOWN, CASES_SHOWN = 12, 20
CLOSES = "closes"
ACTS = {
    ids.CASE_ACKNOWLEDGE: concerns.acknowledge,
    ids.CASE_TAKE_ON: concerns.take_on,
    ids.CASE_HOLD: concerns.hold,
    ids.CASE_RELEASE: concerns.release,
    ids.CASE_END: concerns.end,
}


@renders(MessageKind.CONCERN_RAISED)
def _raised(reading: Reading) -> Rendered:
    return _to_read(reading, "concerns.raised", "concerns.raised_danger")


@renders(MessageKind.CONCERN_OVERDUE)
def _overdue(reading: Reading) -> Rendered:
    return _to_read(reading, "concerns.overdue", "concerns.overdue_danger")


def _to_read(reading: Reading, key: str, in_danger: str) -> Rendered:
    """Neither words nor names: these stand behind the button alone."""
    found = stored.concern(reading.tx, reading.message.params["concern_id"])
    if found is None:
        raise LookupError("the message is about no concern")
    zone = reading.reader.time_zone if reading.reader else reading.file.time_zone
    by = moment(found.due_at, zone, reading.locale)
    text = reading.say(in_danger if found.is_immediate else key, by=by)
    read = blocks.button(
        reading.say("concerns.read_it"), ids.OPEN_CASE, value=found.concern_id, style="primary"
    )
    return Rendered(text, [blocks.section(text), blocks.actions(read)])


def show(call: Call, _rest: str = "") -> None:
    """`concerns`: the cases that somebody may read, without their words."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        found = concerns.own_cases(tx, programme.programme_id, call.slack_user_id, call.now)
        zone = _zone(tx, call)
    shown = [blocks.section(call.say("concerns.cases", count=len(found)))]
    for it in found[:CASES_SHOWN]:
        state = "closed" if not it.is_open else "new" if it.acknowledged_at is None else "open"
        line = call.say(
            f"concerns.case.{state}",
            kind=call.say(f"concerns.kind.{it.kind}"),
            at=moment(it.reported_at, zone, call.locale),
        )
        button = blocks.button(call.say("concerns.open"), ids.OPEN_CASE, value=it.concern_id)
        shown.append(blocks.section(line, accessory=button))
    call.open_view(
        blocks.modal("notice", call.say("concerns.title"), shown, close=call.say("close"))
    )


def _zone(tx: Transaction, call: Call) -> str:
    person = people.person(tx, call.slack_user_id)
    return person.time_zone if person else "UTC"


def open_case(call: Call) -> None:
    """Read a case; that somebody did is on record."""
    with call.begin() as tx:
        case, zone = _look(tx, call, str(call.action.get("value", "")))
    call.open_view(case_view(case, zone, call.say, call.locale))


def _look(tx: Transaction, call: Call, concern_id: str) -> tuple[Case, str]:
    return concerns.look(tx, concern_id, call.slack_user_id, call.now), _zone(tx, call)


def case_view(case: Case, zone: str, say_it: Say, locale: str) -> blocks.Block:
    """A case: what was reported, what has happened since, and what can be done."""
    found = case.concern
    shown = [
        blocks.section("\n".join(_facts(found, zone, say_it, locale))),
        blocks.section(escape(case.words) if case.words else say_it("concerns.erased")),
        blocks.divider(),
        *_timeline(case.timeline, zone, say_it, locale),
    ]
    if found.is_open:
        shown += [blocks.divider(), *_acts(case, say_it), blocks.context(say_it("concerns.acts"))]
    return blocks.modal(
        "notice",
        say_it("concerns.title"),
        shown,
        close=say_it("close"),
        private_metadata=found.concern_id,
    )


def _facts(found: Concern, zone: str, say_it: Say, locale: str) -> list[str]:
    at = moment(found.reported_at, zone, locale)
    lines: list[str] = [f"*{say_it(f'concerns.kind.{found.kind}')}*"]
    if found.is_immediate:
        lines.append(say_it("concerns.is_immediate"))
    lines.append(say_it("concerns.by", who=mention(found.reporter, locale), at=at))
    if found.about:
        about = listed([mention(it, locale) for it in found.about], locale)
        lines.append(say_it("concerns.names", who=about))
    if not found.may_contact:
        lines.append(say_it("concerns.do_not_contact"))
    if found.assigned_to:
        lines.append(say_it("concerns.assigned", who=mention(found.assigned_to, locale)))
    return lines


def _timeline(
    lines: Sequence[tuple[CaseEntry, str]], zone: str, say_it: Say, locale: str
) -> list[blocks.Block]:
    shown = []
    for entry, words in lines[-LINES_SHOWN:]:
        at, who = moment(entry.at, zone, locale), mention(entry.by, locale)
        text = say_it(f"concerns.event.{entry.event}", who=who, at=at)
        shown.append(blocks.context(text))
        if words:
            shown.append(blocks.section(Markup(escape(words))))
    return shown


def _acts(case: Case, say_it: Say) -> list[blocks.Block]:
    found = case.concern
    row = [blocks.button(say_it("concerns.act.note"), ids.CASE_NOTE, value=found.concern_id)]
    if found.acknowledged_at is None:
        first = say_it("concerns.act.acknowledge")
        row.insert(0, _act(first, ids.CASE_ACKNOWLEDGE, found, "primary"))
    else:
        row.append(_act(say_it("concerns.act.take_on"), ids.CASE_TAKE_ON, found))
    if case.is_held:
        row.append(_act(say_it("concerns.act.release"), ids.CASE_RELEASE, found))
    elif case.can_hold:
        row.append(_act(say_it("concerns.act.hold"), ids.CASE_HOLD, found))
    if case.can_hold:
        sure = blocks.confirm(
            say_it("concerns.end_title"),
            say_it("concerns.end_sure"),
            say_it("concerns.act.end"),
            say_it("cancel"),
        )
        text = say_it("concerns.act.end")
        row.append(
            blocks.button(text, ids.CASE_END, value=found.concern_id, style="danger", confirm=sure)
        )
    return [blocks.actions(*row)]


def _act(text: str, action_id: str, found: Concern, style: str | None = None) -> blocks.Block:
    return blocks.button(text, action_id, value=found.concern_id, style=style)


def act(call: Call) -> None:
    """One of the buttons of a case: done, and the case shown as it stands then."""
    concern_id = str(call.action.get("value", ""))
    with call.begin() as tx:
        ACTS[call.action["action_id"]](tx, concern_id, call.slack_user_id, call.now)
        case, zone = _look(tx, call, concern_id)
    call.update_view(case_view(case, zone, call.say, call.locale))


def open_note(call: Call) -> None:
    """Ask for a note, or for the outcome."""
    with call.read() as tx:
        found = stored.concern(tx, str(call.action.get("value", "")))
        if found is None or not concerns.may_read(tx, found, call.slack_user_id, call.now):
            raise Stale
    call.open_view(note_view(call.say, found.concern_id))


def note_view(say_it: Say, concern_id: str) -> blocks.Block:
    """The form of a note on a case."""
    text = blocks.text_input(most=WORDS_MOST, multiline=True)
    closes = blocks.checkboxes([blocks.option(say_it("concerns.closes"), CLOSES)])
    return blocks.modal(
        ids.CASE_NOTE_FORM,
        say_it("concerns.act.note"),
        [
            blocks.field("words", say_it("concerns.note"), text),
            blocks.field("closes", say_it("concerns.outcome"), closes, optional=True),
        ],
        submit=say_it("save"),
        close=say_it("cancel"),
        private_metadata=concern_id,
    )


def save_note(call: Call) -> None:
    """A note was written, or the case closed."""
    given, concern_id = blocks.answers(call.view), call.view["private_metadata"]
    closes = CLOSES in (given.get("closes") or ())
    words = given.get("words") or ""
    with call.begin() as tx:
        concerns.write(tx, concern_id, call.slack_user_id, words, call.now, closes=closes)
        case, zone = _look(tx, call, concern_id)
    call.update_view_below(case_view(case, zone, call.say, call.locale))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who work on cases."""
    app.action(ids.OPEN_CASE)(guard(bot, open_case))
    for action_id in ACTS:
        app.action(action_id)(guard(bot, act))
    app.action(ids.CASE_NOTE)(guard(bot, open_note))
    app.view(ids.CASE_NOTE_FORM)(guard(bot, save_note))
