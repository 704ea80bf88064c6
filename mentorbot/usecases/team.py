"""The team of a programme: who is appointed, who is dismissed, and who is lost."""

from datetime import datetime
from typing import Any

from mentorbot.domain.advice import nearest, specialty_meant
from mentorbot.domain.errors import (
    LastOwner,
    NoSpecialties,
    NotInTeam,
    UnknownSpecialty,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry
from mentorbot.domain.permissions import (
    EVERY_PROGRAMME,
    RUNNERS,
    Action,
    Appointment,
    TeamRole,
    needed_to_appoint,
)
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import appointments, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue

SPECIALTIES_NAMED = 20


def members(tx: Transaction, programme_id: str) -> list[Appointment]:
    """The team, the most trusted first; at the end those of every programme."""
    own = appointments.of_programme(tx, programme_id)
    return [*own, *appointments.of_programme(tx, EVERY_PROGRAMME)]


def owners(tx: Transaction, programme_id: str) -> list[str]:
    """Who owns the programme; nobody does once the last owner's account is gone."""
    return appointments.holders(tx, programme_id, {TeamRole.OWNER})


def check_appointing(
    tx: Transaction,
    programme_id: str,
    actor: str,
    role: TeamRole,
    *,
    everywhere: bool = False,
    is_admin: bool = False,
) -> None:
    """Raises NotPermitted unless somebody may give or take a role.

    `is_admin` is for admins of the workspace, who may name an owner where there is none. What holds
    `everywhere` is for those who own every programme of the workspace.
    """
    if everywhere:
        for programme in participants.programmes(tx):
            permitted.check(tx, programme.programme_id, actor, Action.APPOINT_RUNNERS)
    elif not (is_admin and role is TeamRole.OWNER and not owners(tx, programme_id)):
        permitted.check(tx, programme_id, actor, needed_to_appoint(role))


def appoint(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    role: TeamRole,
    actor: str,
    now: datetime,
    *,
    specialty: str = "",
    everywhere: bool = False,
) -> bool:
    """Give somebody a role; they hear what they may do now. Whether they did not hold it before.

    Raises UnknownSpecialty and NoSpecialties for an adviser, NotSetUp.
    """
    programme = programme_or_refuse(tx, programme_id)
    if role is TeamRole.ADVISER:
        specialty = _specialty(parse_stored(programme.definition), specialty)
    given = Appointment(
        tx.workspace_id,
        EVERY_PROGRAMME if everywhere else programme_id,
        slack_user_id,
        role,
        specialty,
        now,
        actor,
    )
    if not appointments.appoint(tx, given):
        return False
    _tell(tx, MessageKind.APPOINTED, programme_id, given, actor, now)
    return True


def _specialty(file: ProgrammeFile, given: str) -> str:
    known = file.specialties
    if not known:
        raise NoSpecialties(programme=file.name)
    found = specialty_meant(given, known)
    if found is None:
        raise unknown_specialty(given, known)
    return found


def unknown_specialty(given: str, known: tuple[str, ...]) -> UnknownSpecialty:
    """The refusal of a specialty that there is not, with those that there are."""
    return UnknownSpecialty(
        given=given or "–",
        nearest=nearest(given, known) or known[0],
        known="; ".join(known[:SPECIALTIES_NAMED]),
    )


def dismiss(
    tx: Transaction,
    programme_id: str,
    slack_user_id: str,
    role: TeamRole,
    actor: str,
    now: datetime,
    *,
    everywhere: bool = False,
) -> None:
    """Take a role from somebody, who hears of it.

    Raises NotInTeam where they do not hold it, LastOwner where nobody would own the programme.
    """
    programme = programme_or_refuse(tx, programme_id)
    if role is TeamRole.OWNER and owners(tx, programme_id) == [slack_user_id]:
        raise LastOwner(programme=parse_stored(programme.definition).name)
    place = EVERY_PROGRAMME if everywhere else programme_id
    if not appointments.dismiss(tx, place, slack_user_id, role):
        raise NotInTeam(named=slack_user_id, team_role=role)
    taken = Appointment(tx.workspace_id, place, slack_user_id, role, "", now, actor)
    _tell(tx, MessageKind.DISMISSED, programme_id, taken, actor, now)


def drop_specialties(tx: Transaction, file: ProgrammeFile, actor: str, now: datetime) -> None:
    """Dismiss the advisers of specialties that a file has no more; they and the owners hear so."""
    gone = appointments.advise_no_more(tx, file.id, file.specialties)
    for it in gone:
        _tell(tx, MessageKind.DISMISSED, file.id, it, actor, now)
    if not gone:
        return
    told: dict[str, Any] = {
        "whom": list(dict.fromkeys(it.slack_user_id for it in gone)),
        "specialties": list(dict.fromkeys(it.specialty for it in gone)),
    }
    subject = tx.new_id()
    for reader in appointments.readers(tx, file.id, {TeamRole.OWNER}):
        enqueue(
            tx,
            MessageKind.SPECIALTIES_DROPPED,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=subject,
            now=now,
            **told,
        )


def _tell(
    tx: Transaction,
    kind: MessageKind,
    programme_id: str,
    given: Appointment,
    actor: str,
    now: datetime,
) -> None:
    """The person hears of it, once for each act, and the record says who did it."""
    entry_id = tx.new_id()
    params: dict[str, Any] = {
        "role": str(given.role),
        "specialty": given.specialty,
        "everywhere": given.programme_id == EVERY_PROGRAMME,
    }
    action = "team.appoint" if kind is MessageKind.APPOINTED else "team.dismiss"
    tx.add(AuditEntry(tx.workspace_id, entry_id, now, actor, action, given.slack_user_id, params))
    enqueue(
        tx,
        kind,
        [given.slack_user_id],
        programme_id=programme_id,
        subject=entry_id,
        now=now,
        **params,
    )


def lost(tx: Transaction, slack_user_id: str, now: datetime) -> None:
    """Somebody's account is gone, and their roles with it; those who run the programmes hear so."""
    held: dict[str, list[TeamRole]] = {}
    for it in appointments.of_person(tx, slack_user_id):
        held.setdefault(it.programme_id, []).append(it.role)
    for programme_id, roles in held.items():
        for role in dict.fromkeys(roles):
            appointments.dismiss(tx, programme_id, slack_user_id, role)
        entry_id = tx.new_id()
        named = [str(role) for role in dict.fromkeys(roles)]
        tx.add(
            AuditEntry(
                tx.workspace_id,
                entry_id,
                now,
                "system",
                "team.lose",
                slack_user_id,
                {"roles": named},
            )
        )
        if programme_id != EVERY_PROGRAMME:
            _warn(tx, programme_id, slack_user_id, named, entry_id, now)


def _warn(
    tx: Transaction, programme_id: str, who: str, roles: list[str], entry_id: str, now: datetime
) -> None:
    for reader in appointments.readers(tx, programme_id, RUNNERS):
        enqueue(
            tx,
            MessageKind.TEAM_LOST,
            [reader.slack_user_id],
            programme_id=programme_id,
            subject=entry_id,
            now=now,
            about=who,
            roles=roles,
            is_owned=bool(owners(tx, programme_id)),
        )
