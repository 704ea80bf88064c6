"""What coordinators do: set a programme up, bring it up to date, look at it."""

from datetime import datetime

from mentorbot.domain import changes
from mentorbot.domain.errors import AlreadySetUp, ChannelTaken, NotSetUp
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry, Person, Programme, Role, Workspace
from mentorbot.domain.permissions import RUNNERS, Appointment, TeamRole
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import appointments, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    match_drafting,
    milestones,
    placing,
    sensitive,
    team,
    updating,
    waiting,
)
from mentorbot.usecases.matching import match_waiting
from mentorbot.usecases.messages import enqueue


def know_workspace(
    tx: Transaction, name: str, bot_user_id: str, now: datetime, enterprise_id: str | None = None
) -> None:
    """Store the workspace, or bring it up to date; the app is installed there now."""
    known = people.workspace(tx)
    if known is None:
        known = tx.add(Workspace(tx.workspace_id, name, bot_user_id, now))
    known.name, known.bot_user_id = name or known.name, bot_user_id
    known.enterprise_id = enterprise_id or known.enterprise_id
    known.uninstalled_at = None


def refuse_second_setup(programme: Programme) -> None:
    """Raises AlreadySetUp, with where the programme runs."""
    name = parse_stored(programme.definition).name
    raise AlreadySetUp(programme=name, channel=programme.channel_id)


def set_up(
    tx: Transaction,
    file: ProgrammeFile,
    channel_id: str,
    coordinator: str,
    now: datetime,
) -> Programme:
    """Run a programme in a channel and post its role buttons there.

    Raises AlreadySetUp where it runs already (`update` brings its file up to date), and
    SecretKeyMissing where it asks sensitive questions that nothing here can seal.
    """
    known = participants.programme(tx, file.id)
    if known is not None:
        refuse_second_setup(known)
    _check_channel_is_free(tx, channel_id)
    sensitive.check_key(tx, file)
    programme = tx.add(
        Programme(
            workspace_id=tx.workspace_id,
            programme_id=file.id,
            channel_id=channel_id,
            definition=file.model_dump_json(),
            set_up_by=coordinator,
            set_up_at=now,
        )
    )
    if people.person(tx, coordinator) is None:
        tx.add(Person(tx.workspace_id, coordinator, coordinator, time_zone=file.time_zone))
    _appoint(tx, file.id, coordinator, TeamRole.OWNER, coordinator, now)
    _post_role_buttons(tx, programme, now)
    milestones.plan(tx, file, now)
    _record(tx, coordinator, "programme.set_up", file.id, now)
    return programme


def _check_channel_is_free(tx: Transaction, channel_id: str) -> None:
    """Raises ChannelTaken: what is said in a channel is about the programme that lives there."""
    there = participants.programme_in_channel(tx, channel_id)
    if there is not None:
        raise ChannelTaken(programme=parse_stored(there.definition).name, channel=channel_id)


def _post_role_buttons(tx: Transaction, programme: Programme, now: datetime) -> None:
    """Once in each channel in which the programme ever lives."""
    enqueue(
        tx,
        MessageKind.ROLE_BUTTONS,
        [programme.channel_id],
        programme_id=programme.programme_id,
        subject=programme.programme_id,
        now=now,
    )


def move(tx: Transaction, programme_id: str, channel_id: str, actor: str, now: datetime) -> bool:
    """Let a programme live in another channel, with its role buttons; whether it moved."""
    programme = participants.programme(tx, programme_id)
    if programme is None:
        raise NotSetUp
    if programme.channel_id == channel_id:
        return False
    _check_channel_is_free(tx, channel_id)
    programme.channel_id = channel_id
    _post_role_buttons(tx, programme, now)
    _record(tx, actor, "programme.move", f"{programme_id}:{channel_id}", now)
    return True


def update(tx: Transaction, file: ProgrammeFile, actor: str, now: datetime) -> list[Role]:
    """Take over a changed file; roles whose guidelines have a new version are asked again.

    Returns those roles. Raises NotSetUp where the programme does not run, and what `changes.check`
    raises, such as CycleRunning for new dates while pairs live by the old ones; SecretKeyMissing.
    """
    programme = participants.programme(tx, file.id)
    if programme is None:
        raise NotSetUp
    sensitive.check_key(tx, file)
    before = parse_stored(programme.definition)
    changes.check(before, file, updating.running_of(tx, before, now))
    programme.definition = file.model_dump_json()
    tx.session.flush()
    changed = [
        role for role in Role if file.guidelines[role].version > before.guidelines[role].version
    ]
    for role in changed:
        for participant in participants.active_in_role(tx, file.id, role):
            enqueue(
                tx,
                MessageKind.GUIDELINES_CHANGED,
                [participant.slack_user_id],
                programme_id=file.id,
                subject=participant.participant_id,
                occurrence=file.guidelines[role].version,
                now=now,
            )
    _record(tx, actor, "programme.update", file.id, now)
    team.drop_specialties(tx, file, actor, now)
    match_drafting.take_over(tx, before, file, now)
    milestones.plan(tx, file, now)
    if "request" in {before.matching.mode, file.matching.mode}:
        for participant in participants.enrolled(tx, file.id):
            waiting.update(tx, participant, now)
    placing.move_results(tx, file, now)
    placing.take_over(tx, file, now)
    placing.fill(tx, file, now)
    match_waiting(tx, file.id, now)
    return changed


def add_coordinator(
    tx: Transaction, programme_id: str, slack_user_id: str, actor: str, now: datetime
) -> None:
    """Let somebody else run the programme too; again is harmless."""
    if slack_user_id not in appointments.holders(tx, programme_id, RUNNERS):
        _appoint(tx, programme_id, slack_user_id, TeamRole.COORDINATOR, actor, now)
        _record(tx, actor, "coordinator.add", slack_user_id, now)


def _appoint(
    tx: Transaction, programme_id: str, who: str, role: TeamRole, actor: str, now: datetime
) -> None:
    appointments.appoint(tx, Appointment(tx.workspace_id, programme_id, who, role, "", now, actor))


def _record(tx: Transaction, actor: str, action: str, subject: str, now: datetime) -> None:
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, actor, action, subject))
