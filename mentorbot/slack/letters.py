"""What applicants who are not in Slack hear by e-mail: an invitation, or how they stand.

Plain sentences: what is a link in Slack is text here, and is escaped for HTML alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mentorbot.domain.messages import NO_INVITE_LINK, MessageKind
from mentorbot.domain.model import Application, Participant, Role
from mentorbot.mail import SET_UP_SECONDS, Letter, NotSent, Trouble
from mentorbot.slack.introductions import reasons_in_words
from mentorbot.slack.rendering import Outdated, Reading, Rendered, renders
from mentorbot.storage import applications, pairings, people
from mentorbot.wording import Markup, listed, plain


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


@renders(MessageKind.INTRODUCTION_LETTER)
def _introduced(reading: Reading) -> Rendered:
    """Who the partner is and why, what they wrote, and the guides of the reader's role."""
    members = pairings.members(reading.tx, reading.message.pairing_id or "")
    mine = next(
        (it for it in members if it.participant_id == reading.message.params["member"]), None
    )
    others = [it for it in members if it is not mine]
    if mine is None or not others:
        raise Outdated
    names = people.names(reading.tx, [it.slack_user_id for it in others])
    partner = listed([names.get(it.slack_user_id, "") for it in others], reading.locale)
    why = reasons_in_words(reading.pairing().reasons, reading.locale, in_group=len(members) > 2)
    body: list[str | Link] = [
        in_a_letter(reading, "letter.paired", partner=plain(partner)),
        in_a_letter(reading, "letter.why", why=plain(why)),
        *(_told(reading, it, names) for it in others if _words_of(it)),
        in_a_letter(reading, "letter.write_there"),
        *_guides(reading, mine),
    ]
    subject = in_a_letter(reading, "letter.subject_paired")
    return written(reading, *body, subject=subject)


def _words_of(other: Participant) -> str:
    answer = other.answers.get("offer" if other.role is Role.MENTOR else "hopes")
    return answer if isinstance(answer, str) else ""


def _told(reading: Reading, other: Participant, names: Mapping[str, str]) -> Markup:
    who = names.get(other.slack_user_id, "")
    return in_a_letter(reading, "letter.says", who=who, words=_words_of(other))


def _guides(reading: Reading, mine: Participant) -> list[str | Link]:
    """What is worth reading before the first meeting: pages as links, texts as they are."""
    guides = reading.file.guides.get(mine.role or Role.MENTEE, ())
    found: list[str | Link] = [in_a_letter(reading, "letter.guide")] if guides else []
    for guide in guides:
        if guide.url is not None:
            found.append(Link(guide.url, guide.title))
        else:
            found.append(f"{guide.title}\n{guide.text}")
    prompts = "\n".join(f"– {it}" for it in reading.file.first_meeting.prompts)
    return [*found, f"{in_a_letter(reading, 'letter.prompts')}\n{prompts}"]


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
