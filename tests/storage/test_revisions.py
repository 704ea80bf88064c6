"""Every revision only adds, unless it says for which versions it takes something away."""

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event

from mentorbot.storage import migration
from mentorbot.storage.store import open_engine
from tests.postgres import Database

_CREATES = re.compile(r"CREATE TABLE (\w+)")
_CHANGES = re.compile(r"(?:ALTER TABLE|INDEX \w+ ON) (\w+)")
_CONTRACTS = re.compile(
    r"DROP TABLE|RENAME|ALTER TABLE \w+ DROP (?!CONSTRAINT)|ALTER COLUMN \w+ (?:TYPE|SET NOT NULL)"
    r"|ADD (?:COLUMN )?\w+ (?!.*DEFAULT)[^,]*NOT NULL|ADD CONSTRAINT|CREATE UNIQUE INDEX"
    r"|\b(?:DELETE|TRUNCATE)\b"
)


def contractions(statements: list[str]) -> list[str]:
    """The statements that the version before would feel, apart from those on new tables."""
    new = {found[1] for each in statements if (found := _CREATES.match(each))}
    felt = []
    for each in statements:
        changed = _CHANGES.search(each)
        if _CONTRACTS.search(each) and (changed is None or changed[1] not in new):
            felt.append(each)
    return felt


@pytest.fixture
def owner(postgres: Database) -> Iterator[Engine]:
    """The owner of an empty database."""
    engine = open_engine(postgres.owner_url)
    yield engine
    engine.dispose()


def statements_of(connection: Connection, revision: str) -> list[str]:
    """What a revision tells PostgreSQL."""
    told: list[str] = []

    def listen(*execution: object) -> None:
        told.append(" ".join(str(execution[2]).split()))

    event.listen(connection, "before_cursor_execute", listen)
    config = migration.alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    event.remove(connection, "before_cursor_execute", listen)
    return [each for each in told if "alembic_version" not in each]


def revisions() -> list[tuple[str, ModuleType]]:
    """Every revision with its module, oldest first."""
    scripts = ScriptDirectory.from_config(migration.alembic_config()).walk_revisions()
    return [(script.revision, script.module) for script in scripts][::-1]


def test_a_revision_takes_nothing_away_unless_it_says_for_which_versions(owner: Engine) -> None:
    known: list[str] = []
    with owner.begin() as connection:
        for revision, module in revisions():
            known.append(revision)
            felt = contractions(statements_of(connection, revision))
            named = getattr(module, "CONTRACTS", None)
            if named is None:
                assert felt == [], f"{revision}: see CONTRIBUTING.md, Write a migration"
            else:
                assert felt, f"{revision} names CONTRACTS and takes nothing away"
                assert named in known, f"{revision} names a version that is not before it"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE note",
        "ALTER TABLE person RENAME TO human",
        "ALTER TABLE person RENAME name TO called",
        "ALTER TABLE person DROP COLUMN name",
        "ALTER TABLE person ALTER COLUMN name TYPE TEXT",
        "ALTER TABLE person ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE person ADD COLUMN colour VARCHAR(40) NOT NULL",
        "ALTER TABLE person ADD CONSTRAINT uq_person_name UNIQUE (workspace_id, name)",
        "CREATE UNIQUE INDEX ix_person_name ON person (workspace_id, name)",
        "DELETE FROM attempt",
    ],
)
def test_what_the_version_before_would_feel_is_found(statement: str) -> None:
    assert contractions(["CREATE TABLE note ( workspace_id TEXT NOT NULL )", statement])


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE person ADD COLUMN colour VARCHAR(40)",
        "ALTER TABLE person ADD COLUMN colour VARCHAR(40) DEFAULT 'red' NOT NULL",
        "ALTER TABLE person ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE person DROP CONSTRAINT uq_person_name",
        "CREATE INDEX ix_person_name ON person (workspace_id, name)",
        "DROP INDEX ix_message_due",
        "CREATE UNIQUE INDEX ix_note ON note (workspace_id)",
    ],
)
def test_what_the_version_before_would_not_feel_is_let_pass(statement: str) -> None:
    assert not contractions(["CREATE TABLE note ( workspace_id TEXT NOT NULL )", statement])
