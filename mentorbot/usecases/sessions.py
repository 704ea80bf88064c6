"""Sessions as the file and coordinators have them: planned, moved, called off.

`attending` has what people do with them, `session_news` what is said of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mentorbot.domain.attending import (
    Session,
    Takes,
    code_of,
    milestone_id,
    offer_in,
    times_of,
)
from mentorbot.domain.errors import BadSessionTime, SessionChanged, Stale
from mentorbot.domain.model import (
    AuditEntry,
    Milestone,
    MilestoneKind,
)
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.sessions import Presence, SessionOffer
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import milestones
from mentorbot.storage import sessions as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, session_places
from mentorbot.usecases.enrolment import programme_or_refuse

SYSTEM = "system"
MISSED_AFTER = timedelta(hours=48)
"""How long after a session those hear who missed it: attendance is known by then."""
FURTHEST = timedelta(days=730)
Pending = Mapping[str, Sequence[Milestone]]
"""What is still to come of sessions, by their id."""


def plan(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Bring a programme's sessions in line with its file; what has passed is left as it was.

    What the file has no longer is called off, and everybody who said yes hears of each change. Of
    one that comes too soon for its invitations people hear at once, of its next time alone.
    """
    known = {(it.offer_id, it.number): it for it in stored.of_programme(tx, file.id)}
    pending = _pending(tx, file.id)
    coming = {(offer.id, it.number): (offer, it) for offer, it in _times(file)}
    for key, found in known.items():
        if key not in coming and found.is_to_come(now):
            _call_off(tx, found, pending, now)
    next_ones = {
        offer.id: it.number for offer, it in reversed([*_times(file)]) if it.starts_at > now
    }
    for key, (offer, takes) in coming.items():
        there, is_next = known.get(key), next_ones.get(offer.id) == takes.number
        if there is None and takes.ends_at > now:
            there = _hold(tx, file, offer, takes)
        elif there is not None and (takes.starts_at > now or there.is_to_come(now)):
            _follow(tx, offer, there, takes, pending, now)
        else:
            continue
        if there.cancelled_at is None:
            _plan_all(tx, file, offer, there, pending, now, tells_late=is_next)
            session_places.fill(tx, offer, there, now)


def _times(file: ProgrammeFile) -> Iterator[tuple[SessionOffer, Takes]]:
    for offer in file.sessions:
        for takes in times_of(offer, file.time_zone):
            yield offer, takes


def _hold(tx: Transaction, file: ProgrammeFile, offer: SessionOffer, takes: Takes) -> Session:
    code = code_of(tx.new_id())
    number, starts_at, ends_at = takes
    entry = (tx.workspace_id, tx.new_id(), file.id, offer.id, number, offer.title)
    return tx.add(Session(*entry, starts_at, ends_at, code))


def _follow(
    tx: Transaction,
    offer: SessionOffer,
    found: Session,
    takes: Takes,
    pending: Pending,
    now: datetime,
) -> None:
    """A session of the file as it is now, unless a coordinator has changed it since."""
    times = (takes.starts_at, takes.ends_at)
    is_other = found.cancelled_at is not None or (found.starts_at, found.ends_at) != times
    if is_other and not found.is_by_hand and takes.starts_at > now:
        found.cancelled_at = None
        _set(tx, found, *times, pending)
        _plan_change(tx, found, now)
    if found.cancelled_at is None:
        found.title = offer.title


def _pending(tx: Transaction, programme_id: str) -> Pending:
    found: defaultdict[str, list[Milestone]] = defaultdict(list)
    for it in milestones.pending(tx, programme_id):
        found[it.milestone_id.partition(":")[0]].append(it)
    return found


def _set(
    tx: Transaction, found: Session, starts_at: datetime, ends_at: datetime, pending: Pending
) -> None:
    found.starts_at, found.ends_at = starts_at, ends_at
    found.revision += 1
    _forget_all(tx, found, pending)


def _forget_all(tx: Transaction, found: Session, pending: Pending) -> None:
    for it in pending.get(found.session_id, ()):
        milestones.forget(tx, it.milestone_id)


def _plan_all(
    tx: Transaction,
    file: ProgrammeFile,
    offer: SessionOffer,
    found: Session,
    pending: Pending,
    now: datetime,
    *,
    tells_late: bool = False,
) -> None:
    """What time brings for a session; what should have come by now is not made up for.

    With `tells_late` those whom it is for hear of it at once, where they should have by now.
    While nobody has said yes to one that nobody has to come to, there is nothing to remind of.
    """
    is_awaited = offer.presence is Presence.REQUIRED or offer.opens_ballot
    is_awaited = is_awaited or bool(stored.coming_after(tx, found.session_id, None, 1))
    due = _due(file, offer, found, is_awaited=is_awaited)
    wanted = {milestone_id(found, *what): (what[0], at) for what, at in due}
    for it in pending.get(found.session_id, ()):
        if it.milestone_id not in wanted and it.kind is not MilestoneKind.SESSION_CHANGED:
            milestones.forget(tx, it.milestone_id)
    for name, (kind, due_at) in wanted.items():
        known = milestones.milestone(tx, name)
        is_told_late = tells_late and kind is MilestoneKind.SESSION_TOLD
        if known is None and (due_at > now or is_told_late):
            entry = (tx.workspace_id, name, found.programme_id, kind, None, due_at)
            tx.add(Milestone(*entry))
        elif known is not None and known.done_at is None:
            known.due_at = due_at


def _due(
    file: ProgrammeFile, offer: SessionOffer, found: Session, *, is_awaited: bool
) -> Iterator[tuple[tuple[MilestoneKind, int], datetime]]:
    """What a session brings, with the hours of a reminder, and when."""
    if offer.invite_days is not None:
        on = found.starts_at.astimezone(file.zone).date() - timedelta(days=offer.invite_days)
        told_at = local_instant(on, file.touchpoints.at, file.time_zone)
        yield (MilestoneKind.SESSION_TOLD, 0), told_at
    if not is_awaited:
        return
    for hours in offer.reminder_hours:
        reminded_at = found.starts_at - timedelta(hours=hours)
        yield (MilestoneKind.SESSION_REMINDED, hours), reminded_at
        if offer.presence is Presence.REQUIRED:
            yield (MilestoneKind.SESSION_ASKED, hours), reminded_at
    yield (MilestoneKind.SESSION_OVER, 0), found.ends_at
    if offer.make_up is not None:
        yield (MilestoneKind.SESSION_MISSED, 0), found.ends_at + MISSED_AFTER


def _plan_change(tx: Transaction, found: Session, now: datetime) -> None:
    """Those who said yes hear that a session was moved or called off, some at a time."""
    kind = MilestoneKind.SESSION_CHANGED
    entry = (tx.workspace_id, milestone_id(found, kind), found.programme_id, kind, None, now)
    tx.add(Milestone(*entry))


def _call_off(tx: Transaction, found: Session, pending: Pending, now: datetime) -> None:
    found.cancelled_at = now
    found.revision += 1
    _forget_all(tx, found, pending)
    _plan_change(tx, found, now)


def to_change(
    tx: Transaction, session_id: str, actor: str
) -> tuple[ProgrammeFile, SessionOffer, Session]:
    """A session of a programme that somebody runs; raises Stale, NotPermitted."""
    found = stored.session(tx, session_id)
    if found is None:
        raise Stale
    permitted.check(tx, found.programme_id, actor, Action.RUN)
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    offer = offer_in(file.sessions, found)
    if offer is None:
        raise Stale
    return file, offer, found


def expect(
    tx: Transaction, file: ProgrammeFile, offer: SessionOffer, found: Session, now: datetime
) -> None:
    """Somebody says yes to a session: those who come are reminded of it, and asked about it."""
    _plan_all(tx, file, offer, found, {}, now)


def check_revision(found: Session, seen: str) -> None:
    """Raises SessionChanged where a session was changed since somebody looked at it."""
    if str(found.revision) != seen:
        raise SessionChanged(title=found.title)


def move(
    tx: Transaction, session_id: str, actor: str, starts_at: datetime, now: datetime
) -> Session:
    """Let a session begin at another instant; whoever said yes hears of it once.

    Raises NotPermitted, Stale for one that has begun or is called off, BadSessionTime for an
    instant that has passed or is more than two years away.
    """
    file, offer, found = to_change(tx, session_id, actor)
    if not found.is_to_come(now):
        raise Stale
    if starts_at == found.starts_at:
        return found
    if not now < starts_at <= now + FURTHEST:
        raise BadSessionTime
    pending = _pending(tx, found.programme_id)
    _set(tx, found, starts_at, starts_at + timedelta(minutes=offer.minutes), pending)
    found.is_by_hand = True
    _plan_change(tx, found, now)
    _plan_all(tx, file, offer, found, {}, now, tells_late=True)
    _note(tx, found, actor, "session.move", now, starts_at=starts_at.isoformat())
    return found


def call_off(tx: Transaction, session_id: str, actor: str, now: datetime) -> Session:
    """Call a session off; whoever said yes hears of it once. Raises NotPermitted, Stale."""
    _file, _offer, found = to_change(tx, session_id, actor)
    if not found.is_to_come(now):
        raise Stale
    found.is_by_hand = True
    _call_off(tx, found, _pending(tx, found.programme_id), now)
    _note(tx, found, actor, "session.call_off", now)
    return found


def _note(
    tx: Transaction, found: Session, actor: str, action: str, now: datetime, **details: Any
) -> None:
    known = {"programme": found.programme_id, "offer": found.offer_id, "number": found.number}
    entry = (tx.workspace_id, tx.new_id(), now, actor, action, found.session_id)
    tx.add(AuditEntry(*entry, known | details))
