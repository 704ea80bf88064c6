"""Reviewing a matching: the pairs are proposed, approved by people, and only then introduced."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mentorbot.domain.errors import (
    MatchingOver,
    NotApproved,
    NothingToReview,
    PairsChanged,
)
from mentorbot.domain.match_review import (
    MatchApproval,
    MatchDraft,
    fingerprint,
    still_needed,
)
from mentorbot.domain.matching.instant import Proposal
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Milestone, Role
from mentorbot.domain.permissions import Action, TeamRole, who_may
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import (
    appointments,
    in_line,
    match_drafts,
    milestones,
    outbox,
    participants,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, waiting
from mentorbot.usecases.applying import SYSTEM
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import How, outlook

WORKING_GROUP = who_may(Action.REVIEW_MATCHING)
LOOK_AGAIN = timedelta(days=1)
"""How often the heartbeat looks whether a matching is still in people's hands."""


@dataclass(frozen=True)
class ProposedPair:
    """A proposed pair by Slack ids; `stands` is false where one of the two does not wait now."""

    mentor: str
    mentee: str
    reasons: list[dict[str, Any]]
    stands: bool


@dataclass(frozen=True)
class InReview:
    """A draft before somebody of the working group, with what became of it so far.

    `shown` is the fingerprint of its pairs, `approvers` those whose approval counts, `needed` how
    many more it takes, `group` how many could approve. `left` counts by role who waits and is in
    no pair. `by` is the deadline, where it is still to come or the day itself.
    """

    file: ProgrammeFile
    pairs: tuple[ProposedPair, ...]
    shown: str
    approvers: tuple[str, ...]
    needed: int
    group: int
    left: dict[Role, int]
    may_send: bool
    by: date | None

    @property
    def is_approved(self) -> bool:
        """Whether the pairs can be sent."""
        return self.needed == 0


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
            _cancel_told(tx, file.id, now)
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
    _record(tx, found, SYSTEM, "propose", now)
    what = "made" if found.version == 1 else "anew"
    _tell(tx, file, found, what, now, day=milestone, count=len(seen))
    milestone.due_at = now + LOOK_AGAIN


def _record(tx: Transaction, draft: MatchDraft, actor: str, what: str, now: datetime) -> None:
    pairs = draft.proposals or []
    details = {"pairs": len(pairs), "fingerprint": fingerprint(pairs), "version": draft.version}
    entry = tx.new_id(), now, actor, f"match.{what}", draft.milestone_id, details
    tx.add(AuditEntry(tx.workspace_id, *entry))


def _tell(
    tx: Transaction,
    file: ProgrammeFile,
    draft: MatchDraft,
    what: str,
    now: datetime,
    *,
    roles: Sequence[TeamRole] = WORKING_GROUP,
    day: Milestone | None = None,
    **params: Any,
) -> None:
    """Those of some roles hear at once, or at the touchpoints' hour of a day on their own clock."""
    by = file.matching.by.isoformat() if file.matching.by else None
    for reader in appointments.readers(tx, file.id, roles):
        enqueue(
            tx,
            MessageKind.MATCHING_REVIEW,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=f"{(day or draft).milestone_id}:{what}",
            occurrence=draft.version,
            now=now,
            not_before=max(now, hour_on(day, file, reader.time_zone)) if day else now,
            what=what,
            by=by,
            milestone_id=draft.milestone_id,
            **params,
        )


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
    _tell(tx, file, found, "due", now, day=milestone, days=days)
    return True


def look(tx: Transaction, reader: str, now: datetime) -> InReview:
    """The pairs that wait for approval; raises NotPermitted, NothingToReview, NotSetUp."""
    file, draft = _held(tx, reader)
    return _in_review(tx, file, draft, reader, now)


def _held(
    tx: Transaction, actor: str, action: Action = Action.REVIEW_MATCHING
) -> tuple[ProgrammeFile, MatchDraft]:
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, actor, action)
    found = match_drafts.open_of(tx, programme.programme_id)
    if found is None or not found.proposals:
        raise NothingToReview
    return parse_stored(programme.definition), found


def _in_review(
    tx: Transaction, file: ProgrammeFile, draft: MatchDraft, reader: str, now: datetime
) -> InReview:
    found = draft.proposals or []
    ids = [who for it in found for who in (it["mentor_id"], it["mentee_id"])]
    users = participants.users(tx, sorted(set(ids)))
    ready = {
        (it.participant_id, it.role)
        for it in in_line.ready(tx, file.id, file.guideline_versions, ids)
    }
    group = appointments.holders(tx, file.id, WORKING_GROUP)
    shown = fingerprint(found)
    approvers = _approvers(tx, draft, shown, group)
    pairs = tuple(
        ProposedPair(
            users[it["mentor_id"]],
            users[it["mentee_id"]],
            _reasons(it),
            stands={(it["mentor_id"], Role.MENTOR), (it["mentee_id"], Role.MENTEE)} <= ready,
        )
        for it in found
    )
    today, by = now.astimezone(file.zone).date(), file.matching.by
    return InReview(
        file=file,
        pairs=pairs,
        shown=shown,
        approvers=approvers,
        needed=_needed(file, pairs, approvers),
        group=len(group),
        left={
            role: len(set(waits) - set(ids)) for role, waits in waiting.queues(tx, file.id).items()
        },
        may_send=permitted.may(tx, file.id, reader, Action.MATCH),
        by=by if by is not None and today <= by else None,
    )


def _reasons(proposal: dict[str, Any]) -> list[dict[str, Any]]:
    repeat = [{"question": "repeat", "shared": ""}] if proposal["is_repeat"] else []
    return [*proposal["reasons"], *repeat]


def _approvers(
    tx: Transaction, draft: MatchDraft, shown: str, group: Sequence[str]
) -> tuple[str, ...]:
    """Those who approved these very pairs and are in the working group still."""
    found = match_drafts.approvals(tx, draft.milestone_id)
    return tuple(
        it.slack_user_id for it in found if it.fingerprint == shown and it.slack_user_id in group
    )


def _needed(file: ProgrammeFile, pairs: Sequence[ProposedPair], approvers: Sequence[str]) -> int:
    approvals = file.matching.review.approvals if file.matching.review else 0
    return still_needed([(it.mentor, it.mentee) for it in pairs], approvers, approvals)


def _as_shown(found: InReview, shown: str) -> None:
    if found.shown != shown:
        raise PairsChanged


def approve(tx: Transaction, reviewer: str, shown: str, now: datetime) -> InReview:
    """Somebody approves the pairs as they were shown; once it is enough, coordinators hear so.

    Again is harmless. Raises PairsChanged, and what `look` raises.
    """
    file, draft = _held(tx, reviewer)
    before = _in_review(tx, file, draft, reviewer, now)
    _as_shown(before, shown)
    if reviewer in before.approvers:
        return before
    match_drafts.take_back(tx, draft.milestone_id, reviewer)
    tx.add(MatchApproval(tx.workspace_id, draft.milestone_id, reviewer, shown, now))
    _record(tx, draft, reviewer, "approve", now)
    tx.session.flush()
    after = _in_review(tx, file, draft, reviewer, now)
    if after.is_approved and not before.is_approved:
        _tell(tx, file, draft, "approved", now, roles=who_may(Action.MATCH))
    return after


def take_back(tx: Transaction, reviewer: str, now: datetime) -> InReview:
    """Somebody takes their approval back; raises what `look` raises."""
    file, draft = _held(tx, reviewer)
    match_drafts.take_back(tx, draft.milestone_id, reviewer)
    _record(tx, draft, reviewer, "take_back", now)
    return _in_review(tx, file, draft, reviewer, now)


def send(tx: Transaction, sender: str, shown: str, now: datetime) -> None:
    """Let exactly the approved pairs be introduced, which the heartbeat does, a few at a time.

    Raises PairsChanged, NotApproved, MatchingOver where nobody joins the round any more, and what
    `look` raises.
    """
    file, draft = _held(tx, sender, Action.MATCH)
    found = _in_review(tx, file, draft, sender, now)
    _as_shown(found, shown)
    if not found.is_approved:
        raise NotApproved(count=found.needed)
    if outlook(tx, file, now).how is How.OVER:
        raise MatchingOver
    milestone = milestones.milestone(tx, draft.milestone_id)
    if milestone is None:
        raise NothingToReview
    milestone.proposals, milestone.due_at = draft.proposals, now
    draft.sent_at, draft.sent_by = now, sender
    _record(tx, draft, sender, "send", now)
    _cancel_told(tx, file.id, now)


def start_over(tx: Transaction, actor: str, shown: str, now: datetime) -> None:
    """Drop the pairs and all approvals, and have them found anew from those who wait now.

    Raises PairsChanged, and what `look` raises.
    """
    file, draft = _held(tx, actor, Action.MATCH)
    _as_shown(_in_review(tx, file, draft, actor, now), shown)
    _record(tx, draft, actor, "start_over", now)
    draft.proposals = None
    _wake(tx, draft, now)
    match_drafts.take_back(tx, draft.milestone_id)
    _cancel_told(tx, file.id, now)


def _wake(tx: Transaction, draft: MatchDraft, now: datetime) -> None:
    milestone = milestones.milestone(tx, draft.milestone_id)
    if milestone is not None:
        milestone.due_at = now


def _cancel_told(tx: Transaction, programme_id: str, now: datetime) -> None:
    """What asks for a review that is over is not said any more."""
    for message in outbox.waiting_of(tx, programme_id, MessageKind.MATCHING_REVIEW):
        message.state, message.settled_at = MessageState.CANCELLED, now


def take_over(tx: Transaction, before: ProgrammeFile, after: ProgrammeFile, now: datetime) -> None:
    """A newer file drops the pairs that wait for approval, where it matches in another way."""
    found = match_drafts.open_of(tx, after.id) if before.matching.review else None
    if found is not None and before.matching.drops_draft(after.matching):
        _wake(tx, found, now)
        match_drafts.forget(tx, found.milestone_id)
        _cancel_told(tx, after.id, now)


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
    if draft.returned:
        count = len(draft.returned)
        _tell(tx, file, draft, "returned", now, count=count)


def returned(tx: Transaction, milestone_id: str, reader: str) -> list[tuple[str, str]]:
    """The approved pairs that were not introduced, mentor and mentee by Slack id.

    Of a pair of one's own a message says nothing.
    """
    draft = match_drafts.draft(tx, milestone_id)
    found = draft.returned if draft else []
    users = participants.users(tx, [who for it in found for who in it.values()])
    pairs = [(users[it["mentor_id"]], users[it["mentee_id"]]) for it in found]
    return [pair for pair in pairs if reader not in pair]


def is_open(tx: Transaction, programme_id: str) -> bool:
    """Whether pairs wait for approval."""
    found = match_drafts.open_of(tx, programme_id)
    return found is not None and bool(found.proposals)
