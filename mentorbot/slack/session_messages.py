"""What people are told of sessions: invitations, places, reminders, changes, what was missed."""

from mentorbot.calendars import calendar_file
from mentorbot.certificates.lettering import safe_file_name
from mentorbot.domain.attending import Answer, Session, offer_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.sessions import SessionOffer
from mentorbot.slack import blocks, ids
from mentorbot.slack.progress import length_in_words
from mentorbot.slack.rendering import Attachment, Outdated, Reading, Rendered, renders
from mentorbot.slack.session_words import (
    answer_buttons,
    calendar_entry,
    dropped_line,
    join_line,
    kind_in_words,
    minutes_of,
    session_line,
    where_in_words,
)
from mentorbot.storage import sessions as stored
from mentorbot.wording import Markup, escape, moment, plain


def _held(reading: Reading) -> Session:
    found = stored.session(reading.tx, reading.message.params["session_id"])
    if found is None:
        raise Outdated
    return found


def _about(reading: Reading) -> tuple[SessionOffer, Session]:
    found = _held(reading)
    offer = offer_in(reading.file.sessions, found)
    if offer is None:
        raise Outdated
    return offer, found


def _answer_of(reading: Reading, found: Session) -> Answer | None:
    known = stored.attendance(reading.tx, found.session_id, reading.message.recipients[0])
    return known.answer if known else None


def _zone(reading: Reading) -> str:
    return reading.reader.time_zone if reading.reader else reading.file.time_zone


def _line(reading: Reading, offer: SessionOffer, found: Session) -> Markup:
    return session_line(offer, found, _zone(reading), reading.say, reading.locale)


@renders(MessageKind.SESSION_ANNOUNCED)
def _announced(reading: Reading) -> Rendered:
    offer, found = _about(reading)
    is_channel = reading.message.recipients[0].startswith(("C", "G"))
    line = _for_everyone(reading, offer, found) if is_channel else _line(reading, offer, found)
    text = reading.say("sessions.announced", session=line)
    shown = [blocks.section(text)]
    if offer.about:
        shown.append(blocks.section(escape(offer.about)))
    answer = None if is_channel else _answer_of(reading, found)
    return Rendered(
        text, [*shown, blocks.actions(*answer_buttons(found.session_id, answer, reading.say))]
    )


def _for_everyone(reading: Reading, offer: SessionOffer, found: Session) -> Markup:
    """As a session's line, with its instant on the clock of whoever reads it in the channel.

    Source: Slack's "Formatting dates in app messages".
    """
    told = moment(found.starts_at, reading.file.time_zone, reading.locale)
    there = reading.say("sessions.there", when=told, zone=reading.file.time_zone)
    at = int(found.starts_at.timestamp())
    clock = reading.say("sessions.clock", day=Markup("{date_long}"), time=Markup("{time}"))
    return reading.say(
        "sessions.line",
        title=offer.title,
        kind=kind_in_words(offer, reading.say),
        when=Markup(f"<!date^{at}^{clock}|{there}>"),
        length=length_in_words(minutes_of(found), reading.say),
        where=where_in_words(offer, reading.say),
    )


@renders(MessageKind.SESSION_PLACE)
def _place(reading: Reading) -> Rendered:
    how = reading.message.params["how"]
    return _with_file(reading, f"sessions.place.{how}", str(reading.message.params["version"]))


@renders(MessageKind.SESSION_MOVED)
def _moved(reading: Reading) -> Rendered:
    offer, found = _about(reading)
    if _answer_of(reading, found) is Answer.WAITING:
        text = reading.say("sessions.moved_waiting", session=_line(reading, offer, found))
        return Rendered(text, [blocks.section(text)])
    return _with_file(reading, "sessions.moved", f"r{found.revision}")


def _with_file(reading: Reading, key: str, version: str) -> Rendered:
    """What somebody has a place in, and the appointment as a file that a calendar takes in."""
    offer, found = _about(reading)
    lines: list[str] = [reading.say(key, session=_line(reading, offer, found))]
    lines += join_line(offer, reading.say)
    lines.append(reading.say("sessions.change"))
    text = Markup("\n".join(lines))
    return Rendered(text, [blocks.section(text)], _file(reading, offer, found, version))


@renders(MessageKind.SESSION_CANCELLED)
def _cancelled(reading: Reading) -> Rendered:
    """The file may have it no longer."""
    found = _held(reading)
    offer = offer_in(reading.file.sessions, found)
    line = dropped_line(found, _zone(reading), reading.say, reading.locale)
    if _answer_of(reading, found) is Answer.WAITING:
        text = reading.say("sessions.cancelled_waiting", session=line)
        return Rendered(text, [blocks.section(text)])
    text = reading.say("sessions.cancelled", session=line)
    attachment = _file(reading, offer, found, f"r{found.revision}")
    return Rendered(text, [blocks.section(text)], attachment)


def _file(reading: Reading, offer: SessionOffer | None, found: Session, version: str) -> Attachment:
    entry = calendar_entry(offer, found, reading.message.created_at, reading.say)
    content = calendar_file([entry], reading.file.time_zone)
    on = found.starts_at.astimezone(reading.file.zone).date().isoformat()
    name = safe_file_name((on, plain(found.title), version), ".ics")
    return Attachment(name, plain(found.title), content)


@renders(MessageKind.SESSION_REMINDED)
def _reminded(reading: Reading) -> Rendered:
    offer, found = _about(reading)
    answer = _answer_of(reading, found)
    key = "sessions.asked" if answer is None else "sessions.reminded"
    line = _line(reading, offer, found)
    lines: list[str] = [reading.say(key, session=line)]
    if answer is not None:
        lines += join_line(offer, reading.say)
    text = Markup("\n".join(lines))
    row = blocks.actions(*answer_buttons(found.session_id, answer, reading.say))
    return Rendered(text, [blocks.section(text), row])


@renders(MessageKind.SESSION_OVER)
def _over(reading: Reading) -> Rendered:
    offer, found = _about(reading)
    going = reading.message.params["going"]
    text = reading.say("sessions.is_over", title=offer.title, count=going)
    say_who = reading.say("sessions.say_who")
    button = blocks.button(say_who, ids.MANAGE_SESSION, value=found.session_id, style="primary")
    return Rendered(text, [blocks.section(text), blocks.actions(button)])


@renders(MessageKind.SESSION_MISSED)
def _missed(reading: Reading) -> Rendered:
    offer, found = _about(reading)
    text = reading.say("sessions.missed_it", title=offer.title)
    done = blocks.button(reading.say("sessions.done"), ids.SESSION_DONE, value=found.session_id)
    shown = [blocks.section(text), blocks.section(f">{escape(offer.make_up or '')}")]
    return Rendered(text, [*shown, blocks.actions(done)])
