"""What the dates of a programme's file bring, each once: reminders, warnings, the matching of all.

A milestone is done in slices, each a short transaction; killed between two, whoever comes next
goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mentorbot.domain.errors import (
    BallotUnderWay,
    MatchedAtOnce,
    MatchedOnRequest,
    MatchingInReview,
    MatchingOver,
    Stale,
)
from mentorbot.domain.matching.instant import Proposal
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.milestones import foreseen, id_of
from mentorbot.domain.model import (
    ApplicationState,
    AuditEntry,
    Milestone,
    MilestoneKind,
    Participant,
    Role,
)
from mentorbot.domain.permissions import RUNNERS, Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import (
    applications,
    appointments,
    match_drafts,
    milestones,
    outbox,
    pairings,
    participants,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    applying,
    ballots,
    coverage,
    match_drafting,
    permitted,
    placing,
    requests,
    session_news,
    sessions,
    survey_plan,
    surveys,
    waiting,
)
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.match_drafting import hour_on
from mentorbot.usecases.matching import introduce_each, proposals_together, some_of
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, cycle_of_round, outlook

INTRODUCTIONS_AT_ONCE = 8
PEOPLE_AT_ONCE = 100
"""How much one slice takes on: each is over in a fifth of a second, for clicks wait meanwhile."""


def plan(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Bring a programme's milestones in line with its file; what has passed is not made up for."""
    found = {id_of(file.id, it.kind, it.on): it for it in foreseen(file)}
    for pending in milestones.pending(tx, file.id):
        if pending.falls_on is not None and pending.milestone_id not in found:
            milestones.forget(tx, pending.milestone_id)
            match_drafts.forget(tx, pending.milestone_id)
    for milestone_id, coming in found.items():
        known = milestones.milestone(tx, milestone_id)
        if known is None and coming.due_at > now:
            tx.add(
                Milestone(
                    tx.workspace_id, milestone_id, file.id, coming.kind, coming.on, coming.due_at
                )
            )
        elif known is not None and known.done_at is None:
            known.due_at = coming.due_at
    _move_openings(tx, file)
    sessions.plan(tx, file, now)
    survey_plan.plan(tx, file, now)
    coverage.plan(tx, file, now)


def _move_openings(tx: Transaction, file: ProgrammeFile) -> None:
    """Who is to hear when applications open hears so on the day that the file has now."""
    for told in outbox.waiting_of(tx, file.id, MessageKind.APPLICATIONS_OPEN):
        zone = placing.zone_of(tx, file, told.recipients[0])
        told.not_before_at = applying.opening_heard_at(file, zone) or told.not_before_at


def match_now(tx: Transaction, slack_user_id: str, seen: str, now: datetime) -> ProgrammeFile:
    """Let everybody who waits be matched together now, whatever date the file has.

    `seen` is the last matching when this was offered, as `last_matching` told it. While one such
    matching is under way, a second adds nothing. Raises NotPermitted, MatchedAtOnce or
    MatchedOnRequest where nobody waits for a date, MatchingOver, BallotUnderWay while people
    choose, MatchingInReview while they look at pairs, NotSetUp, Stale where there was a matching
    since.
    """
    file = check_match_now(tx, slack_user_id, now)
    if any(_is_by_hand(it) for it in milestones.pending(tx, file.id)):
        return file
    if last_matching(tx, file.id) != seen:
        raise Stale
    milestone_id = id_of(file.id, MilestoneKind.MATCHING, now)
    tx.add(Milestone(tx.workspace_id, milestone_id, file.id, MilestoneKind.MATCHING, None, now))
    details = {"programme": file.id}
    tx.add(
        AuditEntry(
            tx.workspace_id, tx.new_id(), now, slack_user_id, "match.now", milestone_id, details
        )
    )
    return file


def _is_by_hand(pending: Milestone) -> bool:
    return pending.kind is MilestoneKind.MATCHING and pending.falls_on is None


def last_matching(tx: Transaction, programme_id: str) -> str:
    """What the matching that was done last is known by; empty where there was none."""
    found = milestones.last_done(tx, programme_id, MilestoneKind.MATCHING)
    return found.milestone_id if found is not None else ""


def check_match_now(tx: Transaction, slack_user_id: str, now: datetime) -> ProgrammeFile:
    """The file of the programme in which somebody may match all who wait; raises as `match_now`."""
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, slack_user_id, Action.MATCH)
    file = parse_stored(programme.definition)
    how = outlook(tx, file, now).how
    if how is How.OVER:
        raise MatchingOver
    if how is How.IN_REVIEW:
        raise MatchingInReview
    if how is How.AT_ONCE:
        raise MatchedAtOnce
    if how is How.ON_REQUEST:
        raise MatchedOnRequest
    if (found := ballots.open_now(tx, file.id, now)) is not None:
        raise BallotUnderWay(on=found[1].closes_at.astimezone(file.zone).isoformat())
    return file


def foresee(tx: Transaction, milestone: Milestone, now: datetime) -> list[dict[str, Any]] | None:
    """The pairs of a matching, while it has none; the only long part, and it changes nothing."""
    if milestone.kind is not MilestoneKind.MATCHING or milestone.proposals is not None:
        return None
    programme = participants.programme(tx, milestone.programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file and (ballots.is_awaited(tx, file, milestone) or match_drafting.is_held(tx, milestone)):
        return None
    return [asdict(found) for found in proposals_together(tx, milestone.programme_id, now)]


def go_on(
    tx: Transaction, milestone: Milestone, seen: list[dict[str, Any]] | None, now: datetime
) -> None:
    """Do one slice of a milestone; a faster replica, or a file without it, leaves nothing to do."""
    programme = participants.programme(tx, milestone.programme_id)
    if programme is None or milestone.done_at is not None:
        return
    file = parse_stored(programme.definition)
    if milestone.kind is MilestoneKind.MATCHING:
        _match_some(tx, file, milestone, seen, now)
    else:
        _ACTS[milestone.kind](tx, file, milestone, now)


def _match_some(
    tx: Transaction,
    file: ProgrammeFile,
    milestone: Milestone,
    seen: list[dict[str, Any]] | None,
    now: datetime,
) -> None:
    if milestone.after is not None:
        _tell_some_left_over(tx, file, milestone, now)
    elif milestone.proposals is None:
        if ballots.holds_up(tx, file, milestone, now):
            return
        if match_drafting.holds_up(tx, file, milestone, seen, now):
            return
        milestone.proposals = [] if outlook(tx, file, now).how is How.OVER else seen
        if milestone.proposals is not None:
            ballots.matched(tx, file, now)
    else:
        some, rest = some_of(milestone.proposals, INTRODUCTIONS_AT_ONCE)
        found = [Proposal(**one) for one in some]
        made = introduce_each(tx, file.id, found, now)
        match_drafting.note_returned(
            tx, milestone, found, [it for _pairing, of in made for it in of]
        )
        milestone.made += len(made)
        milestone.proposals = rest
        if not rest:
            milestone.after = ""


def _tell_some_left_over(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> None:
    """Those who found nobody hear so, and coordinators how it went."""
    some = participants.enrolled_after(tx, file.id, milestone.after, PEOPLE_AT_ONCE)
    for participant in some:
        if participant.waiting_since_at is not None:
            _tell_left_over(tx, file, milestone, participant, now)
    if len(some) == PEOPLE_AT_ONCE:
        milestone.after = some[-1].participant_id
        return
    milestone.done_at = now
    told = {"made": milestone.made, **left(tx, file.id)}
    _tell_runners(tx, file, milestone, MessageKind.MATCHING_DONE, now, **told)
    match_drafting.finish(tx, file, milestone, now)


def _tell_left_over(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, who: Participant, now: datetime
) -> None:
    """Once for each date; and where nothing else is to be hoped for, once for each wait."""
    if pairings.of_participant(tx, who.participant_id):
        return
    told = _after(tx, file, milestone, now)
    asked = f"{told['how']}:{told['on'] or ''}"
    enqueue(
        tx,
        MessageKind.MATCHING_LEFT_OVER,
        [who.slack_user_id],
        programme_id=file.id,
        subject=f"{milestone.milestone_id if milestone.falls_on else asked}:{who.participant_id}",
        occurrence=1 if milestone.falls_on else who.waiting_spell,
        now=now,
        **told,
    )


def _after(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> dict[str, Any]:
    """What those may hope for whom a matching left over."""
    found = outlook(tx, file, now)
    is_this_one = found.on is not None and found.on == milestone.falls_on
    if not is_this_one:
        return found.told()
    how = How.AT_ONCE if file.matching.late == "instant" else How.LATER
    return {"how": str(how), "on": None}


def left(tx: Transaction, programme_id: str) -> dict[str, int]:
    """How many wait without a partner, by role."""
    queues = waiting.queues(tx, programme_id)
    return {"mentors": len(queues[Role.MENTOR]), "mentees": len(queues[Role.MENTEE])}


def _warn(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """The deadline of the matching comes nearer while people wait and nobody was matched."""
    milestone.done_at = now
    by, on, still = file.matching.by, milestone.falls_on, left(tx, file.id)
    if by is None or on is None or match_drafting.warn(tx, file, milestone, (by - on).days, now):
        return
    if on == by or not any(still.values()) or _was_matched(tx, file):
        return
    told: dict[str, Any] = {
        "days": (by - on).days,
        "by": by.isoformat(),
        **outlook(tx, file, now).told(),
    }
    _tell_runners(tx, file, milestone, MessageKind.MATCHING_DUE, now, **told, **still)


def _was_matched(tx: Transaction, file: ProgrammeFile) -> bool:
    if file.cycle.is_once:
        return cycle_of_round(tx, file) is not None
    return pairings.open_cycle(tx, file.id) is not None


def _remind_of_drafts(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> None:
    """Whoever has begun to apply hears until when it can be sent."""
    if file.application is None:
        milestone.done_at = now
        return
    round_ = placing.round_of(file)
    some = applications.drafts_after(tx, round_, milestone.after, PEOPLE_AT_ONCE)
    for draft in some:
        zone = placing.zone_of(tx, file, draft.slack_user_id)
        at = hour_on(milestone, file, zone)
        placing.tell(tx, file, draft, MessageKind.DRAFT_REMINDED, now, at)
    milestone.after = some[-1].application_id if some else None
    if len(some) < PEOPLE_AT_ONCE:
        milestone.done_at = now


def _report_closed(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> None:
    """Coordinators hear how many applied, and how many wait for them."""
    milestone.done_at = now
    if file.application is None:
        return
    round_ = placing.round_of(file)
    told = {
        "applied": applications.count_sent(tx, round_),
        "to_review": applications.count(tx, round_, ApplicationState.IN_REVIEW),
    }
    _tell_runners(tx, file, milestone, MessageKind.APPLICATIONS_CLOSED, now, **told)


def _remind_of_next_round(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime
) -> None:
    """The day that late applicants were told comes nearer, and the file is still of this round."""
    milestone.done_at = now
    on = file.application.next_opens_on if file.application else None
    if on is not None:
        on_told = on.isoformat()
        _tell_runners(tx, file, milestone, MessageKind.NEXT_ROUND_DUE, now, on=on_told)


def _tell_runners(
    tx: Transaction,
    file: ProgrammeFile,
    milestone: Milestone,
    kind: MessageKind,
    now: datetime,
    **params: Any,
) -> None:
    """Each of those who run the programme hears at the touchpoints' hour on their own clock."""
    for reader in appointments.readers(tx, file.id, RUNNERS):
        enqueue(
            tx,
            kind,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=milestone.milestone_id,
            now=now,
            not_before=hour_on(milestone, file, reader.time_zone),
            **params,
        )


Act = Callable[[Transaction, ProgrammeFile, Milestone, datetime], None]
_ACTS: dict[MilestoneKind, Act] = {
    MilestoneKind.DRAFTS_REMINDED: _remind_of_drafts,
    MilestoneKind.APPLICATIONS_CLOSED: _report_closed,
    MilestoneKind.NEXT_ROUND_NEAR: _remind_of_next_round,
    MilestoneKind.MATCHING_WARNED: _warn,
    MilestoneKind.BALLOT_OPENS: ballots.open_on_date,
    MilestoneKind.BALLOT_TOLD: ballots.tell_some,
    MilestoneKind.BALLOT_REMINDED: ballots.remind_some,
    MilestoneKind.BALLOT_CLOSED: ballots.close,
    MilestoneKind.SESSION_TOLD: session_news.tell_some,
    MilestoneKind.SESSION_REMINDED: session_news.remind_some,
    MilestoneKind.SESSION_ASKED: session_news.ask_some,
    MilestoneKind.SESSION_CHANGED: session_news.tell_of_change,
    MilestoneKind.SESSION_OVER: session_news.end,
    MilestoneKind.SESSION_MISSED: session_news.tell_missed,
    MilestoneKind.SURVEY_OPENS: surveys.tell_some,
    MilestoneKind.SURVEY_REMINDED: surveys.remind_some,
    MilestoneKind.SURVEY_CLOSED: surveys.close,
    MilestoneKind.REQUEST_OVER: requests.let_go,
    MilestoneKind.COVERAGE_LOOKED: coverage.look,
}
