"""Meetings of a pair: one side takes one down, the other sees it, either can correct it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mentorbot.domain.errors import (
    BadMeeting,
    NoMeetings,
    NoPartner,
    Stale,
    WhichPartner,
)
from mentorbot.domain.meetings import (
    Format,
    Meeting,
    MeetingRules,
    Progress,
    Told,
    months_met,
    problems,
    progress,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry, Pairing, Participant
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.voting import heard_at
from mentorbot.storage import meetings, pairings, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import earning
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue

A_DAY = timedelta(days=1)


def rules_or_refuse(tx: Transaction, programme_id: str | None = None) -> MeetingRules:
    """What a programme asks of meetings; raises NoMeetings where it takes none down."""
    programme = participants.programme(tx, programme_id)
    rules = parse_stored(programme.definition).meetings if programme else None
    if rules is None:
        raise NoMeetings
    return rules


def today_of(tx: Transaction, slack_user_id: str, now: datetime) -> date:
    """The date on somebody's own calendar."""
    return now.astimezone(ZoneInfo(zone_of(tx, slack_user_id))).date()


def zone_of(tx: Transaction, slack_user_id: str) -> str:
    """The time zone of somebody's clock."""
    person = people.person(tx, slack_user_id)
    return person.time_zone if person else "UTC"


def own_pairings(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Pairing]:
    """The running pairings of somebody who has been introduced in them; raises NoPartner."""
    found = participants.of_person(tx, programme_id, slack_user_id)
    running = pairings.of_participant(tx, found.participant_id) if found else []
    if not running:
        raise NoPartner
    return running


def others_in(tx: Transaction, pairing_id: str, slack_user_id: str) -> list[Participant]:
    """Everybody else in a pairing."""
    members = pairings.members(tx, pairing_id)
    return [it for it in members if it.slack_user_id != slack_user_id]


def pairing_with(
    tx: Transaction, programme_id: str, slack_user_id: str, partners: Sequence[str]
) -> Pairing:
    """The one running pairing of somebody in which all of these partners are.

    Raises NoPartner without any pairing, WhichPartner where several fit or none.
    """
    running = own_pairings(tx, programme_id, slack_user_id)
    in_each = {
        it.pairing_id: {m.slack_user_id for m in others_in(tx, it.pairing_id, slack_user_id)}
        for it in running
    }
    fitting = [it for it in running if set(partners) <= in_each[it.pairing_id]]
    if len(fitting) != 1:
        known = sorted(set().union(*in_each.values()))
        raise WhichPartner(partners=" ".join(known))
    return fitting[0]


def seat_or_refuse(
    tx: Transaction, pairing_id: str, slack_user_id: str
) -> tuple[Pairing, Participant, MeetingRules]:
    """A running pairing of somebody's own, their part in it, and what meetings are asked for.

    Raises Stale where it has ended or is not theirs, NoMeetings.
    """
    pairing = pairings.pairing(tx, pairing_id)
    if pairing is None or not pairing.is_active:
        raise Stale
    mine = [it for it in pairings.members(tx, pairing_id) if it.slack_user_id == slack_user_id]
    if not mine:
        raise Stale
    return pairing, mine[0], rules_or_refuse(tx, pairing.programme_id)


def log(tx: Transaction, pairing_id: str, slack_user_id: str, told: Told, now: datetime) -> Meeting:
    """Take a meeting down, and tell the other side; one on a day that has one corrects that.

    The next date that stands there stays, where none is told. Raises BadMeeting for what cannot be
    so, Stale, NoMeetings.
    """
    pairing, _member, _rules = seat_or_refuse(tx, pairing_id, slack_user_id)
    found = meetings.on_day(tx, pairing_id, told.met_on)
    if found is not None and told.next_on is None:
        told = told._replace(next_on=found.next_on)
    return _write(tx, pairing, found, slack_user_id, told, now)


def correct(
    tx: Transaction, meeting_id: str, slack_user_id: str, told: Told, now: datetime
) -> Meeting:
    """Write a meeting down anew, whoever wrote it last; the other side hears of it.

    It takes the place of another one on its new day. Raises as `log`.
    """
    found = meeting_or_refuse(tx, meeting_id)
    pairing, _member, _rules = seat_or_refuse(tx, found.pairing_id, slack_user_id)
    other = meetings.on_day(tx, found.pairing_id, told.met_on)
    if other is not None and other.meeting_id != meeting_id:
        _take_out(tx, other, slack_user_id, now)
    return _write(tx, pairing, found, slack_user_id, told, now)


def take_back(tx: Transaction, meeting_id: str, slack_user_id: str, now: datetime) -> Meeting:
    """Take out a meeting that did not take place; the other side hears of it. Raises as `log`."""
    found = meeting_or_refuse(tx, meeting_id)
    pairing, _member, _rules = seat_or_refuse(tx, found.pairing_id, slack_user_id)
    found.version += 1
    _take_out(tx, found, slack_user_id, now)
    _tell(tx, pairing, found, slack_user_id, "taken_back", now)
    return found


def meeting_or_refuse(tx: Transaction, meeting_id: str) -> Meeting:
    """A meeting that stands; raises Stale."""
    found = meetings.meeting(tx, meeting_id)
    if found is None:
        raise Stale
    return found


def _write(
    tx: Transaction,
    pairing: Pairing,
    found: Meeting | None,
    slack_user_id: str,
    told: Told,
    now: datetime,
) -> Meeting:
    _pairing, member, rules = seat_or_refuse(tx, pairing.pairing_id, slack_user_id)
    today = today_of(tx, slack_user_id, now)
    wrong = problems(rules, told, _began_on(tx, pairing, slack_user_id), today, found)
    if wrong:
        raise BadMeeting(wrong)
    if found is None:
        entry = (tx.workspace_id, tx.new_id(), pairing.pairing_id, *told)
        found = tx.add(Meeting(*entry, member.participant_id, now))
        how, action = "logged", "meeting.log"
    elif Told(found.met_on, found.minutes, found.format, found.next_on) == told:
        return found
    else:
        found.met_on, found.minutes, found.format, found.next_on = told
        found.logged_by, found.logged_at = member.participant_id, now
        found.version += 1
        tx.session.flush()
        how, action = "corrected", "meeting.correct"
    _note(tx, found, slack_user_id, action, now)
    _tell(tx, pairing, found, slack_user_id, how, now)
    mentor = pairings.members(tx, pairing.pairing_id)[0]
    earning.reconsider(tx, pairing.programme_id, mentor.slack_user_id, now)
    return found


def _began_on(tx: Transaction, pairing: Pairing, slack_user_id: str) -> date:
    """The day on which a pair could meet first, as somebody's calendar has it."""
    return min(pairing.starts_on, today_of(tx, slack_user_id, pairing.introduced_at))


def _take_out(tx: Transaction, found: Meeting, slack_user_id: str, now: datetime) -> None:
    _note(tx, found, slack_user_id, "meeting.take_back", now)
    meetings.take_out(tx, found)


def _note(tx: Transaction, found: Meeting, actor: str, action: str, now: datetime) -> None:
    details = {
        "pairing": found.pairing_id,
        "on": found.met_on.isoformat(),
        "minutes": found.minutes,
        "format": str(found.format),
        "next": found.next_on.isoformat() if found.next_on else None,
        "version": found.version,
    }
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, actor, action, found.meeting_id, details))


def _tell(
    tx: Transaction, pairing: Pairing, found: Meeting, actor: str, how: str, now: datetime
) -> None:
    """Each other member hears what was written down, and by whom, by day on their own clock."""
    file = parse_stored(programme_or_refuse(tx, pairing.programme_id).definition)
    params: dict[str, Any] = {
        "how": how,
        "about": actor,
        "meeting_id": found.meeting_id,
        "met_on": found.met_on.isoformat(),
        "minutes": found.minutes,
        "format": str(found.format),
        "next_on": found.next_on.isoformat() if found.next_on else None,
    }
    for other in others_in(tx, pairing.pairing_id, actor):
        if other.is_enrolled:
            zone = zone_of(tx, other.slack_user_id)
            enqueue(
                tx,
                MessageKind.MEETING_LOGGED,
                [other.slack_user_id],
                programme_id=pairing.programme_id,
                subject=found.meeting_id,
                occurrence=found.version,
                now=now,
                not_before=heard_at(now, zone, file.touchpoints.at, now + A_DAY),
                pairing_id=pairing.pairing_id,
                **params,
            )


def usual_format(tx: Transaction, rules: MeetingRules, pairing: Pairing) -> Format:
    """How a pair met the last time; the first on offer where it has not, or that is not now."""
    held = meetings.of_pairings(tx, [pairing.pairing_id])[pairing.pairing_id]
    return held[-1].format if held and held[-1].format in rules.formats else rules.formats[0]


def progress_of(
    tx: Transaction, file: ProgrammeFile, pairing_id: str, today: date
) -> Progress | None:
    """What a pair has met so far; None where the programme takes no meetings down."""
    rules, pairing = file.meetings, pairings.pairing(tx, pairing_id)
    if rules is None or pairing is None:
        return None
    held = meetings.of_pairings(tx, [pairing_id])[pairing_id]
    months = months_met(rules, held, pairing.starts_on, pairing.ends_on, today)
    return progress(rules, held, today)._replace(months=months)
