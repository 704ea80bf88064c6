"""What is legal in a programme file, but unwise; or was once, and is over now."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.sessions import Presence

SOON_DAYS = 14
LONG_FORM = 12
MANY_DAYS = 35
MANY_HOURS_A_WEEK = 2
Unwise = tuple[str, Mapping[str, Any]]
"""The key of a sentence within `prudence`, and its values."""


def warnings(file: ProgrammeFile, today: date) -> Iterator[Unwise]:
    """Each thing that a coordinator may come to regret; `today` is a date in the file's zone."""
    yield from _over(file, today)
    yield from _out_of_order(file)
    check_in, cycle = file.touchpoints.check_in, file.cycle
    if check_in.first_day > SOON_DAYS:
        yield "late_check_in", {"days": check_in.first_day}
    if (check_in.every_days or 0) > MANY_DAYS:
        yield "rare_check_ins", {"days": check_in.every_days or 0}
    least_days = cycle.least_days - file.touchpoints.closing.days_before_end
    if check_in.first_day >= least_days:
        yield "no_check_in", {}
    if (tip := file.touchpoints.tip) and tip.first_day >= least_days:
        yield "no_tip", {}
    asked = (file.meetings.least_hours if file.meetings else None) or 0
    if asked * 7 > MANY_HOURS_A_WEEK * cycle.least_days:
        yield "many_hours", {"hours": asked, "days": cycle.least_days}
    if not file.touchpoints.closing.reminder_days:
        yield "no_reminder", {}
    if not file.matching.criteria:
        yield "no_criteria", {}
    yield from _balloted(file)
    for survey in file.surveys:
        most = max(survey.takes_minutes(role) for role in survey.roles)
        if most > survey.minutes:
            yield "survey_too_long", {"title": survey.title, "most": most, "said": survey.minutes}
    for session in file.sessions:
        if session.presence is Presence.REQUIRED and not session.reminder_hours:
            yield "session_no_reminder", {"title": session.title}
    if not file.signposts:
        yield "no_signposts", {}
    for role in Role:
        asked = len(file.questions_for(role)) + len(file.sensitive_for(role))
        if asked > LONG_FORM:
            yield "long_form", {"role": str(role), "asked": asked}


def _over(file: ProgrammeFile, today: date) -> Iterator[Unwise]:
    """What lies behind: with these dates nothing more will happen."""
    closes_on = file.application.closes_on if file.application else None
    dated = {
        "closed": closes_on,
        "ballot_missed": file.matching.ballot.opens_on if file.matching.ballot else None,
        "matched": file.matching.on,
        "ended": file.cycle.ends_on,
    }
    for key, on in dated.items():
        if on is not None and on < today:
            yield key, {"on": on}
    for survey in file.surveys:
        if survey.opens_on is not None and survey.opens_on < today:
            yield "survey_missed", {"title": survey.title, "on": survey.opens_on}
    for session in file.sessions:
        if session.dates[-1] < today:
            yield "session_over", {"title": session.title, "on": session.dates[-1]}


def _out_of_order(file: ProgrammeFile) -> Iterator[Unwise]:
    """Dates that come before what they follow from."""
    rules, matched_on = file.application, file.matching.on
    if rules is None or matched_on is None:
        return
    if rules.closes_on and matched_on <= rules.closes_on:
        yield "matched_before_closing", {"on": matched_on, "closes": rules.closes_on}
    if rules.results_on and matched_on <= rules.results_on:
        yield "matched_before_results", {"on": matched_on, "results": rules.results_on}


def _ballot_opens(file: ProgrammeFile) -> datetime | None:
    """When the ballot opens by itself, on a date of its own or at the end of a session."""
    ballot = file.matching.ballot
    if ballot and ballot.opens_on:
        return datetime.combine(ballot.opens_on, ballot.opens_at or file.touchpoints.at)
    opening = next((it for it in file.sessions if it.opens_ballot), None)
    begins = datetime.combine(opening.on, opening.at) if opening else None
    return begins + timedelta(minutes=opening.minutes) if opening and begins else None


def _balloted(file: ProgrammeFile) -> Iterator[Unwise]:
    """A ballot that people cannot fill, are not reminded of, or are matched before the end of."""
    ballot, matched_on = file.matching.ballot, file.matching.on
    if ballot is None:
        return
    if ballot.reminder_hours >= ballot.hours:
        yield "ballot_no_reminder", {"hours": ballot.hours, "reminder": ballot.reminder_hours}
    opens = _ballot_opens(file)
    if opens and matched_on:
        closes = opens + timedelta(hours=ballot.hours)
        if closes > datetime.combine(matched_on, file.touchpoints.at):
            yield "ballot_too_long", {"on": matched_on, "closes": closes.date()}
    if ballot.order == "rank_maximal":
        yield "ballot_strands", {}
    places = getattr(file.application and file.application.selection_of(Role.MENTOR), "places", 0)
    if 0 < places < ballot.choices:
        yield "ballot_choices", {"choices": ballot.choices, "mentors": places}
