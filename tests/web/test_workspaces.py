"""Many workspaces, one bot: nothing crosses, and each is spoken to with its own token only."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mentorbot import operating
from mentorbot.domain.messages import Message, MessageState
from mentorbot.domain.model import Workspace
from mentorbot.sandbox.calls import ApiCall
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.population import Population
from mentorbot.storage import people, tables
from mentorbot.usecases import membership
from tests.web.stage import SECOND, HttpWorld, serving_worlds
from tests.world import AMARA, LUKASZ, ZOE

Worlds = list[HttpWorld]
ORGANISATION = "E0DEANERY0"


on_both_databases = pytest.mark.parametrize("linked", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def linked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Worlds]:
    """Two workspaces, and a bot that neither has installed."""
    is_postgres = getattr(request, "param", "sqlite") == "postgres"
    database = request.getfixturevalue("postgres") if is_postgres else None
    with serving_worlds(tmp_path, Population.read(), SECOND, database=database) as made:
        yield made


@pytest.fixture
def installed(linked: Worlds) -> Worlds:
    """Both have installed it and run the programme."""
    for world in linked:
        assert world.install().status_code == 200
        world.set_up()
    return linked


def messages(world: HttpWorld) -> list[Message]:
    with world.bot.store.read(world.sandbox.workspace_id) as tx:
        mine = tables.outbox.c.workspace_id == tx.workspace_id
        return list(tx.session.scalars(select(Message).where(mine)))


def unsent(world: HttpWorld) -> list[Message]:
    return [it for it in messages(world) if it.state is not MessageState.SENT]


def calls(world: HttpWorld, method: str) -> list[ApiCall]:
    return [it for it in world.sandbox.calls if it.method == method]


def known(world: HttpWorld) -> Workspace:
    with world.bot.store.read(world.sandbox.workspace_id) as tx:
        found = people.workspace(tx)
    assert found is not None
    return found


def something_to_say(world: HttpWorld, slack_user_id: str) -> None:
    """A message that waits to be sent: the roles, offered to somebody."""
    seen = world.sandbox.person(slack_user_id)
    with world.bot.store.begin(world.sandbox.workspace_id) as tx:
        name = world.sandbox.state.users[seen.slack_user_id].name
        person = membership.Person(tx.workspace_id, slack_user_id, name)
        people.first_seen(tx, person, world.clock())
        membership.joined_channel(tx, slack_user_id, CHANNEL, world.clock())


@on_both_databases
def test_two_workspaces_never_cross(installed: Worlds) -> None:
    north, south = installed
    north.person(AMARA).join("mentor")
    north.person(ZOE).join("mentee")
    south.person(ZOE).join("mentee")

    assert north.person(ZOE).partners() == {AMARA}
    assert south.person(ZOE).groups() == []
    assert "no mentor free right now" in south.person(ZOE).dm_texts()[-1]
    for world, other in ((north, south), (south, north)):
        said = [str(it.arguments["metadata"]) for it in calls(world, "chat.postMessage")]
        assert said
        assert any(it.key in "".join(said) for it in messages(world))
        assert not any(it.key in "".join(said) for it in messages(other))


@on_both_databases
def test_uninstalling_stops_sending_and_installing_again_resumes(installed: Worlds) -> None:
    north, south = installed
    south.sandbox.uninstall()
    south.sandbox.wait_until_idle()
    assert known(south).uninstalled_at is not None
    assert known(north).uninstalled_at is None

    before = len(south.sandbox.calls)
    for world in installed:
        something_to_say(world, AMARA)
    south.clock.set(south.clock() + timedelta(days=2))
    south.settle()
    assert len(south.sandbox.calls) == before
    assert [it.attempt_count for it in unsent(south)] == [0]
    assert unsent(north) == []

    assert south.install().status_code == 200
    south.settle()
    assert known(south).uninstalled_at is None
    assert unsent(south) == []
    assert len(south.person(AMARA).dms()) == 1


@on_both_databases
def test_workspace_that_stays_away_is_erased_whole_and_no_other(installed: Worlds) -> None:
    north, south = installed
    for world in installed:
        world.person(AMARA).join("mentor")
        world.person(ZOE).join("mentee")
    before = rows(north)
    gone = south.sandbox.workspace_id
    south.sandbox.uninstall()
    south.sandbox.wait_until_idle()
    south.clock.set(south.clock() + timedelta(days=29))
    assert not south.running.sweep(gone)
    assert rows(south)
    south.clock.set(south.clock() + timedelta(days=2))
    assert south.running.sweep(gone)
    assert rows(south) == {}
    assert rows(north).items() >= before.items()
    assert gone in south.bot.settings.erasures_path().read_text()
    assert not south.running.sweep(gone)

    assert south.install().status_code == 200
    assert operating.repeat_erasures(south.bot) == 0
    assert known(south).uninstalled_at is None


def test_erased_workspace_does_not_come_back_with_an_older_backup(
    installed: Worlds, tmp_path: Path
) -> None:
    north, south = installed
    for world in installed:
        world.person(AMARA).join("mentor")
        world.person(ZOE).join("mentee")
    settings = south.bot.settings
    operating.back_up_database(settings, tmp_path / "before.backup")
    for world in installed:
        for slack_user_id in (AMARA, ZOE):
            operating.erase_person(settings, world.sandbox.workspace_id, slack_user_id, world.clock)
    south.sandbox.uninstall()
    south.sandbox.wait_until_idle()
    south.clock.set(south.clock() + timedelta(days=31))
    assert south.running.sweep(south.sandbox.workspace_id)
    south.bot.store.close()
    operating.restore_database(settings, tmp_path / "before.backup", south.clock)
    assert rows(south) == {}
    with north.bot.store.read(north.sandbox.workspace_id) as tx:
        assert people.person(tx, AMARA) is people.person(tx, ZOE) is None


def rows(world: HttpWorld) -> dict[str, int]:
    """How many rows of a workspace there are in each table that has any."""
    workspace_id, found = world.sandbox.workspace_id, {}
    with world.bot.store.read(workspace_id) as tx:
        for table in tables.metadata.sorted_tables:
            mine = table.c.workspace_id == workspace_id
            count = tx.session.scalar(select(func.count()).select_from(table).where(mine))
            if count:
                found[table.name] = count
    return found


def test_revoked_tokens_stop_sending_too(installed: Worlds) -> None:
    _north, south = installed
    south.sandbox.revoke_tokens()
    south.sandbox.wait_until_idle()
    something_to_say(south, AMARA)
    south.settle()
    assert [it.attempt_count for it in unsent(south)] == [0]


def test_news_of_uninstalling_that_comes_late_ends_nothing(installed: Worlds) -> None:
    north, south = installed
    south.sandbox.uninstall()
    south.sandbox.wait_until_idle()
    south.install()
    late = {
        "type": "event_callback",
        "event_id": "EvLATE",
        "team_id": SECOND.workspace_id,
        "event": {"type": "app_uninstalled"},
    }
    assert north.post(late).status_code == 200
    assert known(south).uninstalled_at is None
    something_to_say(south, AMARA)
    south.settle()
    assert unsent(south) == []


def test_news_of_uninstalling_is_heard_again_where_slack_does_not_answer(installed: Worlds) -> None:
    _north, south = installed
    installed[0].sandbox.faults.fail("auth.test", "internal_error")
    south.sandbox.revoke_tokens()
    south.sandbox.wait_until_idle()
    assert known(south).uninstalled_at is not None


def test_nobody_is_served_where_the_bot_is_not_installed(linked: Worlds) -> None:
    north, _south = linked
    zoe = north.person(ZOE)
    assert "not installed here any more" in zoe.command("status")
    assert north.bot.store.workspace_ids() == []


@on_both_databases
def test_tokens_are_rotated_while_the_bot_works(linked: Worlds) -> None:
    north, _south = linked
    grants = north.sandbox.state.grants
    grants.rotates, grants.token_lifetime_seconds = True, 60
    north.install()
    north.set_up()
    north.person(AMARA).join("mentor")
    refreshed = [
        it
        for it in calls(north, "oauth.v2.access")
        if it.arguments.get("grant_type") == "refresh_token"
    ]
    assert len(refreshed) > 3
    assert all(it.response["ok"] for it in refreshed)
    assert "no mentee free right now" in north.person(AMARA).dm_texts()[-1]


def test_a_token_that_cannot_be_rotated_serves_until_it_ends(linked: Worlds) -> None:
    north, _south = linked
    grants = north.sandbox.state.grants
    grants.rotates, grants.token_lifetime_seconds = True, 3600
    north.install()
    north.sandbox.faults.fail("oauth.v2.access", "internal_error", times=50)
    north.set_up()
    something_to_say(north, LUKASZ)
    north.settle()
    assert unsent(north) == []


def test_nothing_is_lost_while_a_token_that_ended_cannot_be_renewed(linked: Worlds) -> None:
    north, _south = linked
    grants = north.sandbox.state.grants
    grants.rotates, grants.token_lifetime_seconds = True, 1
    north.install()
    time.sleep(1.1)
    north.sandbox.faults.fail("oauth.v2.access", "internal_error", times=50)
    north.set_up()
    assert [it.attempt_count for it in unsent(north)] == [0]
    north.sandbox.faults.clear()
    north.settle()
    assert unsent(north) == []


@on_both_databases
def test_an_organisation_installs_for_all_its_workspaces(linked: Worlds) -> None:
    north, south = linked
    grants = north.sandbox.state.grants
    grants.enterprise_id, grants.is_org_wide = ORGANISATION, True
    south.sandbox.state.grants = grants
    north.install()
    assert north.bot.store.workspace_ids() == []
    for world in linked:
        world.person(ZOE).command("status")
        assert known(world).enterprise_id == ORGANISATION
        world.set_up()
    south.person(ZOE).join("mentee")
    assert "no mentor free right now" in south.person(ZOE).dm_texts()[-1]
    assert north.person(ZOE).dms() == []

    north.sandbox.uninstall()
    north.sandbox.wait_until_idle()
    assert all(known(world).uninstalled_at is not None for world in linked)
