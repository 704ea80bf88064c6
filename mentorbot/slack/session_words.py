"""Sessions in words: what, when on the reader's clock, where, and what the reader has said."""

from datetime import datetime

from mentorbot.calendars import Entry
from mentorbot.domain.attending import Answer, Session
from mentorbot.domain.sessions import Presence, SessionOffer
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.progress import length_in_words
from mentorbot.usecases.attending import Coming
from mentorbot.wording import Markup, escape, moment, plain


def session_line(
    offer: SessionOffer, session: Session, zone: str, say_it: Say, locale: str
) -> Markup:
    """A session with its kind, when it begins on somebody's clock, how long, and where."""
    return say_it(
        "sessions.line",
        title=offer.title,
        kind=kind_in_words(offer, say_it),
        when=moment(session.starts_at, zone, locale),
        length=length_in_words(minutes_of(session), say_it),
        where=where_in_words(offer, say_it),
    )


def short_line(coming: Coming, zone: str, say_it: Say, locale: str) -> Markup:
    """A session among other things: what, when, and what the reader has said of it."""
    return say_it(
        "sessions.in_home",
        title=coming.offer.title,
        kind=kind_in_words(coming.offer, say_it),
        when=moment(coming.session.starts_at, zone, locale),
        stands=stands_in_words(coming, say_it),
    )


def dropped_line(session: Session, zone: str, say_it: Say, locale: str) -> Markup:
    """A session that the file has no longer."""
    when = moment(session.starts_at, zone, locale)
    return say_it("sessions.dropped", title=session.title, when=when)


def minutes_of(session: Session) -> int:
    """How long a session takes, in minutes."""
    return int((session.ends_at - session.starts_at).total_seconds() // 60)


def kind_in_words(offer: SessionOffer, say_it: Say) -> Markup:
    """A kind such as "training, required"."""
    kind = say_it(f"sessions.kind.{offer.kind}")
    if offer.presence is Presence.OPTIONAL:
        return kind
    return say_it(f"sessions.presence.{offer.presence}", kind=kind)


def where_in_words(offer: SessionOffer, say_it: Say) -> Markup:
    """Where a session takes place, without its link."""
    if offer.place is None:
        return say_it("sessions.online")
    key = "sessions.at" if offer.link is None else "sessions.at_or_online"
    return say_it(key, place=offer.place)


def join_line(offer: SessionOffer, say_it: Say) -> list[Markup]:
    """The link with which somebody joins who said yes."""
    if offer.link is None:
        return []
    return [say_it("sessions.join", link=Markup(f"<{offer.link}>"))]


def session_blocks(
    coming: Coming, zone: str, say_it: Say, locale: str, *, runs: bool, in_full: bool = True
) -> list[blocks.Block]:
    """A session in a list: what it is, what the reader has said, and what they can press.

    With `in_full` it says what the session is about.
    """
    offer, session = coming.offer, coming.session
    lines: list[str] = [session_line(offer, session, zone, say_it, locale)]
    lines += [escape(offer.about)] if offer.about and in_full else []
    lines += [stands_in_words(coming, say_it)] if coming.is_for_me else []
    if coming.answer is Answer.GOING:
        lines += join_line(offer, say_it)
    row = answer_buttons(session.session_id, coming.answer, say_it) if coming.is_for_me else []
    if runs:
        manage = say_it("sessions.manage")
        row.append(blocks.button(manage, ids.MANAGE_SESSION, value=session.session_id))
    return [blocks.section("\n".join(lines)), *([blocks.actions(*row)] if row else [])]


def stands_in_words(coming: Coming, say_it: Say) -> Markup:
    """What somebody has said of a session, or what they can still say."""
    if coming.answer is not None:
        return say_it(f"sessions.stands.{coming.answer}")
    if coming.left is None:
        return say_it("sessions.stands.open")
    return say_it("sessions.left", count=coming.left) if coming.left else say_it("sessions.full")


def answer_buttons(session_id: str, answer: Answer | None, say_it: Say) -> list[blocks.Block]:
    """What somebody can say of a session, and has not."""
    row = []
    if answer not in (Answer.GOING, Answer.WAITING):
        yes = say_it("sessions.yes")
        row.append(blocks.button(yes, ids.SESSION_YES, value=session_id, style="primary"))
    if answer is not Answer.NOT_GOING:
        row.append(blocks.button(say_it("sessions.no"), ids.SESSION_NO, value=session_id))
    return row


def calendar_entry(
    offer: SessionOffer | None, session: Session, changed_at: datetime, say_it: Say
) -> Entry:
    """A session as an appointment of somebody who comes, or came before it was called off."""
    link = (offer.link if offer else None) or ""
    about = [offer.about or "" if offer else ""]
    about += [plain(say_it("sessions.join", link=Markup(link)))] if link else []
    return Entry(
        uid=session.session_id,
        revision=session.revision,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        changed_at=changed_at,
        about="\n\n".join(it for it in about if it),
        place=(offer.place if offer else None) or plain(say_it("sessions.online")),
        url=link,
        is_off=session.cancelled_at is not None,
    )
