"""The daily sweep: what no event told us is found, and nobody is greeted for nothing."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.population import Population, Resident
from mentorbot.sandbox.ratelimits import TIERS
from mentorbot.slack import ids
from mentorbot.slack.app import web_client
from mentorbot.slack.sweep import sweep_if_due
from mentorbot.storage import tables
from tests.world import (
    AMARA,
    SOFIA,
    ZOE,
    World,
    action_ids,
    on_both_databases,
    words,
    world_at,
)

LISTING = "conversations.members"


def test_first_sweep_welcomes_nobody_who_was_there_before(world: World) -> None:
    """And it keeps no names of people who take no part."""
    assert world.running.sweep(world.running.workspace_id)
    world.settle()
    assert world.person(ZOE).dms() == []
    with world.bot.store.read(world.running.workspace_id) as tx:
        names = dict(
            tx.session.execute(
                select(tables.people.c.slack_user_id, tables.people.c.name).where(
                    tables.people.c.workspace_id == tx.workspace_id
                )
            ).all()
        )
    assert names[ZOE] == ""


def test_missed_join_is_welcomed_and_missed_deactivation_ends_the_pairing(world: World) -> None:
    amara, zoe, sofia = world.person(AMARA), world.person(ZOE), world.person(SOFIA)
    amara.join("mentor")
    zoe.join("mentee")
    workspace = world.running.workspace_id
    assert world.running.sweep(workspace)
    assert not world.running.sweep(workspace)
    with world.sandbox.state.change():
        world.sandbox.state.users[SOFIA].joined = True
        world.sandbox.state.users[AMARA].deactivated = True
    world.pass_days(1.1)
    assert world.running.sweep(workspace)
    world.settle()
    assert "Welcome!" in sofia.dm_texts()[0]
    assert "had to leave the programme" in zoe.dm_texts()[-1]
    world.pass_days(1.1)
    assert world.running.sweep(workspace)
    world.settle()
    assert len(sofia.dms()) == 1


def many(count: int) -> Population:
    """The workspace with many more people, all of them in the programme's channel."""
    own = Population.read()
    crowd = [f"U0CROWD{number:04}" for number in range(count)]
    people = [Resident(who, f"Person {who}", channels=(CHANNEL,)) for who in crowd]
    return replace(own, people=(*own.people, *people))


def come_unheard(world: World, slack_user_id: str) -> None:
    """Somebody comes to the programme's channel while no event reaches the bot."""
    with world.sandbox.state.change():
        world.sandbox.state.conversations[CHANNEL].members.append(slack_user_id)


def sweep(world: World) -> None:
    world.pass_days(1.1)
    assert world.running.sweep(world.running.workspace_id)
    world.settle()


def greetings(world: World, slack_user_id: str) -> list[str]:
    """The offers of a role in somebody's DM."""
    found = world.person(slack_user_id).dms()
    return [words(message) for message in found if ids.JOIN_AS_MENTEE in action_ids(message)]


@on_both_databases
def test_missed_arrival_in_the_channel_is_offered_the_roles_once(world: World) -> None:
    with world.sandbox.state.change():
        world.sandbox.state.users[SOFIA].joined = True
        world.sandbox.state.conversations[CHANNEL].members.remove(ZOE)
    sweep(world)
    for who in (ZOE, SOFIA):
        come_unheard(world, who)
    sweep(world)
    assert [len(greetings(world, who)) for who in (ZOE, SOFIA)] == [1, 1]
    sweep(world)
    assert [len(greetings(world, who)) for who in (ZOE, SOFIA)] == [1, 1]


def test_those_who_were_in_the_channel_before_and_those_with_a_role_are_left_alone(
    world: World,
) -> None:
    world.person(AMARA).join("mentor")
    for _day in range(2):
        sweep(world)
    in_channel = world.sandbox.state.conversations[CHANNEL].members
    everyone = [who for who in in_channel if not world.sandbox.state.users[who].is_bot]
    assert AMARA in everyone
    assert [who for who in everyone if greetings(world, who)] == []


def test_channel_in_which_the_bot_is_not_stops_no_sweep(world: World) -> None:
    world.sandbox.faults.fail("conversations.members", "channel_not_found")
    sweep(world)
    come_unheard(world, SOFIA)
    with world.sandbox.state.change():
        world.sandbox.state.users[SOFIA].joined = True
    sweep(world)
    assert greetings(world, SOFIA) == []


def test_sweep_goes_page_by_page_no_faster_than_slacks_tiers(tmp_path: Path) -> None:
    waits: list[float] = []
    with world_at(tmp_path, population=many(210), rate_limits=True) as world:
        client, workspace = web_client(world.bot), world.running.workspace_id
        assert sweep_if_due(world.bot, client, workspace, waits.append)
        calls = [it for it in world.sandbox.calls if it.method in ("users.list", LISTING)]
    assert {it.status for it in calls} == {200}
    asked = Counter(it.method for it in calls)
    assert asked == {"users.list": 2, LISTING: 2}
    assert len({(it.method, it.arguments.get("cursor")) for it in calls}) == 4
    per_minute = {"users.list": TIERS["users.list"], LISTING: TIERS[LISTING]}
    assert sorted(waits) == sorted(60 / per_minute[method] for method in asked)
