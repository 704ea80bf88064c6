"""Queries about matchings that people review: the draft of pairs, and who has approved it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select

from mentorbot.domain.match_review import EditKind, MatchApproval, MatchDraft, MatchEdit
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_draft, _approval, _edit = tables.match_drafts.c, tables.match_approvals.c, tables.match_edits.c


def draft(tx: Transaction, milestone_id: str) -> MatchDraft | None:
    """The draft of a matching."""
    return tx.get(MatchDraft, milestone_id)


def open_of(tx: Transaction, programme_id: str) -> MatchDraft | None:
    """The draft of a programme that is not sent."""
    return tx.session.scalars(
        select(MatchDraft)
        .where(
            _draft.workspace_id == tx.workspace_id,
            _draft.programme_id == programme_id,
            _draft.sent_at.is_(None),
        )
        .order_by(_draft.made_at, _draft.milestone_id)
        .limit(1)
    ).first()


def approvals(tx: Transaction, milestone_id: str) -> list[MatchApproval]:
    """Who has approved a draft, in the order in which they did, whatever its pairs were then."""
    return list(
        tx.session.scalars(
            select(MatchApproval)
            .where(
                _approval.workspace_id == tx.workspace_id, _approval.milestone_id == milestone_id
            )
            .order_by(_approval.approved_at, _approval.slack_user_id)
        )
    )


def edits(tx: Transaction, milestone_id: str) -> list[MatchEdit]:
    """What people did and said about the pairs of a draft, oldest first."""
    return list(
        tx.session.scalars(
            select(MatchEdit)
            .where(_edit.workspace_id == tx.workspace_id, _edit.milestone_id == milestone_id)
            .order_by(_edit.made_at, _edit.edit_id)
        )
    )


def undo(tx: Transaction, edit: MatchEdit) -> None:
    """Forget one thing that somebody did."""
    tx.session.delete(edit)
    tx.session.flush()


def forget_edits(tx: Transaction, milestone_id: str) -> None:
    """Forget what people did and said about the pairs of a draft."""
    tx.session.flush()
    tx.session.execute(
        delete(tables.match_edits).where(
            _edit.workspace_id == tx.workspace_id, _edit.milestone_id == milestone_id
        )
    )
    tx.session.expire_all()


def take_back(tx: Transaction, milestone_id: str, slack_user_id: str | None = None) -> None:
    """Forget somebody's approval of a draft, or everybody's."""
    ours = [_approval.workspace_id == tx.workspace_id, _approval.milestone_id == milestone_id]
    if slack_user_id is not None:
        ours.append(_approval.slack_user_id == slack_user_id)
    tx.session.flush()
    tx.session.execute(delete(tables.match_approvals).where(*ours))
    tx.session.expire_all()


def forget(tx: Transaction, milestone_id: str) -> None:
    """Forget a draft and who has approved it."""
    take_back(tx, milestone_id)
    forget_edits(tx, milestone_id)
    tx.session.execute(
        delete(tables.match_drafts).where(
            _draft.workspace_id == tx.workspace_id, _draft.milestone_id == milestone_id
        )
    )
    tx.session.expire_all()


def empty_reasons(tx: Transaction, participant_ids: Collection[str]) -> None:
    """Empty what was matched from some people's answers, and what was said about them.

    Their pairs are known by ids alone.
    """
    gone = set(participant_ids)
    for found in tx.session.scalars(
        select(MatchDraft).where(_draft.workspace_id == tx.workspace_id)
    ):
        if found.proposals is not None:
            found.proposals = _emptied(found.proposals, gone)
    for edit in tx.session.scalars(select(MatchEdit).where(_edit.workspace_id == tx.workspace_id)):
        edit.before = _emptied(edit.before, gone)
        if edit.kind is EditKind.COMMENT and gone & {edit.mentor_id, edit.mentee_id}:
            tx.session.delete(edit)
    tx.session.flush()


def _emptied(proposals: list[dict[str, Any]], gone: set[str]) -> list[dict[str, Any]]:
    return [
        {**it, "reasons": []} if gone & {it["mentor_id"], it["mentee_id"]} else it
        for it in proposals
    ]


def forget_words_of(tx: Transaction, slack_user_id: str) -> None:
    """Forget what somebody said about proposed pairs."""
    tx.session.execute(
        delete(tables.match_edits).where(
            _edit.workspace_id == tx.workspace_id,
            _edit.made_by == slack_user_id,
            _edit.kind == EditKind.COMMENT,
        )
    )
    tx.session.expire_all()
