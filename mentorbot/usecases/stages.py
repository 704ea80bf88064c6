"""The stages of a long programme: mentees pick theirs, and come into the next by themselves."""

from datetime import date, datetime

from mentorbot.domain.course import Stage
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.programme import STAGE, ProgrammeFile, parse_stored
from mentorbot.domain.recurrence import Step
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue


def enter(file: ProgrammeFile, participant: Participant, now: datetime) -> None:
    """Let a participant be in the stage that their answers name; again changes nothing."""
    picked = file.stage_named(participant.answers.get(STAGE))
    if participant.role is not Role.MENTEE or picked is None:
        participant.stage = participant.stage_ends_at = None
    elif participant.stage != picked.id:
        participant.stage = picked.id
        participant.stage_ends_at = _end(file, picked, now.astimezone(file.zone).date())


def advance(tx: Transaction, participant: Participant, now: datetime) -> None:
    """Bring somebody whose stage is over into the next, counted from the end of this one."""
    ends_at = participant.stage_ends_at
    programme = participants.programme(tx, participant.programme_id)
    if programme is None or ends_at is None or ends_at > now:
        return
    file = parse_stored(programme.definition)
    held = file.stage(participant.stage)
    following = file.stage(held.then) if held else None
    if following is None or not participant.is_enrolled:
        participant.stage_ends_at = None
        return
    on = ends_at.astimezone(file.zone).date()
    participant.stage = following.id
    participant.answers = {**participant.answers, STAGE: following.name}
    participant.stage_ends_at = _end(file, following, on)
    _tell(tx, file, participant, on, now)


def _tell(
    tx: Transaction, file: ProgrammeFile, participant: Participant, on: date, now: datetime
) -> None:
    person = people.person(tx, participant.slack_user_id)
    zone = person.time_zone if person else file.time_zone
    enqueue(
        tx,
        MessageKind.STAGE_REACHED,
        [participant.slack_user_id],
        programme_id=file.id,
        subject=f"{participant.participant_id}:{participant.stage}:{on.isoformat()}",
        now=now,
        not_before=max(now, local_instant(on, file.touchpoints.at, zone)),
        stage=participant.stage,
    )


def _end(file: ProgrammeFile, stage: Stage, starts_on: date) -> datetime | None:
    """When another stage follows; None for a last one."""
    if stage.then is None:
        return None
    ends_on = Step(months=stage.months).after(starts_on, starts_on.day)
    return local_instant(ends_on, file.touchpoints.at, file.time_zone)
