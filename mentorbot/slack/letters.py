"""What applicants who are not in Slack hear by e-mail: an invitation, or how they stand.

Plain sentences: what is a link in Slack is text here, and is escaped for HTML alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mentorbot.domain.messages import NO_INVITE_LINK, MessageKind
from mentorbot.domain.model import Application
from mentorbot.mail import SET_UP_SECONDS, Letter, NotSent, Trouble
from mentorbot.slack.rendering import Reading, Rendered, renders
from mentorbot.storage import applications
from mentorbot.wording import Markup


@dataclass(frozen=True)
class Link:
    """A paragraph that leads somewhere."""

    url: str
    words: str


@renders(MessageKind.INVITATION)
def _invitation(reading: Reading) -> Rendered:
    url = reading.invite_url
    if not url:
        raise NotSent(Trouble.AWAY, NO_INVITE_LINK, SET_UP_SECONDS)
    body: list[str | Link] = [
        in_a_letter(reading, "letter.place"),
        in_a_letter(reading, "letter.join"),
        *way_in(reading, url),
    ]
    subject = in_a_letter(reading, "letter.subject_place")
    return written(reading, *body, subject=subject, asking="letter.helps")


def in_a_letter(reading: Reading, key: str, **values: object) -> Markup:
    """A sentence whose values stand in it as they are, for a reader outside Slack.

    The programme, the applicant's name and their role are among the values.
    """
    found = _applicant(reading)
    role = reading.say(f"role.{found.role}")
    given = {"programme": reading.file.name, "name": found.name, "role": role, **values}
    plain = {name: Markup(it) if isinstance(it, str) else it for name, it in given.items()}
    return reading.say(key, **plain)


def way_in(reading: Reading, url: str) -> list[str | Link]:
    """The link to the workspace, and the address to join it with."""
    return [
        Link(url, in_a_letter(reading, "letter.button")),
        in_a_letter(reading, "letter.address", address=_applicant(reading).email),
    ]


def next_round(reading: Reading) -> list[Markup]:
    """When the next round of applications opens, where that is known."""
    next_on = reading.window.next_on
    return [reading.say("window.next.reopens", on=next_on)] if next_on is not None else []


def written(
    reading: Reading, *body: str | Link, subject: str = "", asking: str = "letter.asks"
) -> Rendered:
    """A letter of some paragraphs, with its greeting, its farewell, and whom an answer reaches."""
    found = _applicant(reading)
    greeting = "letter.greeting" if found.name else "letter.greeting_nameless"
    whole = [in_a_letter(reading, greeting), *body]
    contact = next((it for it in reading.file.contacts[:1] if it.email), None)
    if contact is not None:
        whole.append(in_a_letter(reading, asking, contact=contact.name))
    whole.append(in_a_letter(reading, "letter.farewell"))
    letter = Letter(
        str(found.email),
        found.name,
        subject or in_a_letter(reading, "letter.subject"),
        "\n\n".join(it.url if isinstance(it, Link) else it for it in whole) + "\n",
        _html(whole, reading.locale),
        contact.email if contact else None,
    )
    return Rendered(letter.text, letter=letter)


def _applicant(reading: Reading) -> Application:
    found = applications.application(reading.tx, reading.message.params["application_id"])
    if found is None or found.email is None:
        raise LookupError("there is no address to write to")
    return found


def _html(paragraphs: Sequence[str | Link], locale: str) -> str:
    parts = "\n".join(f"<p>{_in_html(it)}</p>" for it in paragraphs)
    return f'<!doctype html>\n<html lang="{escape(locale)}"><body>\n{parts}\n</body></html>\n'


def _in_html(paragraph: str | Link) -> str:
    if isinstance(paragraph, Link):
        url = escape(paragraph.url)
        return f'<a href="{url}">{escape(paragraph.words)}</a><br>{url}'
    return escape(paragraph).replace("\n", "<br>\n")
