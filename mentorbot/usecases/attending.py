"""Sessions as people go to them: what is coming, who comes, who was there."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mentorbot.domain.attending import (
    CODE_UNTIL,
    MOST_TRIES,
    Answer,
    Attendance,
    Came,
    Session,
    offer_in,
)
from mentorbot.domain.errors import (
    NoCodeNow,
    NoSessions,
    SessionNotBegun,
    SessionNotForYou,
    SessionOff,
    SessionOver,
    Stale,
    TooManyCodes,
)
from mentorbot.domain.model import AuditEntry, Cycle, Participant, Role
from mentorbot.domain.months import Month, months_of
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.sessions import Presence, SessionOffer
from mentorbot.storage import pairings, participants
from mentorbot.storage import sessions as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases import earning, permitted, session_places
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.sessions import expect, to_change


@dataclass(frozen=True)
class Coming:
    """A session as somebody may see it: its entry in the file, and their own part.

    `left` is how many places it has left, None where there are as many as come; `is_for_me` is
    false where somebody sees it only because they run the programme.
    """

    offer: SessionOffer
    session: Session
    mine: Attendance | None
    left: int | None
    is_for_me: bool = True

    @property
    def answer(self) -> Answer | None:
        """What they have said of it."""
        return self.mine.answer if self.mine else None


def role_of(tx: Transaction, programme_id: str, slack_user_id: str) -> Role | None:
    """The role that somebody holds in a programme; None without one."""
    found = participants.of_person(tx, programme_id, slack_user_id)
    return found.role if found is not None and found.is_enrolled else None


def upcoming(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, now: datetime
) -> list[Coming]:
    """The sessions that are still to end and are for somebody, the next first.

    Those who run the programme see all of them.
    """
    if not file.sessions:
        return []
    role = role_of(tx, file.id, slack_user_id)
    runs = permitted.may(tx, file.id, slack_user_id, Action.RUN)
    found = [
        (offer, it)
        for it in stored.of_programme(tx, file.id, now)
        if it.cancelled_at is None
        and (offer := offer_in(file.sessions, it)) is not None
        and (runs or offer.open_to.includes(role))
    ]
    limited = [it.session_id for offer, it in found if offer.places is not None]
    counts, mine = stored.answers(tx, limited), stored.of_person(tx, slack_user_id)
    return [
        Coming(
            offer,
            it,
            mine.get(it.session_id),
            _left(offer, counts.get(it.session_id)),
            offer.open_to.includes(role),
        )
        for offer, it in found
    ]


def soon(found: Sequence[Coming], times: int) -> list[Coming]:
    """Of a list, the next so many times of each session, and all that somebody said yes to."""
    seen, kept = Counter[str](), []
    for it in found:
        seen[it.offer.id] += 1
        if seen[it.offer.id] <= times or it.answer in session_places.COMING:
            kept.append(it)
    return kept


def _left(offer: SessionOffer, counts: dict[Answer, int] | None) -> int | None:
    if offer.places is None or counts is None:
        return None
    return max(offer.places - counts[Answer.GOING], 0)


def answer(
    tx: Transaction, session_id: str, slack_user_id: str, *, is_coming: bool, now: datetime
) -> Coming:
    """Say whether one comes; the last place is given once, and who comes too late waits for one.

    Raises Stale, SessionOff, SessionOver, SessionNotForYou.
    """
    file, offer, found = session_or_refuse(tx, session_id, slack_user_id)
    if found.cancelled_at is not None:
        raise SessionOff(title=offer.title)
    if found.ends_at <= now:
        raise SessionOver(title=offer.title)
    mine = _row(tx, found, slack_user_id)
    say = session_places.say_yes if is_coming else session_places.say_no
    say(tx, offer, found, mine, now)
    if is_coming:
        expect(tx, file, offer, found, now)
    return Coming(offer, found, mine, session_places.left(tx, offer, found))


def session_or_refuse(
    tx: Transaction, session_id: str, slack_user_id: str
) -> tuple[ProgrammeFile, SessionOffer, Session]:
    """A session that is for somebody; raises Stale, SessionNotForYou."""
    found = stored.session(tx, session_id)
    if found is None:
        raise Stale
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    offer = offer_in(file.sessions, found)
    if offer is None:
        raise Stale
    if not offer.open_to.includes(role_of(tx, file.id, slack_user_id)):
        raise SessionNotForYou(title=offer.title)
    return file, offer, found


def _row(tx: Transaction, found: Session, slack_user_id: str) -> Attendance:
    known = stored.attendance(tx, found.session_id, slack_user_id)
    return known or tx.add(Attendance(tx.workspace_id, found.session_id, slack_user_id))


def come_by_code(
    tx: Transaction, slack_user_id: str, code: str, now: datetime
) -> SessionOffer | None:
    """Somebody is in the room and sends the code that is shown there; None for a wrong one.

    A wrong one counts, and after five none is taken from them. Raises NoSessions, NoCodeNow while
    no session takes one, TooManyCodes.
    """
    file = file_or_refuse(tx)
    role = role_of(tx, file.id, slack_user_id)
    near = [
        (offer, it)
        for it in stored.of_programme(tx, file.id, now - CODE_UNTIL - timedelta(minutes=1))
        if it.takes_code(now)
        and (offer := offer_in(file.sessions, it)) is not None
        and offer.open_to.includes(role)
    ]
    if not near:
        raise NoCodeNow
    tried = [(offer, it, _row(tx, it, slack_user_id)) for offer, it in near]
    tried = [one for one in tried if one[2].wrong_codes < MOST_TRIES]
    if not tried:
        raise TooManyCodes
    for offer, found, row in tried:
        if found.code == code:
            _came(tx, found, row, Came.BY_CODE, slack_user_id, now)
            return offer
    for _offer, _found, row in tried:
        row.wrong_codes += 1
    tx.session.flush()
    return None


def record(
    tx: Transaction,
    session_id: str,
    actor: str,
    there: Sequence[str],
    not_there: Sequence[str],
    now: datetime,
) -> None:
    """A coordinator says who was at a session, and who was not after all.

    Raises NotPermitted, Stale, SessionNotBegun.
    """
    _file, offer, found = to_change(tx, session_id, actor)
    if (there or not_there) and now < found.starts_at:
        raise SessionNotBegun(title=offer.title)
    for who in dict.fromkeys(there):
        _came(tx, found, _row(tx, found, who), Came.BY_COORDINATOR, actor, now)
    for who in dict.fromkeys(not_there):
        row = stored.attendance(tx, session_id, who)
        if row is not None and row.came is not None and who not in there:
            row.came = row.came_at = None
            tx.session.flush()
            _note(tx, found, actor, "session.did_not_come", now, who=who)


def made_up(tx: Transaction, session_id: str, slack_user_id: str, now: datetime) -> SessionOffer:
    """Somebody has done what is asked of those who missed a session.

    Raises Stale where nothing is or the session is not over, SessionNotForYou.
    """
    _file, offer, found = session_or_refuse(tx, session_id, slack_user_id)
    if offer.make_up is None or found.ends_at > now:
        raise Stale
    _came(tx, found, _row(tx, found, slack_user_id), Came.MADE_UP, slack_user_id, now)
    return offer


def _came(
    tx: Transaction, found: Session, row: Attendance, how: Came, actor: str, now: datetime
) -> None:
    if row.came is None:
        row.came, row.came_at = how, now
        tx.session.flush()
        _note(tx, found, actor, "session.came", now, who=row.slack_user_id, how=str(how))
        earning.reconsider(tx, found.programme_id, row.slack_user_id, now)


def _note(
    tx: Transaction, found: Session, actor: str, action: str, now: datetime, **details: str
) -> None:
    entry = (tx.workspace_id, tx.new_id(), now, actor, action, found.session_id)
    tx.add(AuditEntry(*entry, {"programme": found.programme_id, **details}))


def file_or_refuse(tx: Transaction) -> ProgrammeFile:
    """The file of the programme that is meant; raises NotSetUp, NoSessions where it has none."""
    file = parse_stored(programme_or_refuse(tx).definition)
    if not file.sessions:
        raise NoSessions(programme=file.name)
    return file


def months(tx: Transaction, file: ProgrammeFile, who: Participant, now: datetime) -> list[Month]:
    """How somebody has kept to the sessions of each month, in the cycle that all share."""
    if file.attendance is None or who.role not in file.attendance.roles:
        return []
    rows = stored.of_person(tx, who.slack_user_id)
    came = {it.session_id for it in rows.values() if it.came is not None}
    held = _counted(file, _held(tx, file))
    return _months(file, who, held, came, pairings.newest_cycle(tx, file.id), now)


def _held(tx: Transaction, file: ProgrammeFile) -> list[tuple[SessionOffer, Session]]:
    """The sessions of a programme that the file has, called off ones left out."""
    every = [it for it in stored.of_programme(tx, file.id) if it.cancelled_at is None]
    return [(offer, it) for it in every if (offer := offer_in(file.sessions, it)) is not None]


def _counted(
    file: ProgrammeFile, held: Sequence[tuple[SessionOffer, Session]]
) -> list[tuple[SessionOffer, str, date]]:
    """Of some sessions those that count for a month: their entry, their id and their day."""
    kinds = file.attendance.kinds if file.attendance else ()
    return [
        (offer, it.session_id, it.starts_at.astimezone(file.zone).date())
        for offer, it in held
        if offer.kind in kinds
    ]


def _months(
    file: ProgrammeFile,
    who: Participant,
    counted: Sequence[tuple[SessionOffer, str, date]],
    came: Collection[str],
    cycle: Cycle | None,
    now: datetime,
) -> list[Month]:
    rule = file.attendance
    if rule is None or cycle is None or who.role not in rule.roles or who.joined_at is None:
        return []
    came_on = [on for _offer, session_id, on in counted if session_id in came]
    from_on = max(cycle.starts_on, who.joined_at.astimezone(file.zone).date())
    until_on = cycle.ends_at.astimezone(file.zone).date() - timedelta(days=1)
    offered_on = [
        on
        for offer, session_id, on in counted
        if on >= from_on and (offer.open_to.includes(who.role) or session_id in came)
    ]
    today = now.astimezone(file.zone).date()
    return months_of(rule.each_month, came_on, from_on, until_on, today, offered_on)


class Kept(NamedTuple):
    """How many of the sessions that were asked of somebody they came to, so far."""

    slack_user_id: str
    came: int
    asked: int


def board(tx: Transaction, file: ProgrammeFile, now: datetime) -> list[Kept]:
    """What everybody came to of what was asked of them, those who miss most first.

    Asked are required sessions that are over since somebody joined, and those of each month past.
    """
    held, cycle = _held(tx, file), pairings.newest_cycle(tx, file.id)
    came = set(stored.who_came(tx, [it.session_id for _offer, it in held]))
    counted, found = _counted(file, held), []
    for who in participants.enrolled(tx, file.id):
        mine = {it.session_id for _o, it in held if (who.slack_user_id, it.session_id) in came}
        required = [
            it.session_id
            for offer, it in held
            if offer.presence is Presence.REQUIRED
            and offer.open_to.includes(who.role)
            and it.ends_at <= now
            and who.joined_at is not None
            and who.joined_at < it.starts_at
        ]
        over = [it for it in _months(file, who, counted, mine, cycle, now) if it.is_over]
        asked = len(required) + sum(it.asked for it in over)
        kept = sum((who.slack_user_id, it) in came for it in required)
        kept += sum(min(it.came, it.asked) for it in over)
        if asked:
            found.append(Kept(who.slack_user_id, kept, asked))
    return sorted(found, key=lambda it: (it.came - it.asked, it.slack_user_id))
