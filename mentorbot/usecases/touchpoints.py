"""What is due in pairings is put in the outbox, and the next thing is scheduled."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from mentorbot.domain.erasures import is_stand_in
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import NextCycle, Pairing, Participant, Role
from mentorbot.domain.pace import Amendment, amendments_of
from mentorbot.domain.permissions import RUNNERS
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.steps import Said, Schedule, Silence, bring
from mentorbot.domain.touchpoints import Kind, Touchpoint, first_due_at, local_instant, plan
from mentorbot.storage import appointments, outbox, pairings, participants, people
from mentorbot.storage import touchpoints as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import intent


def points_of(file: ProgrammeFile, pairing: Pairing) -> tuple[Touchpoint, ...]:
    """The plan of a pairing."""
    dates = (pairing.starts_on, pairing.ends_on)
    return plan(file.touchpoints, *dates, amendments_of(pairing.amendments))


def schedule(tx: Transaction, file: ProgrammeFile, pairing: Pairing) -> None:
    """Set when the pairing's next step is due for the first of its readers; never while on hold."""
    if pairing.on_hold_at is not None:
        pairing.next_due_at = None
        return
    zones = [_zone_of(tx, member) for member in pairings.members(tx, pairing.pairing_id)]
    points = points_of(file, pairing)
    pairing.next_due_at = first_due_at(points, pairing.next_step, file.touchpoints.at, zones)


def advance(tx: Transaction, pairing_ids: Sequence[str], now: datetime) -> None:
    """Put every step that is due into the outbox; twice, late or on a replica changes nothing.

    Raises whatever one spoilt pairing raises: then nothing of the batch is kept.
    """
    batch = _Batch(tx, now)
    for found in stored.due(tx, pairing_ids, now):
        batch.take(found)
    batch.store()


class _Batch:
    """What time has brought to many pairings, stored at once."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self.tx, self.now = tx, now
        self.steps: list[stored.Step] = []
        self.questions: list[dict[str, Any]] = []
        self.intents: list[dict[str, Any]] = []
        self._file_of = cache(self._read_file)
        self._plan_of = cache(self._make_plan)
        self._coordinators_of = cache(
            lambda programme: appointments.readers(tx, programme, RUNNERS)
        )

    def _read_file(self, programme_id: str) -> ProgrammeFile | None:
        programme = participants.programme(self.tx, programme_id)
        return parse_stored(programme.definition) if programme else None

    def _make_plan(
        self,
        programme_id: str,
        starts_on: date,
        ends_on: date,
        amendments: tuple[Amendment, ...],
    ) -> Sequence[Touchpoint]:
        file = self._file_of(programme_id)
        return plan(file.touchpoints, starts_on, ends_on, amendments) if file else ()

    def take(self, found: Schedule) -> None:
        file = self._file_of(found.programme_id)
        if file is None or found.next_due_at is None:
            self.steps.append(stored.Step(found.pairing_id, found.next_step, None))
            return
        dates = (found.starts_on, found.ends_on)
        points = self._plan_of(found.programme_id, *dates, found.amendments)
        brought = bring(file, points, found, self.now)
        self.steps.append(stored.Step(found.pairing_id, brought.next_step, brought.next_due_at))
        self.questions += [
            {
                "pairing_id": found.pairing_id,
                "participant_id": asked.participant_id,
                "occurrence": asked.occurrence,
                "asked_at": asked.asked_at,
            }
            for asked in brought.asked
        ]
        for said in (*brought.said, *self._reports(file, found, brought.silences)):
            self.intents.append(
                intent(self.tx, said, found.programme_id, found.pairing_id, self.now)
            )

    def _reports(
        self, file: ProgrammeFile, found: Schedule, silences: Sequence[Silence]
    ) -> list[Said]:
        """Coordinators hear of silence, apart from those in the pair."""
        pair = {reader.slack_user_id for reader in found.readers}
        return [
            Said(
                MessageKind.QUIET_REPORT,
                [reader.slack_user_id],
                silence.subject,
                1,
                local_instant(silence.on, file.touchpoints.at, reader.time_zone),
                {"silent": silence.who},
            )
            for silence in silences
            for reader in self._coordinators_of(found.programme_id)
            if reader.slack_user_id not in pair
        ]

    def store(self) -> None:
        stored.ask(self.tx, self.questions)
        outbox.put(self.tx, self.intents)
        stored.advance(self.tx, self.steps)


def owes_feedback(tx: Transaction, pairing: Pairing, member: Participant) -> bool:
    """Whether a mentee's feedback in this pairing is still to come, and its mentor not erased."""
    role = pairings.role_in(tx, pairing.pairing_id, member.participant_id)
    given = pairings.feedback(tx, pairing.pairing_id, member.participant_id)
    if role is not Role.MENTEE or given is not None:
        return False
    mentor = pairings.members(tx, pairing.pairing_id)[0]
    return not is_stand_in(mentor.slack_user_id)


def closing_has_come(file: ProgrammeFile, pairing: Pairing) -> bool:
    """Whether the pairing's closing has been put to its members; an extended one has another."""
    points = points_of(file, pairing)
    last = max(number for number, point in enumerate(points) if point.kind is Kind.CLOSING)
    return pairing.next_step > last


def wish_of(tx: Transaction, pairing: Pairing, member: Participant) -> NextCycle | None:
    """What somebody wants after the pairing's cycle, None before they chose."""
    chosen = pairings.choice(tx, pairing.programme_id, pairing.cycle_number, member.participant_id)
    return chosen.wish if chosen else None


def _zone_of(tx: Transaction, member: Participant) -> str:
    person = people.person(tx, member.slack_user_id)
    return person.time_zone if person else "UTC"
