"""The library: what is worth reading, by topic and place."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NoResources, SecretKeyMissing
from mentorbot.domain.model import Participant
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.resources import Resource
from mentorbot.slack import blocks, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.storage import participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases import goals as usecases_goals
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, escape, listed

MOST_SHOWN = 20


def link(item: Resource) -> Markup:
    """A page's title, leading to it."""
    return Markup(f"<{item.url}|{escape(item.title)}>")


def show_resources(call: Call, rest: str = "") -> None:
    """`resources`, for where one is, or `resources visa`."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        file = parse_stored(programme.definition)
        held = participants.of_person(tx, programme.programme_id, call.slack_user_id)
        goals = _goals(tx, held) if held is not None and file.goals else []
    if file.library is None:
        raise NoResources(programme=file.name)
    answers, stage = (held.answers, held.stage) if held is not None else ({}, None)
    found = (
        file.library.found(rest, answers, stage, goals)
        if rest
        else file.library.for_goals(answers, stage, goals)
    )
    topics = listed(file.library.topics, call.locale)
    intro = "intro" if found else "not_found"
    shown = [blocks.section(call.say(f"resources.{intro}", words=rest, topics=topics))]
    shown += _by_topic(found[:MOST_SHOWN])
    if left := len(found[MOST_SHOWN:]):
        shown.append(blocks.context(call.say("resources.more", count=left)))
    title = call.say("resources.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _goals(tx: Transaction, held: Participant) -> list[str]:
    """The words of what somebody wants to reach; none where there is no key to read them."""
    try:
        return usecases_goals.open_goals(tx, held)
    except SecretKeyMissing:
        return []


def _by_topic(found: Sequence[Resource]) -> list[blocks.Block]:
    shown = []
    for topic in dict.fromkeys(item.topic for item in found):
        shown.append(blocks.section(f"*{escape(topic)}*"))
        shown += blocks.bulleted(link(it) for it in found if it.topic == topic)
    return shown


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who look for something to read."""
    app.action(ids.SHOW_RESOURCES)(guard(bot, show_resources))
