"""Sensitive answers: given with their consent, changed, taken back, and erased in time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from mentorbot.domain.errors import AnswersClosed, SecretKeyMissing, Stale
from mentorbot.domain.model import Application, Cycle
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import AnyQuestion
from mentorbot.domain.sealed import MOST_KEPT, SealedAnswer
from mentorbot.storage import applications, pairings, participants, sealed
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, placing


@dataclass(frozen=True)
class Asked:
    """A sensitive question to somebody: when they have answered it, if they have."""

    question: AnyQuestion
    answered_at: datetime | None
    is_open: bool


def check_key(tx: Transaction, file: ProgrammeFile) -> None:
    """Raises SecretKeyMissing where something is to be sealed, and nothing can seal."""
    is_sealed = file.goals is not None or file.agreement is not None
    is_sealed = is_sealed or any(question.sensitive for question in file.form)
    if is_sealed and not tx.vault.can_seal:
        raise SecretKeyMissing


def questions(tx: Transaction, application: Application) -> tuple[AnyQuestion, ...]:
    """Every sensitive question of an application's role."""
    return _file_of(tx, application).sensitive_for(application.role)


def asked(tx: Transaction, application: Application) -> list[Asked]:
    """The sensitive questions of an application that can be answered, or have been."""
    known = sealed.of_application(tx, application.application_id)
    open_now = placing.takes_answers(tx, application)
    return [
        Asked(it, known[it.id].sealed_at if it.id in known else None, open_now)
        for it in questions(tx, application)
        if open_now or it.id in known
    ]


def own(tx: Transaction, slack_user_id: str) -> Application | None:
    """The newest application of somebody about which there is something sensitive to say."""
    every = applications.everywhere(tx, slack_user_id)
    return next((it for it in reversed(every) if asked(tx, it)), None)


def answer(
    tx: Transaction,
    slack_user_id: str,
    application_id: str,
    given: Mapping[str, Any],
    erased: Collection[str],
    now: datetime,
) -> None:
    """Seal what somebody has answered with consent, by question, and erase what they take back.

    The answers are cleaned and fit their questions. Raises Stale for somebody else's application,
    AnswersClosed for new answers to a draw that is committed to, SecretKeyMissing.
    """
    application = applying.own(tx, slack_user_id, application_id)
    answerable = {it.question.id: it.question for it in asked(tx, application) if it.is_open}
    if not set(given) <= set(answerable):
        raise AnswersClosed
    sealed.erase(tx, application_id, {*erased, *given})
    for question_id, what in given.items():
        tx.add(_sealed(tx, application, answerable[question_id], what, now))


def _sealed(
    tx: Transaction, application: Application, question: AnyQuestion, what: Any, now: datetime
) -> SealedAnswer:
    one = SealedAnswer(
        workspace_id=tx.workspace_id,
        sealed_id=tx.new_id(),
        programme_id=application.programme_id,
        application_id=application.application_id,
        question_id=question.id,
        sealed="",
        consent_version=question.consent_version,
        sealed_at=now,
        erase_at=now + MOST_KEPT[question.keep_for or "selection"],
    )
    one.sealed = tx.vault.seal(what, one.place)
    return one


def cycle_over(tx: Transaction, file: ProgrammeFile, cycle: Cycle, now: datetime) -> None:
    """A cycle ends: what was told for it goes, apart from what came once it had begun.

    The cycle of an evergreen pair is theirs alone.
    """
    if file.cycle.is_evergreen:
        pairs = pairings.in_cycle(tx, cycle.programme_id, cycle.number)
        theirs = [it.slack_user_id for p in pairs for it in pairings.members(tx, p.pairing_id)]
        sealed.end_for(tx, cycle.programme_id, theirs, now)
        return
    day_after = cycle.starts_on + timedelta(days=1)
    given_before = datetime.combine(day_after, time(), file.zone)
    sealed.end_cycle(tx, cycle.programme_id, given_before, now)


def _file_of(tx: Transaction, application: Application) -> ProgrammeFile:
    programme = participants.programme(tx, application.programme_id)
    if programme is None:
        raise Stale
    return parse_stored(programme.definition)
