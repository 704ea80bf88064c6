"""Requests: mentees ask mentors of the directory, who accept, decline or suggest a colleague."""

from collections import Counter

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.requests import MOST_CHARACTERS
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Outdated, Reading, Rendered, mention, renders
from mentorbot.slack.request_words import (
    answer_buttons,
    ask_button,
    quoted,
    request_blocks,
    until_in_words,
)
from mentorbot.storage import participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import finding, placing, request_ends, requests
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.finding import Wanted
from mentorbot.usecases.request_ends import Asked
from mentorbot.wording import Markup


def _about(reading: Reading) -> Asked:
    found = request_ends.asked(reading.tx, reading.message.params["request_id"])
    if found is None:
        raise Outdated
    return found


@renders(MessageKind.REQUEST_MADE)
def _made(reading: Reading) -> Rendered:
    return _to_mentor(reading, "requests.made")


@renders(MessageKind.REQUEST_REMINDED)
def _reminded(reading: Reading) -> Rendered:
    return _to_mentor(reading, "requests.reminded")


def _to_mentor(reading: Reading, key: str) -> Rendered:
    found = _about(reading)
    zone = reading.reader.time_zone if reading.reader else reading.file.time_zone
    until = until_in_words(found.request.expires_at, zone, reading.locale)
    who = mention(found.mentee.slack_user_id, reading.locale)
    text = reading.say(key, who=who, until=until, programme=reading.file.name)
    row = answer_buttons(found.request.request_id, reading.say)
    return Rendered(text, [blocks.section(text), *quoted(found.request.note), row])


@renders(MessageKind.REQUEST_WITHDRAWN)
def _withdrawn(reading: Reading) -> Rendered:
    who = mention(_about(reading).mentee.slack_user_id, reading.locale)
    text = reading.say("requests.withdrawn", who=who)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.REQUEST_DECLINED)
def _declined(reading: Reading) -> Rendered:
    return _with_another(reading, "requests.declined")


@renders(MessageKind.REQUEST_EXPIRED)
def _expired(reading: Reading) -> Rendered:
    return _with_another(reading, "requests.expired")


@renders(MessageKind.REQUEST_RETURNED)
def _returned(reading: Reading) -> Rendered:
    return _with_another(reading, "requests.returned")


def _with_another(reading: Reading, key: str) -> Rendered:
    """What came of a request, and whom to ask instead: a suggested colleague, or the next best."""
    found, now = _about(reading), reading.message.not_before_at
    who = mention(found.mentor.slack_user_id, reading.locale)
    lines: list[Markup] = [reading.say(key, who=who)]
    other = _suggested(reading, found)
    is_suggested = other is not None
    if other is None and found.mentee.is_enrolled:
        other = requests.next_best(reading.tx, reading.file, found.mentee, now)
    if other is None:
        lines += [reading.say("requests.look")] if reading.file.matching.requests else []
        text = Markup(" ".join(lines))
        return Rendered(text, [blocks.section(text)])
    next_one = mention(other.slack_user_id, reading.locale)
    key = "requests.suggested" if is_suggested else "requests.next_best"
    lines.append(reading.say(key, who=who, other=next_one))
    text = Markup(" ".join(lines))
    row = blocks.actions(ask_button(other.participant_id, reading.say))
    return Rendered(text, [blocks.section(text), row])


def _suggested(reading: Reading, found: Asked) -> Participant | None:
    """The colleague whom a mentor has named, where the mentee can still ask them."""
    colleague_id, now = found.request.colleague_id, reading.message.not_before_at
    if not colleague_id:
        return None
    if not requests.could_ask(reading.tx, reading.file, found.mentee, colleague_id, now):
        return None
    return participants.participant(reading.tx, colleague_id)


def open_asking(call: Call) -> None:
    """A mentor's button was pressed: a few words, if one likes."""
    mentor_id = str(call.action.get("value", ""))
    with call.read() as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        requests.rules_or_refuse(file)
        mentee = enrolled_or_refuse(tx, file.id, call.slack_user_id)
        mentor = requests.check_asking(tx, file, mentee, mentor_id, call.now)
        who = mention(mentor.slack_user_id, call.locale)
    call.open_view(asking_view(call, file, who, mentor_id))


def asking_view(call: Call, file: ProgrammeFile, who: Markup, mentor_id: str) -> blocks.Block:
    """The form with which somebody asks a mentor."""
    rules = requests.rules_or_refuse(file)
    words = blocks.text_input(most=MOST_CHARACTERS, multiline=True)
    intro = call.say("requests.intro", who=who, count=rules.answer_within_days)
    field = blocks.field("note", call.say("requests.words"), words, optional=True)
    return blocks.modal(
        ids.ASK_MENTOR_FORM,
        call.say("requests.ask_title"),
        [blocks.section(intro), field],
        submit=call.say("requests.send"),
        close=call.say("cancel"),
        private_metadata=mentor_id,
    )


def ask(call: Call) -> None:
    """The form was sent."""
    words = str(blocks.answers(call.view).get("note") or "")
    with call.begin() as tx:
        mentor_id = call.view["private_metadata"]
        found = requests.ask(tx, call.slack_user_id, mentor_id, words, call.now)
        asked = request_ends.asked(tx, found.request_id)
        file = parse_stored(programme_or_refuse(tx).definition)
        zone = placing.zone_of(tx, file, call.slack_user_id)
    who = mention(asked.mentor.slack_user_id, call.locale) if asked else Markup("")
    until = until_in_words(found.expires_at, zone, call.locale)
    call.tell(call.say("requests.asked", who=who, until=until))
    home.refresh(call)


def accept(call: Call) -> None:
    """The mentor says yes."""
    with call.begin() as tx:
        request_id = str(call.action.get("value", ""))
        found = requests.to_answer(tx, request_id, call.slack_user_id, call.now)
        requests.accept(tx, request_id, call.slack_user_id, call.now)
        who = mention(found.mentee.slack_user_id, call.locale)
    text = call.say("requests.accepted", who=who)
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def open_declining(call: Call) -> None:
    """The mentor says no: whom would they suggest?"""
    request_id = str(call.action.get("value", ""))
    with call.read() as tx:
        found = requests.to_answer(tx, request_id, call.slack_user_id, call.now)
        options = _colleagues(tx, call, found)
        who = mention(found.mentee.slack_user_id, call.locale)
    call.open_view(declining_view(call, who, options, request_id))


def declining_view(
    call: Call, who: Markup, options: list[blocks.Block], request_id: str
) -> blocks.Block:
    """The form with which a mentor declines, and may suggest a colleague."""
    shown = [blocks.section(call.say("requests.declining", who=who))]
    if options:
        label, select = call.say("requests.colleague"), blocks.select(options)
        shown.append(blocks.field("colleague", label, select, optional=True))
    return blocks.modal(
        ids.DECLINE_REQUEST_FORM,
        call.say("requests.decline"),
        shown,
        submit=call.say("requests.decline"),
        close=call.say("cancel"),
        private_metadata=request_id,
    )


def _colleagues(tx: Transaction, call: Call, found: Asked) -> list[blocks.Block]:
    """Mentors with a place, those who share most with the mentee first."""
    file = parse_stored(programme_or_refuse(tx, found.request.programme_id).definition)
    if file.directory is None:
        return []
    wanted, mentee = Wanted(only_free=True), found.mentee.slack_user_id
    near = finding.among(tx, file, file.directory, mentee, wanted, call.now).mentors
    left_out = requests.with_or_asked(tx, found.mentee, call.now)
    others = [it for it in near if it.participant_id not in left_out][: blocks.OPTIONS_MOST]
    known = people.names(tx, [it.slack_user_id for it in others])
    names = {it.participant_id: known.get(it.slack_user_id) or it.slack_user_id for it in others}
    seen, options = Counter(names.values()), []
    for it in others:
        name = names[it.participant_id]
        told = name if seen[name] == 1 else f"{name}, {_first_answer(file, it)}"
        options.append(blocks.option(told, it.participant_id))
    return options


def _first_answer(file: ProgrammeFile, mentor: Participant) -> str:
    """What tells namesakes apart: the first answer that the directory shows of somebody."""
    shown = file.directory.shown if file.directory else ()
    known = (mentor.answers.get(it) for it in shown)
    found = next((it for it in known if it), mentor.slack_user_id)
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)


def decline(call: Call) -> None:
    """The form was sent."""
    colleague_id = blocks.answers(call.view).get("colleague")
    with call.begin() as tx:
        request_id = call.view["private_metadata"]
        found = requests.to_answer(tx, request_id, call.slack_user_id, call.now)
        requests.decline(tx, request_id, call.slack_user_id, colleague_id, call.now)
        who = mention(found.mentee.slack_user_id, call.locale)
    call.tell(call.say("requests.said_no", who=who))
    home.refresh(call)


def withdraw(call: Call) -> None:
    """The mentee takes a request back."""
    with call.begin() as tx:
        request_id = str(call.action.get("value", ""))
        requests.withdraw(tx, request_id, call.slack_user_id, call.now)
    text = call.say("requests.taken_back")
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def show(call: Call, _rest: str = "") -> None:
    """`requests`: what one has asked, and what one is to answer."""
    with call.read() as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        requests.rules_or_refuse(file)
        mine, theirs = requests.own(tx, file.id, call.slack_user_id, call.now)
        zone = placing.zone_of(tx, file, call.slack_user_id)
    shown: list[blocks.Block] = []
    for found in theirs:
        shown += request_blocks(found, zone, call.say, call.locale, is_mentor=True)
    for found in mine:
        shown += request_blocks(found, zone, call.say, call.locale, is_mentor=False)
    shown = shown[:90] or [blocks.section(call.say("requests.none"))]
    title = call.say("requests.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown[:48])
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who ask, and those who answer."""
    app.action(ids.ASK_MENTOR)(guard(bot, open_asking))
    app.view(ids.ASK_MENTOR_FORM)(guard(bot, ask))
    app.action(ids.ACCEPT_REQUEST)(guard(bot, accept))
    app.action(ids.DECLINE_REQUEST)(guard(bot, open_declining))
    app.view(ids.DECLINE_REQUEST_FORM)(guard(bot, decline))
    app.action(ids.WITHDRAW_REQUEST)(guard(bot, withdraw))
    app.action(ids.SHOW_REQUESTS)(guard(bot, show))
