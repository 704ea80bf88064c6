"""What a programme gives people to read, and whom they can ask: guides, tips and contacts."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.content import Guide
from mentorbot.domain.errors import NoGuide
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.contacts import contacts_line
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Outdated, Reading, Rendered, renders
from mentorbot.storage import participants
from mentorbot.usecases import enrolment
from mentorbot.wording import escape


@renders(MessageKind.TIP)
def _tip(reading: Reading) -> Rendered:
    known = {tip.key: tip.text for tip in reading.file.tips}
    if reading.message.params["tip"] not in known:
        raise Outdated
    text = reading.say("tip", text=known[reading.message.params["tip"]])
    return Rendered(text, [blocks.section(text)])


def guide_blocks(guides: Sequence[Guide]) -> list[blocks.Block]:
    """Guides, each a link or a text of its own."""
    return [blocks.section(_shown(guide)) for guide in guides]


def _shown(guide: Guide) -> str:
    title = escape(guide.title)
    return f"<{guide.url}|{title}>" if guide.url else f"*{title}*\n{escape(guide.text or '')}"


def show_guides(call: Call, _rest: str = "") -> None:
    """`guide`: what there is to read for one's role, or for both where one has none yet."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        held = participants.of_person(tx, programme.programme_id, call.slack_user_id)
    own = held.role if held is not None and held.is_enrolled else None
    found = {role: file.guides.get(role, ()) for role in Role if own in (None, role)}
    if held is not None and own is not None:
        found = {own: guides_of(file, held)}
    shown: list[blocks.Block] = []
    for role, guides in found.items():
        if guides:
            shown += [blocks.header(call.say(f"guides.for.{role}")), *guide_blocks(guides)]
    if not shown:
        raise NoGuide
    _show(call, [*shown, *contacts_line(file, call.locale)])


def guides_of(file: ProgrammeFile, held: Participant) -> tuple[Guide, ...]:
    """What there is to read for somebody with a role: first of the stage that they are in."""
    stage = file.stage(held.stage)
    own = (stage.guide,) if stage is not None and stage.guide is not None else ()
    return (*own, *(file.guides.get(held.role, ()) if held.role else ()))


def _show(call: Call, shown: list[blocks.Block]) -> None:
    title = call.say("guides.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to the button."""
    app.action(ids.SHOW_GUIDES)(guard(bot, show_guides))
