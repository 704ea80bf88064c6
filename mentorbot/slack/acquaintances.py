"""A mentor introduces their mentee to somebody else: `/mentorbot introduce`, asked of both."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.acquaintances import NOTE_MOST
from mentorbot.domain.errors import InvalidAnswers
from mentorbot.domain.messages import MessageKind
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Outdated, Reading, Rendered, mention, renders
from mentorbot.storage import people
from mentorbot.usecases import acquaintances
from mentorbot.usecases.acquaintances import Known
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape


def _about(reading: Reading) -> Known:
    found = acquaintances.about(reading.tx, reading.message)
    if found is None:
        raise Outdated
    return found


def _note(found: Known) -> list[blocks.Block]:
    lines = found.held.note.splitlines()
    quoted = Markup("\n".join(f">{escape(line)}" for line in lines))
    return [blocks.section(quoted)] if lines else []


@renders(MessageKind.ACQUAINTANCE_ASKED)
def _asked(reading: Reading) -> Rendered:
    """The mentee is asked first; the other hears of the mentee only once they have agreed."""
    found = _about(reading)
    is_mentee = reading.message.recipients == [found.mentee.slack_user_id]
    whom = found.other if is_mentee else found.mentee
    text = reading.say(
        "acquaintances.asked_mentee" if is_mentee else "acquaintances.asked_other",
        mentor=mention(found.mentor.slack_user_id, reading.locale),
        whom=mention(whom.slack_user_id, reading.locale),
    )
    value = found.held.acquaintance_id
    row = blocks.actions(
        blocks.button(
            reading.say("acquaintances.yes"),
            ids.AGREE_ACQUAINTANCE,
            value=value,
            style="primary",
        ),
        blocks.button(reading.say("acquaintances.no"), ids.DECLINE_ACQUAINTANCE, value=value),
    )
    return Rendered(text, [blocks.section(text), *_note(found), row])


@renders(MessageKind.ACQUAINTANCE_MADE)
def _made(reading: Reading) -> Rendered:
    found = _about(reading)
    three = (found.mentor, found.mentee, found.other)
    mentor, mentee, other = (mention(it.slack_user_id, reading.locale) for it in three)
    text = reading.say("acquaintances.made", mentor=mentor, mentee=mentee, other=other)
    return Rendered(text, [blocks.section(text), *_note(found)])


@renders(MessageKind.ACQUAINTANCE_DECLINED)
def _declined(reading: Reading) -> Rendered:
    found = _about(reading)
    two = (found.mentee, found.other)
    mentee, other = (mention(it.slack_user_id, reading.locale) for it in two)
    text = reading.say("acquaintances.declined", mentee=mentee, other=other)
    return Rendered(text, [blocks.section(text)])


def open_form(call: Call, _rest: str = "") -> None:
    """`introduce`: whom, to whom, and why."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        found = acquaintances.mentees_of(tx, programme.programme_id, call.slack_user_id)
        names = people.names(tx, [it.slack_user_id for it in found])
    options = [
        blocks.option(names.get(it.slack_user_id) or it.participant_id, it.participant_id)
        for it in found
    ]
    call.open_view(acquaintance_view(call.say, options[: blocks.OPTIONS_MOST]))


def acquaintance_view(say_it: Say, options: list[blocks.Block]) -> blocks.Block:
    """The form with which a mentor introduces somebody."""
    alone = options[0]["value"] if len(options) == 1 else None
    whom = blocks.people_select() | {"max_selected_items": 1}
    note = blocks.text_input(most=NOTE_MOST, multiline=True)
    return blocks.modal(
        ids.ACQUAINTANCE_FORM,
        say_it("acquaintances.title"),
        [
            blocks.section(say_it("acquaintances.intro")),
            blocks.field(
                "mentee", say_it("acquaintances.mentee"), blocks.select(options, initial=alone)
            ),
            blocks.field("other", say_it("acquaintances.other"), whom),
            blocks.field("note", say_it("acquaintances.note"), note, optional=True),
        ],
        submit=say_it("acquaintances.ask"),
        close=say_it("cancel"),
    )


def save(call: Call) -> None:
    """The form was sent: the mentee is asked."""
    given = blocks.answers(call.view)
    missing = [it for it in ("mentee", "other") if not given.get(it)]
    if missing:
        raise InvalidAnswers({it: ("form.missing", {}) for it in missing})
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        found = acquaintances.propose(
            tx,
            programme.programme_id,
            call.slack_user_id,
            given["mentee"],
            given["other"][0],
            given.get("note") or "",
            call.now,
        )
        mentee = mention(found.mentee.slack_user_id, call.locale)
    call.tell(call.say("acquaintances.sent", mentee=mentee))


def agree(call: Call) -> None:
    """Yes, please."""
    with call.begin() as tx:
        value = str(call.action.get("value", ""))
        found = acquaintances.agree(tx, value, call.slack_user_id, call.now)
        is_made = found.held.settled_at is not None
    text = call.say("acquaintances.is_made" if is_made else "acquaintances.next")
    call.replace_message(text, [blocks.section(text)])


def decline(call: Call) -> None:
    """Rather not."""
    with call.begin() as tx:
        value = str(call.action.get("value", ""))
        acquaintances.decline(tx, value, call.slack_user_id, call.now)
    text = call.say("acquaintances.is_declined")
    call.replace_message(text, [blocks.section(text)])


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who introduce and are introduced."""
    app.view(ids.ACQUAINTANCE_FORM)(guard(bot, save))
    app.action(ids.AGREE_ACQUAINTANCE)(guard(bot, agree))
    app.action(ids.DECLINE_ACQUAINTANCE)(guard(bot, decline))
