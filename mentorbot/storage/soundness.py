"""Whether the database is sound: reached, of this version, written to, and nothing stuck in it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.domain.findings import Finding, ill, well
from mentorbot.domain.messages import NO_INVITE_LINK, MessageState
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.sealed import SealedAnswer
from mentorbot.storage import inbox, migration, outbox, participants, people, sealed
from mentorbot.storage.sealing import Vault
from mentorbot.storage.store import Store, reason

OVERDUE_AFTER = timedelta(minutes=15)
"""A bot at work tries again every five minutes at least, and says then when the next try is."""
RECENT = timedelta(days=7)


def of_database(store: Store, file: Path | None) -> Iterator[Finding]:
    """Whether it can be used as it is; nothing is created. `file` is an SQLite database's."""
    where = str(file or store.engine.url.render_as_string(hide_password=True))
    try:
        if file is not None and not file.exists():
            yield ill("database_missing", where=where)
            return
        version = migration.version(store.engine)
        if version.is_usable:
            write(store)
    except (SQLAlchemyError, OSError) as error:
        yield ill("database_failed", where=where, why=reason(error))
        return
    yield well("database", where=where)
    finding = well if version.is_usable else ill
    is_current = version is migration.Version.CURRENT
    yield finding("migrations" if is_current else f"migrations_{version}")


def installed(store: Store) -> list[str]:
    """The workspaces that have the app now."""
    found = []
    for workspace_id in store.workspace_ids():
        with store.read(workspace_id) as tx:
            workspace = people.workspace(tx)
        if workspace is not None and workspace.uninstalled_at is None:
            found.append(workspace_id)
    return found


def of_messages(store: Store, workspace_ids: Sequence[str], now: datetime) -> Iterator[Finding]:
    """What was given up in the last week, and what should have gone out by now."""
    counts: Counter[str] = Counter()
    for workspace_id in workspace_ids:
        with store.read(workspace_id) as tx:
            given_up = outbox.given_up(tx, now - RECENT)
            counts.update({str(state): count for state, count in given_up.items()})
            counts["overdue"] += outbox.overdue(tx, now - OVERDUE_AFTER)
            counts["uninvited"] += outbox.held_up(tx, NO_INVITE_LINK)
    stuck = [name for name in (MessageState.DEAD, MessageState.UNKNOWN, "overdue") if counts[name]]
    yield from (ill(f"messages_{name}", count=counts[name]) for name in stuck)
    if counts["uninvited"]:
        yield ill("uninvited", count=counts["uninvited"])
    elif not stuck:
        yield well("messages")


def of_secrets(store: Store, workspace_ids: Sequence[str]) -> Iterator[Finding]:
    """Whether the key is there for what running programmes ask, and opens what is sealed."""
    asking, closed = list[str](), 0
    for workspace_id in workspace_ids:
        with store.read(workspace_id) as tx:
            files = [parse_stored(it.definition) for it in participants.programmes(tx)]
            asking += [it.name for it in files if any(asked.sensitive for asked in it.form)]
            closed += sum(not _opens(store.vault, it) for it in sealed.every(tx))
    if asking and not store.vault.can_seal:
        yield ill("secrets_missing", programmes=", ".join(asking))
    elif closed:
        yield ill("secrets_closed", count=closed)
    elif asking:
        yield well("secrets")


def _opens(vault: Vault, answer: SealedAnswer) -> bool:
    try:
        vault.open(answer.sealed, answer.place)
    except SecretKeyMissing:
        return False
    return True


def time_zones(store: Store, workspace_ids: Sequence[str]) -> set[str]:
    """The zones that programmes live by."""
    found: set[str] = set()
    for workspace_id in workspace_ids:
        with store.read(workspace_id) as tx:
            running = participants.programmes(tx)
        found.update(parse_stored(it.definition).time_zone for it in running)
    return found


def write(store: Store) -> None:
    """Write and take it back in one transaction: a full disk or a standby is found out.

    What a row holds already would not do: SQLite leaves a page as it is that stays the same.
    Raises what a database raises that cannot save.
    """
    with store.begin(next(iter(store.workspace_ids()), "")) as tx:
        inbox.try_out(tx)
    store.trouble = ""
