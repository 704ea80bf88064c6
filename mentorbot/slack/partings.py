"""Leaving, pausing and coming back, and what partners hear of it."""

from collections.abc import Mapping
from datetime import date

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.errors import Refusal
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import EndReason
from mentorbot.slack import blocks, home, ids
from mentorbot.slack.endings import thanks_asked
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.queue import looking_for
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.slack.windows import way_back
from mentorbot.usecases import closing, enrolment, pauses
from mentorbot.usecases.ending import ENDED
from mentorbot.usecases.holding import BY_TEAM
from mentorbot.usecases.standing import standing
from mentorbot.wording import Markup, day

WEEKS_ON_OFFER = (1, 2, 3, 4, 6, 8, 12)


@renders(MessageKind.PARTNER_LEFT)
def _partner_left(reading: Reading) -> Rendered:
    params = reading.message.params
    if params["how"] == "not_introduced":
        text = reading.say("partner.lost", looking=looking_for(reading))
    else:
        text = reading.say(_how_parted(params), who=mention(params["leaver"], reading.locale))
    if params["outlook"] is not None:
        outlook = reading.say(f"partner.outlook.{params['outlook']}")
        text = Markup(f"{text} {outlook}")
    shown = [blocks.section(text)]
    if params["how"] == ENDED and _owes_feedback(reading):
        shown += thanks_asked(reading.message.pairing_id or "", reading.say)
    return Rendered(text, shown)


def _owes_feedback(reading: Reading) -> bool:
    try:
        closing.feedback_owed(
            reading.tx, reading.message.pairing_id or "", reading.message.recipients[0]
        )
    except Refusal:
        return False
    return True


def _how_parted(params: Mapping[str, str]) -> str:
    if is_stand_in(params["leaver"]):
        return "partner.left_unnamed"
    if params["how"] == "group_over":
        return "partner.group_over"
    if params["how"] == ENDED:
        return "partner.ended"
    if params["how"] == BY_TEAM:
        return "partner.by_team"
    changed = params["how"] == EndReason.CHANGED_ROLE
    return "partner.changed_role" if changed else "partner.left"


@renders(MessageKind.GROUP_GOES_ON)
def _group_goes_on(reading: Reading) -> Rendered:
    leaver = reading.message.params["leaver"]
    key = "partner.group_goes_on_unnamed" if is_stand_in(leaver) else "partner.group_goes_on"
    text = reading.say(key, who=mention(leaver, reading.locale))
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.PARTNER_PAUSED)
def _partner_paused(reading: Reading) -> Rendered:
    until = day(date.fromisoformat(reading.message.params["until"]), reading.locale)
    who = mention(reading.message.params["about"])
    key = "partner.paused_in_group" if reading.message.params.get("in_group") else "partner.paused"
    text = reading.say(key, who=who, until=until)
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.PARTNER_BACK)
def _partner_back(reading: Reading) -> Rendered:
    text = reading.say("partner.back", who=mention(reading.message.params["about"]))
    return Rendered(text, [blocks.section(text)])


@renders(MessageKind.PAUSE_OVER)
def _pause_over(reading: Reading) -> Rendered:
    text = reading.say("pauses.over", programme=reading.file.name)
    again = blocks.button(reading.say("pauses.pause"), ids.PAUSE)
    return Rendered(text, [blocks.section(text), blocks.actions(again)])


def resume(call: Call) -> None:
    """The "count me in" button, in a DM or in App Home."""
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        pauses.resume(tx, programme.programme_id, call.slack_user_id, call.now)
    text = call.say("pauses.welcome_back")
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def open_pause(call: Call) -> None:
    """The pause button: ask for how long."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        enrolment.enrolled_or_refuse(tx, programme.programme_id, call.slack_user_id)
    weeks = [
        blocks.option(call.say("pauses.weeks", count=count), str(count)) for count in WEEKS_ON_OFFER
    ]
    view = blocks.modal(
        ids.PAUSE_FORM,
        call.say("pauses.title"),
        [
            blocks.section(call.say("pauses.intro")),
            blocks.field("weeks", call.say("pauses.how_long"), blocks.select(weeks, initial="2")),
        ],
        submit=call.say("pauses.pause"),
        close=call.say("cancel"),
    )
    call.open_view(view)


def save_pause(call: Call) -> None:
    """The length of the pause was sent."""
    weeks = int(blocks.answers(call.view)["weeks"])
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        pauses.pause(tx, programme.programme_id, call.slack_user_id, weeks * 7, call.now)
    call.ack()
    home.refresh(call)


def leave(call: Call) -> None:
    """The leave button, after its "are you sure?"."""
    with call.begin() as tx:
        programme = enrolment.programme_or_refuse(tx)
        enrolment.leave(tx, programme.programme_id, call.slack_user_id, call.now)
        found = standing(tx, call.slack_user_id, call.now)
    back = way_back(found, call.locale) if found else ""
    text = call.say("leave.done", way_back=back)
    call.replace_message(text, [blocks.section(text)])
    home.refresh(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to leaving, pausing and coming back."""
    app.action(ids.RESUME)(guard(bot, resume))
    app.action(ids.PAUSE)(guard(bot, open_pause))
    app.view(ids.PAUSE_FORM)(guard(bot, save_pause))
    app.action(ids.LEAVE)(guard(bot, leave))
