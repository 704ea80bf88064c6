"""The e-mail that invites somebody who was given a place to the workspace."""

from html import escape

from mentorbot.domain.messages import NO_INVITE_LINK, MessageKind
from mentorbot.mail import SET_UP_SECONDS, Letter, NotSent, Trouble
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import applications
from mentorbot.wording import Markup


@renders(MessageKind.INVITATION)
def _invitation(reading: Reading) -> Rendered:
    """Plain sentences: what is a link in Slack is text here, and is escaped for HTML alone."""
    found = applications.application(reading.tx, reading.message.params["application_id"])
    url = reading.invite_url
    if found is None or found.email is None:
        raise LookupError("there is no address to write to")
    if not url:
        raise NotSent(Trouble.AWAY, NO_INVITE_LINK, SET_UP_SECONDS)
    named = {"programme": Markup(reading.file.name), "name": Markup(found.name)}
    contact = reading.file.contacts[0] if reading.file.contacts else None
    greeting = "invitation.greeting" if found.name else "invitation.greeting_nameless"
    before = [
        reading.say(greeting, **named),
        reading.say("invitation.place", role=reading.say(f"role.{found.role}"), **named),
        reading.say("invitation.join"),
    ]
    after = [reading.say("invitation.address", address=Markup(found.email))]
    if contact:
        after.append(reading.say("invitation.contact", contact=Markup(contact.name)))
    after.append(reading.say("invitation.farewell", **named))
    button = reading.say("invitation.button")
    letter = Letter(
        found.email,
        found.name,
        reading.say("invitation.subject", **named),
        "\n\n".join([*before, url, *after]) + "\n",
        _html(before, after, url, button, reading.locale),
        contact.email if contact else None,
    )
    return Rendered(letter.text, letter=letter)


def _html(before: list[Markup], after: list[Markup], url: str, button: str, locale: str) -> str:
    link = f'<p><a href="{escape(url)}">{escape(button)}</a><br>{escape(url)}</p>'
    parts = "\n".join([*map(_paragraph, before), link, *map(_paragraph, after)])
    return f'<!doctype html>\n<html lang="{escape(locale)}"><body>\n{parts}\n</body></html>\n'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
