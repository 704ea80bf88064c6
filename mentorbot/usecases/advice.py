"""Advisers of a specialty: who they are for somebody, and asking one to talk."""

from datetime import datetime, timedelta

from mentorbot.domain.advice import specialty_meant
from mentorbot.domain.errors import AskedLately, NoAdviser, NoSpecialties, Stale
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import AuditEntry
from mentorbot.domain.permissions import RUNNERS, TeamRole
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.storage import applications, appointments, audit, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.team import unknown_specialty

BETWEEN_ASKS = timedelta(days=7)
ASKED = "advice.ask"
MOST_WORDS = 1000


def own_specialties(
    tx: Transaction, programme_id: str, file: ProgrammeFile, slack_user_id: str
) -> list[str]:
    """What somebody answered, or began to answer, to the file's question of specialty."""
    if file.advisers is None:
        return []
    applied = applications.everywhere(tx, slack_user_id)
    answers = [it.answers for it in applied if it.programme_id == programme_id]
    participant = participants.of_person(tx, programme_id, slack_user_id)
    if participant is not None:
        answers += [participant.answers, (participant.draft or {}).get("answers", {})]
    given = [it[file.advisers.question] for it in answers if it.get(file.advisers.question)]
    if not given:
        return []
    return [given[-1]] if isinstance(given[-1], str) else list(given[-1])


def specialty_or_refuse(file: ProgrammeFile, given: str) -> str:
    """The specialty that somebody wrote; raises NoSpecialties, UnknownSpecialty."""
    if not file.specialties:
        raise NoSpecialties(programme=file.name)
    found = specialty_meant(given, file.specialties)
    if found is None:
        raise unknown_specialty(given, file.specialties)
    return found


def advisers(tx: Transaction, programme_id: str, specialty: str) -> list[str]:
    """The Slack ids of a specialty's advisers, longest serving first."""
    return [
        it.slack_user_id
        for it in appointments.of_programme(tx, programme_id)
        if it.role is TeamRole.ADVISER and it.specialty == specialty
    ]


def asked_about(tx: Transaction, programme_id: str, specialty: str) -> list[str]:
    """Who hears of somebody who would like to talk: the advisers, else those who run the programme.

    Accounts that are gone are left out.
    """
    there = people.readers(tx, advisers(tx, programme_id, specialty))
    found = there or appointments.readers(tx, programme_id, RUNNERS)
    return [it.slack_user_id for it in found]


def specialty_or_stale(
    tx: Transaction, programme_id: str, file: ProgrammeFile, slack_user_id: str, specialty: str
) -> str:
    """A specialty of the file, or what somebody once answered; raises Stale for any other."""
    own = own_specialties(tx, programme_id, file, slack_user_id)
    if specialty not in (*file.specialties, *own):
        raise Stale
    return specialty


def ask(
    tx: Transaction,
    programme_id: str,
    specialty: str,
    slack_user_id: str,
    words: str,
    now: datetime,
) -> list[str]:
    """Let a specialty's advisers know that somebody would like to talk; returns who they are.

    Where nobody advises on it, those who run the programme are asked. Raises NoAdviser where nobody
    but oneself is there, and AskedLately within a week of the last time.
    """
    has_adviser = bool(people.readers(tx, advisers(tx, programme_id, specialty)))
    found = asked_about(tx, programme_id, specialty)
    asked = [it for it in found if it != slack_user_id]
    if not asked:
        raise NoAdviser(specialty=specialty)
    act = f"{ASKED}.{programme_id}"
    last_at = audit.last_at(tx, slack_user_id, act)
    if last_at is not None and now - last_at < BETWEEN_ASKS:
        raise AskedLately(on=(last_at + BETWEEN_ASKS).date().isoformat())
    entry_id = tx.new_id()
    details = {"from": slack_user_id, "specialty": specialty, "words": words[:MOST_WORDS]}
    tx.add(AuditEntry(tx.workspace_id, entry_id, now, slack_user_id, act, slack_user_id, details))
    for who in asked:
        enqueue(
            tx,
            MessageKind.ADVICE_WANTED,
            [who],
            programme_id=programme_id,
            subject=entry_id,
            now=now,
            about=slack_user_id,
            entry_id=entry_id,
            has_adviser=has_adviser,
        )
    return asked
