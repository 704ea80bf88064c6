"""The draft of a matching that people review: made by the heartbeat, warned of, and done with."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from mentorbot.domain.match_review import MatchDraft, fingerprint
from mentorbot.domain.matching.instant import Proposal
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Milestone
from mentorbot.domain.permissions import Action, TeamRole, who_may
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.touchpoints import local_instant
from mentorbot.domain.voting import heard_at
from mentorbot.storage import appointments, match_drafts, milestones, outbox
from mentorbot.storage.store import Transaction
from mentorbot.usecases.applying import SYSTEM
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, outlook

WORKING_GROUP = who_may(Action.REVIEW_MATCHING)
LOOK_AGAIN = timedelta(days=1)
"""How often the heartbeat looks whether a matching is still in people's hands."""


def is_held(tx: Transaction, milestone: Milestone) -> bool:
    """Whether a matching has nothing to find out: pairs are before people already."""
    found = match_drafts.open_of(tx, milestone.programme_id)
    return found is not None and not _is_wanted(found, milestone)


def _is_wanted(found: MatchDraft, milestone: Milestone) -> bool:
    return found.milestone_id == milestone.milestone_id and found.proposals is None


def holds_up(
    tx: Transaction,
    file: ProgrammeFile,
    milestone: Milestone,
    seen: list[dict[str, Any]] | None,
    now: datetime,
) -> bool:
    """Whether a matching waits for people; the pairs that were found become the draft for them.

    Where the round is over meanwhile, or there is no pair to look at, it waits for nobody.
    """
    if file.matching.review is None:
        return False
    found = match_drafts.open_of(tx, file.id)
    if outlook(tx, file, now).how is How.OVER or (seen is not None and not seen):
        if found is not None and found.milestone_id == milestone.milestone_id:
            match_drafts.forget(tx, milestone.milestone_id)
            cancel_told(tx, file.id, now)
        return False
    if found is not None and not _is_wanted(found, milestone):
        milestone.due_at = now + LOOK_AGAIN
        return True
    if seen is not None:
        _draft(tx, file, milestone, found, seen, now)
    return True


def _draft(
    tx: Transaction,
    file: ProgrammeFile,
    milestone: Milestone,
    found: MatchDraft | None,
    seen: list[dict[str, Any]],
    now: datetime,
) -> None:
    """The pairs lie before the working group, who hear of them."""
    if found is None:
        found = tx.add(MatchDraft(tx.workspace_id, milestone.milestone_id, file.id, 0, now))
    found.version, found.made_at, found.proposals = found.version + 1, now, seen
    record(tx, found, SYSTEM, "propose", now)
    what = "made" if found.version == 1 else "anew"
    tell(tx, file, found, what, now, day=milestone, count=len(seen))
    milestone.due_at = now + LOOK_AGAIN


def record(tx: Transaction, draft: MatchDraft, actor: str, what: str, now: datetime) -> None:
    """Write down what somebody did with a draft, and which pairs it had."""
    pairs = draft.proposals or []
    details = {"pairs": len(pairs), "fingerprint": fingerprint(pairs), "version": draft.version}
    entry = tx.new_id(), now, actor, f"match.{what}", draft.milestone_id, details
    tx.add(AuditEntry(tx.workspace_id, *entry))


def tell(
    tx: Transaction,
    file: ProgrammeFile,
    draft: MatchDraft,
    what: str,
    now: datetime,
    *,
    roles: Sequence[TeamRole] = WORKING_GROUP,
    day: Milestone | None = None,
    only: Collection[str] | None = None,
    actor: str = "",
    **params: Any,
) -> None:
    """Those of some roles hear by day, or at the touchpoints' hour of a day on their own clock.

    Once for each draft as it stands, and for each `actor` whose act it tells of.
    """
    by = file.matching.by.isoformat() if file.matching.by else None
    for reader in appointments.readers(tx, file.id, roles):
        if only is not None and reader.slack_user_id not in only:
            continue
        enqueue(
            tx,
            MessageKind.MATCHING_REVIEW,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=f"{(day or draft).milestone_id}:{what}{actor and f':{actor}'}",
            occurrence=draft.version,
            now=now,
            not_before=_heard_at(day, file, reader.time_zone, now),
            what=what,
            by=by,
            milestone_id=draft.milestone_id,
            **params,
        )


def _heard_at(
    day: Milestone | None, file: ProgrammeFile, time_zone: str, now: datetime
) -> datetime:
    if day is not None:
        return max(now, hour_on(day, file, time_zone))
    return heard_at(now, time_zone, file.touchpoints.at, now + LOOK_AGAIN)


def hour_on(milestone: Milestone, file: ProgrammeFile, time_zone: str) -> datetime:
    """The hour at which somebody in a zone hears of a milestone; at once, where it has no date."""
    if milestone.falls_on is None:
        return milestone.due_at
    return max(milestone.due_at, local_instant(milestone.falls_on, file.touchpoints.at, time_zone))


def warn(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, days: int, now: datetime
) -> bool:
    """The working group hears that the deadline comes, or is here; whether pairs lie before it.

    On the day on which the pairs are proposed it hears of them anyway.
    """
    if file.matching.review and file.matching.on == milestone.falls_on:
        return True
    found = match_drafts.open_of(tx, file.id)
    if found is None or not found.proposals:
        return False
    tell(tx, file, found, "due", now, day=milestone, days=days)
    return True


def wake(tx: Transaction, draft: MatchDraft, now: datetime) -> None:
    """Let the heartbeat look at once after a matching that waited for people."""
    milestone = milestones.milestone(tx, draft.milestone_id)
    if milestone is not None:
        milestone.due_at = now


def cancel_told(tx: Transaction, programme_id: str, now: datetime) -> None:
    """What asks for a review that is over is not said any more."""
    for message in outbox.waiting_of(tx, programme_id, MessageKind.MATCHING_REVIEW):
        message.state, message.settled_at = MessageState.CANCELLED, now


def take_over(tx: Transaction, before: ProgrammeFile, after: ProgrammeFile, now: datetime) -> None:
    """A newer file drops the pairs that wait for approval, where it matches in another way."""
    found = match_drafts.open_of(tx, after.id) if before.matching.review else None
    if found is not None and before.matching.drops_draft(after.matching):
        wake(tx, found, now)
        match_drafts.forget(tx, found.milestone_id)
        cancel_told(tx, after.id, now)


def note_returned(
    tx: Transaction, milestone: Milestone, found: Sequence[Proposal], made: Sequence[Proposal]
) -> None:
    """Keep which approved pairs could not be introduced."""
    draft = match_drafts.draft(tx, milestone.milestone_id)
    if draft is not None:
        lost = [asdict(it) for it in found if it not in made]
        kept = [{name: it[name] for name in ("mentor_id", "mentee_id")} for it in lost]
        draft.returned = [*draft.returned, *kept]


def finish(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """The working group hears once which pairs return; of the others the draft keeps nothing."""
    draft = match_drafts.draft(tx, milestone.milestone_id)
    if draft is None:
        return
    draft.proposals = []
    match_drafts.forget_edits(tx, draft.milestone_id)
    if draft.returned:
        count = len(draft.returned)
        tell(tx, file, draft, "returned", now, count=count)


def is_open(tx: Transaction, programme_id: str) -> bool:
    """Whether pairs wait for approval."""
    found = match_drafts.open_of(tx, programme_id)
    return found is not None and bool(found.proposals)
