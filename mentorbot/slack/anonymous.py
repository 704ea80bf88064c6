"""Questions without a name: `/mentorbot ask`; mentors choose by `/mentorbot questions`."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.anonymous import ANSWER_MOST, WORDS_MOST
from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.domain.messages import MessageKind
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Outdated, Reading, Rendered, renders
from mentorbot.usecases import anonymous
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape


@renders(MessageKind.QUESTION_RELAYED)
def _relayed(reading: Reading) -> Rendered:
    question_id = reading.message.params["question_id"]
    words = anonymous.words_of(reading.tx, question_id)
    if not words:
        raise Outdated
    text = reading.say("anonymous.relayed")
    row = blocks.actions(
        blocks.button(
            reading.say("anonymous.answer"), ids.ANSWER_QUESTION, value=question_id, style="primary"
        ),
        blocks.button(reading.say("anonymous.pass"), ids.LEAVE_QUESTION, value=question_id),
    )
    return Rendered(text, [blocks.section(text), blocks.section(_quoted(words)), row])


@renders(MessageKind.QUESTION_ANSWERED)
def _answered(reading: Reading) -> Rendered:
    params = reading.message.params
    words = anonymous.words_of(reading.tx, params["question_id"])
    said = anonymous.answer_of(reading.tx, params["question_id"], params["relay_of"])
    if not said:
        raise Outdated
    text = reading.say("anonymous.answered")
    shown = [blocks.section(text)]
    shown += [blocks.section(_quoted(words))] if words else []
    shown.append(blocks.section(Markup(escape(said))))
    return Rendered(text, shown)


def _quoted(words: str) -> Markup:
    return Markup("\n".join(f">{escape(line)}" for line in words.splitlines()))


def open_form(call: Call, _rest: str = "") -> None:
    """`ask`, or the button: a question without a name."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        anonymous.check_asking(tx, programme.programme_id, call.slack_user_id, call.now)
        if not tx.vault.can_seal:
            raise SecretKeyMissing
    call.open_view(question_view(call.say))


def question_view(say_it: Say) -> blocks.Block:
    """The form of a question."""
    text = blocks.text_input(most=WORDS_MOST, multiline=True)
    return blocks.modal(
        ids.QUESTION_FORM,
        say_it("anonymous.title"),
        [
            blocks.section(say_it("anonymous.intro")),
            blocks.field("words", say_it("anonymous.words"), text),
        ],
        submit=say_it("anonymous.send"),
        close=say_it("cancel"),
    )


def save(call: Call) -> None:
    """The question was sent."""
    words = blocks.answers(call.view).get("words") or ""
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        anonymous.ask(tx, programme.programme_id, call.slack_user_id, words, call.now)
    call.tell(call.say("anonymous.sent"))


def open_answer(call: Call) -> None:
    """A mentor answers."""
    question_id = str(call.action.get("value", ""))
    with call.read() as tx:
        *_others, words = anonymous.before(tx, question_id, call.slack_user_id, call.now)
    call.open_view(answer_view(call.say, question_id, words))


def answer_view(say_it: Say, question_id: str, words: str) -> blocks.Block:
    """The form of an answer, under its question."""
    text = blocks.text_input(most=ANSWER_MOST, multiline=True)
    return blocks.modal(
        ids.QUESTION_ANSWER_FORM,
        say_it("anonymous.title"),
        [
            blocks.section(_quoted(words)),
            blocks.field("words", say_it("anonymous.your_answer"), text),
            blocks.context(say_it("anonymous.without_a_name")),
        ],
        submit=say_it("anonymous.send"),
        close=say_it("cancel"),
        private_metadata=question_id,
    )


def save_answer(call: Call) -> None:
    """The answer was sent."""
    words = blocks.answers(call.view).get("words") or ""
    with call.begin() as tx:
        question_id = call.view["private_metadata"]
        anonymous.answer(tx, question_id, call.slack_user_id, words, call.now)
    call.tell(call.say("anonymous.thanks"))


def pass_on(call: Call) -> None:
    """Somebody else may answer."""
    with call.begin() as tx:
        question_id = str(call.action.get("value", ""))
        anonymous.pass_on(tx, question_id, call.slack_user_id, call.now)
    text = call.say("anonymous.passed")
    call.replace_message(text, [blocks.section(text)])


def toggle(call: Call, _rest: str = "") -> None:
    """`questions`, or the button: a mentor begins to answer questions, or stops."""
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        is_on = anonymous.toggle(tx, programme.programme_id, call.slack_user_id, call.now)
    call.tell(call.say("anonymous.on" if is_on else "anonymous.off"))
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who ask and answer."""
    app.action(ids.ASK_ANONYMOUSLY)(guard(bot, open_form))
    app.view(ids.QUESTION_FORM)(guard(bot, save))
    app.action(ids.ANSWER_QUESTION)(guard(bot, open_answer))
    app.view(ids.QUESTION_ANSWER_FORM)(guard(bot, save_answer))
    app.action(ids.LEAVE_QUESTION)(guard(bot, pass_on))
    app.action(ids.HEAR_QUESTIONS)(guard(bot, toggle))
