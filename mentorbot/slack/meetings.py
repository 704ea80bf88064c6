"""Meetings: taken down in one tap after a check-in, by `/mentorbot met 45` or by a short form."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers
from mentorbot.domain.meetings import Format, Meeting, MeetingRules, Told, read_meeting
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Pairing
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, home, ids, meant
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.pairs import names_of, pair_options
from mentorbot.slack.progress import (
    LOGGED_BY,
    correct_button,
    length_in_words,
    log_button,
    log_buttons,
    meeting_in_words,
    progress_lines,
    told_of,
)
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage.store import Transaction
from mentorbot.usecases import meetings
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, listed

LENGTHS = (15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 480)
RECENT = timedelta(days=7)
"""A meeting of these days is the one that somebody means who says "we met"."""
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


@renders(MessageKind.MEETING_LOGGED)
def _meeting_logged(reading: Reading) -> Rendered:
    params = reading.message.params
    rules = reading.file.meetings
    what = meeting_in_words(told_of(params), reading.say, reading.locale)
    who = mention(params["about"], reading.locale)
    text = reading.say(f"meeting.told.{params['how']}", who=who, what=what)
    shown = [blocks.section(text)]
    if rules is not None:
        at, reader = reading.message.not_before_at, reading.message.recipients[0]
        today = meetings.today_of(reading.tx, reader, at)
        found = meetings.progress_of(
            reading.tx, reading.file, reading.message.pairing_id or "", today
        )
        lines = progress_lines(rules, found, reading.say, reading.locale) if found else []
        shown.append(blocks.context("\n".join(lines)))
    if params["how"] != "taken_back":
        shown.append(blocks.actions(correct_button(params["meeting_id"], reading.say)))
    return Rendered(text, shown)


def after_check_in(
    tx: Transaction, call: Call, file: ProgrammeFile, pairing_id: str
) -> list[blocks.Block]:
    """What follows "yes, we met": the meeting that stands for it, or one tap to take it down."""
    if file.meetings is None:
        return []
    today = meetings.today_of(tx, call.slack_user_id, call.now)
    found = meetings.progress_of(tx, file, pairing_id, today)
    last = found.last if found else None
    if last is None or last.met_on <= today - RECENT:
        row = log_buttons(file.meetings, pairing_id, call.say)
        return meant.stamped([blocks.section(call.say("meeting.how_long")), row], file.id)
    what = meeting_in_words(last, call.say, call.locale)
    row = blocks.actions(
        correct_button(last.meeting_id, call.say), log_button(pairing_id, call.say)
    )
    return meant.stamped([blocks.section(call.say("meeting.stands", what=what)), row], file.id)


def log_in_one_tap(call: Call) -> None:
    """A format's button: the usual length, today."""
    pairing_id = call.action["value"]
    with call.begin() as tx:
        _pairing, _member, rules = meetings.seat_or_refuse(tx, pairing_id, call.slack_user_id)
        today = meetings.today_of(tx, call.slack_user_id, call.now)
        told = Told(today, rules.usual_minutes, LOGGED_BY[call.action["action_id"]])
        logged = meetings.log(tx, pairing_id, call.slack_user_id, told, call.now)
        text, shown = _confirmed(tx, call, logged)
    call.replace_message(text, shown)
    home.refresh(call)


def _confirmed(tx: Transaction, call: Call, logged: Meeting) -> tuple[str, list[blocks.Block]]:
    """What was taken down, what it comes to, and a way to correct it."""
    others = meetings.others_in(tx, logged.pairing_id, call.slack_user_id)
    partner = listed([mention(it.slack_user_id, call.locale) for it in others], call.locale)
    what = meeting_in_words(logged, call.say, call.locale)
    text = call.say("meeting.logged", what=what, partner=partner)
    pairing, _member, rules = meetings.seat_or_refuse(tx, logged.pairing_id, call.slack_user_id)
    file = parse_stored(programme_or_refuse(tx, pairing.programme_id).definition)
    today = meetings.today_of(tx, call.slack_user_id, call.now)
    found = meetings.progress_of(tx, file, logged.pairing_id, today)
    lines = progress_lines(rules, found, call.say, call.locale) if found else []
    shown = [
        blocks.section(text),
        blocks.context("\n".join(lines)),
        blocks.actions(correct_button(logged.meeting_id, call.say)),
    ]
    return text, meant.stamped(shown, file.id)


def log_by_word(call: Call, rest: str) -> None:
    """`met 45 video yesterday`, with a partner's mention where there are several; alone, a form."""
    if not rest:
        open_form(call)
        return
    partners, words = _MENTION.findall(rest), _MENTION.sub(" ", rest)
    with call.begin() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        rules = meetings.rules_or_refuse(tx, programme_id)
        pairing = meetings.pairing_with(tx, programme_id, call.slack_user_id, partners)
        today = meetings.today_of(tx, call.slack_user_id, call.now)
        told = read_meeting(words, meetings.usual_format(tx, rules, pairing), today)
        logged = meetings.log(tx, pairing.pairing_id, call.slack_user_id, told, call.now)
        text, shown = _confirmed(tx, call, logged)
    call.ack(text=text, blocks=shown)


def open_form(call: Call) -> None:
    """Ask what a meeting was like, and with whom where that is open."""
    pairing_id = call.body["actions"][0].get("value") if "actions" in call.body else None
    with call.read() as tx:
        if pairing_id:
            running = [meetings.seat_or_refuse(tx, pairing_id, call.slack_user_id)[0]]
        else:
            programme_id = programme_or_refuse(tx).programme_id
            meetings.rules_or_refuse(tx, programme_id)
            running = meetings.own_pairings(tx, programme_id, call.slack_user_id)
        rules = meetings.rules_or_refuse(tx, running[0].programme_id)
        today = meetings.today_of(tx, call.slack_user_id, call.now)
        usual = meetings.usual_format(tx, rules, running[0])
        whom = _choices_of_partner(tx, call, running) if len(running) > 1 else []
    told = Told(today, rules.usual_minutes, usual)
    alone = running[0].pairing_id if len(running) == 1 else ""
    call.open_view(meeting_view(rules, told, whom, call.say, alone))


def _choices_of_partner(
    tx: Transaction, call: Call, running: Sequence[Pairing]
) -> list[blocks.Block]:
    found = [(it, meetings.others_in(tx, it.pairing_id, call.slack_user_id)) for it in running]
    return pair_options([it.pairing_id for it in running], names_of(tx, found, call.locale))


def meeting_view(
    rules: MeetingRules,
    told: Told,
    partners: Sequence[blocks.Block],
    say_it: Say,
    pairing_id: str = "",
) -> blocks.Block:
    """The form of a new meeting, as they usually are; it asks with whom where that is open."""
    whom = [blocks.field("pairing", say_it("meeting.whom"), blocks.select(partners))]
    fields = [*(whom if partners else []), *_fields(rules, told, say_it)]
    return _form(ids.MEETING_FORM, fields, say_it, pairing_id)


def correction_view(rules: MeetingRules, found: Meeting, say_it: Say) -> blocks.Block:
    """The form of a meeting that stands already."""
    told = Told(found.met_on, found.minutes, found.format, found.next_on)
    never = blocks.checkboxes([blocks.option(say_it("meeting.never"), "never")])
    out = blocks.field("never", say_it("meeting.take_out"), never, optional=True)
    fields = [*_fields(rules, told, say_it), out]
    return _form(ids.CORRECTION_FORM, fields, say_it, found.meeting_id)


def _fields(rules: MeetingRules, told: Told, say_it: Say) -> list[blocks.Block]:
    lengths = sorted({*LENGTHS, rules.usual_minutes, told.minutes})
    formats = [it for it in Format if it in rules.formats or it is told.format]
    long = [blocks.option(length_in_words(it, say_it), str(it)) for it in lengths]
    ways = [blocks.option(say_it(f"meeting.format.{it}"), it) for it in formats]
    met_on = blocks.date_picker(initial=told.met_on.isoformat())
    next_on = blocks.date_picker(initial=told.next_on.isoformat() if told.next_on else None)
    hint = say_it("meeting.next_hint")
    length = blocks.select(long, initial=str(told.minutes))
    return [
        blocks.field("minutes", say_it("meeting.length_asked"), length),
        blocks.field(
            "format", say_it("meeting.format_asked"), blocks.select(ways, initial=told.format)
        ),
        blocks.field("met_on", say_it("meeting.day_asked"), met_on),
        blocks.field("next_on", say_it("meeting.next_asked"), next_on, hint=hint, optional=True),
    ]


def _form(
    callback_id: str, fields: Sequence[blocks.Block], say_it: Say, metadata: str
) -> blocks.Block:
    return blocks.modal(
        callback_id,
        say_it("meeting.title"),
        [blocks.section(say_it("meeting.intro")), *fields],
        submit=say_it("save"),
        close=say_it("cancel"),
        private_metadata=metadata,
    )


def _told(given: Mapping[str, Any]) -> Told:
    """What a form holds; raises InvalidAnswers where a field is empty."""
    missing = [it for it in ("minutes", "format", "met_on") if not given.get(it)]
    if missing:
        raise InvalidAnswers({it: ("form.missing", {}) for it in missing})
    next_on = date.fromisoformat(given["next_on"]) if given.get("next_on") else None
    met_on = date.fromisoformat(given["met_on"])
    return Told(met_on, int(given["minutes"]), Format(given["format"]), next_on)


def save(call: Call) -> None:
    """The form of a new meeting was sent."""
    given = blocks.answers(call.view)
    pairing_id = call.view["private_metadata"] or given.get("pairing") or ""
    with call.begin() as tx:
        logged = meetings.log(tx, pairing_id, call.slack_user_id, _told(given), call.now)
        text, _shown = _confirmed(tx, call, logged)
    call.tell(text)
    home.refresh(call)


def open_correction(call: Call) -> None:
    """Show a meeting as it stands, to be corrected or taken out."""
    with call.read() as tx:
        found = meetings.meeting_or_refuse(tx, call.action["value"])
        _pairing, _member, rules = meetings.seat_or_refuse(tx, found.pairing_id, call.slack_user_id)
    call.open_view(correction_view(rules, found, call.say))


def save_correction(call: Call) -> None:
    """The form of a meeting that stands already was sent."""
    given, meeting_id = blocks.answers(call.view), call.view["private_metadata"]
    with call.begin() as tx:
        if given.get("never"):
            found = meetings.take_back(tx, meeting_id, call.slack_user_id, call.now)
            what = meeting_in_words(found, call.say, call.locale)
            text: str = Markup(call.say("meeting.taken_back", what=what))
        else:
            told = _told(given)
            found = meetings.correct(tx, meeting_id, call.slack_user_id, told, call.now)
            text, _shown = _confirmed(tx, call, found)
    call.tell(text)
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to the buttons and forms of meetings."""
    for action_id in LOGGED_BY:
        app.action(action_id)(guard(bot, log_in_one_tap))
    app.action(ids.OPEN_MEETING)(guard(bot, open_form))
    app.action(ids.CORRECT_MEETING)(guard(bot, open_correction))
    app.view(ids.MEETING_FORM)(guard(bot, save))
    app.view(ids.CORRECTION_FORM)(guard(bot, save_correction))
