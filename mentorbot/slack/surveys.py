"""Surveys: answered in a form; coordinators see how far each has come, and what was said."""

import csv
import io

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.certificates.lettering import safe_file_name
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.surveys import LEAST_SHOWN, OpenSurvey, Result, Survey
from mentorbot.domain.table_files import neutral
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.questions import question_field
from mentorbot.slack.rendering import (
    Attachment,
    Outdated,
    Reading,
    Rendered,
    at_moment,
    mention,
    renders,
)
from mentorbot.slack.survey_words import answer_button, survey_lines
from mentorbot.storage import surveys as stored
from mentorbot.usecases import surveys
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.surveys import Standing, ToAnswer
from mentorbot.wording import Markup, escape, listed, plain, say

TEXTS_SHOWN, TEXT_MOST, NAMES_SHOWN = 8, 400, 40


def _about(reading: Reading) -> tuple[Survey, OpenSurvey]:
    found = stored.survey(reading.tx, reading.message.params["survey_id"])
    survey = surveys.offer_of(reading.file, found) if found else None
    if found is None or survey is None:
        raise Outdated
    return survey, found


@renders(MessageKind.SURVEY_OPENED)
def _opened(reading: Reading) -> Rendered:
    return _asking(reading, "surveys.opened")


@renders(MessageKind.SURVEY_REMINDED)
def _reminded(reading: Reading) -> Rendered:
    return _asking(reading, "surveys.reminded")


def _asking(reading: Reading, key: str) -> Rendered:
    survey, found = _about(reading)
    until, programme = at_moment(reading, found.closes_at), reading.file.name
    values = {"title": survey.title, "until": until, "programme": programme}
    lines = [reading.say(key, count=survey.minutes, **values)]
    if survey.mandatory:
        lines.append(reading.say("surveys.mandatory"))
    text = Markup(" ".join(lines))
    row = blocks.actions(answer_button(found.survey_id, reading.say))
    return Rendered(text, [blocks.section(text), row])


@renders(MessageKind.SURVEY_OVER)
def _over(reading: Reading) -> Rendered:
    survey, found = _about(reading)
    now = reading.message.not_before_at
    held = surveys.standing(reading.tx, reading.file, survey, found, now)
    values = {"title": survey.title, "asked": held.asked}
    text = reading.say("surveys.over", count=held.answered, **values)
    results = reading.say("surveys.results")
    button = blocks.button(results, ids.SURVEY_RESULTS, value=found.survey_id)
    return Rendered(text, [blocks.section(text), blocks.actions(button)])


@renders(MessageKind.SURVEY_FILE)
def _file(reading: Reading) -> Rendered:
    survey, found = _about(reading)
    written = io.StringIO()
    columns = [reading.say("surveys.column.name"), reading.say("surveys.column.role")]
    rows = surveys.table_of(reading.tx, survey, found, columns)
    csv.writer(written).writerows([neutral(it) for it in row] for row in rows)
    on = reading.message.created_at.astimezone(reading.file.zone).date().isoformat()
    parts = (on, plain(survey.title), reading.message.message_id[-6:])
    text = reading.say("surveys.file", title=survey.title)
    content = written.getvalue().encode("utf-8-sig")
    attachment = Attachment(safe_file_name(parts, ".csv"), plain(survey.title), content)
    return Rendered(text, [blocks.section(text)], attachment)


def show(call: Call, _rest: str = "") -> None:
    """`survey`: what can be answered now."""
    with call.read() as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        found = surveys.open_to(tx, file, call.slack_user_id, call.now)
        zone = file.time_zone
    shown = [row for it in found for row in survey_lines(it, zone, call.say, call.locale)]
    title = call.say("surveys.title")
    call.ack(text=title, blocks=shown or [blocks.section(call.say("surveys.none"))])


def open_form(call: Call) -> None:
    """A survey's button was pressed."""
    survey_id = str(call.action.get("value", ""))
    with call.read() as tx:
        found = surveys.to_answer(tx, survey_id, call.slack_user_id, call.now)
    call.open_view(survey_view(found, call.say, call.locale))


def survey_view(found: ToAnswer, say_it: Say, locale: str) -> blocks.Block:
    """A survey as a form, filled with what was answered before."""
    survey = found.survey
    kept = "surveys.anonymous" if survey.anonymous else "surveys.named"
    shown = [blocks.section(f"*{escape(survey.title)}*")]
    shown += [blocks.section(escape(survey.intro))] if survey.intro else []
    shown.append(blocks.context(say_it(kept, least=LEAST_SHOWN)))
    known = found.answers or {}
    role = found.participant.role
    shown += [question_field(it, known, locale) for it in survey.asks(role)]
    return blocks.modal(
        ids.SURVEY_FORM,
        say_it("surveys.one"),
        shown,
        submit=say_it("surveys.send"),
        close=say_it("cancel"),
        private_metadata=found.open.survey_id,
    )


def answer(call: Call) -> None:
    """The form was sent."""
    given, survey_id = blocks.answers(call.view), call.view["private_metadata"]
    with call.begin() as tx:
        survey = surveys.respond(tx, survey_id, call.slack_user_id, given, call.now)
    call.tell(call.say("surveys.thanks", title=survey.title))
    home.refresh(call)


def show_all(call: Call, _rest: str = "") -> None:
    """`surveys`: how far each has come, for those who see feedback."""
    with call.read() as tx:
        found = surveys.standings(tx, call.slack_user_id, call.now)
        file = parse_stored(programme_or_refuse(tx).definition)
    shown: list[blocks.Block] = []
    for it in found[:15]:
        shown += _standing_blocks(call, it)
    coming = len(file.surveys) - len({it.survey.id for it in found})
    if coming:
        shown.append(blocks.context(call.say("surveys.to_come", count=coming)))
    title = call.say("surveys.all")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _standing_blocks(call: Call, found: Standing) -> list[blocks.Block]:
    until = found.open.closes_at
    key = "surveys.is_open" if found.open.is_open(call.now) else "surveys.is_over"
    values = {"title": found.survey.title, "asked": found.asked, "on": until.date()}
    lines: list[str] = [call.say(key, count=found.answered, **values)]
    if found.survey.mandatory and found.missing:
        who = [mention(it, call.locale) for it in found.missing[:NAMES_SHOWN]]
        if more := len(found.missing[NAMES_SHOWN:]):
            who.append(call.say("coordination.more", count=more))
        lines.append(call.say("surveys.missing", who=listed(who, call.locale)))
    results = call.say("surveys.results")
    button = blocks.button(results, ids.SURVEY_RESULTS, value=found.open.survey_id)
    return [blocks.section("\n".join(lines)), blocks.actions(button)]


def show_results(call: Call) -> None:
    """What was answered to each question."""
    survey_id = str(call.action.get("value", ""))
    with call.read() as tx:
        found = surveys.standing_of(tx, survey_id, call.slack_user_id, call.now)
    call.open_view(results_view(found, call.say, call.locale))


def results_view(found: Standing, say_it: Say, locale: str) -> blocks.Block:
    """A survey's results; anonymous ones only where there are enough of them."""
    values = {"title": found.survey.title, "asked": found.asked}
    shown = [blocks.section(say_it("surveys.count", count=found.answered, **values))]
    if found.results is None:
        shown.append(blocks.section(say_it("surveys.too_few", least=LEAST_SHOWN)))
    for result in found.results or ():
        if found.survey.anonymous and result.given < LEAST_SHOWN:
            label = f"*{escape(result.question.label)}*"
            few = say_it("surveys.too_few_here", least=LEAST_SHOWN)
            shown.append(blocks.section(f"{label}\n{few}"))
        else:
            shown += _result_blocks(result, say_it, locale)
    if found.results is not None:
        as_file = say_it("surveys.as_file")
        button = blocks.button(as_file, ids.SURVEY_FILE, value=found.open.survey_id)
        shown.append(blocks.actions(button))
    return blocks.modal("notice", say_it("surveys.results"), shown, close=say_it("close"))


def _result_blocks(result: Result, say_it: Say, locale: str) -> list[blocks.Block]:
    lines: list[str] = [f"*{escape(result.question.label)}*"]
    lines.append(say_it("surveys.given", count=result.given))
    if result.mean is not None:
        lines.append(say_it("surveys.mean", mean=f"{result.mean:.1f}"))
    elif result.options:
        most = sorted(result.options.items(), key=lambda it: (-it[1], it[0]))[:10]
        lines += [f"•  {escape(option)}: {count}" for option, count in most]
    lines += [f">{_brief(text)}" for text in result.texts[:TEXTS_SHOWN]]
    if more := len(result.texts[TEXTS_SHOWN:]):
        lines.append(say("surveys.more", locale, count=more))
    return [blocks.section("\n".join(lines))]


def _brief(text: str) -> str:
    return blocks.clip_markup(escape(" ".join(text.split())), TEXT_MOST)


def send_file(call: Call) -> None:
    """The answers come as a file."""
    survey_id = str(call.action.get("value", ""))
    with call.begin() as tx:
        surveys.ask_for_file(tx, survey_id, call.slack_user_id, call.now)
    text = call.say("surveys.file_comes")
    call.replace_message(text, [blocks.section(text)])


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who answer, and those who read the answers."""
    app.action(ids.ANSWER_SURVEY)(guard(bot, open_form))
    app.view(ids.SURVEY_FORM)(guard(bot, answer))
    app.action(ids.SHOW_SURVEYS)(guard(bot, show_all))
    app.action(ids.SURVEY_RESULTS)(guard(bot, show_results))
    app.action(ids.SURVEY_FILE)(guard(bot, send_file))
