"""The bot is invited to the programme's channel only after the programme was set up."""

from dataclasses import replace
from pathlib import Path

from mentorbot.sandbox import events
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.population import Population
from tests.world import HANNAH, ZOE, World, words, world_at


def invite_the_bot(world: World) -> None:
    """As `/invite @MentorBot` does."""
    state, bot = world.sandbox.state, world.sandbox.bot_user_id
    with state.change():
        state.conversations[CHANNEL].members.append(bot)
        world.sandbox.emit(events.member_joined_channel(state, bot, CHANNEL))
    world.settle()


def test_role_buttons_follow_a_late_invitation_and_only_once(tmp_path: Path) -> None:
    plan = Population.read()
    outside = tuple(replace(channel, bot_is_member=False) for channel in plan.channels)
    with world_at(tmp_path, population=replace(plan, channels=outside)) as world:
        hannah, zoe = world.person(HANNAH), world.person(ZOE)
        assert "could not be delivered" in hannah.dm_texts()[-1]
        assert zoe.hands.messages(CHANNEL) == []
        invite_the_bot(world)
        invite_the_bot(world)
        (card,) = zoe.hands.messages(CHANNEL)
        assert "choose your role" in words(card).lower()
