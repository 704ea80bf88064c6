"""Applying in Slack: a form of several pages that is kept as it goes, a last look, and after it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import AlreadyApplied, InvalidAnswers, NotOpenYet
from mentorbot.domain.model import Application, ApplicationState, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Agreed, AnyQuestion, Widget
from mentorbot.slack import blocks, buttons, home, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.places import quoted, where_it_stands
from mentorbot.slack.profiles import confirmed_address
from mentorbot.slack.questions import question_field
from mentorbot.slack.windows import way_back
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.standing import standing
from mentorbot.wording import escape, listed, say

ON_A_PAGE = 6
LONGEST_ANSWER = 1500


def pages_of(file: ProgrammeFile, role: Role) -> list[tuple[AnyQuestion, ...]]:
    """The questions of a role, page by page."""
    asked = file.questions_for(role)
    return [asked[start : start + ON_A_PAGE] for start in range(0, len(asked), ON_A_PAGE)]


def page_to_go_on_with(
    pages: Sequence[Sequence[AnyQuestion]], answers: Mapping[str, Any]
) -> int | None:
    """The first page that was not filled in yet, or whose answers no longer do; None if all do."""
    for number, page in enumerate(pages):
        for question in page:
            if question.id not in answers or question.problem(question.clean(answers[question.id])):
                return number
    return None


def _digest(questions: Sequence[AnyQuestion], answers: Mapping[str, Any] | None = None) -> str:
    """What a form was shown by: its questions, and with them the answers where they are shown."""
    told = "\n".join(question.model_dump_json() for question in questions)
    shown = "" if answers is None else repr(sorted(answers.items()))
    return sha256(f"{told}\n{shown}".encode()).hexdigest()[:16]


def page_view(
    file: ProgrammeFile,
    role: Role,
    answers: Mapping[str, Any],
    number: int,
    locale: str,
    *,
    is_changed: bool = False,
) -> blocks.Block:
    """A page of the form, filled with the answers that still do."""
    pages = pages_of(file, role)
    intro = say("applying.intro", locale, page=number + 1, pages=len(pages) + 1)
    shown = [blocks.context(intro)]
    if is_changed:
        shown.append(blocks.section(say("applying.changed", locale)))
    shown += [_field(it, answers, locale) for it in pages[number]]
    if number > 0:
        shown.append(_back_button(locale))
    return blocks.modal(
        ids.APPLICATION_PAGE_FORM,
        say(f"enrolment.form_title.{role}", locale),
        shown,
        submit=say("applying.next", locale),
        close=say("close", locale),
        private_metadata=f"{role} {number} {_digest(file.questions_for(role))}",
    )


def _block_id(question: AnyQuestion) -> str:
    """What a field is known by: Slack keeps a box ticked under one name, whatever it says now."""
    return f"{question.id}.{question.version}" if isinstance(question, Agreed) else question.id


def _field(question: AnyQuestion, answers: Mapping[str, Any], locale: str) -> blocks.Block:
    field = question_field(question, _usable(question, answers), locale)
    block_id = _block_id(question)
    return {**field, "block_id": block_id, "element": {**field["element"], "action_id": block_id}}


def _given(view: blocks.Block) -> dict[str, Any]:
    """What a page holds, by question; of a ticked box, the version that it showed."""
    given: dict[str, Any] = {}
    for block_id, answer in blocks.answers(view).items():
        name, _, version = block_id.partition(".")
        given[name] = int(version) if answer and version.isdecimal() else answer
    return given


def _usable(question: AnyQuestion, answers: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as its field can show it: one that will not do only where it can be mended."""
    answer = question.clean(answers.get(question.id))
    is_text = question.widget in (Widget.LINE, Widget.PARAGRAPH)
    if answer is None or (question.problem(answer) and not is_text):
        return {}
    return {question.id: answer}


def _back_button(locale: str) -> blocks.Block:
    return blocks.actions(blocks.button(say("applying.back", locale), ids.APPLICATION_BACK))


def check_view(
    file: ProgrammeFile,
    role: Role,
    answers: Mapping[str, Any],
    locale: str,
    *,
    is_changed: bool = False,
) -> blocks.Block:
    """Everything that was filled in, once more, before it is sent."""
    questions = file.questions_for(role)
    intro = say("applying.check_again" if is_changed else "applying.check", locale)
    return blocks.modal(
        ids.APPLICATION_CHECK_FORM,
        say(f"enrolment.form_title.{role}", locale),
        [
            blocks.section(intro),
            *answers_shown(questions, answers, locale),
            _back_button(locale),
        ],
        submit=say("applying.send", locale),
        close=say("close", locale),
        private_metadata=f"{role} {len(pages_of(file, role))} {_digest(questions, answers)}",
    )


def answers_shown(
    questions: Sequence[AnyQuestion], answers: Mapping[str, Any], locale: str
) -> list[blocks.Block]:
    """Questions with their answers, to be read."""
    return [
        blocks.section(f"*{escape(it.label)}*\n{_in_words(it, answers.get(it.id), locale)}")
        for it in questions
    ]


def _in_words(question: AnyQuestion, answer: Any, locale: str) -> str:
    cleaned = question.clean(answer)
    if cleaned is None:
        return say("applying.not_answered", locale)
    if isinstance(question, Agreed):
        return say("applying.ticked", locale)
    if isinstance(cleaned, list):
        return listed(cleaned, locale)
    return escape(str(cleaned))


def _draft_shown(
    file: ProgrammeFile, role: Role, answers: Mapping[str, Any], locale: str
) -> blocks.Block:
    """A draft where its owner stopped: at a page, or at the last look."""
    number = page_to_go_on_with(pages_of(file, role), answers)
    if number is None:
        return check_view(file, role, answers, locale)
    return page_view(file, role, answers, number, locale)


def open_application(call: Call, role: Role) -> None:
    """A role button, where people apply for a role: the form, where it was left."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        try:
            draft = applying.begin(tx, programme, call.slack_user_id, role, call.now)
        except NotOpenYet as refusal:
            view = _not_open_view(call, refusal)
        except AlreadyApplied:
            view = None
        else:
            view = _begun(file, role, draft, call.locale)
        found = standing(tx, call.slack_user_id, call.now) if view is None else None
    if view is not None:
        call.open_view(view)
    elif found is not None:
        home.show_standing(call, found)


def _begun(file: ProgrammeFile, role: Role, draft: Application | None, locale: str) -> blocks.Block:
    """A draft where it was left; who applies again begins at the first page, filled as before."""
    answers = draft.answers if draft else {}
    if draft is not None and draft.state is not ApplicationState.DRAFT:
        return page_view(file, role, answers, 0, locale)
    return _draft_shown(file, role, answers, locale)


def _not_open_view(call: Call, refusal: NotOpenYet) -> blocks.Block:
    """When applications open, and a button to hear of it."""
    wish = blocks.button(call.say("window.tell_me"), ids.TELL_ME, style="primary")
    shown = [blocks.section(call.refusal(refusal)), blocks.actions(wish)]
    return blocks.modal("notice", call.say("applying.title"), shown, close=call.say("close"))


def go_on(call: Call) -> None:
    """The button to go on with a draft."""
    open_application(call, Role(call.action["value"]))


def _save(tx: Transaction, call: Call, role: Role) -> tuple[ProgrammeFile, Application]:
    """Keep what the open page holds."""
    programme = programme_or_refuse(tx)
    given = _given(call.view)
    draft = applying.save(tx, programme, call.slack_user_id, role, given, call.now)
    return parse_stored(programme.definition), draft


def next_page(call: Call) -> None:
    """A page was sent: keep it, and show the one after it, or the last look."""
    word, number, digest = call.view["private_metadata"].split()
    role = Role(word)
    with call.begin_knowing_person() as tx:
        file, draft = _save(tx, call, role)
        answers = draft.answers
        if digest == _digest(file.questions_for(role)):
            _check(pages_of(file, role)[int(number)], answers)
    call.ack(response_action="update", view=_view_after(call, file, role, answers, int(number)))


def _view_after(
    call: Call, file: ProgrammeFile, role: Role, answers: Mapping[str, Any], number: int
) -> blocks.Block:
    pages = pages_of(file, role)
    to_fill = page_to_go_on_with(pages, answers)
    if to_fill is not None and to_fill <= number:
        return page_view(file, role, answers, to_fill, call.locale, is_changed=True)
    if number + 1 < len(pages):
        return page_view(file, role, answers, number + 1, call.locale)
    return check_view(file, role, answers, call.locale)


def _check(page: Sequence[AnyQuestion], answers: Mapping[str, Any]) -> None:
    """Raises InvalidAnswers for what cannot be taken; nothing of the page is kept then."""
    found = {_block_id(it): it.problem(it.clean(answers.get(it.id))) for it in page}
    problems = {name: problem for name, problem in found.items() if problem is not None}
    if problems:
        raise InvalidAnswers(problems)


def previous_page(call: Call) -> None:
    """The button back: keep what the page holds, finished or not."""
    word, number, _digest_shown = call.view["private_metadata"].split()
    role = Role(word)
    with call.begin_knowing_person() as tx:
        file, draft = _save(tx, call, role)
        answers = draft.answers
    before = min(int(number), len(pages_of(file, role))) - 1
    call.update_view(page_view(file, role, answers, max(before, 0), call.locale))


def send(call: Call) -> None:
    """The last look was sent: the application is submitted, and what can be decided is told."""
    word, _number, digest = call.view["private_metadata"].split()
    role = Role(word)
    confirmed = _address_in_slack(call, role)
    with call.begin_knowing_person() as tx:
        programme = programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        draft = applying.begin(tx, programme, call.slack_user_id, role, call.now)
        answers = draft.answers if draft else {}
        if digest == _digest(file.questions_for(role), answers):
            applying.send(tx, programme, call.slack_user_id, role, call.now, confirmed)
            view = _outcome(tx, call, role)
        else:
            view = _changed_view(file, role, answers, call.locale)
    call.ack(response_action="update", view=view)
    home.refresh(call)


def _address_in_slack(call: Call, role: Role) -> str | None:
    """The applicant's confirmed address; Slack is asked only where it matters."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        draft = applying.begin(tx, programme, call.slack_user_id, role, call.now)
        file = parse_stored(programme.definition)
        is_wanted = draft is not None and applying.wants_address(file, draft)
    if not is_wanted:
        return None
    return confirmed_address(call.client.users_info(user=call.slack_user_id)["user"])


def _changed_view(
    file: ProgrammeFile, role: Role, answers: Mapping[str, Any], locale: str
) -> blocks.Block:
    """What somebody sees instead of sending what they were not shown."""
    number = page_to_go_on_with(pages_of(file, role), answers)
    if number is None:
        return check_view(file, role, answers, locale, is_changed=True)
    return page_view(file, role, answers, number, locale, is_changed=True)


def _outcome(tx: Transaction, call: Call, role: Role) -> blocks.Block:
    """What became of an application at once, and what is next."""
    found = standing(tx, call.slack_user_id, call.now)
    applied = [it for it in found.applied if it.application.role is role] if found else []
    if found is None or not applied:
        raise LookupError("what was applied for just now is gone")
    text = where_it_stands(applied[0], found.file, found.window, call.say, call.locale)
    shown = [blocks.section(text)]
    if found.is_half_way:
        read = call.say("enrolment.read_guidelines")
        shown.append(blocks.actions(blocks.button(read, ids.READ_GUIDELINES, style="primary")))
    if applied[0].application in found.confidential:
        ask = buttons.confidential_button(call.say, applied[0].application)
        shown += [blocks.section(call.say("sensitive.invitation")), blocks.actions(ask)]
    if applied[0].application.state is ApplicationState.DECLINED:
        shown.append(blocks.context(call.say("applying.wrong")))
    title = call.say("applying.title")
    return blocks.modal("notice", title, shown, close=call.say("close"))


def withdraw(call: Call) -> None:
    """The withdraw button, after its "are you sure?"."""
    with call.begin() as tx:
        applying.withdraw(tx, call.slack_user_id, call.action["value"], call.now)
        found = standing(tx, call.slack_user_id, call.now)
    back = way_back(found, call.locale) if found else ""
    text = call.say("applying.withdrawn", way_back=back)
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def open_answer(call: Call) -> None:
    """The button under a reviewer's question: room for the answer."""
    with call.read() as tx:
        asked = applying.asked(tx, call.slack_user_id, call.action["value"])
    words = blocks.text_input(most=LONGEST_ANSWER, multiline=True)
    view = blocks.modal(
        ids.ANSWER_FORM,
        call.say("applying.answer_title"),
        [
            blocks.section(quoted(asked.question or "")),
            blocks.field("answer", call.say("applying.answer"), words),
        ],
        submit=call.say("applying.send"),
        close=call.say("cancel"),
        private_metadata=asked.application_id,
    )
    call.open_view(view)


def save_answer(call: Call) -> None:
    """The answer to a reviewer was sent."""
    words = blocks.answers(call.view)["answer"]
    with call.begin() as tx:
        applying.reply(tx, call.slack_user_id, call.view["private_metadata"], words or "", call.now)
    call.tell(call.say("applying.answered"))
    home.refresh(call)


def apply(call: Call, rest: str) -> None:
    """`apply mentee`: the form; without a role, the one that is open, or where somebody stands."""
    with call.read() as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        found = standing(tx, call.slack_user_id, call.now)
    drafts = [
        it.application.role
        for it in (found.applied if found else ())
        if it.application.state is ApplicationState.DRAFT and not it.is_late
    ]
    named = [role for role in Role if role == rest.lower()]
    chosen = named or (drafts if len(drafts) == 1 else [])
    if chosen and file.applies_in_slack:
        open_application(call, chosen[0])
    elif found is not None:
        home.show_standing(call, found)


def register(app: App, bot: MentorBot) -> None:
    """Listen to everything on this surface."""
    app.view(ids.APPLICATION_PAGE_FORM)(guard(bot, next_page))
    app.view(ids.APPLICATION_CHECK_FORM)(guard(bot, send))
    app.action(ids.APPLICATION_BACK)(guard(bot, previous_page))
    app.action(ids.GO_ON)(guard(bot, go_on))
    app.action(ids.WITHDRAW)(guard(bot, withdraw))
    app.action(ids.ANSWER_REVIEWER)(guard(bot, open_answer))
    app.view(ids.ANSWER_FORM)(guard(bot, save_answer))
