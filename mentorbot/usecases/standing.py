"""Where somebody stands: what App Home and `/mentorbot status` show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from mentorbot.domain.meetings import Progress
from mentorbot.domain.model import (
    Application,
    ApplicationState,
    Certificate,
    Cycle,
    NextCycle,
    Pairing,
    Participant,
    ParticipantState,
    Person,
    Programme,
    Role,
)
from mentorbot.domain.months import Month
from mentorbot.domain.permissions import RUNNERS, Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.steps import nobody_meets
from mentorbot.domain.touchpoints import Kind, local_instant
from mentorbot.domain.windows import ALWAYS, Window, has_closed, window_of
from mentorbot.storage import (
    applications,
    appointments,
    certificates,
    pairings,
    participants,
    people,
    reports,
    requests,
    votes,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    applying,
    attending,
    ballots,
    earning,
    lines,
    match_drafting,
    meetings,
    placing,
    selecting,
    sensitive,
    surveys,
    touchpoints,
    waiting,
)
from mentorbot.usecases.attending import Coming
from mentorbot.usecases.earning import Lack
from mentorbot.usecases.outlook import (
    AT_ONCE,
    Outlook,
    ballot_of_round,
    ballot_opens_at,
    has_ended,
    outlook,
)
from mentorbot.usecases.surveys import ToAnswer


@dataclass(frozen=True)
class Partnership:
    """A pairing from one side: with whom, since when, what comes next and what is still owed."""

    pairing: Pairing
    partners: tuple[str, ...]
    next_kind: Kind | None
    next_at: datetime | None
    closing_has_come: bool
    owes_feedback: bool
    wish: NextCycle | None
    meetings: Progress | None


@dataclass(frozen=True)
class Applied:
    """An application of this round, as its applicant may know of it.

    `place_in_line` is the place on the waiting list, from 1; while `is_told` is false, what the
    selection brought is kept from everybody. `is_late` is a draft that was not sent in time.
    """

    application: Application
    is_told: bool
    place_in_line: int | None
    is_late: bool

    @property
    def may_be_mended(self) -> bool:
        """Whether it can be begun again while applications are taken."""
        return applying.may_apply_again(self.application)

    @property
    def is_running(self) -> bool:
        """Whether it may lead to a place, as far as its applicant is to know."""
        return applying.seems_running(self.application, is_told=self.is_told)


@dataclass(frozen=True)
class InBallot:
    """The ballot, for somebody who may vote in it: open, or to open at `opens_at`."""

    has_voted: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether votes are taken."""
        return self.closes_at is not None


@dataclass(frozen=True)
class Standing:
    """A person's standing in a programme; everything is empty for somebody without a role.

    `may` is what their roles in its team allow, `to_review` how many applications wait for them.
    `outlook` is when people are matched, `has_ended` whether the programme is over, `is_over`
    whether they took part in it then, `is_half_way` whether only the guidelines keep them from a
    role, `confidential` what they have, or may have, answered sensitive questions for,
    `draw_numbers` what they go by in draws, `tickets` on their waiting lists, `window` when people
    can apply, by their own clock, `ballot` the one in which they can vote. `sessions` are those to
    come that are for them, `months` how they have kept to what is asked of them in each,
    `has_asked` and `to_answer` count requests that are open, `surveys` can be answered.
    `has_pairs_to_review` is whether the team has a matching to approve.
    """

    programme: Programme
    file: ProgrammeFile
    person: Person | None
    participant: Participant | None
    coordinators: tuple[str, ...]
    may: frozenset[Action]
    cycle: Cycle | None
    queue_place: int | None = None
    guidelines_owed: int | None = None
    partnerships: tuple[Partnership, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    certificate_lacks: tuple[Lack, ...] = ()
    overview: dict[str, int] = field(default_factory=dict)
    applied: tuple[Applied, ...] = ()
    is_half_way: bool = False
    outlook: Outlook = AT_ONCE
    has_ended: bool = False
    is_over: bool = False
    to_review: int = 0
    confidential: tuple[Application, ...] = ()
    draw_numbers: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    window: Window = ALWAYS
    ballot: InBallot | None = None
    sessions: tuple[Coming, ...] = ()
    months: tuple[Month, ...] = ()
    surveys: tuple[ToAnswer, ...] = ()
    has_asked: int = 0
    to_answer: int = 0
    has_pairs_to_review: bool = False

    @property
    def open_roles(self) -> tuple[Role, ...]:
        """The roles that somebody can choose, or apply for, now."""
        if self.has_ended or self.window.is_closed or any(it.is_running for it in self.applied):
            return ()
        over = {it.application.role for it in self.applied if not it.may_be_mended}
        return tuple(role for role in Role if role not in over)

    @property
    def role(self) -> Role | None:
        """The role held now."""
        held = self.participant
        return held.role if held is not None and held.is_enrolled else None


def standing(
    tx: Transaction, slack_user_id: str, now: datetime, programme_id: str | None = None
) -> Standing | None:
    """Where a person stands in a programme, or in the one that is meant; None where none runs."""
    programme = participants.programme(tx, programme_id)
    if programme is None:
        return None
    file = parse_stored(programme.definition)
    may = appointments.actions(tx, programme.programme_id, slack_user_id)
    participant = participants.of_person(tx, programme.programme_id, slack_user_id)
    found = participant if participant is not None and participant.is_enrolled else None
    return Standing(
        programme=programme,
        file=file,
        person=people.person(tx, slack_user_id),
        participant=participant,
        coordinators=tuple(appointments.holders(tx, programme.programme_id, RUNNERS)),
        may=may,
        cycle=_cycle(tx, file),
        queue_place=waiting.position(tx, found) if found else None,
        guidelines_owed=_guidelines_owed(tx, file, found) if found else None,
        partnerships=tuple(_partnerships(tx, file, found or _former(file, participant), now)),
        certificates=(
            tuple(certificates.of_participant(tx, participant.participant_id))
            if participant
            else ()
        ),
        certificate_lacks=tuple(earning.outstanding(tx, found, now)) if found else (),
        overview=reports.overview(tx, programme.programme_id) if may else {},
        applied=tuple(_applied(tx, file, slack_user_id, participant, now)),
        has_ended=has_ended(tx, file),
        is_over=_is_over(tx, file, participant),
        outlook=outlook(tx, file, now),
        has_pairs_to_review=bool(may) and match_drafting.is_open(tx, file.id),
        is_half_way=_is_half_way(tx, file, participant, now),
        to_review=_to_review(tx, file, slack_user_id) if Action.REVIEW in may else 0,
        confidential=tuple(_confidential(tx, file, slack_user_id)),
        draw_numbers=tuple(_looked_up(tx, file, slack_user_id, lines.number)),
        tickets=(
            tuple(_looked_up(tx, file, slack_user_id, lines.ticket))
            if placing.is_told(tx, file, slack_user_id, now)
            else ()
        ),
        window=window_of(file, now, placing.zone_of(tx, file, slack_user_id)),
        ballot=_in_ballot(tx, file, found, now) if found and file.matching.ballot else None,
        sessions=tuple(attending.upcoming(tx, file, slack_user_id, now)),
        months=tuple(attending.months(tx, file, found, now)) if found else (),
        surveys=tuple(surveys.open_to(tx, file, slack_user_id, now)),
        **_requests(tx, file, found, now),
    )


def _requests(
    tx: Transaction, file: ProgrammeFile, found: Participant | None, now: datetime
) -> dict[str, int]:
    if found is None or file.matching.requests is None:
        return {}
    mine = requests.of_mentee(tx, found.participant_id)
    theirs = requests.open_of_mentor(tx, found.participant_id, now)
    return {"has_asked": sum(it.is_open(now) for it in mine), "to_answer": len(theirs)}


def _in_ballot(
    tx: Transaction, file: ProgrammeFile, found: Participant, now: datetime
) -> InBallot | None:
    if not ballots.voting_among(tx, file, [found.participant_id]):
        return None
    if opens_at := ballot_opens_at(tx, file):
        return InBallot(has_voted=False, opens_at=opens_at)
    ballot = ballot_of_round(tx, file)
    if ballot is None or not ballot.takes_votes(now):
        return None
    vote = votes.vote(tx, ballot.ballot_id, found.participant_id)
    return InBallot(vote is not None, ballot.closes_at)


def _confidential(tx: Transaction, file: ProgrammeFile, slack_user_id: str) -> list[Application]:
    if not any(question.sensitive for question in file.form):
        return []
    mine = applications.everywhere(tx, slack_user_id)
    return [it for it in mine if it.programme_id == file.id and sensitive.asked(tx, it)]


def _looked_up(
    tx: Transaction,
    file: ProgrammeFile,
    slack_user_id: str,
    look_up: Callable[[Transaction, Application], str | None],
) -> Iterator[str]:
    """What a person goes by in the draws of this round."""
    if not selecting.lotteries_of(file):
        return
    for found in applications.of_person(tx, placing.round_of(file), slack_user_id):
        if number := look_up(tx, found):
            yield number


def _applied(
    tx: Transaction,
    file: ProgrammeFile,
    slack_user_id: str,
    held: Participant | None,
    now: datetime,
) -> Iterator[Applied]:
    """What somebody has applied for, without what was taken back or has become their role.

    Nor is that told any more of a role that they have left, or of a programme that has ended.
    """
    if file.application is None or has_ended(tx, file):
        return
    waits = ApplicationState.WAITING_LIST
    for found in applications.of_person(tx, placing.round_of(file), slack_user_id):
        is_selected = found.state is ApplicationState.SELECTED
        has_role = held is not None and held.role is found.role
        is_role = is_selected and has_role and not _begins(held)
        if found.state is not ApplicationState.WITHDRAWN and not is_role:
            yield Applied(
                found,
                placing.is_told(tx, file, slack_user_id, now),
                lines.place_in_line(tx, found) if found.state is waits else None,
                found.state is ApplicationState.DRAFT and has_closed(file, now),
            )


def _begins(held: Participant | None) -> bool:
    """Whether somebody without a role has only the guidelines left to agree to."""
    return held is not None and not held.is_enrolled and held.draft is not None


def _is_over(tx: Transaction, file: ProgrammeFile, held: Participant | None) -> bool:
    """Whether somebody has taken part in a programme that is over."""
    has_left = held is not None and held.state is ParticipantState.LEFT
    return has_left and has_ended(tx, file)


def _is_half_way(
    tx: Transaction, file: ProgrammeFile, participant: Participant | None, now: datetime
) -> bool:
    if participant is None or participant.draft is None or has_ended(tx, file):
        return False
    return not placing.is_held_back(tx, file, participant, now)


def _to_review(tx: Transaction, file: ProgrammeFile, reviewer: str) -> int:
    if file.application is None:
        return 0
    return applications.count_to_review(tx, placing.round_of(file), reviewer)


def _guidelines_owed(tx: Transaction, file: ProgrammeFile, found: Participant) -> int | None:
    if found.role is None:
        return None
    version = file.guidelines[found.role].version
    known = participants.has_acknowledged(tx, found.participant_id, found.role, version)
    return None if known else version


def _cycle(tx: Transaction, file: ProgrammeFile) -> Cycle | None:
    """The cycle that all pairs share now, where they do."""
    return None if file.cycle.is_evergreen else pairings.open_cycle(tx, file.id)


def _former(file: ProgrammeFile, participant: Participant | None) -> Participant | None:
    """Somebody whose programme is over, and whose feedback may still be to come."""
    return participant if file.cycle.is_once else None


def _partnerships(
    tx: Transaction, file: ProgrammeFile, found: Participant | None, now: datetime
) -> list[Partnership]:
    if found is None:
        return []
    every = pairings.of_participant(tx, found.participant_id, active_only=False)
    shown = [
        pairing
        for pairing in every
        if pairing.is_active
        or (
            touchpoints.closing_has_come(file, pairing)
            and touchpoints.owes_feedback(tx, pairing, found)
        )
    ]
    return [_partnership(tx, file, found, pairing, now) for pairing in shown]


def _partnership(
    tx: Transaction, file: ProgrammeFile, found: Participant, pairing: Pairing, now: datetime
) -> Partnership:
    person = people.person(tx, found.slack_user_id)
    zone = person.time_zone if person else file.time_zone
    members = pairings.members(tx, pairing.pairing_id)
    coming = [
        (point.kind, at)
        for point in touchpoints.points_of(file, pairing)
        if point.kind not in (Kind.REMINDER, Kind.TIP)
        and (at := local_instant(point.on, file.touchpoints.at, zone)) > now
        and not _is_away(found, at)
        and not (point.kind is Kind.CHECK_IN and nobody_meets([_is_away(m, at) for m in members]))
    ]
    next_kind, next_at = coming[0] if coming and pairing.is_active else (None, None)
    return Partnership(
        pairing=pairing,
        partners=tuple(m.slack_user_id for m in members if m is not found),
        next_kind=next_kind,
        next_at=next_at,
        closing_has_come=touchpoints.closing_has_come(file, pairing),
        owes_feedback=touchpoints.owes_feedback(tx, pairing, found),
        wish=touchpoints.wish_of(tx, pairing, found),
        meetings=meetings.progress_of(
            tx, file, pairing.pairing_id, now.astimezone(ZoneInfo(zone)).date()
        ),
    )


def _is_away(member: Participant, at: datetime) -> bool:
    """Whether somebody will still be on a break at an instant, as far as is known."""
    until = member.paused_until_at
    return member.state is ParticipantState.PAUSED and (until is None or at < until)
