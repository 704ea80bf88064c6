"""The equity report: how far each group of applicants has come, by what they said with consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mentorbot.domain.admission import Lottery
from mentorbot.domain.equity import STAGES, Table, table
from mentorbot.domain.errors import NotClosedYet, NothingToReport, StillDeciding
from mentorbot.domain.model import ApplicationState, AuditEntry, Programme, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import AnyQuestion
from mentorbot.storage import applications, sealed
from mentorbot.storage.sealed import Stage
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted, placing

NOT_SAID, AGREED = "", "agreed"
"""Whoever gave no answer, or took it back; and whoever agreed to a consent."""
_REACHED = (
    frozenset(ApplicationState),
    frozenset(
        {
            ApplicationState.APPROVED,
            ApplicationState.SELECTED,
            ApplicationState.WAITING_LIST,
            ApplicationState.NOT_SELECTED,
        }
    ),
    frozenset({ApplicationState.SELECTED}),
)


@dataclass(frozen=True)
class Report:
    """One question's report for one role; the rows are answers, or `NOT_SAID` or `AGREED`."""

    role: Role
    question: AnyQuestion
    table: Table


def reports(tx: Transaction, programme: Programme, actor: str, now: datetime) -> list[Report]:
    """Every report of the round, once nothing in it tells of a single decision.

    Raises NotPermitted, NothingToReport, NotClosedYet while people apply, StillDeciding,
    SecretKeyMissing. Who reads it is noted.
    """
    permitted.check(tx, programme.programme_id, actor, Action.REPORT)
    file = parse_stored(programme.definition)
    asked = [
        (role, question)
        for role in Role
        for question in file.sensitive_for(role)
        if question.keep_for == "cycle"
    ]
    if not asked:
        raise NothingToReport
    _check_decided(tx, file, {role for role, _question in asked}, now)
    found = [_report(tx, file, role, question, now) for role, question in asked]
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, actor, "equity.read", file.id))
    return found


def _check_decided(tx: Transaction, file: ProgrammeFile, roles: set[Role], now: datetime) -> None:
    """Two reports around a single decision would tell whom it was about."""
    rules, round_ = placing.rules_of(file), placing.round_of(file)
    if rules.closes_on is not None and now.astimezone(file.zone).date() <= rules.closes_on:
        raise NotClosedYet(on=rules.closes_on.isoformat())
    undecided = 0
    for role in roles:
        states = [ApplicationState.IN_REVIEW, ApplicationState.ASKED]
        if isinstance(rules.selection_of(role), Lottery):
            states.append(ApplicationState.APPROVED)
        undecided += sum(applications.count(tx, round_, state, role) for state in states)
    if undecided:
        raise StillDeciding(count=undecided)


def _report(
    tx: Transaction, file: ProgrammeFile, role: Role, question: AnyQuestion, now: datetime
) -> Report:
    round_ = placing.round_of(file)
    given = {
        it.application_id: tx.vault.open(it.sealed, it.place)
        for it in sealed.answers_to(tx, round_, role, question.id, question.consent_version)
    }
    results_at = placing.results_at(file, file.time_zone)
    most = len(STAGES) if results_at is None or results_at <= now else 2
    counts: dict[str, list[int]] = {}
    for applied in sealed.stages(tx, round_, role):
        row = counts.setdefault(_group(given, applied.application_id), [0] * most)
        for at in range(min(_reached(applied), most)):
            row[at] += 1
    return Report(role, question, table(counts))


def _group(given: Mapping[str, Any], application_id: str) -> str:
    """The group that an answer puts somebody in; several options are a group of their own."""
    answer = given.get(application_id)
    if answer is None:
        return NOT_SAID
    if isinstance(answer, list):
        return ", ".join(sorted(answer))
    return answer if isinstance(answer, str) else AGREED


def _reached(applied: Stage) -> int:
    """How many stages an application has come to."""
    reached = sum(applied.state in states for states in _REACHED)
    return reached + (reached == len(_REACHED) and applied.is_paired)
