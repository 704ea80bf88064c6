"""Reporting a concern: by `/mentorbot report`, in App Home, or at a message; help comes first."""

import re
from collections.abc import Mapping, Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.concerns import WORDS_MOST, ConcernKind
from mentorbot.domain.errors import InvalidAnswers, NotSetUp, Refusal, SecretKeyMissing
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Programme
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.slack.signposts import signposts
from mentorbot.storage import concerns as stored
from mentorbot.storage import participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import concerns
from mentorbot.usecases.concerns import Report
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import moment, plain

IMMEDIATE, NO_CONTACT = "immediate", "no_contact"
NAMED_MOST = 10
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


def report_button(say_it: Say) -> blocks.Block:
    """The button that anybody finds in App Home."""
    return blocks.button(say_it("concerns.button"), ids.REPORT_CONCERN)


@renders(MessageKind.CONCERN_RECEIVED)
def _received(reading: Reading) -> Rendered:
    found = stored.concern(reading.tx, reading.message.params["concern_id"])
    if found is None:
        raise LookupError("the receipt is for no concern")
    zone = reading.reader.time_zone if reading.reader else reading.file.time_zone
    by = moment(found.due_at, zone, reading.locale)
    text = reading.say("concerns.received", by=by)
    return Rendered(text, [blocks.section(text), *signposts(reading.file, reading.locale)])


@renders(MessageKind.CONCERN_READ)
def _read(reading: Reading) -> Rendered:
    found = stored.concern(reading.tx, reading.message.params["concern_id"])
    key = "concerns.read" if found and found.may_contact else "concerns.read_no_contact"
    text = reading.say(key)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.CONCERN_CLOSED)
def _closed(reading: Reading) -> Rendered:
    text = reading.say("concerns.closed")
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.PAIR_ON_HOLD)
def _on_hold(reading: Reading) -> Rendered:
    return _neutral(reading, "concerns.pair_on_hold")


@renders(MessageKind.PAIR_GOES_ON)
def _goes_on(reading: Reading) -> Rendered:
    return _neutral(reading, "concerns.pair_goes_on")


@renders(MessageKind.PAIR_CLOSED)
def _pair_closed(reading: Reading) -> Rendered:
    return _neutral(reading, "concerns.pair_closed")


def _neutral(reading: Reading, key: str) -> Rendered:
    text = reading.say(key, partner=reading.partners())
    return Rendered(text, [blocks.section(text)])


def open_form(call: Call, _rest: str = "") -> None:
    """`report`, the button, or the shortcut at a message: help first, then the form."""
    message = call.body.get("message") or {}
    is_shortcut = call.body.get("type") == "message_action"
    with call.read() as tx:
        programme, answers = _programme(tx, call)
        file = parse_stored(programme.definition)
        workspace = people.workspace(tx)
        bot_user_id = workspace.bot_user_id if workspace else ""
        mentioned = _MENTION.findall(str(message.get("text", "")))
        names = people.names(tx, mentioned)
        role, _readers = concerns.heard_by(tx, programme.programme_id)
        can_seal = tx.vault.can_seal
    shown = [blocks.section(call.say("concerns.help")), *signposts(file, call.locale, answers)]
    if role is None or not can_seal:
        shown.append(blocks.section(call.say("concerns.not_here")))
        view = blocks.modal("notice", call.say("concerns.title"), shown, close=call.say("close"))
    else:
        words = _quoted(str(message.get("text", "")), names) if is_shortcut else ""
        author = str(message.get("user", "")) if is_shortcut else ""
        about = [author] if author and author != bot_user_id else []
        shown.append(
            blocks.section(call.say("concerns.intro", who=call.say(f"team.several.{role}")))
        )
        view = concern_view(call.say, shown, programme.programme_id, words, about)
    call.open_view(view)


def _programme(tx: Transaction, call: Call) -> tuple[Programme, dict[str, object]]:
    """The programme that is meant, or one of somebody's, or any: nobody is asked which first."""
    try:
        programme = programme_or_refuse(tx)
    except NotSetUp:
        raise
    except Refusal:
        mine = [it.programme_id for it in participants.enrolments(tx, call.slack_user_id)]
        every = participants.programmes(tx)
        programme = next((it for it in every if it.programme_id in mine), every[0])
    held = participants.of_person(tx, programme.programme_id, call.slack_user_id)
    return programme, dict(held.answers) if held else {}


def _quoted(text: str, names: Mapping[str, str]) -> str:
    """A message as a person read it, for a field of plain text."""
    read = _MENTION.sub(lambda it: f"@{names.get(it[1]) or it[1]}", plain(text))
    lines = read.splitlines()
    return blocks.clip("\n".join(f"> {line}" for line in lines), WORDS_MOST // 2)


def concern_view(
    say_it: Say,
    above: Sequence[blocks.Block],
    programme_id: str,
    words: str = "",
    about: Sequence[str] = (),
) -> blocks.Block:
    """The form of a concern."""
    kinds = [blocks.option(say_it(f"concerns.kind.{it}"), it) for it in ConcernKind]
    text = blocks.text_input(most=WORDS_MOST, multiline=True, initial=words or None)
    named = [it for it in about if it]
    people = blocks.people_select(initial=named) if named else blocks.people_select()
    ticks = [blocks.option(say_it(f"concerns.tick.{it}"), it) for it in (IMMEDIATE, NO_CONTACT)]
    return blocks.modal(
        ids.CONCERN_FORM,
        say_it("concerns.title"),
        [
            *above,
            blocks.field("kind", say_it("concerns.kind_asked"), blocks.select(kinds)),
            blocks.field("words", say_it("concerns.words"), text),
            blocks.field(
                "about",
                say_it("concerns.about"),
                people,
                hint=say_it("concerns.about_hint"),
                optional=True,
            ),
            blocks.field(
                "ticks", say_it("concerns.ticks"), blocks.checkboxes(ticks), optional=True
            ),
        ],
        submit=say_it("concerns.send"),
        close=say_it("cancel"),
        private_metadata=programme_id,
    )


def save(call: Call) -> None:
    """The form was sent: it is sealed, and goes to those alone who may read it."""
    given = blocks.answers(call.view)
    kind = given.get("kind")
    if kind not in set(ConcernKind):
        raise InvalidAnswers({"kind": ("form.missing", {})})
    ticks = given.get("ticks") or ()
    report = Report(
        ConcernKind(kind),
        given.get("words") or "",
        tuple(given.get("about") or ())[:NAMED_MOST],
        is_immediate=IMMEDIATE in ticks,
        may_contact=NO_CONTACT not in ticks,
    )
    try:
        with call.begin() as tx:
            programme_id = call.view["private_metadata"]
            concerns.report(tx, programme_id, call.slack_user_id, report, call.now)
    except SecretKeyMissing:
        raise InvalidAnswers({"words": ("concerns.no_key", {})}) from None
    call.tell(call.say("concerns.sent"))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who report a concern."""
    app.action(ids.REPORT_CONCERN)(guard(bot, open_form))
    app.shortcut({"type": "message_action", "callback_id": ids.REPORT_MESSAGE})(
        guard(bot, open_form)
    )
    app.view(ids.CONCERN_FORM)(guard(bot, save))
