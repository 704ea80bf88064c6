"""People coming to the workspace, changing their profile, and going."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks
from mentorbot.slack.buttons import role_buttons
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.profiles import addressed, person_from_profile
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import participants, privacy
from mentorbot.usecases import inviting, membership
from mentorbot.wording import Markup


@renders(MessageKind.WELCOME)
def _welcome(reading: Reading) -> Rendered:
    hint = blocks.context(reading.say("welcome_hint"))
    running = participants.programmes(reading.tx)
    if len(running) < 2:
        text = reading.say("welcome", programme=reading.file.name, channel=reading.channel)
        return Rendered(text, [blocks.section(text), hint])
    text = reading.say("welcome_several")
    places = [
        reading.say(
            "welcome_place",
            programme=parse_stored(it.definition).name,
            channel=Markup(f"<#{it.channel_id}>"),
        )
        for it in running
    ]
    return Rendered(text, [blocks.section(text), *blocks.bulleted(places), hint])


def joined(call: Call) -> None:
    """Somebody new is in the workspace."""
    user = call.body["event"]["user"]
    seen = person_from_profile(call.workspace_id, user)
    with call.begin() as tx:
        membership.joined(tx, seen, call.now)
        inviting.link(tx, addressed([user]), call.now)


@renders(MessageKind.CHOOSE_ROLE)
def _choose_role(reading: Reading) -> Rendered:
    applies = reading.file.applies_in_slack
    text = reading.say(
        "applying.choose_role" if applies else "enrolment.choose_role",
        programme=reading.file.name,
        channel=reading.channel,
    )
    return Rendered(text, [blocks.section(text), role_buttons(reading.say)])


def joined_channel(call: Call) -> None:
    """Somebody came to a channel in which the bot is; others may have added them to it."""
    with call.read() as tx:
        if privacy.is_erased(tx, call.slack_user_id):
            return
    call.know_person()
    with call.begin() as tx:
        membership.joined_channel(tx, call.slack_user_id, call.body["event"]["channel"], call.now)


def changed(call: Call) -> None:
    """A profile changed, or an account was deactivated."""
    user = call.body["event"]["user"]
    seen = person_from_profile(call.workspace_id, user)
    with call.begin() as tx:
        membership.changed(tx, seen, call.now)
        inviting.link(tx, addressed([user]), call.now)


def register(app: App, bot: MentorBot) -> None:
    """Listen to the workspace's people."""
    app.event("team_join")(guard(bot, joined))
    app.event("member_joined_channel")(guard(bot, joined_channel))
    app.event("user_change")(guard(bot, changed))
