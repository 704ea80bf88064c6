"""Who has no mentor, since when and why; those who run the programme hear so once a week."""

from datetime import date, datetime, timedelta

from mentorbot.domain.coverage import Uncovered, Why
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Milestone, MilestoneKind, Participant, ParticipantState, Role
from mentorbot.domain.permissions import RUNNERS
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import (
    appointments,
    concerns,
    in_line,
    milestones,
    pairings,
    participants,
    requests,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, outlook

MONDAY = 0
A_WEEK = timedelta(days=7)


def uncovered(tx: Transaction, file: ProgrammeFile, now: datetime) -> list[Uncovered]:
    """Every mentee without a mentor, whoever has waited longest first."""
    mentees = participants.everyone_in_role(tx, file.id, Role.MENTEE)
    ids = [it.participant_id for it in mentees]
    covered = pairings.partners_now(tx, ids)
    alone = [it for it in mentees if not covered.get(it.participant_id)]
    names = [it.participant_id for it in alone]
    ended = pairings.last_ended(tx, names)
    ready = {it.participant_id for it in in_line.ready(tx, file.id, file.guideline_versions, names)}
    held = concerns.held_among(tx, [it.slack_user_id for it in alone])
    ahead = outlook(tx, file, now)
    found = []
    for mentee in alone:
        began = [at for at in (mentee.joined_at, ended.get(mentee.participant_id)) if at]
        since = max(began, default=now).astimezone(file.zone).date()
        is_ready, is_held = mentee.participant_id in ready, mentee.slack_user_id in held
        why = _why(tx, file, mentee, now, is_ready=is_ready, is_held=is_held)
        if why is Why.IN_LINE and ahead.on is not None:
            why = Why.ON_DATE
        found.append(Uncovered(mentee, since, why, ahead.on if why is Why.ON_DATE else None))
    return sorted(found, key=lambda it: (it.since, it.mentee.participant_id))


def _why(
    tx: Transaction,
    file: ProgrammeFile,
    mentee: Participant,
    now: datetime,
    *,
    is_ready: bool,
    is_held: bool,
) -> Why:
    if mentee.state is ParticipantState.PAUSED:
        return Why.ON_BREAK
    if is_held:
        return Why.ON_HOLD
    if outlook(tx, file, now).how is How.ON_REQUEST:
        mine = requests.of_mentee(tx, mentee.participant_id)
        return Why.ASKED if any(it.is_open(now) for it in mine) else Why.ASKS_NOBODY
    return Why.IN_LINE if is_ready else Why.GUIDELINES


def late(tx: Transaction, file: ProgrammeFile, now: datetime) -> list[Uncovered]:
    """Those who have been without a mentor for longer than the file allows."""
    if file.coverage is None:
        return []
    last = now.astimezone(file.zone).date() - timedelta(days=file.coverage.within_days)
    return [it for it in uncovered(tx, file, now) if it.since < last]


def plan(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Look on the next Monday, where the file asks for it; again changes nothing."""
    known = milestones.pending(tx, file.id)
    pending = [it for it in known if it.kind is MilestoneKind.COVERAGE_LOOKED]
    if file.coverage is None:
        for it in pending:
            milestones.forget(tx, it.milestone_id)
    elif not pending:
        _look_later(tx, file, now)


def _look_later(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    on = _next_monday(now.astimezone(file.zone).date())
    kind = MilestoneKind.COVERAGE_LOOKED
    name = f"{file.id}:{kind}:{on.isoformat()}"
    if milestones.milestone(tx, name) is None:
        due_at = local_instant(on, file.touchpoints.at, file.time_zone)
        tx.add(Milestone(tx.workspace_id, name, file.id, kind, None, due_at))


def _next_monday(today: date) -> date:
    return today + timedelta(days=(MONDAY - today.weekday() - 1) % 7 + 1)


def look(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """It is Monday: who is without a mentor for too long is told to those who run the programme."""
    milestone.done_at = now
    tx.session.flush()
    if file.coverage is None:
        return
    _look_later(tx, file, now)
    if not late(tx, file, now):
        return
    on = milestone.due_at.astimezone(file.zone).date()
    for reader in appointments.readers(tx, file.id, RUNNERS):
        enqueue(
            tx,
            MessageKind.COVERAGE_DUE,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=milestone.milestone_id,
            now=now,
            not_before=max(now, local_instant(on, file.touchpoints.at, reader.time_zone)),
        )
