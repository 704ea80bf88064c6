"""Erasing a person: nothing of them is left, their partners go on, and they stay erased."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from mentorbot import operating
from mentorbot.domain.errors import OperatorRefused
from mentorbot.domain.model import Person
from mentorbot.domain.permissions import RUNNERS
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.slack.oauth_stores import Installed
from mentorbot.storage import appointments, people
from mentorbot.usecases import admin, membership
from tests.journeys.telling import name_of, pair_up
from tests.world import (
    AMARA,
    HANNAH,
    LUKASZ,
    OMAR,
    ZOE,
    World,
    action_ids,
    on_both_databases,
)

TEAM = "T0SANDBOX0"
MARK = "Quokka"
"""Is in whatever she writes, and in whatever is written of her."""
SHARED = "Numbatville"
"""Where she and Omar live: an answer of both, and so a reason of their pairing."""
KEPT = ("pairing", "membership", "feedback", "check_in", "choice", "certificate", "participant")


def live_a_full_life(world: World) -> str:
    """Zoe does all that leaves a trace: as mentee, mentor, coordinator and installer; her name."""
    zoe, amara, omar, hannah = (world.person(who) for who in (ZOE, AMARA, OMAR, HANNAH))
    with world.bot.store.begin(TEAM) as tx:
        admin.add_coordinator(tx, "img", ZOE, ZOE, world.clock())
    owner = {"app_id": "A0", "team_id": TEAM, "user_id": ZOE, "user_token": "xoxp-hers"}
    Installed(world.bot).save(Installation(bot_token="xoxb-1", **owner))
    pair_up(amara, zoe)
    world.pass_days(4)
    zoe.press(zoe.dm_with(ids.CHECK_IN_HELP), ids.CHECK_IN_HELP)
    world.pass_days(18)
    zoe.give_feedback(helped_with=f"{MARK} rotas.", could_improve=f"{MARK} time.")
    amara.command("pause 8 weeks")
    zoe.join("mentor", offer=f"{MARK} tips.", place=SHARED)
    omar.join("mentee", place=SHARED)
    assert OMAR in zoe.partners()
    world.pass_days(30)
    assert "is on its way" in hannah.command(f"certificate {name_of(zoe)} {MARK} reason")
    omar.give_feedback(helped_with=f"{MARK}, she was kind.")
    zoe.fill_role_form("mentee", hopes=f"{MARK} draft.")
    assert zoe.hands.submit() == {}
    with world.bot.store.read(TEAM) as tx:
        person = people.person(tx, ZOE)
    assert person is not None
    return person.name


@contextmanager
def seen_whole(world: World, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database as somebody sees it whom no filter keeps from anything."""
    if not world.bot.store.is_postgresql:
        yield world.bot.store.engine
        return
    url = make_url(request.getfixturevalue("postgres").superuser_url)
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


Rows = dict[str, list[str]]


def everything(engine: Engine) -> Rows:
    """Every row of every table of a database, as text."""
    found = {}
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{name}"'))
            found[name] = [_as_text(row) for row in rows]
    return found


def _as_text(row: Any) -> str:
    return json.dumps(list(row), default=str, ensure_ascii=False)


def holding(found: Rows, *words: str) -> Rows:
    """The rows that hold one of some words."""
    hits = {t: [row for row in rows if any(w in row for w in words)] for t, rows in found.items()}
    return {table: rows for table, rows in hits.items() if rows}


def erase(world: World, who: str = ZOE) -> Path:
    return operating.erase_person(world.bot.settings, TEAM, who, world.clock)[0]


@on_both_databases
def test_nothing_of_an_erased_person_is_left_but_counts(
    world: World, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    name = live_a_full_life(world)
    with seen_whole(world, request) as engine:
        before = everything(engine)
        traces = holding(before, ZOE, name, "Okonkwo", MARK)
        assert {"person", "participant", "feedback", "message", "coordinator"} <= set(traces)
        assert {"audit_entry", "certificate", "slack_installations"} <= set(traces)
        written = erase(world)
        after = everything(engine)
    assert holding(after, ZOE, name, "Okonkwo", MARK, "xoxp-hers") == {}
    assert set(holding(before, SHARED)) == {"participant", "pairing"}
    (omars,) = holding(after, SHARED).pop("participant")
    assert OMAR in omars
    assert set(holding(after, SHARED)) == {"participant"}
    assert {table: len(after[table]) for table in KEPT} == {
        table: len(before[table]) for table in KEPT
    }
    assert len(after["message"]) >= len(before["message"])
    for file in (written, *tmp_path.glob("mentorbot.db*")):
        content = file.read_bytes()
        for word in (ZOE, name, "Okonkwo", MARK):
            assert word.encode() not in content, file


@on_both_databases
def test_partner_of_an_erased_person_hears_that_they_left_and_goes_first(world: World) -> None:
    amara, zoe, omar, lukasz = (world.person(who) for who in (AMARA, ZOE, OMAR, LUKASZ))
    pair_up(amara, zoe)
    omar.join("mentee")
    world.pass_days(3)
    heard = len(zoe.dms())
    erase(world, AMARA)
    world.settle()
    (told,) = zoe.dm_texts()[heard:]
    assert "Your partner has had to leave the programme" in told
    assert "You are at the front of the line" in told
    lukasz.join("mentor")
    assert zoe.partners() == {AMARA, LUKASZ}
    silent = len(amara.dms())
    world.pass_days(30)
    assert len(amara.dms()) == silent


def test_feedback_about_an_erased_mentor_can_no_longer_be_given(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(22)
    erase(world, AMARA)
    zoe.press(zoe.dm_with(ids.GIVE_FEEDBACK), ids.GIVE_FEEDBACK)
    assert zoe.hands.modal is None
    assert "feedback" not in zoe.home()
    heard = len(zoe.dms())
    world.pass_days(10)
    assert not any(ids.GIVE_FEEDBACK in action_ids(message) for message in zoe.dms()[heard:])


def test_coordinators_read_feedback_of_an_erased_mentee_without_their_name(world: World) -> None:
    amara, zoe, hannah = (world.person(who) for who in (AMARA, ZOE, HANNAH))
    pair_up(amara, zoe)
    world.pass_days(22)
    zoe.give_feedback(helped_with=f"{MARK} rotas.")
    erase(world)
    shown = hannah.command("feedback")
    assert f"somebody no longer on record on {name_of(amara)}" in shown
    assert MARK not in shown


def test_erased_person_comes_back_only_by_acting_again(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    erase(world)
    heard = len(zoe.dms())
    with world.sandbox.state.lock:
        world.sandbox.state.conversations[CHANNEL].members.remove(ZOE)
    zoe.hands.join_channel(CHANNEL)
    zoe.hands.change_profile(time_zone="Asia/Tokyo")
    with world.bot.store.begin(TEAM) as tx:
        membership.joined(tx, Person(TEAM, ZOE, "Zoë"), world.clock())
    for _day in range(3):
        world.pass_days(1)
        world.running.heartbeat.sweep()
        world.settle()
    assert holding(everything(world.bot.store.engine), ZOE) == {}
    assert len(zoe.dms()) == heard
    zoe.join("mentee")
    assert stored(world, ZOE) is not None
    world.running.heartbeat.sweep()
    erase(world)
    assert stored(world, ZOE) is None


def test_start_after_a_return_erases_nobody_again(world: World) -> None:
    zoe = world.person(ZOE)
    zoe.join("mentee")
    erase(world)
    zoe.join("mentee")
    assert operating.repeat_erasures(world.bot) == 0
    assert stored(world, ZOE) is not None


def test_longer_id_that_begins_alike_is_left_alone(world: World) -> None:
    world.person(ZOE).join("mentee")
    twin = f"{ZOE}1"
    with world.bot.store.begin(TEAM) as tx:
        tx.add(Person(TEAM, twin, "Twin"))
        admin.add_coordinator(tx, "img", twin, ZOE, world.clock())
    erase(world)
    assert stored(world, twin) is not None
    with world.bot.store.read(TEAM) as tx:
        assert twin in appointments.holders(tx, "img", RUNNERS)


def test_what_cannot_be_written_down_is_not_erased(world: World, tmp_path: Path) -> None:
    world.person(ZOE).join("mentee")
    blocked = tmp_path / "a file"
    blocked.write_text("")
    changed = {"mentorbot_erasures_file": str(blocked / "erasures")}
    settings = world.bot.settings.model_copy(update=changed)
    with pytest.raises(OSError, match="a file"):
        operating.erase_person(settings, TEAM, ZOE, world.clock)
    assert stored(world, ZOE) is not None


def test_nobody_is_erased_whom_nobody_knows(world: World) -> None:
    with pytest.raises(OperatorRefused, match="Nothing is stored of U0NOBODY00"):
        erase(world, "U0NOBODY00")
    with pytest.raises(OperatorRefused, match="no workspace"):
        operating.erase_person(world.bot.settings, "T0NOWHERE0", ZOE, world.clock)
    assert not world.bot.settings.erasures_path().exists()


def stored(world: World, slack_user_id: str) -> Person | None:
    with world.bot.store.read(TEAM) as tx:
        return people.person(tx, slack_user_id)
