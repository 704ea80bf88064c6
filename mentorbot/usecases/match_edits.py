"""Changing a draft by hand: what it would cost is told first, and each change can be undone."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mentorbot.domain.errors import CannotBePaired, InvalidAnswers, OwnPair, PairsChanged, Stale
from mentorbot.domain.match_review import EditKind, MatchDraft, MatchEdit, fingerprint
from mentorbot.domain.matching.instant import Pair
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.storage import match_drafts, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import match_drafting, match_review
from mentorbot.usecases.matching import rearranged
from mentorbot.usecases.rearranging import Arrangement, Wanted


class Way(StrEnum):
    """How the others make room for a change: as few as can be move, or all may."""

    FEW = "few"
    FREE = "free"


@dataclass(frozen=True)
class Change:
    """What somebody wants of two people, by their participant ids."""

    kind: EditKind
    mentor_id: str
    mentee_id: str


@dataclass(frozen=True)
class Option:
    """What a change brings: the pairs, what goes and comes by Slack ids, and the sum of points."""

    way: Way
    proposals: list[dict[str, Any]]
    out: tuple[tuple[str, str], ...]
    came: tuple[tuple[str, str], ...]
    points: int

    @property
    def shown(self) -> str:
        """What the pairs are known by together."""
        return fingerprint(self.proposals)


@dataclass(frozen=True)
class Weighed:
    """A change before it is taken: how many pairs and points there are now, and what comes of it.

    `approvals` counts those that it clears.
    """

    pairs: int
    points: int
    options: tuple[Option, ...]
    approvals: int


def weigh(tx: Transaction, reviewer: str, shown: str, change: Change, now: datetime) -> Weighed:
    """What a change would bring, with few pairs changed and, where that differs, freely.

    It changes nothing, and takes long for many people. Raises PairsChanged, OwnPair,
    CannotBePaired, NothingToReview, NotPermitted.
    """
    file, draft = _held(tx, reviewer, shown, change)
    before = draft.proposals or []
    drawn = frozenset(_pairs(before))
    found = rearranged(tx, file, _wanted(tx, draft, change, drawn), now)
    if found is None:
        raise CannotBePaired
    few = _option(tx, Way.FEW, before, found.few)
    free = _option(tx, Way.FREE, before, found.free)
    options = (few,) if few.shown == free.shown else (few, free)
    approvals = len(match_review.look(tx, reviewer, now).approvers)
    return Weighed(len(before), found.points, options, approvals)


def _held(
    tx: Transaction, reviewer: str, shown: str, change: Change
) -> tuple[ProgrammeFile, MatchDraft]:
    """The draft as somebody saw it, who is not one of the two."""
    file, draft = match_review.held(tx, reviewer, Action.REVIEW_MATCHING)
    if fingerprint(draft.proposals or []) != shown:
        raise PairsChanged
    if reviewer in participants.users(tx, [change.mentor_id, change.mentee_id]).values():
        raise OwnPair
    return file, draft


def _pairs(proposals: Iterable[dict[str, Any]]) -> list[Pair]:
    return [(it["mentor_id"], it["mentee_id"]) for it in proposals]


def _wanted(tx: Transaction, draft: MatchDraft, change: Change, drawn: frozenset[Pair]) -> Wanted:
    """What was decided before holds, where a later decision does not say otherwise."""
    together, apart = set[Pair](), set[Pair]()
    decided: list[MatchEdit | Change] = [*match_drafts.edits(tx, draft.milestone_id), change]
    for it in decided:
        pair = (it.mentor_id, it.mentee_id)
        if it.kind is EditKind.APART:
            together.discard(pair)
            apart.add(pair)
        elif it.kind is EditKind.TOGETHER:
            together = {other for other in together if other[1] != it.mentee_id} | {pair}
            apart.discard(pair)
    changed = (change.mentor_id, change.mentee_id)
    held = frozenset(it for it in together if it in drawn or it == changed)
    return Wanted(drawn, held, frozenset(apart), changed)


def _option(tx: Transaction, way: Way, before: list[dict[str, Any]], found: Arrangement) -> Option:
    proposals = [asdict(it) for it in found.proposals]
    old, new = set(_pairs(before)), set(_pairs(proposals))
    users = participants.users(tx, sorted({who for pair in old ^ new for who in pair}))

    def named(pairs: set[Pair]) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((users[mentor], users[mentee]) for mentor, mentee in pairs))

    return Option(way, proposals, named(old - new), named(new - old), found.points)


def take(
    tx: Transaction, reviewer: str, shown: str, change: Change, option: Option, now: datetime
) -> None:
    """Let the pairs be those of an option that was weighed; approvals of others are cleared.

    Who had approved hears so. Raises PairsChanged, OwnPair, NothingToReview, NotPermitted.
    """
    file, draft = _held(tx, reviewer, shown, change)
    before = draft.proposals or []
    edit = (change.kind, change.mentor_id, change.mentee_id, reviewer, now, "", before)
    tx.add(MatchEdit(tx.workspace_id, tx.new_id(), draft.milestone_id, *edit))
    match_review.put(tx, file, draft, option.proposals, reviewer, str(change.kind), now)


def undo(tx: Transaction, reviewer: str, shown: str, now: datetime) -> None:
    """Take the last change back, as the pairs were; raises what `take` raises, and Stale."""
    _file, draft = match_review.held(tx, reviewer, Action.REVIEW_MATCHING)
    found = [it for it in match_drafts.edits(tx, draft.milestone_id) if it.before]
    if not found:
        raise Stale
    edit = found[-1]
    file, draft = _held(tx, reviewer, shown, Change(edit.kind, edit.mentor_id, edit.mentee_id))
    before = edit.before
    match_drafts.undo(tx, edit)
    match_review.put(tx, file, draft, before, reviewer, "undo", now)


def comment(
    tx: Transaction, reviewer: str, shown: str, pair: Change, words: str, now: datetime
) -> None:
    """Say something about a pair, for the others who review.

    Raises InvalidAnswers without words, and what `take` raises.
    """
    _file, draft = _held(tx, reviewer, shown, pair)
    if not words.strip():
        raise InvalidAnswers({"words": ("form.missing", {})})
    edit = (EditKind.COMMENT, pair.mentor_id, pair.mentee_id, reviewer, now, words.strip())
    tx.add(MatchEdit(tx.workspace_id, tx.new_id(), draft.milestone_id, *edit))
    match_drafting.record(tx, draft, reviewer, "comment", now)
    tx.session.flush()


def mentor_of(tx: Transaction, programme_id: str, slack_user_id: str) -> str:
    """The participant id of somebody who was picked as a mentor; raises CannotBePaired."""
    found = participants.of_person(tx, programme_id, slack_user_id)
    if found is None:
        raise CannotBePaired
    return found.participant_id
