"""Keeping the lists that eligibility asks: who is on one is read from a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain.cells import words
from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.model import AuditEntry
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.questions import Email
from mentorbot.domain.table_files import Row, Table
from mentorbot.storage import lists
from mentorbot.storage.store import Transaction

AT_ONCE = 5_000
_ADDRESS = Email(id="email", kind="email", label="E-mail")
_NAMES = ("email", "e mail", "email address", "e mail address", "address")


@dataclass
class Listed:
    """What became of a list's file; `bad_lines` are the first of those without an address."""

    added: int = 0
    removed: int = 0
    bad: int = 0
    bad_lines: tuple[int, ...] = ()
    total: int = 0


def check_list(file: ProgrammeFile, list_id: str) -> None:
    """Raises ImportRefused where the programme's file names no such list."""
    if list_id not in file.lists:
        raise ImportRefused(
            "imports.no_such_list", list=list_id, lists=", ".join(file.lists) or "–"
        )


def addresses(table: Table) -> Iterator[tuple[int, str | None]]:
    """The lines of a table with their addresses, None for those without; a header is none.

    Raises ImportRefused where no column holds addresses.
    """
    named = [at for at, name in enumerate(table.header) if words(name) in _NAMES]
    first = [_address(cell) for cell in table.header]
    if not named and not any(first):
        raise ImportRefused("imports.no_address_column")
    at = named[0] if named else next(at for at, found in enumerate(first) if found)
    if not named:
        yield table.header_line, first[at]
    for row in table.rows():
        yield row.line, _of_row(row, at)


def _of_row(row: Row, at: int) -> str | None:
    return None if row.fault else _address(row.cells[at])


def _address(cell: str) -> str | None:
    found = _ADDRESS.clean(cell)
    return found if found and _ADDRESS.problem(found) is None else None


def read_in(
    tx: Transaction,
    file: ProgrammeFile,
    list_id: str,
    table: Table,
    actor: str,
    now: datetime,
    *,
    replaces: bool,
) -> Listed:
    """Put a file's addresses on a list, instead of those that are on it or beside them.

    It happens as a whole or not at all: nobody is off the list for a moment. Raises ImportRefused.
    """
    check_list(file, list_id)
    done = Listed(removed=lists.clear(tx, file.id, list_id) if replaces else 0)
    waiting: list[str] = []
    for line, email in addresses(table):
        if email is None:
            done.bad += 1
            done.bad_lines = (*done.bad_lines, line)[:20]
            continue
        waiting.append(email)
        if len(waiting) == AT_ONCE:
            done.added += lists.add(tx, file.id, list_id, waiting)
            waiting.clear()
    done.added += lists.add(tx, file.id, list_id, waiting)
    done.total = lists.count(tx, file.id, list_id)
    if replaces and not done.total:
        raise ImportRefused("imports.empty")
    _record(tx, file.id, list_id, actor, done, now)
    return done


def counts(tx: Transaction, file: ProgrammeFile) -> Sequence[tuple[str, str, int]]:
    """A programme's lists: id, what each is, and how many addresses are on it."""
    return [(it, what, lists.count(tx, file.id, it)) for it, what in file.lists.items()]


def _record(
    tx: Transaction, programme_id: str, list_id: str, actor: str, done: Listed, now: datetime
) -> None:
    counted = {"list": list_id, "added": done.added, "removed": done.removed}
    entry = AuditEntry(
        tx.workspace_id, tx.new_id(), now, actor, "list.import", programme_id, counted
    )
    tx.add(entry)
