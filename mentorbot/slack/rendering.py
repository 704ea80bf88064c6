"""From a message's intent to what Slack shows: a registry with one renderer for each kind."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.messages import Message, MessageKind
from mentorbot.domain.model import Pairing, Participant, Person, Programme, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.windows import Window, window_of
from mentorbot.mail import Letter
from mentorbot.slack import meant
from mentorbot.slack.blocks import Block, context, posted
from mentorbot.storage import pairings, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.wording import DEFAULT_LOCALE, Markup, escape, language_of, listed, moment, say


class Outdated(Exception):
    """A message is about something that the programme's file does not have any more."""


@dataclass(frozen=True)
class Attachment:
    """A file to be shared instead of a plain message."""

    name: str
    title: str
    content: bytes


@dataclass(frozen=True)
class Rendered:
    """What is posted: a plain-text fallback, blocks, and perhaps a file; or the letter instead."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    attachment: Attachment | None = None
    letter: Letter | None = None


@dataclass(frozen=True)
class Reading:
    """A message, and everything its renderer may look at; nothing is changed.

    `invite_url` is where people join the workspace, where that is known.
    """

    tx: Transaction
    message: Message
    programme: Programme
    file: ProgrammeFile
    reader: Person | None
    invite_url: str = ""

    @property
    def locale(self) -> str:
        """The reader's locale where the programme speaks it, else the programme's own."""
        theirs = self.reader.locale if self.reader else ""
        spoken = [str(language) for language in self.file.languages]
        return theirs if theirs and language_of(theirs) in spoken else spoken[0]

    @property
    def channel(self) -> Markup:
        """The programme's channel."""
        return Markup(f"<#{self.programme.channel_id}>")

    @property
    def window(self) -> Window:
        """When people could apply as the message was made, by the reader's clock."""
        zone = self.reader.time_zone if self.reader else self.file.time_zone
        return window_of(self.file, self.message.not_before_at, zone)

    def say(self, key: str, **values: object) -> Markup:
        """A sentence in the reader's language."""
        return say(key, self.locale, **values)

    def pairing(self) -> Pairing:
        """The pairing that the message is about."""
        found = pairings.pairing(self.tx, self.message.pairing_id or "")
        if found is None:
            raise LookupError("the message is about no pairing")
        return found

    def partners(self) -> Markup:
        """The others in the pairing, as mentions."""
        members = pairings.members(self.tx, self.message.pairing_id or "")
        others = [m.slack_user_id for m in members if m.slack_user_id not in self._recipients]
        return self.mentions(others)

    @property
    def _recipients(self) -> list[str]:
        return self.message.recipients

    def member(self) -> Participant:
        """The reader's enrolment."""
        found = participants.of_person(self.tx, self.programme.programme_id, self._recipients[0])
        if found is None:
            raise LookupError("the reader takes no part in the programme")
        return found

    def role_of_reader(self) -> Role | None:
        """The reader's role in the pairing."""
        pairing_id = self.message.pairing_id or ""
        return pairings.role_in(self.tx, pairing_id, self.member().participant_id)

    def mentions(self, slack_user_ids: list[str]) -> Markup:
        """People as mentions, in a list."""
        return listed([mention(user, self.locale) for user in slack_user_ids], self.locale)


def mention(slack_user_id: str, locale: str = DEFAULT_LOCALE) -> Markup:
    """A person as Slack shows them; in a DM with somebody else it notifies nobody."""
    if is_stand_in(slack_user_id):
        return say("person.erased", locale)
    return Markup(f"<@{slack_user_id}>")


def at_moment(reading: Reading, at: Any) -> Markup:
    """An instant on the reader's clock."""
    zone = reading.reader.time_zone if reading.reader else reading.file.time_zone
    return moment(at, zone, reading.locale)


Renderer = Callable[[Reading], Rendered]
_renderers: dict[MessageKind, Renderer] = {}


def renders(kind: MessageKind) -> Callable[[Renderer], Renderer]:
    """Register a function as the renderer of a kind."""

    def register(renderer: Renderer) -> Renderer:
        _renderers[kind] = renderer
        return renderer

    return register


def kinds() -> frozenset[MessageKind]:
    """The kinds that can be rendered; all of them once the surfaces are imported."""
    return frozenset(_renderers)


def render(tx: Transaction, message: Message, invite_url: str = "") -> Rendered:
    """Render a message for its reader; a group reads the programme's own language.

    Raises Outdated where the file has left out what it is about.
    `invite_url` is where people join the workspace, unless the programme's file says otherwise.
    """
    programme = participants.programme(tx, message.programme_id)
    if programme is None:
        raise LookupError("the message's programme is gone")
    reader = people.person(tx, message.recipients[0]) if len(message.recipients) == 1 else None
    file = parse_stored(programme.definition)
    if file.application is not None:
        invite_url = file.application.invite_url or invite_url
    reading = Reading(tx, message, programme, file, reader, invite_url)
    rendered = _named(reading, _renderers[message.kind](reading))
    return replace(rendered, blocks=meant.stamped(posted(rendered.blocks), programme.programme_id))


def _named(reading: Reading, rendered: Rendered) -> Rendered:
    """Tell the programme, where several run and the words leave open which one they are about."""
    name = escape(reading.file.name)
    if not rendered.blocks or name in f"{rendered.text}{rendered.blocks}":
        return rendered
    if len(participants.programmes(reading.tx)) < 2:
        return rendered
    return replace(rendered, blocks=[*rendered.blocks, context(name)])
