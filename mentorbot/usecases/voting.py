"""Voting in a ballot: whom somebody can choose from, what they chose, and who has voted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mentorbot.domain.errors import (
    BallotMatched,
    BallotNotOpen,
    BallotOver,
    InvalidAnswers,
    NotEnrolled,
    NotVoting,
    Refusal,
    Stale,
)
from mentorbot.domain.matching.preferences import digest
from mentorbot.domain.model import Participant, Programme, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Problem
from mentorbot.domain.voting import OpenedBallot, Vote
from mentorbot.storage import in_line, pairings, participants, partings, people, votes
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots, permitted, placing
from mentorbot.usecases.ballot_matching import REASON
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.outlook import ballot_of_round, ballot_opens_at


@dataclass(frozen=True)
class Paper:
    """What a voter has before them: whom they can choose from, and their choices so far, by id."""

    file: ProgrammeFile
    ballot: OpenedBallot
    voter: Participant
    people: tuple[Participant, ...]
    choices: tuple[str, ...]

    @property
    def most(self) -> int:
        """How many choices they have."""
        rules = self.file.matching.ballot
        return min(rules.choices, len(self.people)) if rules else 0


def paper(tx: Transaction, slack_user_id: str, now: datetime) -> Paper:
    """What somebody votes with now.

    Those whom they can choose from come in an order of their own for each voter, so that nobody is
    chosen for standing first. Raises NotSetUp, NoBallot, BallotNotOpen, BallotOver,
    BallotMatched, NotEnrolled, NotVoting.
    """
    file, ballot, voter = _voting(tx, slack_user_id, now)
    found = _choosable(tx, file, voter)
    known = {it.participant_id for it in found}
    mine = votes.vote(tx, ballot.ballot_id, voter.participant_id)
    choices = tuple(it for it in mine.choices if it in known) if mine else ()
    return Paper(file, ballot, voter, found, choices)


def _voting(
    tx: Transaction, slack_user_id: str, now: datetime
) -> tuple[ProgrammeFile, OpenedBallot, Participant]:
    """Somebody who may vote now, with the programme's file and its ballot."""
    file = parse_stored(programme_or_refuse(tx).definition)
    ballot = _open_or_refuse(tx, file, slack_user_id, now)
    voter = participants.of_person(tx, file.id, slack_user_id)
    if voter is None or not voter.is_enrolled:
        raise NotEnrolled
    if not ballots.voting_among(tx, file, [voter.participant_id]):
        raise NotVoting
    return file, ballot, voter


def _open_or_refuse(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, now: datetime
) -> OpenedBallot:
    ballots.rules_or_refuse(file)
    ballot = ballot_of_round(tx, file)
    if ballot is None:
        raise BallotNotOpen
    if not ballot.takes_votes(now):
        zone = placing.zone_of(tx, file, slack_user_id)
        refusal = BallotOver if ballot.matched_at is None else BallotMatched
        raise refusal(on=ballot.closes_at.astimezone(ZoneInfo(zone)).isoformat())
    return ballot


def _choosable(
    tx: Transaction, file: ProgrammeFile, voter: Participant, among: Sequence[str] | None = None
) -> tuple[Participant, ...]:
    """Those of the other role who wait, without past partners and those kept apart from the voter.

    With `among`, of these alone.
    """
    role, mine = (voter.role or Role.MENTEE).counterpart, voter.participant_id
    met = {
        one.participant_id
        for pairing in pairings.of_participant(tx, mine, active_only=False)
        for one in pairings.members(tx, pairing.pairing_id)
    }
    ready = in_line.ready(tx, file.id, file.guideline_versions, among)
    apart = partings.apart_from(tx, voter.slack_user_id)
    free = [
        it
        for it in ready
        if it.role is role and it.participant_id not in met and it.slack_user_id not in apart
    ]
    return tuple(sorted(free, key=lambda it: digest(mine, it.participant_id)))


def vote(
    tx: Transaction, slack_user_id: str, ballot_id: str, choices: Sequence[str], now: datetime
) -> Paper:
    """Vote, or change one's vote; `choices` are participant ids, and gaps are closed up.

    The paper that comes back holds those who were chosen alone. Raises as `paper`, Stale for
    another ballot than the open one, and InvalidAnswers by the number of the choice, from 1: nobody
    named, somebody twice, somebody who cannot be chosen any more, or more than the file allows.
    """
    file, ballot, voter = _voting(tx, slack_user_id, now)
    if ballot.ballot_id != ballot_id:
        raise Stale
    named = [it for it in choices if it]
    found = _choosable(tx, file, voter, named)
    problems = _problems(choices, {it.participant_id for it in found}, file)
    if problems:
        raise InvalidAnswers(problems)
    cast = votes.vote(tx, ballot_id, voter.participant_id)
    if cast is None:
        tx.add(Vote(tx.workspace_id, ballot_id, voter.participant_id, named, now))
    else:
        cast.choices, cast.voted_at = named, now
    return Paper(file, ballot, voter, found, tuple(named))


def _problems(
    choices: Sequence[str], known: Collection[str], file: ProgrammeFile
) -> Mapping[str, Problem]:
    if not any(choices):
        return {"1": ("form.missing", {})}
    most = ballots.rules_or_refuse(file).choices
    found: dict[str, Problem] = {}
    for number, one in enumerate(choices, start=1):
        if one and one in choices[: number - 1]:
            found[str(number)] = ("voting.twice", {})
        elif one and (one not in known or number > most):
            found[str(number)] = ("voting.gone", {})
    return found


@dataclass(frozen=True)
class Count:
    """How far a ballot has come: who may vote now and has, or has not, by participant."""

    voted: tuple[Participant, ...]
    missing: tuple[Participant, ...]


def count(tx: Transaction, file: ProgrammeFile, ballot: OpenedBallot) -> Count:
    """Who of those who may vote has."""
    voted = votes.voters(tx, ballot.ballot_id)
    voters = ballots.voting_among(tx, file)
    return Count(
        tuple(it for it in voters if it.participant_id in voted),
        tuple(it for it in voters if it.participant_id not in voted),
    )


@dataclass(frozen=True)
class Board:
    """What a coordinator sees of the ballot: `choices` by Slack id, where they may see them.

    `opens_at` is when it opens by itself, where it has not; `ranks` is which choice each pair was
    that came of it and runs, 0 where it was none.
    """

    file: ProgrammeFile
    ballot: OpenedBallot | None
    count: Count
    choices: Mapping[str, tuple[str, ...]] | None
    can_open: bool
    opens_at: datetime | None = None
    ranks: tuple[int, ...] = ()


def board(tx: Transaction, slack_user_id: str, now: datetime) -> Board:
    """How the ballot of a programme stands; raises NotSetUp, NotPermitted, NoBallot."""
    file = parse_stored(programme_or_refuse(tx).definition)
    permitted.check(tx, file.id, slack_user_id, Action.MATCH)
    ballots.rules_or_refuse(file)
    ballot = ballot_of_round(tx, file)
    can_open = _can_open(tx, file, now)
    if ballot is None:
        opens_at = ballot_opens_at(tx, file)
        return Board(file, None, Count((), ()), None, can_open, opens_at)
    seen = may_see_choices(tx, file, ballot, slack_user_id)
    choices = _by_user(tx, ballot) if seen else None
    ranks = _ranks(tx, file, ballot) if seen else ()
    return Board(file, ballot, count(tx, file, ballot), choices, can_open, ranks=ranks)


def _ranks(tx: Transaction, file: ProgrammeFile, ballot: OpenedBallot) -> tuple[int, ...]:
    if ballot.matched_at is None:
        return ()
    found = [
        str(reason["shared"])
        for pairing in pairings.introduced_since(tx, file.id, ballot.matched_at)
        for reason in pairing.reasons
        if reason["question"] == REASON
    ]
    return tuple(int(it) if it.isdecimal() else 0 for it in found)


def _can_open(tx: Transaction, file: ProgrammeFile, now: datetime) -> bool:
    try:
        ballots.check_opening(tx, file, now)
    except Refusal:
        return False
    return True


def may_see_choices(
    tx: Transaction, file: ProgrammeFile, ballot: OpenedBallot | None, slack_user_id: str
) -> bool:
    """Whether somebody of the team may see what was chosen: nobody who takes part themselves."""
    rules = file.matching.ballot
    held = participants.of_person(tx, file.id, slack_user_id)
    if rules is None or ballot is None or (held is not None and held.is_enrolled):
        return False
    is_time = rules.choices_seen == "at_once" or ballot.matched_at is not None
    return is_time and rules.choices_seen != "never"


def sees_choices(tx: Transaction, programme: Programme, slack_user_id: str) -> bool:
    """Whether somebody of a programme's team may see which choice a pair was."""
    file = parse_stored(programme.definition)
    return may_see_choices(tx, file, votes.newest(tx, file.id), slack_user_id)


def _by_user(tx: Transaction, ballot: OpenedBallot) -> dict[str, tuple[str, ...]]:
    cast = votes.of_ballot(tx, ballot.ballot_id)
    ids = {one for it in cast for one in (it.participant_id, *it.choices)}
    users = participants.users(tx, sorted(ids))
    return {
        users[it.participant_id]: tuple(users[one] for one in it.choices if one in users)
        for it in cast
        if it.participant_id in users
    }


def open_by_hand(tx: Transaction, slack_user_id: str, now: datetime) -> OpenedBallot:
    """Open the ballot of the programme that is meant, at a coordinator's wish.

    Raises NotSetUp, NotPermitted, and as `ballots.check_opening`.
    """
    file = parse_stored(programme_or_refuse(tx).definition)
    permitted.check(tx, file.id, slack_user_id, Action.MATCH)
    return ballots.open_ballot(tx, file, slack_user_id, now)


def names(tx: Transaction, some: Sequence[Participant]) -> dict[str, str]:
    """The names of participants as Slack last told them, by participant id."""
    known = people.names(tx, [it.slack_user_id for it in some])
    return {it.participant_id: known.get(it.slack_user_id, "") for it in some}
