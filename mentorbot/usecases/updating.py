"""Bringing a running programme's file up to date: what it would change now, and whether it may."""

from collections import Counter
from datetime import datetime

from mentorbot.domain.changes import Change, Running, changes
from mentorbot.domain.model import ApplicationState, Programme, Role
from mentorbot.domain.permissions import TeamRole
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import applications, appointments, reports
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction
from mentorbot.usecases import ballots, lines, match_drafting, placing

UNDER_WAY = (ApplicationState.IN_REVIEW, ApplicationState.ASKED, ApplicationState.APPROVED)


def changes_of(
    tx: Transaction, programme: Programme, file: ProgrammeFile, now: datetime
) -> list[Change]:
    """What a file would change of a programme that runs."""
    before = parse_stored(programme.definition)
    return changes(before, file, running_of(tx, before, now))


def running_of(tx: Transaction, file: ProgrammeFile, now: datetime) -> Running:
    """What lives by a programme's file now."""
    found = reports.overview(tx, file.id)
    advisers = Counter(
        it.specialty for it in appointments.of_programme(tx, file.id) if it.role is TeamRole.ADVISER
    )
    people = {Role.MENTOR: found["mentors"], Role.MENTEE: found["mentees"]}
    ballot = ballots.why_rules_stand(tx, file, now)
    is_reviewing = match_drafting.is_open(tx, file.id)
    if file.application is None:
        return Running(
            people,
            found["pairs"],
            advisers=advisers,
            ballot=ballot,
            is_reviewing=is_reviewing,
        )
    round_ = Round(file.id, file.application.cohort)
    return Running(
        people,
        found["pairs"],
        under_way=sum(applications.count(tx, round_, state) for state in UNDER_WAY),
        waiting=applications.count(tx, round_, ApplicationState.WAITING_LIST),
        advisers=advisers,
        committed=frozenset(role for role in Role if lines.is_under_way(tx, round_, role)),
        has_heard=placing.has_heard(tx, file, now),
        ballot=ballot,
        is_reviewing=is_reviewing,
    )
