"""Hostile text in applications and in what reviewers write: shown as it was typed, never obeyed."""

import re
from datetime import UTC, datetime
from pathlib import Path

from mentorbot.slack import ids
from tests.applications import FORM, fill, programme_file, run, send
from tests.slack.test_hostile_text import EVIL, MENTION, everything_shown
from tests.world import HANNAH, ZOE, World, world_at

LABEL = "<!here> & <@U0CLAIRE00> <http://e.x|k>"


def check(world: World) -> None:
    """Nothing that anybody sees now pings, links or mentions whom it should not."""
    for text in everything_shown(world):
        assert "<!" not in text, text
        assert set(MENTION.findall(text)) <= {ZOE, HANNAH}, text
        assert re.findall(r"<([^@#>][^>]*)>", text) == [], text
        assert "https://evil" not in text


def test_hostile_text_of_applicants_and_reviewers_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    start = datetime(2025, 1, 6, 10, tzinfo=UTC)
    with world_at(tmp_path, start, is_set_up=False) as world:
        form = [q | {"label": LABEL} if q["id"] in ("goals", "year") else q for q in FORM]
        facts = [{"id": "standing", "label": LABEL}]
        run(world, programme_file(form=form, facts=facts))
        zoe, hannah = world.person(ZOE), world.person(HANNAH)
        zoe.hands.open_home()
        zoe.hands.change_profile(name=EVIL[:200])
        fill(zoe, goals=EVIL, year="2")
        check(world)
        send(zoe)
        zoe.home()
        hannah.command("review")
        check(world)
        for action, field in ((ids.REVIEW_ASK, "question"), (ids.REVIEW_DECLINE, "reason")):
            hannah.hands.click("modal", action)
            hannah.hands.fill_in({field: EVIL})
            check(world)
            assert hannah.hands.submit() == {}
            world.settle()
            check(world)
            hannah.hands.close_modal()
            if action == ids.REVIEW_ASK:
                zoe.hands.click(zoe.last_dm(), ids.ANSWER_REVIEWER)
                check(world)
                zoe.hands.fill_in({"answer": EVIL})
                assert zoe.hands.submit() == {}
                world.settle()
                zoe.hands.close_modal()
                hannah.press(hannah.last_dm(), ids.REVIEW)
                check(world)
        assert "> &lt;!channel&gt; &lt;!here|x&gt; &lt;@U0CLAIRE00&gt;" in zoe.dm_texts()[-1]
        zoe.home()
        check(world)
