"""Where somebody stands: what App Home and `/mentorbot status` show."""

from dataclasses import dataclass, field
from datetime import datetime

from mentorbot.domain.model import (
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
from mentorbot.domain.permissions import RUNNERS, Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.touchpoints import Kind, local_instant
from mentorbot.storage import appointments, certificates, pairings, participants, people, reports
from mentorbot.storage.store import Transaction
from mentorbot.usecases import touchpoints, waiting


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


@dataclass(frozen=True)
class Standing:
    """A person's standing in a programme; everything is empty for somebody without a role.

    `may` is what their roles in its team allow.
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
    overview: dict[str, int] = field(default_factory=dict)

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
        cycle=pairings.open_cycle(tx, programme.programme_id),
        queue_place=waiting.position(tx, found) if found else None,
        guidelines_owed=_guidelines_owed(tx, file, found) if found else None,
        partnerships=tuple(_partnerships(tx, file, found, now)) if found else (),
        certificates=(
            tuple(certificates.of_participant(tx, participant.participant_id))
            if participant
            else ()
        ),
        overview=reports.overview(tx, programme.programme_id) if may else {},
    )


def _guidelines_owed(tx: Transaction, file: ProgrammeFile, found: Participant) -> int | None:
    if found.role is None:
        return None
    version = file.guidelines[found.role].version
    known = participants.has_acknowledged(tx, found.participant_id, found.role, version)
    return None if known else version


def _partnerships(
    tx: Transaction, file: ProgrammeFile, found: Participant, now: datetime
) -> list[Partnership]:
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
        if point.kind is not Kind.REMINDER
        and (at := local_instant(point.on, file.touchpoints.at, zone)) > now
        and not any(_is_away(m, at) for m in members if m is found or point.kind is Kind.CHECK_IN)
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
    )


def _is_away(member: Participant, at: datetime) -> bool:
    """Whether somebody will still be on a break at an instant, as far as is known."""
    until = member.paused_until_at
    return member.state is ParticipantState.PAUSED and (until is None or at < until)
