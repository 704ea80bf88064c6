"""The directory: looking for mentors by words and filters, a page of them at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.model import Participant, Role
from mentorbot.slack import blocks, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import mention
from mentorbot.slack.request_words import ask_button
from mentorbot.usecases import finding
from mentorbot.usecases.finding import Found, Wanted
from mentorbot.wording import escape, listed

MENTORS_ON_A_PAGE = 8
ANSWER_MOST = 300
WORDS_MOST = 200
_WORDS, _FREE, _FILTER = "words", "free", "filter_"


def open_directory(call: Call, rest: str = "") -> None:
    """`find cardiology mock interview`, or the button in App Home."""
    wanted = Wanted(rest[:WORDS_MOST])
    with call.read() as tx:
        found = finding.find(tx, call.slack_user_id, wanted, call.now)
    call.open_view(_view(call, found, wanted, 0))


def look(call: Call) -> None:
    """The form was sent: the same form again, with what it found."""
    wanted, found = _searched(call)
    call.ack(response_action="update", view=_view(call, found, wanted, 0))


def turn_page(call: Call) -> None:
    """Another page of what the form finds, as it is filled now."""
    page = str(call.action.get("value", ""))
    wanted, found = _searched(call)
    call.update_view(_view(call, found, wanted, int(page) if page.isdecimal() else 0))


def _searched(call: Call) -> tuple[Wanted, Found]:
    given = blocks.answers(call.view)
    with call.read() as tx:
        known = finding.filters_here(tx)
        wanted = _wanted(given, known)
        return wanted, finding.find(tx, call.slack_user_id, wanted, call.now)


def _wanted(given: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> Wanted:
    """What a form asks for; an option travels by its number, for it may be long."""
    answers = {}
    for question_id, options in known.items():
        number = str(given.get(_FILTER + question_id) or "")
        if number.isdecimal() and int(number) < len(options):
            answers[question_id] = options[int(number)]
    words = str(given.get(_WORDS) or "")[:WORDS_MOST]
    return Wanted(words, answers, only_free=bool(given.get(_FREE)))


def _view(call: Call, found: Found, wanted: Wanted, page: int) -> blocks.Block:
    pages = max(1, -(-len(found.mentors) // MENTORS_ON_A_PAGE))
    page = min(page, pages - 1)
    begin = page * MENTORS_ON_A_PAGE
    count = len(found.mentors)
    shown = [*_fields(call, found, wanted), blocks.divider()]
    told = call.say("directory.found", count=count) if count else call.say("directory.nobody")
    shown.append(blocks.section(told))
    for mentor in found.mentors[begin : begin + MENTORS_ON_A_PAGE]:
        shown.append(_described(call, found, mentor))
        if found.may_ask and mentor.participant_id in found.free:
            shown.append(blocks.actions(ask_button(mentor.participant_id, call.say)))
    shown += _turning(call, page, pages)
    return blocks.modal(
        ids.FIND_FORM,
        call.say("directory.title"),
        shown,
        submit=call.say("directory.look"),
        close=call.say("close"),
    )


def _fields(call: Call, found: Found, wanted: Wanted) -> list[blocks.Block]:
    words = blocks.text_input(most=WORDS_MOST, initial=wanted.words)
    hint = call.say("directory.words_hint")
    fields = [
        blocks.field(_WORDS, call.say("directory.words"), words, hint=hint, optional=True),
    ]
    for asked in finding.filters(found.file):
        options = [blocks.option(it, str(number)) for number, it in enumerate(asked.options)]
        chosen = wanted.answers.get(asked.id)
        initial = str(asked.options.index(chosen)) if chosen in asked.options else None
        element = blocks.select(options, initial=initial)
        element["placeholder"] = blocks.plain_text(call.say("directory.any"), 150)
        fields.append(blocks.field(_FILTER + asked.id, asked.label, element, optional=True))
    only = blocks.option(call.say("directory.only_free"), _FREE)
    boxes = blocks.checkboxes([only], initial=[_FREE] if wanted.only_free else [])
    return [*fields, blocks.field(_FREE, call.say("directory.places"), boxes, optional=True)]


def _described(call: Call, found: Found, mentor: Participant) -> blocks.Block:
    """Somebody by name, whether they have a place, and by the answers that the file shows."""
    key = "directory.free" if mentor.participant_id in found.free else "directory.full"
    lines: list[str] = [call.say(key, who=mention(mentor.slack_user_id, call.locale))]
    asked = {it.id: it for it in found.file.questions_for(Role.MENTOR)}
    for question_id in found.rules.shown:
        answer = mentor.answers.get(question_id)
        if question_id in asked and answer:
            given = [str(it) for it in answer] if isinstance(answer, list) else [str(answer)]
            told = blocks.clip_markup(listed(given, call.locale), ANSWER_MOST)
            lines.append(f"_{escape(asked[question_id].label)}_: {told}")
    return blocks.section("\n".join(lines))


def _turning(call: Call, page: int, pages: int) -> list[blocks.Block]:
    if pages == 1:
        return []
    row = []
    if page > 0:
        row.append(blocks.button(call.say("directory.back"), ids.FIND_BACK, value=str(page - 1)))
    if page < pages - 1:
        row.append(blocks.button(call.say("directory.on"), ids.FIND_ON, value=str(page + 1)))
    told = blocks.context(call.say("directory.page", page=page + 1, pages=pages))
    return [told, blocks.actions(*row)]


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who look for a mentor."""
    app.action(ids.FIND)(guard(bot, open_directory))
    app.view(ids.FIND_FORM)(guard(bot, look))
    for turning in (ids.FIND_BACK, ids.FIND_ON):
        app.action(turning)(guard(bot, turn_page))
