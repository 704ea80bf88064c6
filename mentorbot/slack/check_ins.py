"""Check-ins: the weekly question, its three answers, and what silence or a call for help causes."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import CheckInAnswer
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, goals, ids, meetings
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.slack.resources import link
from mentorbot.slack.signposts import signposts
from mentorbot.storage import pairings, participants
from mentorbot.usecases import check_ins
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import listed

_ANSWERS = {
    ids.CHECK_IN_MET: CheckInAnswer.MET,
    ids.CHECK_IN_NOT_YET: CheckInAnswer.NOT_YET,
    ids.CHECK_IN_HELP: CheckInAnswer.HELP,
}


@renders(MessageKind.CHECK_IN)
def _check_in(reading: Reading) -> Rendered:
    occurrence = reading.message.params["occurrence_number"]
    is_weekly = reading.file.touchpoints.check_in.is_weekly
    is_weekly = is_weekly and not reading.pairing().amendments
    key = "check_in.question" if is_weekly else "check_in.question_numbered"
    text = reading.say(key, partner=reading.partners(), number=occurrence)
    value = f"{reading.message.pairing_id} {occurrence}"
    buttons = [
        blocks.button(
            reading.say(f"check_in.{answer}"),
            action_id,
            value=value,
            style="primary" if answer is CheckInAnswer.MET else None,
        )
        for action_id, answer in _ANSWERS.items()
    ]
    shown = [blocks.section(text), blocks.actions(*buttons), *goals.open_actions(reading)]
    return Rendered(text, [*shown, *_worth_reading(reading, occurrence)])


def _worth_reading(reading: Reading, occurrence: int) -> list[blocks.Block]:
    """A page of the library, another one each time, in the cycles to come too."""
    if reading.file.library is None:
        return []
    member = reading.member()
    before = pairings.asked_before(
        reading.tx, member.participant_id, reading.pairing().cycle_number
    )
    item = reading.file.library.offered(member.answers, before + occurrence, member.stage)
    return [blocks.context(reading.say("resources.offered", page=link(item)))] if item else []


@renders(MessageKind.HELP_WANTED)
def _help_wanted(reading: Reading) -> Rendered:
    who = mention(reading.message.params["about"])
    text = reading.say("check_in.help_wanted", who=who)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.QUIET_PARTNER)
def _quiet_partner(reading: Reading) -> Rendered:
    text = reading.say("quiet.partner", who=reading.mentions(reading.message.params["silent"]))
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.QUIET_REPORT)
def _quiet_report(reading: Reading) -> Rendered:
    silent = reading.message.params["silent"]
    everyone = [
        member.slack_user_id
        for member in pairings.members(reading.tx, reading.message.pairing_id or "")
    ]
    text = reading.say(
        "quiet.report", who=reading.mentions(silent), pair=reading.mentions(everyone)
    )
    return Rendered(text, [blocks.section(text)])


def answer(call: Call) -> None:
    """One of the three buttons."""
    given = _ANSWERS[call.action["action_id"]]
    pairing_id, occurrence = call.action["value"].split()
    with call.begin() as tx:
        is_heard = check_ins.answer(
            tx, pairing_id, int(occurrence), call.slack_user_id, given, call.now
        )
        file = parse_stored(programme_or_refuse(tx).definition)
        partners = [
            member.slack_user_id
            for member in pairings.members(tx, pairing_id)
            if member.slack_user_id != call.slack_user_id
        ]
        mine = participants.of_person(tx, file.id, call.slack_user_id)
        answers = dict(mine.answers) if mine else {}
        is_met = given is CheckInAnswer.MET
        log = meetings.after_check_in(tx, call, file, pairing_id) if is_met else []
    partner = listed([mention(it) for it in partners], call.locale)
    key = "help_alone" if given is CheckInAnswer.HELP and not is_heard else str(given)
    text = call.say(f"check_in.thanks.{key}", partner=partner)
    more = signposts(file, call.locale, answers) if given is CheckInAnswer.HELP else []
    call.replace_message(text, [blocks.section(text), *log, *more])


def register(app: App, bot: MentorBot) -> None:
    """Listen to the three answers."""
    for action_id in _ANSWERS:
        app.action(action_id)(guard(bot, answer))
