"""What time brings of sessions: who hears of them and when, and whether it is still true."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mentorbot.domain.attending import Answer, Session, offer_in
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Milestone, Participant, ParticipantState
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.sessions import Audience, Presence, SessionOffer
from mentorbot.domain.voting import heard_at
from mentorbot.storage import participants, people
from mentorbot.storage import sessions as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue, tell_coordinators
from mentorbot.usecases.session_places import COMING

PEOPLE_AT_ONCE = 100
"""How many people one slice goes through: it is over in a fifth of a second."""
HEARD_WITHIN = timedelta(hours=24)
"""Who missed a session hears so by then, by day on their own clock."""
_FOR_ITS_AUDIENCE = (MessageKind.SESSION_ANNOUNCED, MessageKind.SESSION_MISSED)
_AFTERWARDS = (MessageKind.SESSION_OVER, MessageKind.SESSION_MISSED)


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why a message about a session is not to be sent any more; None where it is.

    It was moved or called off since, has begun, or its reader has answered otherwise.
    """
    found = stored.session(tx, message.params["session_id"])
    if found is None or _is_overtaken(message, found):
        return MessageState.CANCELLED
    if message.kind not in _AFTERWARDS and found.ends_at <= now:
        return MessageState.EXPIRED
    if message.kind is MessageKind.SESSION_REMINDED and found.starts_at <= now:
        return MessageState.EXPIRED
    if message.kind in _FOR_ITS_AUDIENCE and not _is_for(tx, message, found):
        return MessageState.CANCELLED
    mine = stored.attendance(tx, found.session_id, message.recipients[0])
    answer = mine.answer if mine is not None else None
    is_other = {
        MessageKind.SESSION_PLACE: mine is None or mine.version != message.params.get("version"),
        MessageKind.SESSION_REMINDED: answer in (Answer.WAITING, Answer.NOT_GOING),
        MessageKind.SESSION_ANNOUNCED: answer is not None,
        MessageKind.SESSION_MOVED: answer not in COMING,
        MessageKind.SESSION_CANCELLED: answer not in COMING,
        MessageKind.SESSION_MISSED: mine is not None and mine.came is not None,
    }
    return MessageState.CANCELLED if is_other.get(message.kind) else None


def _is_overtaken(message: Message, found: Session) -> bool:
    """Whether the session is another one than the message says."""
    if message.kind is not MessageKind.SESSION_CANCELLED and found.cancelled_at is not None:
        return True
    if message.kind in (MessageKind.SESSION_MOVED, MessageKind.SESSION_CANCELLED):
        return bool(message.params.get("revision") != found.revision)
    return False


def _is_for(tx: Transaction, message: Message, found: Session) -> bool:
    """Whether a session is for the reader of a message about it as they and the file are now."""
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    offer = offer_in(file.sessions, found)
    reader = participants.of_person(tx, found.programme_id, message.recipients[0])
    role = reader.role if reader is not None and reader.is_enrolled else None
    return offer is not None and offer.open_to.includes(role)


def of_milestone(tx: Transaction, milestone: Milestone) -> Session | None:
    """The session that a milestone is about."""
    return stored.session(tx, milestone.milestone_id.partition(":")[0])


def tell_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Those for whom a session is, and who have not answered, hear of it; or the channel."""
    found, offer = _still_on(tx, file, milestone, now)
    if found is None or offer is None:
        return
    if offer.open_to is Audience.EVERYBODY:
        milestone.done_at = now
        programme = programme_or_refuse(tx, file.id)
        _say(tx, found, MessageKind.SESSION_ANNOUNCED, programme.channel_id, now, now)
    else:
        _tell_unanswered(tx, file, offer, found, milestone, MessageKind.SESSION_ANNOUNCED, now)


def remind_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Whoever said yes is reminded."""
    found, offer = _still_on(tx, file, milestone, now)
    if found is None or offer is None:
        return
    some = stored.coming_after(tx, found.session_id, milestone.after, PEOPLE_AT_ONCE)
    going = [it.slack_user_id for it in some if it.answer is Answer.GOING]
    _say_by_day(tx, file, found, milestone, MessageKind.SESSION_REMINDED, going, now)
    _step(milestone, [it.slack_user_id for it in some], now)


def ask_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Those of whom a session is required, and who have not answered, hear that it is near."""
    found, offer = _still_on(tx, file, milestone, now)
    if found is not None and offer is not None:
        _tell_unanswered(tx, file, offer, found, milestone, MessageKind.SESSION_REMINDED, now)


def tell_of_change(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> None:
    """Those who come, or wait for a place, hear that a session was moved or called off."""
    found = of_milestone(tx, milestone)
    if found is None:
        milestone.done_at = now
        return
    is_off = found.cancelled_at is not None
    kind = MessageKind.SESSION_CANCELLED if is_off else MessageKind.SESSION_MOVED
    some = stored.coming_after(tx, found.session_id, milestone.after, PEOPLE_AT_ONCE)
    hearing = [it.slack_user_id for it in some]
    _say_by_day(tx, file, found, milestone, kind, hearing, now)
    _step(milestone, [it.slack_user_id for it in some], now)


def end(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """A session is over: it may open the ballot, and coordinators say who was there."""
    found, offer = _still_on(tx, file, milestone, now)
    if found is None or offer is None:
        return
    milestone.done_at = now
    counts = stored.answers(tx, [found.session_id])[found.session_id]
    if any(counts.values()) or offer.presence is Presence.REQUIRED:
        tell_coordinators(
            tx,
            MessageKind.SESSION_OVER,
            programme_id=file.id,
            subject=milestone.milestone_id,
            now=now,
            session_id=found.session_id,
            going=counts[Answer.GOING],
        )
    if offer.opens_ballot:
        ballots.open_on_date(tx, file, milestone, now)


def tell_missed(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Those for whom a session was required, and who were not there, hear what to do instead.

    Who joined after it began has missed nothing.
    """
    found, offer = _still_on(tx, file, milestone, now)
    if found is None or offer is None:
        return
    some = participants.enrolled_after(tx, file.id, milestone.after, PEOPLE_AT_ONCE)
    there = [it for it in some if it.joined_at is not None and it.joined_at < found.starts_at]
    ids = _there_for(offer, there)
    known = stored.among(tx, found.session_id, ids)
    missed = [it for it in ids if it not in known or known[it].came is None]
    _say_by_day(tx, file, found, milestone, MessageKind.SESSION_MISSED, missed, now)
    _step(milestone, [it.participant_id for it in some], now)


def _still_on(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> tuple[Session | None, SessionOffer | None]:
    """The session of a milestone; a milestone is done whose session is off, or in no file."""
    found = of_milestone(tx, milestone)
    offer = offer_in(file.sessions, found) if found is not None else None
    if found is None or offer is None or found.cancelled_at is not None:
        milestone.done_at = now
        return None, None
    return found, offer


def _tell_unanswered(
    tx: Transaction,
    file: ProgrammeFile,
    offer: SessionOffer,
    found: Session,
    milestone: Milestone,
    kind: MessageKind,
    now: datetime,
) -> None:
    """One slice of those for whom a session is, and who have not said whether they come."""
    some = participants.enrolled_after(tx, file.id, milestone.after, PEOPLE_AT_ONCE)
    ids = _there_for(offer, some)
    known = stored.among(tx, found.session_id, ids)
    silent = [it for it in ids if it not in known or known[it].answer is None]
    _say_by_day(tx, file, found, milestone, kind, silent, now)
    _step(milestone, [it.participant_id for it in some], now)


def _there_for(offer: SessionOffer, some: Sequence[Participant]) -> list[str]:
    """Those of some people for whom a session is, and who are not on a break."""
    active = (it for it in some if it.state is ParticipantState.ACTIVE)
    return [it.slack_user_id for it in active if offer.open_to.includes(it.role)]


def _step(milestone: Milestone, ids: Sequence[str], now: datetime) -> None:
    milestone.after = ids[-1] if ids else None
    if len(ids) < PEOPLE_AT_ONCE:
        milestone.done_at = now


def _say_by_day(
    tx: Transaction,
    file: ProgrammeFile,
    found: Session,
    milestone: Milestone,
    kind: MessageKind,
    slack_user_ids: Sequence[str],
    now: datetime,
) -> None:
    """Each of some people hears once for each milestone, by day on their own clock."""
    begins_at = found.starts_at if kind is not MessageKind.SESSION_MISSED else now + HEARD_WITHIN
    for reader in people.readers(tx, slack_user_ids):
        at = heard_at(now, reader.time_zone, file.touchpoints.at, begins_at)
        who, subject = reader.slack_user_id, milestone.milestone_id
        _say(tx, found, kind, who, now, at, subject=subject)


def _say(
    tx: Transaction,
    found: Session,
    kind: MessageKind,
    recipient: str,
    now: datetime,
    at: datetime,
    *,
    subject: str = "",
) -> None:
    enqueue(
        tx,
        kind,
        [recipient],
        programme_id=found.programme_id,
        subject=subject or found.session_id,
        now=now,
        not_before=at,
        session_id=found.session_id,
        revision=found.revision,
    )
