"""Taking applications in from a form's export: many in a transaction, each decided as in Slack.

The same file again changes nothing, so that an import that was cut short is simply run again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from mentorbot.domain.admission import Lottery
from mentorbot.domain.conditions import Facts
from mentorbot.domain.erasures import digest_of
from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.imports import (
    Applicant,
    Columns,
    Fault,
    Reader,
    Rejected,
    dates_begin_with_day,
    match,
)
from mentorbot.domain.messages import by_mail
from mentorbot.domain.model import ApplicationState, AuditEntry, Programme, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.steps import Said
from mentorbot.domain.table_files import Row, Table
from mentorbot.storage import addresses, applications, imports, lists, outbox, tables
from mentorbot.storage.imports import Known
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, placing
from mentorbot.usecases.messages import intent
from mentorbot.usecases.placing import round_of, rules_of

IMPORT = "import"
AT_ONCE = 1000
"""So many rows are taken in by one transaction, for some dozen milliseconds."""
PLACED_AT_ONCE = 50
REMEMBERED = 50
"""So many rejected rows are kept in a report."""
_DATED_ROWS = 1000
_LATER = timedelta(microseconds=1)


@dataclass
class Report:
    """What an import has come to; `states` counts what became of those that are new or changed."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    states: Counter[str] = field(default_factory=Counter)
    first_rejected: list[Rejected] = field(default_factory=list)

    def reject(self, rejected: Sequence[Rejected]) -> None:
        """Count rows that were not taken, and remember the first of them."""
        self.rejected += len(rejected)
        self.first_rejected += rejected[: REMEMBERED - len(self.first_rejected)]


Incoming = tuple[Row, Applicant]


class Coming(NamedTuple):
    """Some rows that were read: who applies for which role, and which cannot be taken."""

    rows: int
    by_role: dict[Role, list[Incoming]]
    rejected: list[Rejected]


class Import:
    """An import under way: what its columns mean, and who has come by in it so far."""

    def __init__(
        self, file: ProgrammeFile, roles: Sequence[Role], columns: Columns, *, day_first: bool
    ) -> None:
        self.file = file
        self.columns = columns
        self.report = Report()
        self._rules = rules_of(file)
        self._round = round_of(file)
        self._roles = roles
        self._reader = Reader(file, roles, columns, day_first=day_first)
        self._seen: dict[tuple[Role, str], int] = {}

    def read(self, rows: Sequence[Row]) -> Coming:
        """What some rows say by themselves, before anybody is kept waiting."""
        rejected: list[Rejected] = []
        return Coming(len(rows), self._by_role(rows, rejected), rejected)

    def take_in(
        self, tx: Transaction, read: Coming, now: datetime, *, is_trial: bool = False
    ) -> list[Rejected]:
        """Take in what was read; returns the rows that cannot be taken.

        A trial only says what would happen.
        """
        rejected = list(read.rejected)
        for role, every in read.by_role.items():
            coming = self._without_erased(tx, every, rejected)
            emails = [it.email for _row, it in coming]
            known = imports.known(tx, self._round, role, emails)
            on_lists = lists.on_lists(tx, self.file.id, self.file.lists, emails)
            new = [it for _row, it in coming if it.email not in known]
            self._add(tx, new, on_lists, now, is_trial)
            for row, it in coming:
                if it.email in known:
                    on = on_lists.get(it.email, set())
                    fault = self._update(tx, known[it.email], it, on, now, is_trial)
                    if fault is not None:
                        rejected.append(self._reader.rejected(row, [fault]))
        self.report.rows += read.rows
        rejected.sort(key=lambda it: it.line)
        self.report.reject(rejected)
        return rejected

    def _without_erased(
        self, tx: Transaction, every: Sequence[Incoming], rejected: list[Rejected]
    ) -> list[Incoming]:
        """Those who were not erased, or have applied since."""
        digests = {it.email: digest_of(tx.workspace_id, it.email) for _row, it in every}
        erased_at = addresses.erased_at(tx, list(digests.values()))
        coming = []
        for row, it in every:
            since = erased_at.get(digests[it.email])
            if since is None or (it.submitted_at is not None and it.submitted_at > since):
                coming.append((row, it))
            else:
                rejected.append(self._reader.rejected(row, [Fault("", "imports.erased")]))
        return coming

    def place(self, tx: Transaction, now: datetime) -> bool:
        """Give places to some of those approved, oldest first; whether there may be more."""
        for role in self._roles:
            found = applications.approved(tx, self._round, role, PLACED_AT_ONCE)
            if isinstance(self._rules.selection_of(role), Lottery) or not found:
                continue
            for application in found:
                placing.place(tx, self.file, application, now)
            return True
        return False

    def finish(self, tx: Transaction, actor: str, now: datetime) -> None:
        """Note in the audit log who imported how much."""
        counts = {"new": self.report.new, "changed": self.report.changed}
        counts |= {"same": self.report.same, "rejected": self.report.rejected}
        tx.add(
            AuditEntry(
                tx.workspace_id,
                tx.new_id(),
                now,
                actor,
                "applications.import",
                self.file.id,
                counts,
            )
        )

    def _by_role(self, rows: Sequence[Row], rejected: list[Rejected]) -> dict[Role, list[Incoming]]:
        """Who applies for which role, without those that the rows alone refuse."""
        coming: dict[Role, list[Incoming]] = {}
        for row in rows:
            read = self._reader.read(row)
            if isinstance(read, Rejected):
                rejected.append(read)
                continue
            before = self._seen.setdefault((read.role, read.email), read.line)
            fault = self._out_of_time(read.submitted_at)
            if before != read.line:
                fault = Fault("", "imports.same_address", {"line": before})
            if fault is None:
                coming.setdefault(read.role, []).append((row, read))
            else:
                rejected.append(self._reader.rejected(row, [fault]))
        return coming

    def _out_of_time(self, submitted_at: datetime | None) -> Fault | None:
        if submitted_at is None:
            return None
        on = submitted_at.astimezone(self.file.zone).date()
        opens_on, closes_on = self._rules.opens_on, self._rules.closes_on
        if on < (opens_on or date.min) or on > (closes_on or date.max):
            return Fault("", "imports.out_of_time", {"on": on.isoformat()})
        return None

    def _add(
        self,
        tx: Transaction,
        new: Sequence[Applicant],
        on_lists: Mapping[str, set[str]],
        now: datetime,
        is_trial: bool,
    ) -> None:
        rows, acts = list[dict[str, Any]](), list[dict[str, Any]]()
        for applicant in new:
            row = self._row(tx, applicant, on_lists.get(applicant.email, set()), now)
            self.report.states[row["state"]] += 1
            rows.append(row)
            acts += _acts(tx, row, now)
        self.report.new += len(new)
        if not is_trial:
            tx.add_new(tables.applications, rows)
            tx.add_new(tables.audit_entries, acts)
            outbox.put(tx, [self._letter(tx, row, now) for row in rows if self._is_told(row)])

    def _row(
        self, tx: Transaction, applicant: Applicant, on: set[str], now: datetime
    ) -> dict[str, Any]:
        """An application as columns; rows without a time have applied in the order of the file."""
        facts = Facts(applicant.answers, [applicant.email], on)
        found = applying.judge(self._rules, applicant.role, facts)
        is_decided = found.state in applying.DECISIONS
        return {
            "application_id": tx.new_id(),
            "programme_id": self._round.programme_id,
            "cohort": self._round.cohort,
            "role": applicant.role,
            "source": IMPORT,
            "state": found.state,
            "started_at": now,
            "email": applicant.email,
            "name": applicant.name,
            "answers": applicant.answers,
            "verdict": found.verdict,
            "reasons": found.reasons,
            "facts": [],
            "version": 1 + is_decided,
            "submitted_at": min(applicant.submitted_at or now, now) + applicant.line * _LATER,
            "decided_at": now if is_decided else None,
            "decided_by": applying.SYSTEM if is_decided else None,
        }

    def _is_told(self, row: Mapping[str, Any]) -> bool:
        """Whether an applicant hears at once: of a refusal, or that there will be a draw."""
        if row["state"] is ApplicationState.APPROVED:
            return isinstance(self._rules.selection_of(row["role"]), Lottery)
        return row["state"] is ApplicationState.DECLINED

    def _letter(self, tx: Transaction, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """What `placing.tell` would have them hear, as the columns of a message."""
        kind, application_id = placing.TOLD[row["state"]], row["application_id"]
        about = {"application_id": application_id, "state": str(row["state"])}
        said = Said(kind, [by_mail(application_id)], application_id, row["version"], now, about)
        return intent(tx, said, self.file.id, None, now)

    def _update(
        self,
        tx: Transaction,
        known: Known,
        applicant: Applicant,
        on: set[str],
        now: datetime,
        is_trial: bool,
    ) -> Fault | None:
        """Bring what waits for a decision up to date; returns why it stays as it is."""
        is_same_name = applicant.name in ("", known.name)
        if known.answers == applicant.answers and is_same_name:
            self.report.same += 1
            return None
        if known.source != IMPORT:
            return Fault("", "imports.applied_elsewhere")
        if not is_same_name:
            return Fault("", "imports.other_name")
        if known.state not in applying.UNDECIDED:
            return Fault("", "imports.decided")
        found = applications.application(tx, known.application_id)
        if found is not None and not is_trial:
            found.answers = applicant.answers
            applying.submit(tx, self.file, found, {known.email: on}, now)
            self.report.states[found.state] += 1
        self.report.changed += 1
        return None


def begin(
    tx: Transaction,
    programme: Programme,
    table: Table,
    roles: Sequence[Role],
    given: Mapping[str, str],
) -> Import:
    """Find out what a table's columns mean, by what is given and what was said before.

    Raises ImportRefused, NotTakingApplications.
    """
    file = parse_stored(programme.definition)
    check_takes_files(file)
    kept = imports.meanings(tx, programme.programme_id)
    meanings = {name: meant for name, meant in kept.items() if name in table.header}
    columns = match(file, roles, table.header, meanings | dict(given))
    day_first = dates_begin_with_day(table, columns, file, _DATED_ROWS)
    return Import(file, roles, columns, day_first=day_first)


def check_takes_files(file: ProgrammeFile) -> None:
    """Raises ImportRefused, or NotTakingApplications, where nobody applies by a file."""
    if IMPORT not in rules_of(file).through:
        raise ImportRefused("imports.not_through")


def remember(tx: Transaction, under_way: Import) -> None:
    """Keep what columns were said to mean, for the next import."""
    kept = imports.meanings(tx, under_way.file.id)
    found = kept | dict(under_way.columns.kept)
    if found != kept:
        imports.keep_meanings(tx, under_way.file.id, found)


def _acts(tx: Transaction, row: Mapping[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
    """What is recorded of an application that comes in, as columns."""
    acts = [(IMPORT, "submit")]
    if row["state"] in applying.DECISIONS:
        acts.append((applying.SYSTEM, applying.DECISIONS[row["state"]]))
    for number, (actor, action) in enumerate(acts, 1):
        yield {
            "entry_id": tx.new_id(),
            "at": now,
            "actor": actor,
            "action": f"application.{action}",
            "subject": row["application_id"],
            "details": {"version": number},
        }
