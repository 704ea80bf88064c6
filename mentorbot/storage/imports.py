"""Queries about what comes in from files: many applications at once, and what columns mean."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, or_, select, update

from mentorbot.domain.model import Application, ApplicationState, Role
from mentorbot.storage import tables
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction, among

_t = tables.applications.c
_m = tables.import_mappings.c
_r = tables.import_runs.c


class Run(NamedTuple):
    """A file that was handed in and waits to be read: `what` is a role, `column`, or a list's."""

    run_id: str
    programme_id: str
    what: str
    file_id: str
    asked_by: str
    tries: int


class Known(NamedTuple):
    """What is there already under an e-mail address."""

    application_id: str
    email: str
    state: ApplicationState
    source: str
    name: str
    answers: dict[str, Any]


def known(tx: Transaction, round_: Round, role: Role, emails: Sequence[str]) -> dict[str, Known]:
    """The applications for a role under some addresses, by address."""
    query = select(_t.application_id, _t.email, _t.state, _t.source, _t.name, _t.answers).where(
        *round_.has(tx, role), among(tx, _t.email, emails)
    )
    return {row.email: Known(*row) for row in tx.session.execute(query)}


def unlinked(tx: Transaction, emails: Sequence[str]) -> list[Application]:
    """Applications under some addresses that no account is known to have sent, oldest first."""
    query = (
        select(Application)
        .where(
            _t.workspace_id == tx.workspace_id,
            among(tx, _t.email, emails),
            _t.slack_user_id.is_(None),
        )
        .order_by(_t.started_at, _t.application_id)
    )
    return list(tx.session.scalars(query))


def counts(tx: Transaction, programme_id: str) -> list[tuple[int, Role, ApplicationState, int]]:
    """How many applications to a programme there are, by cohort, role and state."""
    parts = (_t.cohort, _t.role, _t.state)
    query = (
        select(*parts, func.count())
        .where(_t.workspace_id == tx.workspace_id, _t.programme_id == programme_id)
        .group_by(*parts)
        .order_by(*parts)
    )
    found = tx.session.execute(query)
    return [(cohort, role, state, count) for cohort, role, state, count in found]


def meanings(tx: Transaction, programme_id: str) -> dict[str, str]:
    """What columns were said to mean, by their names."""
    query = select(_m.meanings).where(
        _m.workspace_id == tx.workspace_id, _m.programme_id == programme_id
    )
    return dict(tx.session.scalar(query) or {})


def keep_meanings(tx: Transaction, programme_id: str, found: Mapping[str, str]) -> None:
    """Keep what columns mean for the next import."""
    tx.of_each(
        tables.import_mappings,
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM {given} WHERE true"
        " ON CONFLICT (workspace_id, programme_id) DO UPDATE SET meanings = excluded.meanings",
        [{"programme_id": programme_id, "meanings": dict(found)}],
    )


def hand_in(tx: Transaction, run: Run, asked_at: datetime) -> None:
    """Keep a file to be read."""
    row = {**run._asdict(), "asked_at": asked_at, "taken_until_at": None}
    tx.add_new(tables.import_runs, [row])


def waiting(tx: Transaction, now: datetime) -> Run | None:
    """The file that has waited longest and that nobody reads now."""
    query = (
        select(*(_r[name] for name in Run._fields))
        .where(
            _r.workspace_id == tx.workspace_id,
            or_(_r.taken_until_at.is_(None), _r.taken_until_at <= now),
        )
        .order_by(_r.asked_at, _r.run_id)
        .limit(1)
    )
    found = tx.session.execute(query).first()
    return Run(*found) if found else None


def hold(tx: Transaction, run_id: str, until_at: datetime, tries: int) -> bool:
    """Hold a file that is being read; whether it is still there to be read."""
    done = tx.session.connection().execute(
        update(tables.import_runs)
        .where(_r.workspace_id == tx.workspace_id, _r.run_id == run_id)
        .values(taken_until_at=until_at, tries=tries)
    )
    return done.rowcount == 1


def forget(tx: Transaction, run_id: str) -> bool:
    """Forget a file that was read; whether it was there."""
    done = tx.session.connection().execute(
        delete(tables.import_runs).where(_r.workspace_id == tx.workspace_id, _r.run_id == run_id)
    )
    return done.rowcount == 1
