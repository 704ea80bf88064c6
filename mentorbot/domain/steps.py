"""What a step of a pairing's plan brings: who is asked what, when, and whose silence is noted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.domain.pace import Amendment
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.tips import tip_for
from mentorbot.domain.touchpoints import Kind, Touchpoint, first_due_at, local_instant

SILENT_AFTER = 2
"""Check-ins without an answer, in a row, before silence is raised."""


class Reader(NamedTuple):
    """Somebody in a pairing, with what their next touchpoint depends on.

    `unanswered` counts the latest check-ins in a row without an answer, up to `SILENT_AFTER`.
    `owes_feedback` and `has_chosen` are what the closing needs from them. `stage` is a mentee's.
    """

    participant_id: str
    slack_user_id: str
    is_active: bool
    time_zone: str
    unanswered: int = 0
    owes_feedback: bool = True
    has_chosen: bool = False
    stage: str | None = None


class Schedule(NamedTuple):
    """Where a pairing stands in its plan, and its readers, mentor first."""

    pairing_id: str
    programme_id: str
    cycle_number: int
    starts_on: date
    ends_on: date
    next_step: int
    next_due_at: datetime | None
    readers: Sequence[Reader]
    amendments: tuple[Amendment, ...] = ()


class Said(NamedTuple):
    """A message that a step brings: to whom, and about what, from which instant on."""

    kind: MessageKind
    recipients: list[str]
    subject: str
    occurrence: int
    not_before_at: datetime
    params: dict[str, Any]


class Asked(NamedTuple):
    """A check-in's question, put to a participant at an instant."""

    participant_id: str
    occurrence: int
    asked_at: datetime


class Silence(NamedTuple):
    """Coordinators hear that these people (Slack ids) have gone silent, from a date on.

    `subject` is what they hear of once.
    """

    on: date
    subject: str
    who: list[str]


@dataclass(slots=True)
class Brought:
    """All that time has brought to a pairing, and where it stands in its plan then."""

    next_step: int
    next_due_at: datetime | None
    said: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    check_ins: int = 0


def nobody_meets(are_away: Sequence[bool]) -> bool:
    """Whether a pairing rests: its mentor, who comes first, is away, or all of the mentees are."""
    return any(are_away[:1]) or (len(are_away) > 1 and all(are_away[1:]))


def bring(
    file: ProgrammeFile, points: Sequence[Touchpoint], pairing: Schedule, now: datetime
) -> Brought:
    """Take every step of a plan that is due, in order, up to the one that is not.

    Raises IndexError for a pairing that is due past the end of its plan.
    """
    at = file.touchpoints.at
    zones = [reader.time_zone for reader in pairing.readers]
    brought = Brought(pairing.next_step, pairing.next_due_at)
    while brought.next_due_at is not None and brought.next_due_at <= now:
        _Step(file, pairing, points, brought).take()
        brought.next_step += 1
        brought.next_due_at = first_due_at(points, brought.next_step, at, zones)
    return brought


class _Step:
    """One touchpoint of one pairing."""

    def __init__(
        self,
        file: ProgrammeFile,
        pairing: Schedule,
        points: Sequence[Touchpoint],
        brought: Brought,
    ) -> None:
        self.file, self.pairing, self.points, self.brought = file, pairing, points, brought
        self.point = points[brought.next_step]

    def take(self) -> None:
        readers = self.pairing.readers
        is_on_hold = nobody_meets([not reader.is_active for reader in readers])
        if self.point.kind in (Kind.CHECK_IN, Kind.CLOSING) and not is_on_hold:
            self._raise_silence()
        if self.point.kind is Kind.STARTER:
            self._start_talk()
        elif self.point.kind is Kind.TIP:
            self._give_tips()
        elif self.point.kind is not Kind.CHECK_IN or not is_on_hold:
            self._ask_each()

    def _hour_of(self, reader: Reader) -> datetime:
        return local_instant(self.point.on, self.file.touchpoints.at, reader.time_zone)

    def _say(
        self,
        kind: MessageKind,
        recipients: list[str],
        not_before_at: datetime,
        subject: str,
        occurrence: int = 1,
        **params: Any,
    ) -> None:
        said = Said(kind, recipients, subject, occurrence, not_before_at, params)
        self.brought.said.append(said)

    def _ask_each(self) -> None:
        kind, occurrence = MessageKind(self.point.kind), self.point.occurrence
        params = {"occurrence_number": occurrence}
        for reader in self.pairing.readers:
            if not reader.is_active or self._has_done(reader):
                continue
            at, who = self._hour_of(reader), reader.participant_id
            if self.point.kind is Kind.CHECK_IN:
                self.brought.asked.append(Asked(who, occurrence, at))
            subject = subject_of(kind, self.pairing.pairing_id, self.pairing.cycle_number, who)
            self._say(kind, [reader.slack_user_id], at, subject, occurrence, **params)
        self.brought.check_ins += self.point.kind is Kind.CHECK_IN

    def _has_done(self, reader: Reader) -> bool:
        """Whether there is nothing to remind somebody of; after a last cycle nobody chooses."""
        has_chosen = reader.has_chosen or self.file.cycle.is_once
        return self.point.kind is Kind.REMINDER and has_chosen and not reader.owes_feedback

    def _stage(self) -> str | None:
        """The stage of the pair's mentee."""
        return next((reader.stage for reader in self.pairing.readers if reader.stage), None)

    def _give_tips(self) -> None:
        """To each their next tip; its words make the key, so that nobody reads one twice."""
        for place, reader in enumerate(self.pairing.readers):
            role, stage = (Role.MENTEE, reader.stage) if place else (Role.MENTOR, self._stage())
            tip = tip_for(self.file.tips, role, stage, self._turn_of_tip())
            if reader.is_active and tip is not None:
                at, subject = self._hour_of(reader), f"{reader.participant_id}:{tip.key}"
                self._say(MessageKind.TIP, [reader.slack_user_id], at, subject, tip=tip.key)

    def _turn_of_tip(self) -> int:
        """Which tip's turn it is, from 1; a cycle that all share goes on where the last one was."""
        if self.file.cycle.is_evergreen:
            return self.point.occurrence
        each_cycle = sum(point.kind is Kind.TIP for point in self.points)
        return (self.pairing.cycle_number - 1) * each_cycle + self.point.occurrence

    def _start_talk(self) -> None:
        """One message in the group DM, once it is the hour for every reader."""
        readers, stage = self.pairing.readers, self._stage()
        starters = self.file.starters_in(stage)
        self._say(
            MessageKind.STARTER,
            [reader.slack_user_id for reader in readers],
            max(self._hour_of(reader) for reader in readers),
            self.pairing.pairing_id,
            self.point.occurrence,
            starter=(self.pairing.cycle_number - 1) % len(starters),
            **({"stage": stage} if stage else {}),
        )

    def _raise_silence(self) -> None:
        """No answer twice in a row: gently to the partner, quietly to the coordinators, once.

        Each reads of it at the touchpoints' hour on their own clock, a pair when it is so for both.
        In a group a mentee's silence is the mentor's to know, the mentor's all mentees'.
        """
        readers, just_asked = self.pairing.readers, self.brought.check_ins
        silent = [
            each
            for each in readers
            if each.is_active and each.unanswered + just_asked >= SILENT_AFTER
        ]
        if silent and len(silent) == len(readers):
            latest_at = max(self._hour_of(reader) for reader in readers)
            who = [reader.slack_user_id for reader in readers]
            self._say(MessageKind.QUIET_PAIR, who, latest_at, self.pairing.pairing_id)
            self.brought.silences.append(Silence(self.point.on, self.pairing.pairing_id, who))
            return
        for each in silent:
            opposite = readers[1:] if each is readers[0] else readers[:1]
            self._tell_of_silence(each, [it for it in opposite if it not in silent])

    def _tell_of_silence(self, silent: Reader, partners: Sequence[Reader]) -> None:
        """One person's silence; in a group it is raised once for each person."""
        subject, who = self.pairing.pairing_id, [silent.slack_user_id]
        if len(self.pairing.readers) > 2:
            subject = f"{subject}:{silent.participant_id}"
        for partner in (it for it in partners if it.is_active):
            at, recipients = self._hour_of(partner), [partner.slack_user_id]
            self._say(MessageKind.QUIET_PARTNER, recipients, at, subject, silent=who)
        self.brought.silences.append(Silence(self.point.on, subject, who))


def subject_of(kind: MessageKind, pairing_id: str, cycle_number: int, participant_id: str) -> str:
    """What a message is about: a check-in its pairing, a closing everything in the cycle.

    So a mentor with three mentees is asked once whether to go on.
    """
    if kind is MessageKind.CHECK_IN:
        return pairing_id
    return f"{participant_id}:{cycle_number}"
