"""Pausing and coming back."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mentorbot.domain.errors import NothingToResume
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, ParticipantState, PauseReason
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.steps import subject_of
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import pairings, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots, request_ends, touchpoints, waiting
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.messages import enqueue


def pause(
    tx: Transaction, programme_id: str, slack_user_id: str, days: int, now: datetime
) -> Participant:
    """Pause for a number of days; the pause ends by itself at the reader's touchpoint hour.

    Pairings go on, without check-ins; partners are told until when. Raises NotEnrolled.
    """
    participant = enrolled_or_refuse(tx, programme_id, slack_user_id)
    file = parse_stored(programme_or_refuse(tx, programme_id).definition)
    person = people.person(tx, slack_user_id)
    zone = person.time_zone if person else file.time_zone
    until_on = _local_date(now, zone) + timedelta(days=days)
    participant.state = ParticipantState.PAUSED
    participant.pause_reason = PauseReason.OWN_WISH
    participant.paused_until_at = local_instant(until_on, file.touchpoints.at, zone)
    waiting.update(tx, participant, now)
    ballots.gone(tx, participant, now)
    request_ends.gone(tx, participant, now)
    _tell_partners(tx, MessageKind.PARTNER_PAUSED, participant, now, until=until_on.isoformat())
    match_waiting(tx, programme_id, now)
    waiting.tell_who_is_next(tx, programme_id, now)
    return participant


def _local_date(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def resume(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> Participant:
    """Come back from any pause: partners are told, open places are offered again.

    Raises NotEnrolled, NothingToResume.
    """
    participant = enrolled_or_refuse(tx, programme_id, slack_user_id)
    if participant.state is not ParticipantState.PAUSED:
        raise NothingToResume
    _come_back(tx, participant, now)
    return participant


def end_pause(tx: Transaction, participant: Participant, now: datetime) -> None:
    """The end of a pause that had a date: as resuming, and the person is told."""
    if participant.state is not ParticipantState.PAUSED or participant.paused_until_at is None:
        return
    pause_ended_at = participant.paused_until_at
    _come_back(tx, participant, now)
    enqueue(
        tx,
        MessageKind.PAUSE_OVER,
        [participant.slack_user_id],
        programme_id=participant.programme_id,
        subject=f"{participant.participant_id}:{pause_ended_at:%Y%m%d}",
        now=now,
    )


def _come_back(tx: Transaction, participant: Participant, now: datetime) -> None:
    was_own_wish = participant.pause_reason is PauseReason.OWN_WISH
    if participant.pause_reason is PauseReason.OPTED_OUT:
        waiting.sit_out_no_more(tx, participant, now)
    participant.state = ParticipantState.ACTIVE
    participant.paused_until_at = participant.pause_reason = None
    waiting.update(tx, participant, now)
    if was_own_wish:
        _tell_partners(tx, MessageKind.PARTNER_BACK, participant, now)
        _ask_what_was_missed(tx, participant, now)
    match_waiting(tx, participant.programme_id, now)
    waiting.tell_place(tx, participant, now)


def _tell_partners(
    tx: Transaction, kind: MessageKind, participant: Participant, now: datetime, **params: Any
) -> None:
    for pairing in pairings.of_participant(tx, participant.participant_id):
        members = pairings.members(tx, pairing.pairing_id)
        in_group = len(members) > 2 and members[0] is not participant
        for partner in members:
            if partner.participant_id != participant.participant_id and partner.is_active:
                enqueue(
                    tx,
                    kind,
                    [partner.slack_user_id],
                    programme_id=pairing.programme_id,
                    subject=f"{pairing.pairing_id}:{tx.new_id()}",
                    now=now,
                    pairing_id=pairing.pairing_id,
                    about=participant.slack_user_id,
                    in_group=in_group,
                    **params,
                )


def _ask_what_was_missed(tx: Transaction, participant: Participant, now: datetime) -> None:
    """A closing that came and went during the pause is put to the person now."""
    file = parse_stored(programme_or_refuse(tx, participant.programme_id).definition)
    every = pairings.of_participant(tx, participant.participant_id, active_only=False)
    for pairing in every[-3:]:
        may_choose = pairing.is_active and not file.cycle.is_once
        missed_choice = may_choose and touchpoints.wish_of(tx, pairing, participant) is None
        owes = touchpoints.owes_feedback(tx, pairing, participant)
        if touchpoints.closing_has_come(file, pairing) and (missed_choice or owes):
            enqueue(
                tx,
                MessageKind.CLOSING,
                [participant.slack_user_id],
                programme_id=pairing.programme_id,
                subject=subject_of(
                    MessageKind.CLOSING,
                    pairing.pairing_id,
                    pairing.cycle_number,
                    participant.participant_id,
                ),
                now=now,
                pairing_id=pairing.pairing_id,
            )
