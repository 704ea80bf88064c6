"""Surveys: those they are for hear of them, answer, and are asked again where they have to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from mentorbot.domain.errors import InvalidAnswers, NoSurveys, Stale, SurveyClosed
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Milestone, Participant, ParticipantState, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Problem
from mentorbot.domain.surveys import (
    LEAST_SHOWN,
    OpenSurvey,
    Response,
    Result,
    Survey,
    results_of,
)
from mentorbot.domain.voting import heard_at
from mentorbot.storage import participants, people
from mentorbot.storage import surveys as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases import earning, permitted
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue, tell_coordinators
from mentorbot.usecases.outlook import cycle_of_round, has_ended

PEOPLE_AT_ONCE = 100
"""How many people one slice goes through: it is over in a fifth of a second."""


@dataclass(frozen=True)
class ToAnswer:
    """A survey that somebody can answer, and what they have answered so far, if they may know."""

    survey: Survey
    open: OpenSurvey
    participant: Participant
    answers: dict[str, Any] | None


@dataclass(frozen=True)
class Standing:
    """How far a survey has come; `missing` are those who have not answered, by Slack id.

    `results` is None while an anonymous survey is open, and where so few have answered it that they
    could be told apart: between two looks nobody is to see whose answer has come.
    """

    survey: Survey
    open: OpenSurvey
    answered: int
    asked: int
    missing: tuple[str, ...]
    results: list[Result] | None


def offer_of(file: ProgrammeFile, found: OpenSurvey) -> Survey | None:
    """A survey's entry in the file; None where the file has it no longer.

    Whether it is anonymous stays as it was when it opened: people have answered on that promise.
    """
    survey = next((it for it in file.surveys if it.id == found.offer_id), None)
    if survey is None or found.is_anonymous is None:
        return survey
    return survey.model_copy(update={"anonymous": found.is_anonymous})


def open_to(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, now: datetime
) -> list[ToAnswer]:
    """The surveys that somebody can answer now, the one that closes first first."""
    who = participants.of_person(tx, file.id, slack_user_id) if file.surveys else None
    if who is None:
        return []
    found = []
    for it in stored.of_programme(tx, file.id):
        survey = offer_of(file, it)
        if survey is not None and it.is_open(now) and _is_for(tx, file, survey, who):
            known = stored.response(tx, it.survey_id, who.participant_id)
            found.append(ToAnswer(survey, it, who, known.answers if known else None))
    return sorted(found, key=lambda it: (it.open.closes_at, it.open.survey_id))


def _is_for(tx: Transaction, file: ProgrammeFile, survey: Survey, who: Participant) -> bool:
    """Whether a survey is for somebody: in its roles, and there, or there to the end."""
    if not survey.asks(who.role):
        return False
    if who.is_enrolled:
        return not survey.afterwards
    cycle = cycle_of_round(tx, file) if has_ended(tx, file) else None
    return cycle is not None and who.left_at is not None and who.left_at >= cycle.ends_at


def to_answer(tx: Transaction, survey_id: str, slack_user_id: str, now: datetime) -> ToAnswer:
    """A survey as somebody answers it; raises Stale, SurveyClosed.

    An anonymous one that they have answered cannot be answered again: Stale.
    """
    found = stored.survey(tx, survey_id)
    if found is None:
        raise Stale
    file = parse_stored(programme_or_refuse(tx, found.programme_id).definition)
    survey, who = offer_of(file, found), participants.of_person(tx, file.id, slack_user_id)
    if survey is None or who is None or not _is_for(tx, file, survey, who):
        raise Stale
    if not found.is_open(now):
        raise SurveyClosed(title=survey.title)
    known = stored.response(tx, survey_id, who.participant_id)
    if known is not None and survey.anonymous:
        raise Stale
    return ToAnswer(survey, found, who, known.answers if known else None)


def respond(
    tx: Transaction, survey_id: str, slack_user_id: str, given: dict[str, Any], now: datetime
) -> Survey:
    """Answer a survey, or, unless it is anonymous, change what one has answered.

    Raises InvalidAnswers naming every question at fault, and as `to_answer`.
    """
    found = to_answer(tx, survey_id, slack_user_id, now)
    role = found.participant.role or Role.MENTEE
    answers = _checked(found.survey, role, given)
    mine = (tx.workspace_id, survey_id, found.participant.participant_id)
    if found.survey.anonymous:
        _put_into_pool(tx, found.open, answers)
        tx.add(Response(*mine, {}, role))
    elif (known := stored.response(tx, survey_id, mine[2])) is not None:
        known.answers = answers
    else:
        tx.add(Response(*mine, answers, role))
    tx.session.flush()
    if not found.survey.anonymous:
        entry = (tx.workspace_id, tx.new_id(), now, slack_user_id, "survey.answer", survey_id)
        tx.add(AuditEntry(*entry, {"programme": found.open.programme_id}))
    earning.reconsider(tx, found.open.programme_id, slack_user_id, now)
    return found.survey


def _put_into_pool(tx: Transaction, found: OpenSurvey, answers: dict[str, Any]) -> None:
    """Keep anonymous answers among the others, in an order that says nothing of who came when."""
    key = sha256(tx.new_id().encode()).hexdigest()
    kept = [*found.pool, {"key": key, "answers": answers}]
    found.pool = sorted(kept, key=lambda it: str(it["key"]))


def _checked(survey: Survey, role: Role, given: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for asked in survey.asks(role):
        answer = asked.clean(given.get(asked.id))
        if problem := asked.problem(answer):
            problems[asked.id] = problem
        elif answer is not None:
            cleaned[asked.id] = answer
    if problems:
        raise InvalidAnswers(problems)
    return cleaned


def of_milestone(tx: Transaction, milestone: Milestone) -> OpenSurvey | None:
    """The survey that a milestone is about."""
    return stored.survey(tx, milestone.milestone_id.partition(":")[0])


def tell_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """A survey opens: everybody it is for hears so, some at a time."""
    _go_through(tx, file, milestone, MessageKind.SURVEY_OPENED, now)


def remind_some(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """Who has not answered a mandatory survey is asked once more."""
    _go_through(tx, file, milestone, MessageKind.SURVEY_REMINDED, now)


def _go_through(
    tx: Transaction, file: ProgrammeFile, milestone: Milestone, kind: MessageKind, now: datetime
) -> None:
    found = of_milestone(tx, milestone)
    survey = offer_of(file, found) if found else None
    if found is None or survey is None or not found.is_open(now):
        milestone.done_at = now
        return
    some = participants.everyone_after(tx, file.id, milestone.after, PEOPLE_AT_ONCE)
    ids = [it.participant_id for it in some]
    answered = stored.responded(tx, found.survey_id, ids)
    reading = {
        it.slack_user_id
        for it in some
        if it.participant_id not in answered
        and it.state is not ParticipantState.PAUSED
        and _is_for(tx, file, survey, it)
    }
    for reader in people.readers(tx, sorted(reading)):
        enqueue(
            tx,
            kind,
            [reader.slack_user_id],
            programme_id=file.id,
            subject=milestone.milestone_id,
            now=now,
            not_before=heard_at(now, reader.time_zone, file.touchpoints.at, found.closes_at),
            survey_id=found.survey_id,
        )
    milestone.after = ids[-1] if ids else None
    if len(some) < PEOPLE_AT_ONCE:
        milestone.done_at = now


def close(tx: Transaction, file: ProgrammeFile, milestone: Milestone, now: datetime) -> None:
    """A survey is over: coordinators hear how many answered."""
    milestone.done_at = now
    found = of_milestone(tx, milestone)
    if found is not None and offer_of(file, found) is not None:
        tell_coordinators(
            tx,
            MessageKind.SURVEY_OVER,
            programme_id=file.id,
            subject=found.survey_id,
            now=now,
            survey_id=found.survey_id,
        )


def pointless(tx: Transaction, message: Message, now: datetime) -> MessageState | None:
    """Why a message about a survey is not to be sent any more; None where it is."""
    if message.kind not in (MessageKind.SURVEY_OPENED, MessageKind.SURVEY_REMINDED):
        return None
    found = stored.survey(tx, message.params["survey_id"])
    if found is None:
        return MessageState.CANCELLED
    if now >= found.closes_at:
        return MessageState.EXPIRED
    file = parse_stored(programme_or_refuse(tx, message.programme_id).definition)
    who = participants.of_person(tx, message.programme_id, message.recipients[0])
    survey = offer_of(file, found)
    if who is None or survey is None or not _is_for(tx, file, survey, who):
        return MessageState.CANCELLED
    has_answered = stored.response(tx, found.survey_id, who.participant_id) is not None
    return MessageState.CANCELLED if has_answered else None


def standings(tx: Transaction, slack_user_id: str, now: datetime) -> list[Standing]:
    """How far each survey that has opened has come; raises NotPermitted, NoSurveys."""
    file = _file_of_results(tx, slack_user_id)
    return [
        standing(tx, file, survey, it, now)
        for it in stored.of_programme(tx, file.id)
        if it.opens_at <= now and (survey := offer_of(file, it)) is not None
    ]


def standing_of(tx: Transaction, survey_id: str, slack_user_id: str, now: datetime) -> Standing:
    """How far a survey has come, with its results; raises NotPermitted, NoSurveys, Stale."""
    file, found = _file_of_results(tx, slack_user_id), stored.survey(tx, survey_id)
    survey = offer_of(file, found) if found and found.programme_id == file.id else None
    if found is None or survey is None:
        raise Stale
    return standing(tx, file, survey, found, now)


def _file_of_results(tx: Transaction, slack_user_id: str) -> ProgrammeFile:
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, slack_user_id, Action.SEE_FEEDBACK)
    file = parse_stored(programme.definition)
    if not file.surveys:
        raise NoSurveys(programme=file.name)
    return file


def standing(
    tx: Transaction, file: ProgrammeFile, survey: Survey, found: OpenSurvey, now: datetime
) -> Standing:
    """How far a survey has come; names are for those who see feedback."""
    given = stored.responses(tx, found.survey_id)
    answered = {it.participant_id for it in given}
    asked = _asked(tx, file, survey)
    missing = [it.slack_user_id for it in asked if it.participant_id not in answered]
    answers: Sequence[dict[str, Any]] = [it.answers for it in given]
    if survey.anonymous:
        answers = [dict(it["answers"]) for it in found.pool]
    is_shown = now >= found.closes_at and len(answers) >= LEAST_SHOWN
    results = results_of(survey, answers) if is_shown or not survey.anonymous else None
    count = len(answered)
    return Standing(survey, found, count, count + len(missing), tuple(missing), results)


def _asked(tx: Transaction, file: ProgrammeFile, survey: Survey) -> list[Participant]:
    found: list[Participant] = []
    after: str | None = None
    while some := participants.everyone_after(tx, file.id, after, PEOPLE_AT_ONCE):
        found += [it for it in some if _is_for(tx, file, survey, it)]
        after = some[-1].participant_id
    return found


def table_of(
    tx: Transaction, survey: Survey, found: OpenSurvey, columns: Sequence[str]
) -> list[list[str]]:
    """A survey's answers as rows below a heading; `columns` head name and role.

    Anonymous ones have neither, stand in no order, and leave out what fewer than five answered.
    """
    names = [it.id for it in survey.questions]
    heading = [it.label for it in survey.questions]
    if survey.anonymous:
        pool = [it["answers"] for it in found.pool]
        many = [it for it in names if sum(it in answers for answers in pool) >= LEAST_SHOWN]
        kept = [label for name, label in zip(names, heading, strict=True) if name in many]
        return [kept, *([_cell(it.get(name)) for name in many] for it in pool)]
    given = stored.responses(tx, found.survey_id)
    users = participants.users(tx, [it.participant_id for it in given])
    called = people.names(tx, list(users.values()))
    rows = [
        [
            called.get(users.get(it.participant_id, ""), ""),
            str(it.role),
            *(_cell(it.answers.get(name)) for name in names),
        ]
        for it in given
    ]
    return [[*columns, *heading], *sorted(rows)]


def _cell(answer: Any) -> str:
    if isinstance(answer, list):
        return "; ".join(map(str, answer))
    return "" if answer is None else str(answer)


def ask_for_file(tx: Transaction, survey_id: str, slack_user_id: str, now: datetime) -> None:
    """Send somebody a survey's answers as a file; raises as `standing_of`, Stale where too few."""
    found = standing_of(tx, survey_id, slack_user_id, now)
    if found.results is None:
        raise Stale
    enqueue(
        tx,
        MessageKind.SURVEY_FILE,
        [slack_user_id],
        programme_id=found.open.programme_id,
        subject=tx.new_id(),
        now=now,
        survey_id=survey_id,
    )
    entry = (tx.workspace_id, tx.new_id(), now, slack_user_id, "survey.export", survey_id)
    tx.add(AuditEntry(*entry, {"programme": found.open.programme_id}))
