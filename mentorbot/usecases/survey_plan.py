"""Surveys as the file and its cycles plan them: when each opens, is asked for again, and closes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mentorbot.domain.model import Cycle, Milestone, MilestoneKind
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.surveys import OpenSurvey, Survey
from mentorbot.domain.touchpoints import local_instant
from mentorbot.storage import milestones, pairings, surveys
from mentorbot.storage.store import Transaction

AGAIN_AFTER = timedelta(days=7)
LAST_BEFORE = timedelta(days=1)
"""Who has not answered a mandatory survey hears of it once a week, and a day before its end."""


def plan(tx: Transaction, file: ProgrammeFile, now: datetime) -> None:
    """Bring a programme's surveys in line with its file; one that has opened stays as it is."""
    cycle = None if file.cycle.is_evergreen else pairings.open_cycle(tx, file.id)
    wanted = {(it.id, number): (it, on) for it, number, on in _dates(file, cycle)}
    for known in surveys.of_programme(tx, file.id):
        coming = wanted.pop((known.offer_id, known.round), None)
        if known.opens_at <= now:
            continue
        _forget_all(tx, known)
        if coming is None:
            surveys.forget(tx, known)
        else:
            known.opens_at, known.closes_at = _times(file, *coming)
            known.is_anonymous = coming[0].anonymous
            _plan_all(tx, coming[0], known)
    for (_offer_id, number), (survey, on) in wanted.items():
        if _times(file, survey, on)[1] > now:
            _open_later(tx, file, survey, number, on)


def begin(tx: Transaction, file: ProgrammeFile, cycle: Cycle) -> None:
    """A cycle that all pairs share begins, with the surveys that are counted from its first day."""
    if file.cycle.is_evergreen:
        return
    for survey in file.surveys:
        if survey.opens_day is not None:
            on = cycle.starts_on + timedelta(days=survey.opens_day)
            _open_later(tx, file, survey, cycle.number, on)


def _dates(file: ProgrammeFile, cycle: Cycle | None) -> Iterator[tuple[Survey, int, date]]:
    for survey in file.surveys:
        if survey.opens_on is not None:
            yield survey, 0, survey.opens_on
        elif survey.opens_day is not None and cycle is not None:
            yield survey, cycle.number, cycle.starts_on + timedelta(days=survey.opens_day)


def _times(file: ProgrammeFile, survey: Survey, on: date) -> tuple[datetime, datetime]:
    """When it opens and closes, at the touchpoints' hour in the programme's zone."""
    closes_on = on + timedelta(days=survey.days)
    at = (local_instant(it, file.touchpoints.at, file.time_zone) for it in (on, closes_on))
    opens_at, closes_at = at
    return opens_at, closes_at


def _open_later(
    tx: Transaction, file: ProgrammeFile, survey: Survey, number: int, on: date
) -> None:
    times = _times(file, survey, on)
    entry = (tx.workspace_id, tx.new_id(), file.id, survey.id, number, *times)
    _plan_all(tx, survey, tx.add(OpenSurvey(*entry, is_anonymous=survey.anonymous)))


def _plan_all(tx: Transaction, survey: Survey, found: OpenSurvey) -> None:
    for number, (kind, at) in enumerate(_due(survey, found)):
        name = f"{found.survey_id}:{kind}:{number}"
        tx.add(Milestone(tx.workspace_id, name, found.programme_id, kind, None, at))


def _due(survey: Survey, found: OpenSurvey) -> Iterator[tuple[MilestoneKind, datetime]]:
    yield MilestoneKind.SURVEY_OPENS, found.opens_at
    last_at = found.closes_at - LAST_BEFORE
    if survey.mandatory:
        at = found.opens_at + AGAIN_AFTER
        while at <= last_at - timedelta(days=2):
            yield MilestoneKind.SURVEY_REMINDED, at
            at += AGAIN_AFTER
        if last_at > found.opens_at:
            yield MilestoneKind.SURVEY_REMINDED, last_at
    yield MilestoneKind.SURVEY_CLOSED, found.closes_at


def _forget_all(tx: Transaction, found: OpenSurvey) -> None:
    for pending in milestones.pending(tx, found.programme_id):
        if pending.milestone_id.startswith(f"{found.survey_id}:"):
            milestones.forget(tx, pending.milestone_id)
