"""What is due in a pairing is put in the outbox, and the next thing is scheduled."""

from datetime import datetime
from typing import Any

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import CheckIn, NextCycle, Pairing, Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.touchpoints import Kind, Touchpoint, first_due_at, local_instant, plan
from mentorbot.storage import pairings, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue, tell_coordinators

SILENT_AFTER = 2
"""Check-ins without an answer, in a row, before silence is raised."""


def points_of(file: ProgrammeFile, pairing: Pairing) -> tuple[Touchpoint, ...]:
    """The plan of a pairing."""
    return plan(file.touchpoints, pairing.starts_on, pairing.ends_on)


def schedule(tx: Transaction, file: ProgrammeFile, pairing: Pairing) -> None:
    """Set when the pairing's next step is due for the first of its readers."""
    zones = [_zone_of(tx, member) for member in pairings.members(tx, pairing.pairing_id)]
    points = points_of(file, pairing)
    pairing.next_due_at = first_due_at(points, pairing.next_step, file.touchpoints.at, zones)


def advance(tx: Transaction, pairing_id: str, now: datetime) -> None:
    """Put every step that is due into the outbox; twice, late or on a replica changes nothing."""
    pairing = pairings.pairing(tx, pairing_id)
    if pairing is None:
        return
    programme = participants.programme(tx, pairing.programme_id)
    if not pairing.is_active or programme is None:
        pairing.next_due_at = None
        return
    file = parse_stored(programme.definition)
    while pairing.next_due_at is not None and pairing.next_due_at <= now:
        _cause(tx, file, pairing, points_of(file, pairing)[pairing.next_step], now)
        pairing.next_step += 1
        schedule(tx, file, pairing)


def _cause(
    tx: Transaction, file: ProgrammeFile, pairing: Pairing, point: Touchpoint, now: datetime
) -> None:
    members = pairings.members(tx, pairing.pairing_id)
    someone_away = any(not member.is_active for member in members)
    if point.kind in (Kind.CHECK_IN, Kind.CLOSING) and not someone_away:
        _raise_silence(tx, file, pairing, point, members, now)
    if point.kind is Kind.STARTER:
        _starter(tx, file, pairing, point, members, now)
        return
    if point.kind is Kind.CHECK_IN and someone_away:
        return
    for member in members:
        if not member.is_active or (point.kind is Kind.REMINDER and _is_done(tx, pairing, member)):
            continue
        at = local_instant(point.on, file.touchpoints.at, _zone_of(tx, member))
        _ask(tx, pairing, point, member, at, now)


def _ask(
    tx: Transaction,
    pairing: Pairing,
    point: Touchpoint,
    member: Participant,
    at: datetime,
    now: datetime,
) -> None:
    if point.kind is Kind.CHECK_IN:
        tx.add(
            CheckIn(
                tx.workspace_id, pairing.pairing_id, member.participant_id, point.occurrence, at
            )
        )
    kind = MessageKind(point.kind)
    enqueue(
        tx,
        kind,
        [member.slack_user_id],
        programme_id=pairing.programme_id,
        subject=subject_of(kind, pairing, member),
        occurrence=point.occurrence,
        now=now,
        not_before=at,
        pairing_id=pairing.pairing_id,
        occurrence_number=point.occurrence,
    )


def subject_of(kind: MessageKind, pairing: Pairing, member: Participant) -> str:
    """What a message is about: a check-in its pairing, a closing everything in the cycle.

    So a mentor with three mentees is asked once whether to go on.
    """
    if kind is MessageKind.CHECK_IN:
        return pairing.pairing_id
    return f"{member.participant_id}:{pairing.cycle_number}"


def _starter(
    tx: Transaction,
    file: ProgrammeFile,
    pairing: Pairing,
    point: Touchpoint,
    members: list[Participant],
    now: datetime,
) -> None:
    """One message in the group DM, once it is the hour for every reader."""
    at = max(local_instant(point.on, file.touchpoints.at, _zone_of(tx, m)) for m in members)
    enqueue(
        tx,
        MessageKind.STARTER,
        [member.slack_user_id for member in members],
        programme_id=pairing.programme_id,
        subject=pairing.pairing_id,
        occurrence=point.occurrence,
        now=now,
        not_before=at,
        pairing_id=pairing.pairing_id,
        starter=(pairing.cycle_number - 1) % len(file.starters),
    )


def _is_done(tx: Transaction, pairing: Pairing, member: Participant) -> bool:
    """Whether the closing has everything it needs from somebody."""
    chosen = pairings.choice(tx, pairing.programme_id, pairing.cycle_number, member.participant_id)
    return chosen is not None and not owes_feedback(tx, pairing, member)


def owes_feedback(tx: Transaction, pairing: Pairing, member: Participant) -> bool:
    """Whether a mentee's feedback in this pairing is still to come."""
    role = pairings.role_in(tx, pairing.pairing_id, member.participant_id)
    given = pairings.feedback(tx, pairing.pairing_id, member.participant_id)
    return role is Role.MENTEE and given is None


def closing_has_come(file: ProgrammeFile, pairing: Pairing) -> bool:
    """Whether the pairing's closing has been put to its members."""
    return any(
        point.kind is Kind.CLOSING for point in points_of(file, pairing)[: pairing.next_step]
    )


def _raise_silence(
    tx: Transaction,
    file: ProgrammeFile,
    pairing: Pairing,
    point: Touchpoint,
    members: list[Participant],
    now: datetime,
) -> None:
    """No answer twice in a row: gently to the partner, quietly to the coordinators, once.

    Each reads of it at the touchpoints' hour on their own clock, a pair when it is so for both.
    """
    silent = [member for member in members if _is_silent(tx, pairing, member)]
    if not silent:
        return
    hours = {
        member.slack_user_id: local_instant(point.on, file.touchpoints.at, _zone_of(tx, member))
        for member in members
    }
    who = [member.slack_user_id for member in silent]
    if len(silent) == len(members):
        _about_silence(tx, MessageKind.QUIET_PAIR, who, pairing, now, max(hours.values()))
    else:
        for partner in (m.slack_user_id for m in members if m not in silent and m.is_active):
            kind = MessageKind.QUIET_PARTNER
            _about_silence(tx, kind, [partner], pairing, now, hours[partner], silent=who)
    tell_coordinators(
        tx,
        MessageKind.QUIET_REPORT,
        programme_id=pairing.programme_id,
        subject=pairing.pairing_id,
        now=now,
        not_before=lambda zone: local_instant(point.on, file.touchpoints.at, zone),
        pairing_id=pairing.pairing_id,
        silent=who,
    )


def _about_silence(
    tx: Transaction,
    kind: MessageKind,
    recipients: list[str],
    pairing: Pairing,
    now: datetime,
    not_before: datetime,
    **params: Any,
) -> None:
    enqueue(
        tx,
        kind,
        recipients,
        programme_id=pairing.programme_id,
        subject=pairing.pairing_id,
        now=now,
        not_before=not_before,
        pairing_id=pairing.pairing_id,
        **params,
    )


def _is_silent(tx: Transaction, pairing: Pairing, member: Participant) -> bool:
    asked = pairings.check_ins(tx, pairing.pairing_id, member.participant_id)[-SILENT_AFTER:]
    return len(asked) == SILENT_AFTER and all(check_in.answer is None for check_in in asked)


def wish_of(tx: Transaction, pairing: Pairing, member: Participant) -> NextCycle | None:
    """What somebody wants after the pairing's cycle, None before they chose."""
    chosen = pairings.choice(tx, pairing.programme_id, pairing.cycle_number, member.participant_id)
    return chosen.wish if chosen else None


def _zone_of(tx: Transaction, member: Participant) -> str:
    person = people.person(tx, member.slack_user_id)
    return person.time_zone if person else "UTC"
