"""The closing: the mentee's feedback form, and everyone's choice for the next cycle."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import NextCycle, Pairing, Participant, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, buttons, home, ids
from mentorbot.slack.certificates import certificate_needs
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import pairings, participants
from mentorbot.usecases import closing, earning, touchpoints
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, full_date


@renders(MessageKind.CLOSING)
def _closing(reading: Reading) -> Rendered:
    role = reading.role_of_reader() or Role.MENTEE
    ends = f"last_{role}" if reading.file.cycle.is_once else str(role)
    until = full_date(reading.pairing().ends_on, reading.locale)
    key = f"closing.{ends}" if reading.pairing().is_active else "closing.missed"
    text = reading.say(key, partner=_partners(reading), until=until)
    lacks = _needed(reading) if role is Role.MENTOR else None
    shown = [blocks.section(text), *([blocks.section(lacks)] if lacks else []), *_asks(reading)]
    return Rendered(text, shown)


def _needed(reading: Reading) -> Markup | None:
    lacks = earning.lacking(
        reading.tx, reading.pairing(), reading.member(), reading.message.not_before_at
    )
    return certificate_needs(lacks, reading.locale)


@renders(MessageKind.REMINDER)
def _reminder(reading: Reading) -> Rendered:
    until = full_date(reading.pairing().ends_on, reading.locale)
    owes, wish = _owed(reading)
    owes_choice = wish is None and not reading.file.cycle.is_once
    missing = "both" if owes and owes_choice else "feedback" if owes else "choice"
    text = reading.say(f"closing.reminder.{missing}", partner=_partners(reading), until=until)
    return Rendered(text, [blocks.section(text), *_asks(reading)])


def _partners(reading: Reading) -> Markup:
    """The reader's mentors, or mentees, in the cycle that ends."""
    pairing, member = reading.pairing(), reading.member()
    everyone = pairings.partners_in_cycle(
        reading.tx, pairing.programme_id, pairing.cycle_number, member.participant_id
    )
    if not everyone:
        mentor, *mentees = pairings.members(reading.tx, pairing.pairing_id)
        is_mentor = member.participant_id == mentor.participant_id
        everyone = [it.slack_user_id for it in (mentees if is_mentor else [mentor])]
    return reading.mentions(everyone)


def _owed(reading: Reading) -> tuple[bool, NextCycle | None]:
    """Whether feedback is still owed, and the wish so far."""
    pairing, member = reading.pairing(), reading.member()
    owes = touchpoints.owes_feedback(reading.tx, pairing, member)
    return owes, touchpoints.wish_of(reading.tx, pairing, member)


def _asks(reading: Reading) -> list[blocks.Block]:
    """The buttons for what is still owed, and the default said plainly."""
    owes, wish = _owed(reading)
    return buttons.asks(
        reading.say,
        reading.pairing(),
        owes_feedback=owes,
        wish=wish,
        with_choice=not reading.file.cycle.is_once,
        may_extend=reading.file.extension is not None,
    )


@renders(MessageKind.OPTED_OUT)
def _opted_out(reading: Reading) -> Rendered:
    return _resting(reading, "closing.opted_out")


@renders(MessageKind.PAUSED_NO_ANSWER)
def _paused_no_answer(reading: Reading) -> Rendered:
    return _resting(reading, "closing.paused_no_answer")


def _resting(reading: Reading, key: str) -> Rendered:
    text = reading.say(key, programme=reading.file.name)
    back = blocks.button(reading.say("pauses.resume"), ids.RESUME, style="primary")
    return Rendered(text, [blocks.section(text), blocks.actions(back)])


def feedback_view(call: Call, pairing: Pairing, mentor: Participant) -> blocks.Block:
    """The feedback form; the counterpart comes from the pairing."""
    rating = {
        "type": "radio_buttons",
        "options": [
            blocks.option(call.say(f"feedback.rating.{stars}"), str(stars))
            for stars in range(5, 0, -1)
        ],
    }
    most = closing.FEEDBACK_MOST
    helped = blocks.text_input(most=most, multiline=True)
    improve = blocks.text_input(most=most, multiline=True)
    return blocks.modal(
        ids.FEEDBACK_FORM,
        call.say("feedback.title"),
        [
            blocks.section(call.say("feedback.intro", mentor=mention(mentor.slack_user_id))),
            blocks.field("rating", call.say("feedback.rating_label"), rating),
            blocks.field("helped_with", call.say("feedback.helped_with"), helped),
            blocks.field(
                "could_improve", call.say("feedback.could_improve"), improve, optional=True
            ),
        ],
        submit=call.say("feedback.send"),
        close=call.say("cancel"),
        private_metadata=pairing.pairing_id,
    )


def open_feedback(call: Call) -> None:
    """The feedback button, in a DM or in App Home."""
    with call.read() as tx:
        pairing, _mentee, mentor = closing.feedback_owed(
            tx, call.action["value"], call.slack_user_id
        )
    call.open_view(feedback_view(call, pairing, mentor))


def save_feedback(call: Call) -> None:
    """The form was sent: the mentor's certificate follows by itself."""
    given = blocks.answers(call.view)
    with call.begin() as tx:
        thanked = closing.give_feedback(
            tx,
            call.view["private_metadata"],
            call.slack_user_id,
            rating=int(given.get("rating") or 0) or None,
            helped_with=given.get("helped_with") or "",
            could_improve=given.get("could_improve") or "",
            now=call.now,
        )
    thanks = blocks.modal(
        "notice",
        call.say("feedback.title"),
        [blocks.section(call.say(thanked))],
        close=call.say("close"),
    )
    call.ack(response_action="update", view=thanks)
    home.refresh(call)


def choose(call: Call) -> None:
    """Continue or opt out; the message keeps its other buttons, so that minds can change."""
    wish = buttons.WISHES[call.action["action_id"]]
    with call.begin() as tx:
        closing.choose(tx, call.action["value"], call.slack_user_id, wish, call.now)
    if "message" in call.body:
        call.replace_message(call.body["message"].get("text", ""), _with_choice(call, wish))
    else:
        call.ack()
    home.refresh(call)


def _with_choice(call: Call, wish: NextCycle) -> list[blocks.Block]:
    """The message's own opening and feedback button, and the choice as it now stands."""
    with call.read() as tx:
        pairing = pairings.pairing(tx, call.action["value"])
        if pairing is None:
            return []
        member = participants.of_person(tx, pairing.programme_id, call.slack_user_id)
        if member is None:
            return []
        owes = touchpoints.owes_feedback(tx, pairing, member)
        file = parse_stored(programme_or_refuse(tx, pairing.programme_id).definition)
    opening = blocks.section(Markup(call.body["message"].get("text", "")))
    asked = {"owes_feedback": owes, "may_extend": file.extension is not None}
    return [opening, *buttons.asks(call.say, pairing, wish=wish, **asked)]


def register(app: App, bot: MentorBot) -> None:
    """Listen to feedback and choices."""
    app.action(ids.GIVE_FEEDBACK)(guard(bot, open_feedback))
    app.view(ids.FEEDBACK_FORM)(guard(bot, save_feedback))
    for action_id in buttons.WISHES:
        app.action(action_id)(guard(bot, choose))
