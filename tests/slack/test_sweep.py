"""The daily sweep: what no event told us is found, and nobody is greeted for nothing."""

from sqlalchemy import select

from mentorbot.storage import tables
from tests.world import AMARA, SOFIA, ZOE, World


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
