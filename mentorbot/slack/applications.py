"""Applying in Slack: a form of several pages that is kept as it goes, a last look, and after it."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.places import quoted
from mentorbot.usecases import applying

LONGEST_ANSWER = 1500


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


def register(app: App, bot: MentorBot) -> None:
    """Listen to everything on this surface."""
    app.action(ids.ANSWER_REVIEWER)(guard(bot, open_answer))
    app.view(ids.ANSWER_FORM)(guard(bot, save_answer))
