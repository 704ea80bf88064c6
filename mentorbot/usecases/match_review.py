"""Reviewing a matching: what people see of the proposed pairs, and what they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mentorbot.domain.errors import MatchingOver, NotApproved, NothingToReview, PairsChanged
from mentorbot.domain.match_review import MatchApproval, MatchDraft, fingerprint, still_needed
from mentorbot.domain.model import Role
from mentorbot.domain.permissions import Action, who_may
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import appointments, in_line, match_drafts, milestones, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, waiting
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.match_drafting import WORKING_GROUP, cancel_told, record, tell, wake
from mentorbot.usecases.outlook import How, outlook


@dataclass(frozen=True)
class ProposedPair:
    """A proposed pair by Slack ids; `stands` is false where one of the two does not wait now.

    `comments` are who said what of it, oldest first.
    """

    mentor: str
    mentee: str
    reasons: list[dict[str, Any]]
    stands: bool
    mentor_id: str = ""
    mentee_id: str = ""
    comments: tuple[tuple[str, str], ...] = ()


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
    can_undo: bool = False

    @property
    def is_approved(self) -> bool:
        """Whether the pairs can be sent."""
        return self.needed == 0


def look(tx: Transaction, reader: str, now: datetime) -> InReview:
    """The pairs that wait for approval; raises NotPermitted, NothingToReview, NotSetUp."""
    file, draft = held(tx, reader)
    return _in_review(tx, file, draft, reader, now)


def held(
    tx: Transaction, actor: str, action: Action = Action.REVIEW_MATCHING
) -> tuple[ProgrammeFile, MatchDraft]:
    """The draft that waits for approval; raises NotPermitted, NothingToReview, NotSetUp."""
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
    edits = match_drafts.edits(tx, draft.milestone_id)
    approvers = _approvers(tx, draft, shown, group)
    pairs = tuple(
        ProposedPair(
            users[it["mentor_id"]],
            users[it["mentee_id"]],
            _reasons(it),
            mentor_id=it["mentor_id"],
            mentee_id=it["mentee_id"],
            comments=tuple(
                (said.made_by, said.words)
                for said in edits
                if said.words
                and (said.mentor_id, said.mentee_id) == (it["mentor_id"], it["mentee_id"])
            ),
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
        can_undo=any(it.before for it in edits),
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
    return _still_needed(file, [(it.mentor, it.mentee) for it in pairs], approvers)


def _still_needed(
    file: ProgrammeFile, pairs: Sequence[tuple[str, str]], approvers: Sequence[str]
) -> int:
    approvals = file.matching.review.approvals if file.matching.review else 0
    return still_needed(pairs, approvers, approvals)


def _as_shown(found: InReview, shown: str) -> None:
    if found.shown != shown:
        raise PairsChanged


def approve(tx: Transaction, reviewer: str, shown: str, now: datetime) -> InReview:
    """Somebody approves the pairs as they were shown; once it is enough, coordinators hear so.

    Again is harmless. Raises PairsChanged, and what `look` raises.
    """
    file, draft = held(tx, reviewer)
    before = _in_review(tx, file, draft, reviewer, now)
    _as_shown(before, shown)
    if reviewer in before.approvers:
        return before
    match_drafts.take_back(tx, draft.milestone_id, reviewer)
    tx.add(MatchApproval(tx.workspace_id, draft.milestone_id, reviewer, shown, now))
    record(tx, draft, reviewer, "approve", now)
    tx.session.flush()
    after = _in_review(tx, file, draft, reviewer, now)
    if after.is_approved and not before.is_approved:
        tell(tx, file, draft, "approved", now, roles=who_may(Action.MATCH), actor=reviewer)
    return after


def is_ready(tx: Transaction, file: ProgrammeFile, milestone_id: str) -> bool:
    """Whether the pairs of a draft are approved as they are now, and wait to be sent."""
    draft = match_drafts.open_of(tx, file.id)
    if draft is None or draft.milestone_id != milestone_id or not draft.proposals:
        return False
    group = appointments.holders(tx, file.id, WORKING_GROUP)
    approvers = _approvers(tx, draft, fingerprint(draft.proposals), group)
    ids = sorted({who for it in draft.proposals for who in (it["mentor_id"], it["mentee_id"])})
    users = participants.users(tx, ids)
    pairs = [(users[it["mentor_id"]], users[it["mentee_id"]]) for it in draft.proposals]
    return _still_needed(file, pairs, approvers) == 0


def take_back(tx: Transaction, reviewer: str, now: datetime) -> InReview:
    """Somebody takes their approval back; raises what `look` raises."""
    file, draft = held(tx, reviewer)
    match_drafts.take_back(tx, draft.milestone_id, reviewer)
    record(tx, draft, reviewer, "take_back", now)
    return _in_review(tx, file, draft, reviewer, now)


def send(tx: Transaction, sender: str, shown: str, now: datetime) -> None:
    """Let exactly the approved pairs be introduced, which the heartbeat does, a few at a time.

    Raises PairsChanged, NotApproved, MatchingOver where nobody joins the round any more, and what
    `look` raises.
    """
    file, draft = held(tx, sender, Action.MATCH)
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
    record(tx, draft, sender, "send", now)
    cancel_told(tx, file.id, now)


def put(
    tx: Transaction,
    file: ProgrammeFile,
    draft: MatchDraft,
    proposals: list[dict[str, Any]],
    actor: str,
    what: str,
    now: datetime,
) -> None:
    """Let the pairs of a draft be others; approvals of what it was are cleared, and told so."""
    group = appointments.holders(tx, file.id, WORKING_GROUP)
    before = _approvers(tx, draft, fingerprint(draft.proposals or []), group)
    draft.proposals, draft.version = proposals, draft.version + 1
    record(tx, draft, actor, what, now)
    match_drafts.take_back(tx, draft.milestone_id)
    only = [it for it in before if it != actor]
    tell(tx, file, draft, "edited", now, only=only)


def start_over(tx: Transaction, actor: str, shown: str, now: datetime) -> None:
    """Drop the pairs and all approvals, and have them found anew from those who wait now.

    Raises PairsChanged, and what `look` raises.
    """
    file, draft = held(tx, actor, Action.MATCH)
    _as_shown(_in_review(tx, file, draft, actor, now), shown)
    record(tx, draft, actor, "start_over", now)
    draft.proposals = None
    wake(tx, draft, now)
    match_drafts.take_back(tx, draft.milestone_id)
    match_drafts.forget_edits(tx, draft.milestone_id)
    cancel_told(tx, file.id, now)


def returned(tx: Transaction, milestone_id: str, reader: str) -> list[tuple[str, str]]:
    """The approved pairs that were not introduced, mentor and mentee by Slack id.

    Of a pair of one's own a message says nothing.
    """
    draft = match_drafts.draft(tx, milestone_id)
    found = draft.returned if draft else []
    users = participants.users(tx, [who for it in found for who in it.values()])
    pairs = [(users[it["mentor_id"]], users[it["mentee_id"]]) for it in found]
    return [pair for pair in pairs if reader not in pair]
