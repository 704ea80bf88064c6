"""Words that the journeys share: who was told what, when on their clock, and that it was once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.slack import ids
from tests.applications import run
from tests.world import HANNAH, Actor, World, words, world_at


def pair_up(mentor: Actor, mentee: Actor, **capacity: Any) -> None:
    """A mentor joins, then a mentee, and they are introduced."""
    mentor.join("mentor", **capacity)
    mentee.join("mentee")
    assert mentee.partners() == {mentor.id}


def name_of(actor: Actor) -> str:
    """Somebody as the bot mentions them."""
    return f"<@{actor.id}>"


def group_texts(one: Actor, other: Actor) -> list[str]:
    """The words of the group DM of two people with the bot, oldest first."""
    everyone = {one.id, other.id, one.world.sandbox.bot_user_id}
    groups = [group for group in one.groups() if set(group["members"]) == everyone]
    return [words(message) for group in groups for message in one.hands.messages(group["id"])]


def times_told(actor: Actor, fragment: str) -> int:
    """How many of somebody's DMs from the bot have these words."""
    return sum(fragment in text for text in actor.dm_texts())


def told_since(actor: Actor, count: int) -> list[str]:
    """The DMs after the first so many."""
    return actor.dm_texts()[count:]


def when(message: dict[str, Any], zone: str = "UTC") -> datetime:
    """When a message was posted, on the clocks of a zone."""
    return datetime.fromtimestamp(float(message["ts"]), UTC).astimezone(ZoneInfo(zone))


def assert_nobody_was_told_twice(world: World) -> None:
    """No conversation holds the same words from the bot twice on one day, nor one message twice."""
    said: Counter[tuple[str, date, str]] = Counter()
    keys: Counter[str] = Counter()
    with world.sandbox.state.lock:
        for conversation in world.sandbox.state.conversations.values():
            for posting in conversation.postings:
                body = posting.body
                if body["user"] == world.sandbox.bot_user_id and posting.only_for is None:
                    said[conversation.id, when(body).date(), words(body)] += 1
                    keys[str(body.get("metadata", body["ts"]))] += 1
    twice = [what for counted in (said, keys) for what, times in counted.items() if times > 1]
    assert twice == []


def modal_words(who: Actor) -> str:
    """What the open modal says."""
    assert who.hands.modal is not None
    return words(who.hands.modal)


def send_pairs(world: World, *reviewers: str) -> None:
    """Some people look at the proposed pairs and approve them; the last of them sends them."""
    for who in map(world.person, reviewers):
        if who.id != HANNAH:
            world.person(HANNAH).command(f"appoint {name_of(who)} reviewer")
        who.command("matching")
        who.press("modal", ids.MATCH_REVIEW_APPROVE)
    who.press("modal", ids.MATCH_REVIEW_SEND)


def accept(who: Actor) -> None:
    """Read the guidelines from the newest message, and agree to them."""
    who.press(who.dm_with(ids.READ_GUIDELINES), ids.READ_GUIDELINES)
    who.agree()


def img(**parts: Any) -> ProgrammeFile:
    """The IMG file with other parts."""
    return ProgrammeFile.model_validate(preset("img").model_dump(mode="json") | parts)


@contextmanager
def programme(folder: Path, start: datetime, file: ProgrammeFile) -> Iterator[World]:
    """A world in which a programme is set up at an instant; at its end nobody heard twice."""
    with world_at(folder, start, is_set_up=False) as world:
        run(world, file)
        yield world
        assert_nobody_was_told_twice(world)
