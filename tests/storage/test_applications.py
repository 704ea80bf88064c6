"""Applications of the version before, whose addresses nobody had confirmed."""

from pathlib import Path

from alembic import command
from sqlalchemy import text

from mentorbot.storage import applications, migration
from mentorbot.storage.store import Store, open_engine
from tests.storage.told import TEAM
from tests.world import MONDAY, OMAR, ZOE

_INTO = (
    "INSERT INTO application (workspace_id, application_id, programme_id, cohort, role, source,"
    " state, started_at, slack_user_id, email, name, answers, reasons, facts, version) VALUES"
)


def test_addresses_that_were_typed_in_slack_are_unconfirmed_after_the_upgrade(
    tmp_path: Path,
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'before.db'}")
    config = migration.alembic_config()
    at, typed = MONDAY.isoformat(), '{"email": "zoe@example.org"}'
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        given = (
            ("slack", f"'{ZOE}'", "zoe@example.org", typed),
            ("slack", f"'{OMAR}'", "omar@example.org", "{}"),
            ("import", "NULL", "lina@example.org", '{"email": "lina@example.org"}'),
        )
        connection.execute(
            text(f"INSERT INTO workspace VALUES ('{TEAM}', 'Team', 'U0', '{at}', NULL, NULL, NULL)")
        )
        connection.execute(
            text(f"INSERT INTO programme VALUES ('{TEAM}', 'img', 'C0', '', 'U1', '{at}')")
        )
        for number, (source, who, email, answers) in enumerate(given):
            row = (
                f"'{TEAM}', 'a{number}', 'img', 1, 'mentee', '{source}', 'in_review', '{at}',"
                f" {who}, '{email}', '', '{answers}', '[]', '[]', 1"
            )
            connection.exec_driver_sql(f"{_INTO} ({row})")
    migration.upgrade(engine)
    with Store(engine, lambda: "new").read(TEAM) as tx:
        found = [applications.application(tx, f"a{number}") for number in range(3)]
        known = [(it.email, it.unconfirmed_email) for it in found if it]
    engine.dispose()
    assert known == [
        (None, "zoe@example.org"),
        ("omar@example.org", None),
        ("lina@example.org", None),
    ]
