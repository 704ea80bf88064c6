"""Files that are handed in in Slack: kept until they are read, and what became of them is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mentorbot.domain.errors import InvalidAnswers, Refusal
from mentorbot.domain.imports import Rejected
from mentorbot.domain.messages import MessageKind
from mentorbot.storage import imports
from mentorbot.storage.imports import Run
from mentorbot.storage.store import Transaction
from mentorbot.usecases.importing import Report
from mentorbot.usecases.listing import Listed
from mentorbot.usecases.messages import enqueue

COLUMN, REPLACE, ADD = "column", "replace", "add"
HELD_FOR = timedelta(minutes=2)
"""How long a file stays with a process that does not say that it still reads it."""
MOST_TRIES = 3
SHOWN = 20


def hand_in(
    tx: Transaction,
    programme_id: str,
    what: str,
    file_id: str,
    meanings: str,
    asked_by: str,
    now: datetime,
) -> None:
    """Keep a file to be read, and what is said of its columns: lines of `Column = question`.

    Raises InvalidAnswers for a line that says nothing.
    """
    said = _meanings(meanings)
    if said:
        imports.keep_meanings(tx, programme_id, imports.meanings(tx, programme_id) | said)
    imports.hand_in(tx, Run(tx.new_id(), programme_id, what, file_id, asked_by, 0), now)


def _meanings(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        column, equals, meant = (part.strip() for part in line.rpartition("="))
        if line.strip() and not (equals and column and meant):
            raise InvalidAnswers({"meanings": ("imports.no_meaning", {"line": line[:100]})})
        if line.strip():
            found[column] = meant
    return found


def take(tx: Transaction, now: datetime) -> Run | None:
    """The next file to read, held for a while."""
    run = imports.waiting(tx, now)
    if run is not None:
        imports.hold(tx, run.run_id, now + HELD_FOR, run.tries + 1)
    return run and run._replace(tries=run.tries + 1)


def go_on(tx: Transaction, run: Run, now: datetime) -> bool:
    """Hold a file for longer; whether it is still there to be read."""
    return imports.hold(tx, run.run_id, now + HELD_FOR, run.tries)


def give_back(tx: Transaction, run: Run, now: datetime) -> None:
    """Let another process read it, which finds again what was taken in so far."""
    imports.hold(tx, run.run_id, now, run.tries - 1)


def done(
    tx: Transaction, run: Run, report: Report, unmatched: Sequence[str], now: datetime
) -> None:
    """Tell what an import has come to; nothing that a row says is repeated."""
    _tell(
        tx,
        run,
        MessageKind.IMPORT_DONE,
        now,
        rows=report.rows,
        new=report.new,
        changed=report.changed,
        same=report.same,
        rejected=report.rejected,
        states=dict(report.states),
        rejects=[_reject(it) for it in report.first_rejected[:SHOWN]],
        unmatched=[name[:100] for name in unmatched[:SHOWN]],
    )


def listed(tx: Transaction, run: Run, list_id: str, found: Listed, now: datetime) -> None:
    """Tell how a list has changed."""
    _tell(
        tx,
        run,
        MessageKind.IMPORT_DONE,
        now,
        list=list_id,
        added=found.added,
        removed=found.removed,
        total=found.total,
        bad=found.bad,
        bad_lines=list(found.bad_lines),
    )


def refused(tx: Transaction, run: Run, refusal: Refusal, now: datetime) -> None:
    """Tell why nothing could be imported."""
    values = dict(refusal.values)
    _tell(tx, run, MessageKind.IMPORT_REFUSED, now, key=refusal.key, values=values)


def _reject(rejected: Rejected) -> dict[str, Any]:
    faults = [[it.label, it.key, dict(it.values)] for it in rejected.faults]
    return {"line": rejected.line, "faults": faults}


def _tell(tx: Transaction, run: Run, kind: MessageKind, now: datetime, **params: Any) -> None:
    if imports.forget(tx, run.run_id):
        enqueue(
            tx,
            kind,
            [run.asked_by],
            programme_id=run.programme_id,
            subject=run.run_id,
            now=now,
            **params,
        )
