"""Handing in a form's export or a list: the forms, and what came of the files."""

from collections.abc import Sequence
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import ImportRefused, Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage.store import Transaction
from mentorbot.usecases import handing_in, listing, permitted
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.handing_in import ADD, COLUMN, REPLACE
from mentorbot.usecases.importing import check_takes_files
from mentorbot.wording import Markup

MEANINGS_MOST = 2000
FILE = {"type": "file_input", "max_files": 1}


def _allowed(tx: Transaction, call: Call) -> ProgrammeFile:
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, call.slack_user_id, Action.IMPORT)
    return parse_stored(programme.definition)


def open_import(call: Call, _rest: str) -> None:
    """`import`: hand in what a form elsewhere has collected."""
    with call.read() as tx:
        check_takes_files(_allowed(tx, call))
    whom = [
        blocks.option(call.say("imports.of.mentee"), Role.MENTEE),
        blocks.option(call.say("imports.of.mentor"), Role.MENTOR),
        blocks.option(call.say("imports.of.column"), COLUMN),
    ]
    text = blocks.text_input(most=MEANINGS_MOST, multiline=True)
    view = blocks.modal(
        ids.IMPORT_FORM,
        call.say("imports.title"),
        [
            blocks.section(call.say("imports.intro")),
            blocks.field("file", call.say("imports.file"), FILE),
            blocks.field("what", call.say("imports.whom"), blocks.select(whom)),
            blocks.field(
                "meanings",
                call.say("imports.meanings"),
                text,
                hint=call.say("imports.meanings_hint"),
                optional=True,
            ),
        ],
        submit=call.say("imports.hand_in"),
        close=call.say("cancel"),
    )
    call.open_view(view)


def save_import(call: Call) -> None:
    """The export was handed in; it is read after the answer."""
    given = blocks.answers(call.view)
    with call.begin() as tx:
        file = _allowed(tx, call)
        check_takes_files(file)
        what = _one_of(given.get("what"), (*Role, COLUMN))
        _hand_in(call, tx, file, what, given.get("meanings") or "")
    _answer(call)


def open_list(call: Call, rest: str) -> None:
    """`list members`: hand in who is on a list; alone, what lists there are."""
    with call.read() as tx:
        file = _allowed(tx, call)
        found = listing.counts(tx, file)
    list_id = rest.strip().lower()
    if list_id not in file.lists:
        lines = [
            call.say("imports.list_line", list=it, what=what, count=count)
            for it, what, count in found
        ]
        text = "\n".join(lines) or call.say("imports.no_lists")
        call.ack(text=text, blocks=[blocks.section(text)])
        return
    ways = [
        blocks.option(call.say("imports.replace"), REPLACE),
        blocks.option(call.say("imports.add"), ADD),
    ]
    view = blocks.modal(
        ids.LIST_FORM,
        call.say("imports.list_title"),
        [
            blocks.section(call.say("imports.list_intro", what=file.lists[list_id])),
            blocks.field("file", call.say("imports.file"), FILE),
            blocks.field("what", call.say("imports.way"), blocks.select(ways, initial=REPLACE)),
        ],
        submit=call.say("imports.hand_in"),
        close=call.say("cancel"),
        private_metadata=list_id,
    )
    call.open_view(view)


def save_list(call: Call) -> None:
    """A list was handed in; it is read after the answer."""
    given, list_id = blocks.answers(call.view), call.view["private_metadata"]
    with call.begin() as tx:
        file = _allowed(tx, call)
        listing.check_list(file, list_id)
        way = _one_of(given.get("what"), (REPLACE, ADD))
        _hand_in(call, tx, file, f"{way} {list_id}", "")
    _answer(call)


def _hand_in(call: Call, tx: Transaction, file: ProgrammeFile, what: str, meanings: str) -> None:
    file_id = _file_id(call.view)
    handing_in.hand_in(tx, file.id, what, file_id, meanings, call.slack_user_id, call.now)
    call.has_news = True


def _one_of(given: Any, offered: Sequence[str]) -> str:
    if given not in offered:
        raise Stale
    return str(given)


def _file_id(view: dict[str, Any]) -> str:
    found: dict[str, Any] = next(iter(view["state"]["values"].get("file", {}).values()), {})
    chosen = found.get("files") or []
    if not chosen:
        raise ImportRefused("imports.empty")
    return str(chosen[0]["id"])


def _answer(call: Call) -> None:
    call.tell(call.say("imports.taken"))


@renders(MessageKind.IMPORT_DONE)
def _done(reading: Reading) -> Rendered:
    params = reading.message.params
    if "list" in params:
        return _list_done(reading)
    counts = {name: params[name] for name in ("rows", "new", "changed", "same", "rejected")}
    text = reading.say("imports.done", programme=reading.file.name, **counts)
    states = [
        reading.say("imports.state", state=reading.say(f"oversight.states.{state}"), number=number)
        for state, number in sorted(params["states"].items())
    ]
    shown = [blocks.section("\n".join([text, *states]))]
    if params["unmatched"]:
        names = ", ".join(params["unmatched"])
        shown.append(blocks.section(reading.say("imports.unmatched", columns=names)))
    if params["rejects"]:
        shown.append(blocks.section(reading.say("imports.rejects")))
        shown += blocks.bulleted(_why(reading, it) for it in params["rejects"])
    if params["rejected"] > len(params["rejects"]):
        more = params["rejected"] - len(params["rejects"])
        shown.append(blocks.context(reading.say("imports.more", number=more)))
    return Rendered(text, shown)


def _why(reading: Reading, reject: dict[str, Any]) -> Markup:
    said = []
    for label, key, values in reject["faults"]:
        why = reading.say(key, **values)
        said.append(reading.say("imports.fault", label=label, why=why) if label else why)
    return reading.say("imports.reject", line=reject["line"], why=Markup(" ".join(said)))


def _list_done(reading: Reading) -> Rendered:
    params = reading.message.params
    counts = {name: params[name] for name in ("added", "removed", "total")}
    text = reading.say("imports.list_done", list=params["list"], **counts)
    if params["bad"]:
        lines = ", ".join(map(str, params["bad_lines"]))
        text = Markup(f"{text}\n{reading.say('imports.bad', number=params['bad'], lines=lines)}")
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.IMPORT_REFUSED)
def _refused(reading: Reading) -> Rendered:
    params = reading.message.params
    why = reading.say(params["key"], **params["values"])
    text = reading.say("imports.refused", why=why)
    return Rendered(text, [blocks.section(text)])


def register(app: App, bot: MentorBot) -> None:
    """Listen to the forms."""
    app.view(ids.IMPORT_FORM)(guard(bot, save_import))
    app.view(ids.LIST_FORM)(guard(bot, save_list))
