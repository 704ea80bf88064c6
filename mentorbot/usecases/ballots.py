"""Ballots: opened by a date or by somebody, told of, reminded of and closed, each once.

Their matching is that of all who wait, once the ballot has closed; `voting` has the votes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mentorbot.domain.ballots import Ballot
from mentorbot.domain.errors import (
    BallotNotMatched,
    BallotUnderWay,
    MatchingOver,
    NoBallot,
    NobodyToChoose,
    Refusal,
)
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.milestones import id_of
from mentorbot.domain.model import AuditEntry, Milestone, MilestoneKind, Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.voting import OpenedBallot, heard_at
from mentorbot.storage import in_line, milestones, participants, people, votes
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue, tell_coordinators
from mentorbot.usecases.outlook import How, ballot_closes_at, ballot_of_round, outlook

SYSTEM = "system"
PEOPLE_AT_ONCE = 100
"""How many people one slice goes through: it is over in a fifth of a second."""
AFTERWARDS = timedelta(minutes=1)
"""How long after a ballot's end a matching looks again that waits for it."""


def rules_or_refuse(file: ProgrammeFile) -> Ballot:
    """A programme's rules of choosing; raises NoBallot."""
    if file.matching.ballot is None:
        raise NoBallot(programme=file.name)
    return file.matching.ballot


def open_ballot(
    tx: Transaction, file: ProgrammeFile, opened_by: str, now: datetime
) -> OpenedBallot:
    """Open a programme's ballot from now on, for as long as its file says.

    `opened_by` is a Slack id, or "system". Raises as `check_opening`.
    """
    rules, before = check_opening(tx, file, now), ballot_of_round(tx, file)
    if before is not None:
        votes.forget(tx, before.ballot_id)
    closes_at, reminder_at = rules.closes_at(now), rules.reminder_at(now)
    ballot = tx.add(OpenedBallot(tx.workspace_id, tx.new_id(), file.id, now, opened_by, closes_at))
    _plan(tx, file, MilestoneKind.BALLOT_TOLD, now, now)
    if reminder_at is not None:
        _plan(tx, file, MilestoneKind.BALLOT_REMINDED, now, reminder_at)
    _plan(tx, file, MilestoneKind.BALLOT_CLOSED, now, closes_at)
    details = {"programme": file.id, "closes_at": closes_at.isoformat()}
    entry = (tx.workspace_id, tx.new_id(), now, opened_by, "ballot.open", ballot.ballot_id)
    tx.add(AuditEntry(*entry, details))
    return ballot


def check_opening(tx: Transaction, file: ProgrammeFile, now: datetime) -> Ballot:
    """Whether a ballot can be opened now; returns its rules.

    Raises NoBallot, MatchingOver, BallotUnderWay while one is open, BallotNotMatched before its
    matching, NobodyToChoose where nobody waits on one of the sides.
    """
    rules = rules_or_refuse(file)
    if outlook(tx, file, now).how is How.OVER:
        raise MatchingOver
    if (refusal := why_rules_stand(tx, file, now)) is not None:
        raise refusal
    if not all(in_line.some_ready(tx, file.id, file.guideline_versions, it, 1) for it in Role):
        raise NobodyToChoose
    return rules


def why_rules_stand(tx: Transaction, file: ProgrammeFile, now: datetime) -> Refusal | None:
    """Why neither the rules of a ballot nor the ballot itself can be another one now."""
    ballot = ballot_of_round(tx, file) if file.matching.ballot else None
    if ballot is None or ballot.matched_at is not None:
        return None
    if ballot.takes_votes(now):
        return BallotUnderWay(on=ballot.closes_at.astimezone(file.zone).isoformat())
    return BallotNotMatched()


def _plan(
    tx: Transaction, file: ProgrammeFile, kind: MilestoneKind, opened_at: datetime, due_at: datetime
) -> None:
    """Something that a ballot brings; it is known by the ballot's opening, and by no date."""
    milestone_id = id_of(file.id, kind, opened_at)
    tx.add(Milestone(tx.workspace_id, milestone_id, file.id, kind, None, due_at))


def open_on_date(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """The date of the ballot has come; somebody may have opened it before."""
    milestone.done_at = now
    if ballot_of_round(tx, file) is not None:
        return
    try:
        open_ballot(tx, file, SYSTEM, now)
    except NobodyToChoose:
        _tell_runners(tx, file, MessageKind.BALLOT_NOT_OPENED, milestone, now)
    except (NoBallot, MatchingOver):
        return


def tell_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Everybody who may vote hears that the ballot is open."""
    _go_through(tx, file, milestone, MessageKind.BALLOT_OPENED, now)


def remind_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Those who may vote and have not hear until when they can."""
    _go_through(tx, file, milestone, MessageKind.BALLOT_REMINDED, now)


def _go_through(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, kind: MessageKind, now: datetime
) -> None:
    ballot = ballot_of_round(tx, file)
    if ballot is None or not ballot.takes_votes(now):
        milestone.done_at = now
        return
    some = participants.enrolled_after(tx, file.id, milestone.after, PEOPLE_AT_ONCE)
    ids = [it.participant_id for it in some]
    voters = voting_among(tx, file, ids)
    if kind is MessageKind.BALLOT_REMINDED:
        voted = votes.voters(tx, ballot.ballot_id, ids)
        voters = [it for it in voters if it.participant_id not in voted]
    _tell(tx, file, ballot, kind, voters, now)
    milestone.after = ids[-1] if ids else None
    if len(some) < PEOPLE_AT_ONCE:
        milestone.done_at = now


def voting_among(
    tx: Transaction, file: ProgrammeFile, ids: Sequence[str] | None = None
) -> list[Participant]:
    """Those who may vote, of some participants or of all: who waits, in a role that chooses."""
    ready = in_line.ready(tx, file.id, file.guideline_versions, ids)
    return [it for it in ready if it.role in file.matching.voters]


def open_now(
    tx: Transaction, programme_id: str, now: datetime
) -> tuple[ProgrammeFile, OpenedBallot] | None:
    """The ballot that takes votes in a programme, with the file; None where there is none."""
    programme = participants.programme(tx, programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file is None or file.matching.ballot is None:
        return None
    ballot = ballot_of_round(tx, file)
    return (file, ballot) if ballot is not None and ballot.takes_votes(now) else None


def invite(tx: Transaction, who: Participant, now: datetime) -> bool:
    """Tell somebody who begins to wait of the open ballot; whether they can vote in one."""
    found = open_now(tx, who.programme_id, now)
    if found is None:
        return False
    file, ballot = found
    voters = voting_among(tx, file, [who.participant_id])
    _tell(tx, file, ballot, MessageKind.BALLOT_OPENED, voters, now)
    return bool(voters)


def _tell(
    tx: Transaction,
    file: ProgrammeFile,
    ballot: OpenedBallot,
    kind: MessageKind,
    readers: Sequence[Participant],
    now: datetime,
    about: Participant | None = None,
) -> None:
    """Each of some people hears of a ballot once, by day on their own clock."""
    by_user = {it.slack_user_id: it for it in readers}
    cause: dict[str, Any] = {"about": about.slack_user_id} if about else {}
    for reader in people.readers(tx, list(by_user)):
        parts = [ballot.ballot_id, by_user[reader.slack_user_id].participant_id]
        hour, closes_at = file.touchpoints.at, ballot.closes_at
        enqueue(
            tx,
            kind,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=":".join([*parts, about.participant_id] if about else parts),
            occurrence=about.waiting_spell if about else 1,
            now=now,
            not_before=heard_at(now, reader.time_zone, hour, closes_at),
            ballot_id=ballot.ballot_id,
            closes_at=closes_at.isoformat(),
            **cause,
        )


def gone(tx: Transaction, who: Participant, now: datetime, *, for_good: bool = False) -> None:
    """Somebody leaves or pauses: those who named them in an open ballot can choose again.

    With `for_good` their own vote goes too: they have left, or taken the other role.
    """
    found = open_now(tx, who.programme_id, now)
    if found is None:
        return
    file, ballot = found
    if for_good:
        votes.take_back(tx, ballot.ballot_id, who.participant_id)
    cast = votes.of_ballot(tx, ballot.ballot_id)
    named = [it.participant_id for it in cast if who.participant_id in it.choices]
    voters = voting_among(tx, file, named)
    _tell(tx, file, ballot, MessageKind.BALLOT_CHOICE_GONE, voters, now, who)


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why a message about a ballot is not to be sent any more; None where it is.

    The ballot has closed, or whoever would be reminded has voted.
    """
    ballot = votes.ballot(tx, message.params["ballot_id"])
    if ballot is None or not ballot.takes_votes(now):
        return MessageState.EXPIRED
    who = participants.of_person(tx, message.programme_id, message.recipients[0])
    if who is None:
        return MessageState.CANCELLED
    has_voted = votes.vote(tx, ballot.ballot_id, who.participant_id) is not None
    is_reminder = message.kind is MessageKind.BALLOT_REMINDED
    return MessageState.CANCELLED if is_reminder and has_voted else None


def close(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """The ballot's time is over: all who wait are matched now, or on the date of the file."""
    milestone.done_at = now
    ballot = ballot_of_round(tx, file)
    if ballot is None:
        return
    ballot.closed_at = now
    details = {"programme": file.id, "votes": len(votes.voters(tx, ballot.ballot_id))}
    entry = (tx.workspace_id, tx.new_id(), now, SYSTEM, "ballot.close", ballot.ballot_id)
    tx.add(AuditEntry(*entry, details))
    if not any(it.kind is MilestoneKind.MATCHING for it in milestones.pending(tx, file.id)):
        _plan(tx, file, MilestoneKind.MATCHING, ballot.opened_at, now)


def holds_up(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> bool:
    """Whether a matching has to wait for a ballot that has not closed; it is put off until then.

    Where nobody has opened one, coordinators hear so, and the matching comes after the ballot.
    """
    if not is_awaited(tx, file, milestone):
        return False
    if closes_at := ballot_closes_at(tx, file):
        milestone.due_at = max(closes_at, now) + AFTERWARDS
        return True
    milestone.done_at = now
    _tell_runners(tx, file, MessageKind.BALLOT_AWAITED, milestone, now)
    return True


def is_awaited(tx: Transaction, file: ProgrammeFile, milestone: Milestone) -> bool:
    """Whether a ballot is still to close before a matching that a date of the file brings."""
    if milestone.falls_on is None or file.matching.ballot is None:
        return False
    ballot = ballot_of_round(tx, file)
    return ballot is None or ballot.closed_at is None


def to_be_matched(tx: Transaction, file: ProgrammeFile) -> dict[str, list[str]] | None:
    """The choices of a ballot that has closed and is not matched yet, by participant id.

    None where there is none: whoever waits is matched by score alone.
    """
    ballot = ballot_of_round(tx, file) if file.matching.ballot else None
    if ballot is None or ballot.closed_at is None or ballot.matched_at is not None:
        return None
    return {it.participant_id: it.choices for it in votes.of_ballot(tx, ballot.ballot_id)}


def matched(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """The choices of a ballot that has closed are matched."""
    ballot = ballot_of_round(tx, file) if file.matching.ballot else None
    if ballot is not None and ballot.closed_at is not None:
        ballot.matched_at = ballot.matched_at or now


def cycle_over(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """A cycle of all pairs has ended: the votes that it came of are forgotten."""
    ballot = ballot_of_round(tx, file) if file.matching.ballot else None
    if ballot is not None and ballot.matched_at is not None and not file.cycle.is_evergreen:
        votes.forget(tx, ballot.ballot_id)
        ballot.over_at = now


def _tell_runners(
    tx: Transaction, file: ProgrammeFile, kind: MessageKind, milestone: Milestone, now: datetime
) -> None:
    subject = milestone.milestone_id
    tell_coordinators(tx, kind, programme_id=file.id, subject=subject, now=now)
