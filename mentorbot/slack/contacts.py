"""Whom people can ask about a programme."""

from mentorbot.domain.content import Contact
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import blocks
from mentorbot.wording import Markup, listed, say


def contact_named(contact: Contact, locale: str) -> Markup:
    """A contact with what they are in the programme, and their address where there is one."""
    named = say("guides.contact", locale, name=contact.name, title=contact.title)
    if contact.email is None:
        return named
    address = contact.email.replace("&", "&amp;")
    return Markup(f"{named} <mailto:{address}|{address}>")


def contacts_line(file: ProgrammeFile, locale: str) -> list[blocks.Block]:
    """Whom to turn to, as a small grey line, where the programme names anybody."""
    if not file.contacts:
        return []
    who = listed([contact_named(contact, locale) for contact in file.contacts], locale)
    return [blocks.context(say("guides.contacts", locale, who=who))]
