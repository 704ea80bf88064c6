"""Queries about ballots: the newest of a programme, and the votes in it."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from mentorbot.domain.voting import OpenedBallot, Vote
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

_ballot, _vote = tables.opened_ballots.c, tables.votes.c


def newest(tx: Transaction, programme_id: str) -> OpenedBallot | None:
    """The ballot that was opened last in a programme."""
    return tx.session.scalars(
        select(OpenedBallot)
        .where(_ballot.workspace_id == tx.workspace_id, _ballot.programme_id == programme_id)
        .order_by(_ballot.opened_at.desc(), _ballot.ballot_id)
        .limit(1)
    ).first()


def ballot(tx: Transaction, ballot_id: str) -> OpenedBallot | None:
    """A ballot by id."""
    return tx.get(OpenedBallot, ballot_id)


def vote(tx: Transaction, ballot_id: str, participant_id: str) -> Vote | None:
    """What somebody voted in a ballot."""
    return tx.get(Vote, ballot_id, participant_id)


def of_ballot(tx: Transaction, ballot_id: str) -> list[Vote]:
    """All votes in a ballot."""
    query = select(Vote).where(_vote.workspace_id == tx.workspace_id, _vote.ballot_id == ballot_id)
    return list(tx.session.scalars(query.order_by(_vote.participant_id)))


def voters(tx: Transaction, ballot_id: str, among: Sequence[str] | None = None) -> set[str]:
    """Who has voted in a ballot, by participant id; with `among`, of these participants alone."""
    query = select(_vote.participant_id).where(
        _vote.workspace_id == tx.workspace_id, _vote.ballot_id == ballot_id
    )
    if among is not None:
        query = query.where(_vote.participant_id.in_(among))
    return set(tx.session.scalars(query))


def take_back(tx: Transaction, ballot_id: str, participant_id: str) -> None:
    """Forget what somebody voted in a ballot."""
    found = vote(tx, ballot_id, participant_id)
    if found is not None:
        tx.session.delete(found)
        tx.session.flush()


def forget(tx: Transaction, ballot_id: str) -> None:
    """Forget what was voted in a ballot."""
    tx.session.flush()
    tx.session.execute(
        delete(tables.votes).where(
            _vote.workspace_id == tx.workspace_id, _vote.ballot_id == ballot_id
        )
    )
    tx.session.expire_all()
