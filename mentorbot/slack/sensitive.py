"""Sensitive questions: each with its purpose and a consent of its own; no answer is shown again."""

from collections.abc import Sequence
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import InvalidAnswers, Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import AnyQuestion, Problem
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import confidential_button
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.places import application_of
from mentorbot.slack.questions import TICKED, question_field
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.usecases import applying, selecting, sensitive
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import say

CONSENT, ERASE = "consent", "erase"


def open_form(call: Call) -> None:
    """The button: what can be answered, and what can be taken back."""
    with call.read() as tx:
        application = applying.own(tx, call.slack_user_id, call.action["value"])
        file = parse_stored(programme_or_refuse(tx, application.programme_id).definition)
        asked = sensitive.asked(tx, application)
    if not asked:
        raise Stale
    call.open_view(form_view(file, application, asked, call.locale))


def form_view(
    file: ProgrammeFile, application: Application, asked: Sequence[sensitive.Asked], locale: str
) -> blocks.Block:
    """Each question with its purpose, room for the answer, its consent, and the way to erase it."""
    shown = [block for it in asked for block in _question(file, application, it, locale)]
    return blocks.modal(
        ids.SENSITIVE_FORM,
        say("sensitive.title", locale),
        [blocks.section(say("sensitive.intro", locale)), *shown],
        submit=say("save", locale),
        close=say("cancel", locale),
        private_metadata=application.application_id,
    )


def _question(
    file: ProgrammeFile, application: Application, asked: sensitive.Asked, locale: str
) -> list[blocks.Block]:
    question, known_at = asked.question, asked.answered_at
    shown = [blocks.divider(), blocks.section(_purpose(file, application, question, locale))]
    if asked.is_open:
        agree = blocks.checkboxes([blocks.option(say("form.tick.consent", locale), TICKED)])
        consent = say("sensitive.consent", locale)
        shown += [
            question_field(question, {}, locale),
            blocks.field(f"{CONSENT}.{question.id}", consent, agree, optional=True),
        ]
    if known_at is not None:
        on = known_at.astimezone(file.zone).date()
        erase = blocks.checkboxes([blocks.option(say("sensitive.erase_it", locale), TICKED)])
        label = say("sensitive.erase", locale, question=question.label, on=on)
        shown.append(blocks.field(f"{ERASE}.{question.id}", label, erase, optional=True))
    return shown


def _purpose(
    file: ProgrammeFile, application: Application, question: AnyQuestion, locale: str
) -> str:
    lottery = selecting.lotteries_of(file).get(application.role)
    said = [say("sensitive.purpose", locale, purpose=question.purpose or "")]
    said.append(say(f"sensitive.kept.{question.keep_for}", locale))
    if lottery is not None and lottery.member_question == question.id:
        said.append(say("sensitive.in_the_draw", locale))
    return " ".join(said)


def save(call: Call) -> None:
    """The form was sent: seal what was answered with consent, erase what is taken back."""
    values, application_id = blocks.answers(call.view), call.view["private_metadata"]
    with call.begin() as tx:
        application = applying.own(tx, call.slack_user_id, application_id)
        questions = sensitive.questions(tx, application)
        given = _given(questions, values)
        erased = [it.id for it in questions if values.get(f"{ERASE}.{it.id}")]
        sensitive.answer(tx, call.slack_user_id, application_id, given, erased, call.now)
    call.tell(call.say("sensitive.saved"))
    home.refresh(call)


def _given(questions: Sequence[AnyQuestion], values: dict[str, Any]) -> dict[str, Any]:
    """What was answered with consent; raises InvalidAnswers for one without the other."""
    given: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for question in questions:
        answer = question.clean(values.get(question.id))
        agreed, erased = (bool(values.get(f"{it}.{question.id}")) for it in (CONSENT, ERASE))
        if problem := question.problem(answer):
            problems[question.id] = problem
        elif answer is not None and erased:
            problems[f"{ERASE}.{question.id}"] = ("sensitive.one_or_the_other", {})
        elif answer is not None and not agreed:
            problems[f"{CONSENT}.{question.id}"] = ("sensitive.consent_missing", {})
        elif answer is None and agreed:
            problems[question.id] = ("sensitive.answer_missing", {})
        elif answer is not None:
            given[question.id] = answer
    if problems:
        raise InvalidAnswers(problems)
    return given


@renders(MessageKind.CONFIDENTIAL_ASKED)
def _asked(reading: Reading) -> Rendered:
    found = application_of(reading)
    role = reading.say(f"role.{found.role}")
    text = reading.say("sensitive.from_elsewhere", role=role, programme=reading.file.name)
    button = confidential_button(reading.say, found)
    return Rendered(text, [blocks.section(text), blocks.actions(button)])


def register(app: App, bot: MentorBot) -> None:
    """Listen to the button and the form."""
    app.action(ids.OPEN_SENSITIVE)(guard(bot, open_form))
    app.view(ids.SENSITIVE_FORM)(guard(bot, save))
