"""Hostile text from people, profiles and programme files: shown as it was typed, never obeyed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.messages import Message
from mentorbot.programmes import preset
from mentorbot.slack import ids
from mentorbot.usecases import admin
from tests import crafted
from tests.world import AMARA, CLAIRE, HANNAH, OMAR, ZOE, World, world_at

EVIL = (
    f"<!channel> <!here|x> <@{CLAIRE}> <#C0GENERAL0> <https://evil.example|click> @here @channel "
    "https://evil.example www.evil.example evil.example *bold* _it_ ~no~ `code` "
    "\u202egnp.exe\u202c \u200f &lt;!everyone&gt; &amp;lt; > quote </x> "
)
SHORT = "<!here> & <@U0CLAIRE00> <http://e.x|k> *b* \u202e"
EMOJI = "🎓" * 3000
MENTION = re.compile(r"<@(\w+)(?:\|[^>]*)?>")
IMG = preset("img")
LIBRARY = IMG.library.items if IMG.library else ()
OUR_LINKS = {page.url for page in (*IMG.signposts, *LIBRARY)}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A cycle in which everything that anybody can type is hostile."""
    with world_at(tmp_path_factory.mktemp("hostile")) as world:
        _live_through(world)
        yield world


def _live_through(world: World) -> None:
    amara, zoe, omar, hannah = (world.person(it) for it in (AMARA, ZOE, OMAR, HANNAH))
    with world.bot.store.begin(world.running.workspace_id) as tx:
        file = preset("img").model_copy(
            update={"name": SHORT, "purpose": EVIL, "starters": (EVIL,), "id": "img"}
        )
        admin.update(tx, file, HANNAH, world.clock())
    for who in (amara, zoe, omar):
        who.hands.open_home()
        who.hands.change_profile(name=EVIL[:200])
    amara.join("mentor", place=SHORT, offer=EVIL, capacity="2")
    zoe.join("mentee", place=SHORT, hopes=EVIL)
    omar.join("mentee", place=EMOJI[:60], hopes=EMOJI[:250] + "\n" + EVIL[:200])
    world.pass_days(4)
    zoe.press(zoe.last_dm(), ids.CHECK_IN_HELP)
    omar.press(omar.last_dm(), ids.CHECK_IN_NOT_YET)
    world.pass_days(17.5)
    zoe.give_feedback(helped_with=EVIL, could_improve=EMOJI[:700] + EVIL)
    for who in (amara, zoe, omar):
        who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
        for text in (EVIL, f"pause {EVIL}", f"certificate {EVIL}", "status", EMOJI):
            who.command(text)
        who.hands.open_home()
    for text in (EVIL, f"certificate {EVIL}", f"certificate <@{AMARA}> {EVIL}", "people", "pairs"):
        hannah.command(text)
    for text in ("feedback", f"feedback {EVIL}", "help", "setup"):
        hannah.command(text)
    hannah.hands.open_home()
    omar.command("leave")
    omar.press(_last_ephemeral(world), ids.LEAVE)
    world.pass_days(8)


def _last_ephemeral(world: World) -> dict[str, Any]:
    omar = world.person(OMAR)
    channel = omar.channel_card()["channel"]
    return [it for it in omar.hands.messages(channel) if it["ephemeral"]][-1]


def _texts(node: Any) -> Iterator[str]:
    """Every text that Slack would read as markup."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node.get("verbatim") is True, node
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def everything_shown(world: World) -> Iterator[str]:
    """Each text of each message, home and modal, with the fallbacks and the files' words."""
    state = world.sandbox.state
    for conversation in state.conversations.values():
        for posting in conversation.postings:
            yield posting.body["text"]
            yield from _texts(posting.body.get("blocks", []))
    for shown in state.views():
        yield from _texts(shown.view)
    for call in world.sandbox.calls:
        yield from (call.arguments.get(it) or "" for it in ("text", "initial_comment"))
        for name in ("blocks", "view"):
            yield from _texts(_sent(call.arguments.get(name)))


def _sent(argument: Any) -> Any:
    return json.loads(argument) if isinstance(argument, str) and argument else argument


def test_hostile_text_reaches_people_as_it_was_typed(hostile: World) -> None:
    everything = "\n".join(everything_shown(hostile))
    assert "&lt;!channel&gt; &lt;!here|x&gt; &lt;@U0CLAIRE00&gt;" in everything
    assert "&amp;lt;!everyone" in everything
    assert "🎓🎓🎓" in everything


def test_hostile_text_pings_nobody(hostile: World) -> None:
    taking_part = {AMARA, ZOE, OMAR, HANNAH}
    for text in everything_shown(hostile):
        assert "<!" not in text, text
        assert set(MENTION.findall(text)) <= taking_part, text


def test_hostile_text_places_no_link(hostile: World) -> None:
    for text in everything_shown(hostile):
        links = {it.split("|")[0] for it in re.findall(r"<([^@#>][^>]*)>", text)}
        assert links <= OUR_LINKS, text
        assert "https://evil" not in text
        assert "www.evil" not in text


def test_hostile_text_leads_into_no_other_channel(hostile: World) -> None:
    for text in everything_shown(hostile):
        assert set(re.findall(r"<#(\w+)[^>]*>", text)) <= {"C0IMGMENTR"}, text


def test_slack_took_every_hostile_message(hostile: World) -> None:
    refused = {
        (c.method, c.response.get("error")) for c in hostile.sandbox.calls if not c.response["ok"]
    }
    assert refused == set()
    with hostile.bot.store.read(hostile.running.workspace_id) as tx:
        states = {(it.kind, it.state) for it in tx.session.query(Message)}
    assert {state for _kind, state in states} <= {"sent", "cancelled"}, states


def test_the_programmes_name_in_a_file_pings_nobody_on_the_certificate(hostile: World) -> None:
    files = hostile.person(AMARA).files()
    assert files
    for file in files:
        assert "/" not in file["name"]
        assert hostile.person(AMARA).hands.download(file["id"]).startswith(b"%PDF")


def test_text_that_is_too_long_for_its_field_is_refused_with_its_length(tmp_path: Path) -> None:
    with world_at(tmp_path) as world:
        amara = world.person(AMARA)
        amara.fill_role_form("mentor")
        said = crafted.submit(amara, {"offer": EMOJI, "place": EMOJI})
        assert said["errors"].keys() == {"offer", "place"}
        assert "3000" in said["errors"]["offer"]
