"""What a programme gives people to read, and whom they can ask: its guides and contacts."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.content import Contact, Guide
from mentorbot.domain.errors import NoGuide
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.storage import participants
from mentorbot.usecases import enrolment
from mentorbot.wording import Markup, escape, listed, say


def guide_blocks(guides: Sequence[Guide]) -> list[blocks.Block]:
    """Guides, each a link or a text of its own."""
    return [blocks.section(_shown(guide)) for guide in guides]


def _shown(guide: Guide) -> str:
    title = escape(guide.title)
    return f"<{guide.url}|{title}>" if guide.url else f"*{title}*\n{escape(guide.text or '')}"


def contacts_line(file: ProgrammeFile, locale: str) -> list[blocks.Block]:
    """Whom to turn to, as a small grey line, where the programme names anybody."""
    if not file.contacts:
        return []
    who = listed([_named(contact, locale) for contact in file.contacts], locale)
    return [blocks.context(say("guides.contacts", locale, who=who))]


def _named(contact: Contact, locale: str) -> Markup:
    named = say("guides.contact", locale, name=contact.name, title=contact.title)
    if contact.email is None:
        return named
    address = contact.email.replace("&", "&amp;")
    return Markup(f"{named} <mailto:{address}|{address}>")


def show_guides(call: Call, _rest: str = "") -> None:
    """`guide`: what there is to read for one's role, or for both where one has none yet."""
    with call.read() as tx:
        programme = enrolment.programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        held = participants.of_person(tx, programme.programme_id, call.slack_user_id)
    own = held.role if held is not None and held.is_enrolled else None
    roles = [role for role in Role if own in (None, role) and file.guides.get(role)]
    if not roles:
        raise NoGuide
    shown: list[blocks.Block] = []
    for role in roles:
        shown += [blocks.header(call.say(f"guides.for.{role}")), *guide_blocks(file.guides[role])]
    _show(call, [*shown, *contacts_line(file, call.locale)])


def _show(call: Call, shown: list[blocks.Block]) -> None:
    title = call.say("guides.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to the button."""
    app.action(ids.SHOW_GUIDES)(guard(bot, show_guides))
