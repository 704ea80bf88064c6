"""Telling others of a programme: `/mentorbot invite`, and `/mentorbot from CODE` by who came."""

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, buttons
from mentorbot.slack.guard import Call
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import acquaintances, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, recommending
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.standing import standing
from mentorbot.wording import Markup

SHOWN = 30


@renders(MessageKind.CAME_BY_YOU)
def _came(reading: Reading) -> Rendered:
    who = mention(reading.message.params["about"], reading.locale)
    text = reading.say("recommending.came", who=who, programme=reading.file.name)
    return Rendered(text, [blocks.section(text)])


def show(call: Call, _rest: str = "") -> None:
    """`invite`: words to pass on, with a code; for those who run the programme, who came by whom.

    Who takes no part and runs the programme reads the list alone.
    """
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        runs = permitted.may(tx, programme.programme_id, call.slack_user_id, Action.RUN)
        held = participants.of_person(tx, programme.programme_id, call.slack_user_id)
        shown: list[blocks.Block] = []
        if not runs or (held is not None and held.is_enrolled):
            key = (programme.programme_id, call.slack_user_id)
            code = recommending.code_of(tx, *key, call.now)
            name = parse_stored(programme.definition).name
            shown += _to_pass_on(call, name, programme.channel_id, code)
        lines = _counts(call, tx, programme.programme_id) if runs else []
    if runs:
        shown.append(blocks.section(call.say("recommending.counts", count=len(lines))))
        shown += blocks.bulleted(lines[:SHOWN])
    call.ack(text=call.say("recommending.intro"), blocks=shown)


def _to_pass_on(call: Call, name: str, channel_id: str, code: str) -> list[blocks.Block]:
    url = call.bot.settings.mentorbot_invite_url
    where = call.say("recommending.workspace", url=Markup(url)) if url else Markup("")
    text = call.say(
        "recommending.words",
        programme=name,
        channel=Markup(f"<#{channel_id}>"),
        code=Markup(code),
        where=where,
    )
    return [blocks.section(call.say("recommending.intro")), blocks.section(text)]


def _counts(call: Call, tx: Transaction, programme_id: str) -> list[Markup]:
    found = acquaintances.counts(tx, programme_id)
    users = participants.users(tx, [it[0] for it in found])
    return [
        call.say(
            "recommending.line",
            who=mention(users.get(who, ""), call.locale),
            count=came,
            joined=joined,
        )
        for who, came, joined in found
    ]


def come(call: Call, rest: str) -> None:
    """`from CODE`: somebody told me; the roles that are open follow."""
    with call.begin() as tx:
        found, by = recommending.come_by(tx, call.slack_user_id, rest, call.now)
        mine = standing(tx, call.slack_user_id, call.now, found.programme_id)
        who = mention(by.slack_user_id, call.locale) if by else None
    welcome = call.say("recommending.welcome", who=who) if who else call.say("recommending.hello")
    shown = [blocks.section(welcome)]
    if mine is not None and mine.open_roles:
        shown.append(buttons.role_buttons(call.say, mine.open_roles))
    call.ack(text=welcome, blocks=shown)
