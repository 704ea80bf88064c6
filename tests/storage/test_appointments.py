"""Who holds which role, also while the version before writes its own table beside ours."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import Engine, text

from mentorbot.domain.model import Programme, Workspace
from mentorbot.domain.permissions import (
    ALLOWED,
    EVERY_PROGRAMME,
    Action,
    Appointment,
    TeamRole,
)
from mentorbot.storage import appointments, migration, tables
from mentorbot.storage.store import Store, Transaction, open_engine
from tests.storage.told import TEAM
from tests.world import AMARA, HANNAH, MONDAY, OMAR, ZOE


@pytest.fixture
def store(any_store: Store) -> Store:
    """A workspace with one programme and nobody in its team."""
    with any_store.begin(TEAM) as tx:
        tx.add(Workspace(TEAM, "Team", "U0BOT", MONDAY))
        tx.add(Programme(TEAM, "img", "C0IMG", "{}", HANNAH, MONDAY))
    return any_store


def appoint(tx: Transaction, who: str, role: TeamRole, days: int = 0, **more: str) -> bool:
    given = {"programme_id": "img", "specialty": "", **more}
    at = MONDAY + timedelta(days=days)
    programme_id, specialty = given["programme_id"], given["specialty"]
    return appointments.appoint(
        tx, Appointment(TEAM, programme_id, who, role, specialty, at, HANNAH)
    )


def old_rows(tx: Transaction) -> set[str]:
    """Whom the version before takes for coordinators."""
    return {row.slack_user_id for row in tx.session.execute(tables.coordinators.select())}


def test_who_runs_a_programme_does_so_for_the_version_before_too(store: Store) -> None:
    with store.begin(TEAM) as tx:
        assert appoint(tx, HANNAH, TeamRole.OWNER)
        assert not appoint(tx, HANNAH, TeamRole.OWNER)
        appoint(tx, HANNAH, TeamRole.COORDINATOR)
        appoint(tx, OMAR, TeamRole.COORDINATOR)
        appoint(tx, ZOE, TeamRole.REVIEWER)
        assert old_rows(tx) == {HANNAH, OMAR}
        assert appointments.dismiss(tx, "img", HANNAH, TeamRole.COORDINATOR)
        assert appointments.dismiss(tx, "img", OMAR, TeamRole.COORDINATOR)
        assert not appointments.dismiss(tx, "img", OMAR, TeamRole.COORDINATOR)
        assert old_rows(tx) == {HANNAH}
        assert appointments.dismiss(tx, "img", HANNAH, TeamRole.OWNER)
        assert old_rows(tx) == set()
    with store.read(TEAM) as tx:
        assert [it.role for it in appointments.of_programme(tx, "img")] == [TeamRole.REVIEWER]


def test_whom_the_version_before_names_is_a_coordinator_until_dismissed(store: Store) -> None:
    with store.begin(TEAM) as tx:
        row = {"programme_id": "img", "slack_user_id": AMARA, "added_at": MONDAY}
        tx.add_new(tables.coordinators, [row])
    with store.begin(TEAM) as tx:
        assert appointments.actions(tx, "img", AMARA) == ALLOWED[TeamRole.COORDINATOR]
        assert appointments.holders(tx, "img", {TeamRole.COORDINATOR}) == [AMARA]
        assert appointments.dismiss(tx, "img", AMARA, TeamRole.COORDINATOR)
        assert appointments.actions(tx, "img", AMARA) == frozenset()
        assert old_rows(tx) == set()


def test_roles_add_up_and_hold_where_they_were_given(store: Store) -> None:
    with store.begin(TEAM) as tx:
        appoint(tx, ZOE, TeamRole.REVIEWER)
        appoint(tx, ZOE, TeamRole.VIEWER, programme_id=EVERY_PROGRAMME)
        for specialty in ("Surgery", "Radiology"):
            assert appoint(tx, ZOE, TeamRole.ADVISER, specialty=specialty)
        appoint(tx, OMAR, TeamRole.REVIEWER, days=-1)
        assert Action.REVIEW in appointments.actions(tx, "img", ZOE)
        assert Action.OVERSEE in appointments.actions(tx, "img", ZOE)
        assert appointments.actions(tx, "chess", ZOE) == ALLOWED[TeamRole.VIEWER]
        assert appointments.holders(tx, "img", {TeamRole.REVIEWER}) == [OMAR, ZOE]
        assert appointments.dismiss(tx, "img", ZOE, TeamRole.ADVISER)
        left = [(it.programme_id, it.role) for it in appointments.of_person(tx, ZOE)]
        assert left == [("img", TeamRole.REVIEWER), (EVERY_PROGRAMME, TeamRole.VIEWER)]


@pytest.fixture
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of the version that knew coordinators alone, with two of them."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('before') / 'before.db'}")
    config = migration.alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        at = MONDAY.isoformat()
        for statement in (
            f"INSERT INTO workspace VALUES ('{TEAM}', 'Team', 'U0BOT', '{at}', NULL, NULL, NULL)",
            f"INSERT INTO programme VALUES ('{TEAM}', 'img', 'C0', '{{}}', '{HANNAH}', '{at}')",
            f"INSERT INTO coordinator VALUES ('{TEAM}', 'img', '{HANNAH}', '{at}')",
            f"INSERT INTO coordinator VALUES ('{TEAM}', 'img', '{OMAR}', '{at}')",
        ):
            connection.execute(text(statement))
    yield engine
    engine.dispose()


def test_coordinators_are_carried_over_and_who_set_it_up_owns_it(before: Engine) -> None:
    migration.upgrade(before)
    with Store(before, lambda: "new").read(TEAM) as tx:
        found = [(it.slack_user_id, it.role) for it in appointments.of_programme(tx, "img")]
    assert found == [(HANNAH, TeamRole.OWNER), (OMAR, TeamRole.COORDINATOR)]
