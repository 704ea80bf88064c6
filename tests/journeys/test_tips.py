"""Monthly tips: short, for one's role and stage, and each once however many pairs and cycles."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.domain.model import Role
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import outbox
from mentorbot.usecases import admin
from tests.journeys.telling import img, pair_up, programme, times_told, when
from tests.world import AMARA, HANNAH, LINA, ZOE, Actor

TORONTO = "America/Toronto"
FEBRUARY = datetime(2023, 2, 13, 15, tzinfo=UTC)
TIP = "A tip for you"
SHORT = {"first_day": 6, "every_days": 7}
TOUCHPOINTS = preset("img").touchpoints.model_dump(mode="json")


def tips_of(who: Actor) -> list[str]:
    """The tips that somebody has had, oldest first."""
    return [text.split("\n", 1)[1] for text in who.dm_texts() if TIP in text]


@pytest.mark.phrase("MILA-19")
def test_tip_comes_every_month_at_ten_in_the_morning_and_each_one_once(tmp_path: Path) -> None:
    mila = preset("mila").model_dump(mode="json")
    nine_months = {key: mila[key] for key in ("cycle", "touchpoints", "tips")}
    with programme(tmp_path, FEBRUARY, img(**nine_months)) as world:
        amara, zoe, lina = (world.person(it) for it in (AMARA, ZOE, LINA))
        zoe.hands.change_profile(time_zone=TORONTO)
        pair_up(amara, zoe, capacity="2")
        world.pass_days(5)
        lina.join("mentee")
        world.pass_days(300)
        for who, role in ((amara, Role.MENTOR), (zoe, Role.MENTEE), (lina, Role.MENTEE)):
            fitting = [tip.text for tip in preset("mila").tips if tip.is_for(role, None)]
            assert tips_of(who) == fitting[:8]
        months = [when(it, TORONTO) for it in zoe.dms() if TIP in str(it)]
        assert {(at.day, at.hour) for at in months} == {(13, 10)}
        assert [at.month for at in months] == [3, 4, 5, 6, 7, 8, 9, 10]


def test_next_cycle_brings_no_tip_a_second_time(tmp_path: Path) -> None:
    tips = [{"text": "Say what you need."}, {"text": "Listen.", "roles": ["mentor"]}]
    file = img(tips=tips, touchpoints=TOUCHPOINTS | {"tip": SHORT})
    with programme(tmp_path, FEBRUARY, file) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        pair_up(amara, zoe)
        world.pass_days(22)
        for who in (amara, zoe):
            who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
        world.pass_days(30)
        assert times_told(zoe, "Your cycle with") > 1
        assert tips_of(amara) == ["Say what you need.", "Listen."]
        assert tips_of(zoe) == ["Say what you need."]


def test_next_cycle_goes_on_with_the_tips_that_are_still_to_come(tmp_path: Path) -> None:
    tips = [{"text": f"Tip {number}."} for number in range(1, 6)]
    file = img(tips=tips, touchpoints=TOUCHPOINTS | {"tip": SHORT})
    with programme(tmp_path, FEBRUARY, file) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        pair_up(amara, zoe)
        for _cycle in range(2):
            world.pass_days(22)
            for who in (amara, zoe):
                who.press(who.dm_with(ids.CONTINUE), ids.CONTINUE)
            world.pass_days(6)
        world.pass_days(16)
        assert tips_of(zoe) == tips_of(amara) == [f"Tip {number}." for number in range(1, 6)]


def test_tip_that_has_left_the_file_before_a_readers_morning_is_not_given(tmp_path: Path) -> None:
    parts = {"touchpoints": TOUCHPOINTS | {"tip": SHORT}}
    with programme(tmp_path, FEBRUARY, img(tips=[{"text": "Old."}], **parts)) as world:
        amara, zoe, hannah = world.person(AMARA), world.person(ZOE), world.person(HANNAH)
        zoe.hands.change_profile(time_zone=TORONTO)
        pair_up(amara, zoe)
        world.move_to(datetime(2023, 2, 19, 12, tzinfo=UTC))
        assert (tips_of(amara), tips_of(zoe)) == (["Old."], [])
        with world.bot.store.begin(world.running.workspace_id) as tx:
            admin.update(tx, img(tips=[{"text": "New."}], **parts), "cli", world.clock())
        world.pass_days(1)
        assert tips_of(zoe) == []
        assert hannah.dms() == []
        with world.bot.store.read(world.running.workspace_id) as tx:
            assert outbox.queues(tx, world.clock()) == []


def test_nobody_reads_a_tip_after_the_pair_has_ended(tmp_path: Path) -> None:
    file = img(tips=[{"text": "Say what you need."}], touchpoints=TOUCHPOINTS | {"tip": SHORT})
    with programme(tmp_path, FEBRUARY, file) as world:
        amara, zoe = world.person(AMARA), world.person(ZOE)
        pair_up(amara, zoe)
        zoe.command("leave")
        zoe.press(zoe.hands.messages(CHANNEL)[-1], ids.LEAVE)
        world.pass_days(8)
        assert tips_of(amara) == tips_of(zoe) == []
