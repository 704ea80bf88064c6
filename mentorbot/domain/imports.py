"""What the export of a form says: which column answers which question, and who applies with what.

The exports of Microsoft Forms and Google Forms are known by their own columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from mentorbot.domain.cells import DATE, day_of, folded, moment_of, several, words
from mentorbot.domain.errors import ImportRefused, InvalidAnswers
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.questions import (
    AGREEING,
    Agreed,
    AnyQuestion,
    Choice,
    Choices,
    Day,
    Email,
    Number,
)
from mentorbot.domain.table_files import Row, Table, clean_name

NAME_MOST = 255
NOTHING = "-"
"""What a column means that is not read."""
_ANONYMOUS = "anonymous"
_ADDRESS = Email(id="email", kind="email", label="E-mail")
_WHOLE = re.compile(r"(\d+)[.,]0+")


class Fixed(StrEnum):
    """What a column may hold that answers no question."""

    EMAIL = "email"
    NAME = "name"
    SUBMITTED = "submitted"
    ROLE = "role"


_KNOWN = {
    "email": Fixed.EMAIL,
    "email address": Fixed.EMAIL,
    "e mail": Fixed.EMAIL,
    "e mail address": Fixed.EMAIL,
    "username": Fixed.EMAIL,
    "name": Fixed.NAME,
    "full name": Fixed.NAME,
    "your name": Fixed.NAME,
    "completion time": Fixed.SUBMITTED,
    "timestamp": Fixed.SUBMITTED,
    "submitted": Fixed.SUBMITTED,
    "submitted at": Fixed.SUBMITTED,
    "role": Fixed.ROLE,
}
_SHAPES = {
    "Microsoft Forms": ({"start time", "completion time"}, {"id", "start time", "language"}),
    "Google Forms": ({"timestamp"}, {"score"}),
}
"""The columns that tell a form's export, and those of its own that mean nothing here."""


class Fault(NamedTuple):
    """Why a row, or one of its answers, cannot be taken: the label, a wording key, its values."""

    label: str
    key: str
    values: Mapping[str, str | int] = {}


@dataclass(frozen=True)
class Applicant:
    """A row that can be taken in; `submitted_at` is None where the file does not say."""

    line: int
    role: Role
    email: str
    name: str
    submitted_at: datetime | None
    answers: dict[str, Any]


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be taken in, and why; `cells` hold no sensitive answers."""

    line: int
    faults: tuple[Fault, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """What the columns of a table mean.

    `questions` and `fixed` are positions by what is found there. `unmatched` are columns with no
    meaning, each with the label of the question that is nearest. `sensitive` are positions of what
    is never imported.
    """

    shape: str | None
    questions: Mapping[str, int]
    fixed: Mapping[Fixed, int]
    unmatched: tuple[tuple[str, str | None], ...]
    sensitive: frozenset[int]
    kept: Mapping[str, str] = field(default_factory=dict)


def match(
    file: ProgrammeFile,
    roles: Sequence[Role],
    header: Sequence[str],
    given: Mapping[str, str],
) -> Columns:
    """Find out what each column means, for applicants in some roles.

    `given` says it by name: a question's id or label, one of `Fixed`, or `-`. Raises ImportRefused
    where two columns mean the same, a required answer has none, or nothing of it is known.
    """
    matching = _Matching(file, roles, header, given)
    columns = matching.columns()
    if not columns.questions and not columns.fixed:
        raise ImportRefused("imports.no_header")
    if Fixed.EMAIL not in columns.fixed and not any(
        isinstance(matching.asked[it], Email) for it in columns.questions
    ):
        raise ImportRefused("imports.no_address_column")
    if len(roles) > 1 and Fixed.ROLE not in columns.fixed:
        raise ImportRefused("imports.no_role_column")
    for question in matching.asked.values():
        is_for_all = set(roles) <= set(question.roles)
        if question.required and is_for_all and question.id not in columns.questions:
            raise ImportRefused("imports.no_column", question=question.label, id=question.id)
    return columns


class _Matching:
    def __init__(
        self,
        file: ProgrammeFile,
        roles: Sequence[Role],
        header: Sequence[str],
        given: Mapping[str, str],
    ) -> None:
        self.asked = {it.id: it for role in roles for it in file.questions_for(role)}
        self._sensitive = _names(it for role in roles for it in file.sensitive_for(role))
        self._names = _names(self.asked.values())
        self._header = header
        self._given = {words(name): meant for name, meant in given.items()}
        found = {words(name) for name in header}
        self._shape = next((it for it, (own, _) in _SHAPES.items() if own <= found), None)
        for name in given:
            if words(name) not in found:
                raise ImportRefused("imports.no_such_column", column=name)

    def columns(self) -> Columns:
        questions: dict[str, int] = {}
        fixed: dict[Fixed, int] = {}
        unmatched: list[tuple[str, str | None]] = []
        sensitive: set[int] = set()
        for at, name in enumerate(self._header):
            meant = self._meaning(name)
            if words(name) in self._sensitive:
                sensitive.add(at)
            elif meant is None:
                unmatched.append((name, self._nearest(name)))
            elif meant in questions or meant in fixed:
                raise ImportRefused("imports.two_columns", column=name, question=meant)
            elif isinstance(meant, Fixed):
                fixed[meant] = at
            elif meant != NOTHING:
                questions[meant] = at
        kept = {
            name: self._given[words(name)] for name in self._header if words(name) in self._given
        }
        return Columns(self._shape, questions, fixed, tuple(unmatched), frozenset(sensitive), kept)

    def _meaning(self, name: str) -> str | None:
        plain = words(name)
        if plain in self._given:
            return self._said(name, self._given[plain])
        if plain in self._names:
            return self._names[plain]
        if not plain or (self._shape and plain in _SHAPES[self._shape][1]):
            return NOTHING
        return _KNOWN.get(plain)

    def _said(self, column: str, meant: str) -> str:
        if meant == NOTHING or meant in self.asked:
            return meant
        if words(meant) in self._names:
            return self._names[words(meant)]
        if meant in list(map(str, Fixed)):
            return Fixed(meant)
        near = get_close_matches(meant, [*self.asked, *Fixed], n=1, cutoff=0.0)
        raise ImportRefused("imports.no_such_question", column=column, meant=meant, near=near[0])

    def _nearest(self, name: str) -> str | None:
        near = get_close_matches(words(name), self._names, n=1, cutoff=0.5)
        return self.asked[self._names[near[0]]].label if near else None


class Reader:
    """Reads rows as applications for a role, or, with both roles, for the one that a row names.

    `day_first` says how a date such as 03/04/2026 is meant.
    """

    def __init__(
        self,
        file: ProgrammeFile,
        roles: Sequence[Role],
        columns: Columns,
        *,
        day_first: bool,
    ) -> None:
        self._file = file
        self._roles = roles
        self._columns = columns
        self._day_first = day_first
        self._plans = {
            role: [
                (it, columns.questions[it.id])
                for it in file.questions_for(role)
                if it.id in columns.questions
            ]
            for role in roles
        }

    def read(self, row: Row) -> Applicant | Rejected:
        """Somebody's application, or why the row is none."""
        if row.fault is not None:
            return self.rejected(row, [Fault("", row.fault)])
        role = self._role(row)
        if role is None:
            return self.rejected(row, [Fault("", "imports.no_role")])
        given = {it.id: self._given(it, row.cells[at]) for it, at in self._plans[role]}
        try:
            answers = self._file.check_answers(role, given)
        except InvalidAnswers as refusal:
            return self.rejected(row, self._faults(role, refusal))
        email = self._email(role, row, answers)
        if _ADDRESS.problem(email) is not None:
            return self.rejected(row, [Fault("", "imports.no_address")])
        submitted_at = moment_of(self._fixed(row, Fixed.SUBMITTED), self._day_first)
        if submitted_at is not None:
            submitted_at = submitted_at.replace(tzinfo=submitted_at.tzinfo or self._file.zone)
            submitted_at = submitted_at.astimezone(UTC)
        name = clean_name(_named(self._fixed(row, Fixed.NAME)))[:NAME_MOST]
        return Applicant(row.line, role, str(email), name, submitted_at, answers)

    def rejected(self, row: Row, faults: Sequence[Fault]) -> Rejected:
        """A row that is not taken; what it says of sensitive matters is left out."""
        if self._columns.sensitive and row.fault is not None:
            return Rejected(row.line, tuple(faults), ())
        hidden = self._columns.sensitive
        cells = ("" if at in hidden else cell for at, cell in enumerate(row.cells))
        return Rejected(row.line, tuple(faults), tuple(cells))

    def _faults(self, role: Role, refusal: InvalidAnswers) -> list[Fault]:
        labels = {it.id: it.label for it in self._file.questions_for(role)}
        return [Fault(labels[name], *problem) for name, problem in refusal.problems.items()]

    def _fixed(self, row: Row, which: Fixed) -> str:
        at = self._columns.fixed.get(which)
        return "" if at is None else row.cells[at].strip()

    def _role(self, row: Row) -> Role | None:
        if len(self._roles) == 1:
            return self._roles[0]
        said = set(words(self._fixed(row, Fixed.ROLE)).split())
        named = [role for role in self._roles if said & {str(role), f"{role}s"}]
        return named[0] if len(named) == 1 else None

    def _email(self, role: Role, row: Row, answers: Mapping[str, Any]) -> str | None:
        for question, _at in self._plans[role]:
            if isinstance(question, Email) and question.id in answers:
                return str(answers[question.id])
        found = _ADDRESS.clean(self._fixed(row, Fixed.EMAIL))
        return found if isinstance(found, str) else None

    def _given(self, question: AnyQuestion, cell: str) -> Any:
        if isinstance(question, Choices):
            return several(cell, self._options[question.id])
        if isinstance(question, Choice):
            return self._options[question.id].get(folded(cell), cell)
        if isinstance(question, Day):
            found = day_of(cell.strip(), self._day_first)
            return cell if found is None else found.isoformat()
        if isinstance(question, Number):
            whole = _WHOLE.fullmatch(cell.strip())
            return whole[1] if whole else cell
        if isinstance(question, Email):
            return _named(cell)
        if isinstance(question, Agreed):
            return folded(cell) in AGREEING or words(cell) == words(question.label)
        return cell

    @cached_property
    def _options(self) -> dict[str, dict[str, str]]:
        """Each option by its letters, large or small."""
        asked = [it for plan in self._plans.values() for it, _at in plan]
        return {
            it.id: {folded(option): option for option in it.options}
            for it in asked
            if isinstance(it, Choice | Choices)
        }


def dates_begin_with_day(table: Table, columns: Columns, file: ProgrammeFile, most: int) -> bool:
    """Whether 03/04/2026 is in April: decided by the first rows in which only one can be meant."""
    positions = [columns.fixed[it] for it in (Fixed.SUBMITTED,) if it in columns.fixed]
    positions += [columns.questions[it.id] for it in file.form if _is_dated(it, columns)]
    for number, row in enumerate(table.rows() if positions else ()):
        for at in positions if row.fault is None else ():
            found = DATE.match(row.cells[at].strip())
            if found is None or len(found[1]) > 2:
                continue
            if found[2] == "." or int(found[1]) > 12:
                return True
            if int(found[3]) > 12:
                return False
        if number > most:
            break
    return False


def _is_dated(question: AnyQuestion, columns: Columns) -> bool:
    return isinstance(question, Day) and question.id in columns.questions


def _named(cell: str) -> str:
    """A cell, unless it holds the word that stands for nobody."""
    return "" if cell.strip().casefold() == _ANONYMOUS else cell


def _names(questions: Any) -> dict[str, str]:
    """What a question's column may be called, and its id."""
    each = list(questions)
    return {words(it.id): it.id for it in each} | {words(it.label): it.id for it in each}
