"""Choosing a role: the form, the guidelines, a change of details, leaving."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mentorbot.domain.content import Guidelines
from mentorbot.domain.errors import AlreadyInRole, NotEnrolled, NotSetUp, Stale
from mentorbot.domain.messages import TO_APPLICANTS, TO_COORDINATORS, MessageKind
from mentorbot.domain.model import EndReason, Participant, ParticipantState, Programme, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import outbox, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    ballots,
    parting,
    placing,
    recommending,
    request_ends,
    session_places,
    stages,
    waiting,
)
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.outlook import has_ended

STILL_SAID = (MessageKind.CERTIFICATE, *TO_COORDINATORS, *TO_APPLICANTS)
"""What somebody who leaves is told all the same: they may run the programme, or apply again."""


def programme_or_refuse(tx: Transaction, programme_id: str | None = None) -> Programme:
    """A programme (the workspace's first, without an id); raises NotSetUp."""
    programme = participants.programme(tx, programme_id)
    if programme is None:
        raise NotSetUp
    return programme


def enrolled_or_refuse(tx: Transaction, programme_id: str, slack_user_id: str) -> Participant:
    """Somebody who holds a role, paused or not; raises NotEnrolled."""
    participant = participants.of_person(tx, programme_id, slack_user_id)
    if participant is None or not participant.is_enrolled:
        raise NotEnrolled
    return participant


def check_role_is_new(
    tx: Transaction, programme_id: str, slack_user_id: str, role: Role
) -> Participant | None:
    """The person's enrolment, if any; raises AlreadyInRole where they hold this role."""
    participant = participants.of_person(tx, programme_id, slack_user_id)
    if participant and participant.is_enrolled and participant.role is role:
        raise AlreadyInRole(role=role)
    return participant


def save_form(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    role: Role,
    given: Mapping[str, Any],
) -> Guidelines:
    """Keep a role's form until its guidelines are acknowledged; returns those.

    Raises InvalidAnswers with every field at fault, AlreadyInRole, NotSetUp, Stale where people
    apply for a role instead.
    """
    programme = programme_or_refuse(tx, programme_id)
    file = parse_stored(programme.definition)
    if file.applies_in_slack:
        raise Stale
    answers = file.check_answers(role, given)
    participant = check_role_is_new(tx, programme_id, slack_user_id, role)
    if participant is None:
        participant = Participant(tx.workspace_id, tx.new_id(), programme_id, slack_user_id)
    participant.draft = placing.draft_of(role, answers)
    tx.add(participant)
    return file.guidelines[role]


def acknowledge(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    role: Role,
    version: int,
    now: datetime,
) -> Participant:
    """Accept a role's guidelines: a kept form becomes the role, and matching is tried at once.

    Without a form it is the answer to changed guidelines. Raises Stale for guidelines that have
    changed meanwhile or a form that is gone, NotSetUp.
    """
    programme = programme_or_refuse(tx, programme_id)
    file = parse_stored(programme.definition)
    participant = participants.of_person(tx, programme_id, slack_user_id)
    if participant is None or version != file.guidelines[role].version:
        raise Stale
    check_told(tx, programme, participant, now)
    drafted = participant.draft is not None and participant.draft["role"] == role
    if not drafted and not (participant.is_enrolled and participant.role is role):
        raise Stale
    participants.acknowledge(tx, participant.participant_id, role, version, now)
    if drafted:
        _take_role(tx, participant, file, now)
        recommending.joined(tx, participant, now)
    match_waiting(tx, programme_id, now)
    if drafted:
        waiting.tell_place(tx, participant, now)
    else:
        ballots.invite(tx, participant, now)
    return participant


def check_told(
    tx: Transaction, programme: Programme, participant: Participant | None, now: datetime
) -> None:
    """Raises Stale for a place that its holder is not to know of yet, or that came to nothing."""
    file = parse_stored(programme.definition)
    if participant is not None and placing.is_held_back(tx, file, participant, now):
        raise Stale
    if participant is not None and participant.draft is not None and has_ended(tx, file):
        raise Stale


def _take_role(
    tx: Transaction, participant: Participant, file: ProgrammeFile, now: datetime
) -> None:
    draft = participant.draft or {}
    role = Role(draft["role"])
    if participant.is_enrolled and participant.role is not role:
        parting.part_from_everyone(tx, participant, EndReason.CHANGED_ROLE, now)
        placing.left(tx, file, participant, now, participant.role)
        participant.waiting_since_at = None
        ballots.gone(tx, participant, now, for_good=True)
        request_ends.gone(tx, participant, now)
        session_places.give_back(tx, file, participant.slack_user_id, role, now)
    participant.role, participant.state = role, ParticipantState.ACTIVE
    participant.answers, participant.capacity = draft["answers"], draft["capacity"]
    participant.joined_at = participant.joined_at or now
    participant.left_at = participant.paused_until_at = participant.pause_reason = None
    participant.draft = None
    stages.enter(file, participant, now)
    waiting.sit_out_no_more(tx, participant, now)
    waiting.update(tx, participant, now)


def change_details(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    given: Mapping[str, Any],
    now: datetime,
) -> Participant:
    """Change one's answers and capacity; a lower capacity ends no pairing, it only stops new ones.

    Raises InvalidAnswers, NotEnrolled (the form was open when its owner left).
    """
    programme = programme_or_refuse(tx, programme_id)
    participant = enrolled_or_refuse(tx, programme_id, slack_user_id)
    role = participant.role or Role.MENTEE
    file = parse_stored(programme.definition)
    draft = placing.draft_of(role, file.check_answers(role, given))
    participant.answers, participant.capacity = draft["answers"], draft["capacity"]
    stages.enter(file, participant, now)
    waiting.update(tx, participant, now)
    match_waiting(tx, programme_id, now)
    return participant


def leave(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    now: datetime,
    *,
    reason: EndReason = EndReason.LEFT,
) -> Participant:
    """Leave the programme: pairings end, partners are told and rematched first.

    Raises NotEnrolled for someone who holds no role.
    """
    participant = enrolled_or_refuse(tx, programme_id, slack_user_id)
    participant.state, participant.left_at = ParticipantState.LEFT, now
    participant.paused_until_at = participant.pause_reason = participant.draft = None
    participant.stage = participant.stage_ends_at = None
    parting.part_from_everyone(tx, participant, reason, now)
    waiting.update(tx, participant, now)
    ballots.gone(tx, participant, now, for_good=True)
    request_ends.gone(tx, participant, now)
    outbox.cancel_for_person(tx, slack_user_id, now, programme_id=programme_id, keep=STILL_SAID)
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    session_places.give_back(tx, file, slack_user_id, None, now)
    placing.left(tx, file, participant, now)
    match_waiting(tx, programme_id, now)
    return participant
