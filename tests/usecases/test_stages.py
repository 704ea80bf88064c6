"""Stages: picked, left behind one after another however late, and gone with whoever goes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant, Programme, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from mentorbot.storage import participants
from mentorbot.usecases import enrolment, erasing, stages, tick
from tests.applications import TEAM, Desk, desk_at

ZOE = "U0ZOE00000"
YEARS: list[dict[str, Any]] = [
    {"id": "one", "name": "Year one", "months": 12, "then": "two"},
    {"id": "two", "name": "Year two", "months": 6, "then": "three"},
    {"id": "three", "name": "Year three", "months": 12},
]
START = datetime(2025, 1, 31, 15, tzinfo=UTC)
ANSWERS = {
    "specialty": "Cardiology",
    "level": "Foundation doctor",
    "place": "Leeds",
    "languages": ["English"],
    "hopes": "To settle in.",
}


def file_with(*years: dict[str, Any]) -> ProgrammeFile:
    """The IMG file with stages."""
    data = preset("img").model_dump(mode="json") | {"application": None, "stages": years}
    return ProgrammeFile.model_validate(data)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Zoe is in her first year from 31 January 2025 on."""
    with desk_at(tmp_path, file_with(*YEARS)) as made:
        made.now = START
        made.knows(ZOE)
        take_role(made, stage="Year one")
        yield made


def take_role(desk: Desk, role: Role = Role.MENTEE, **more: Any) -> None:
    given = ANSWERS | more | ({"offer": "Time.", "capacity": "1"} if role is Role.MENTOR else {})
    with desk.store.begin(TEAM) as tx:
        enrolment.save_form(tx, "img", ZOE, role, given)
    desk.agree(ZOE, role)


def zoe(desk: Desk) -> Participant:
    with desk.store.read(TEAM) as tx:
        found = participants.of_person(tx, "img", ZOE)
    assert found is not None
    return found


def pass_to(desk: Desk, now: datetime) -> None:
    """Do what is due, as the heartbeat does."""
    desk.now = now
    while True:
        with desk.store.read(TEAM) as tx:
            parts = [it for it in tick.due(tx, now) if it.kind is tick.DueKind.STAGE]
        if not parts:
            return
        for part in parts:
            desk.act(tick.handle, part)


def test_stage_ends_at_the_programmes_hour_after_its_months(desk: Desk) -> None:
    assert zoe(desk).stage == "one"
    assert zoe(desk).stage_ends_at == datetime(2026, 1, 31, 10, tzinfo=UTC)
    pass_to(desk, datetime(2026, 1, 31, 9, 59, tzinfo=UTC))
    assert zoe(desk).stage == "one"
    pass_to(desk, datetime(2026, 1, 31, 10, tzinfo=UTC))
    assert (zoe(desk).stage, zoe(desk).answers["stage"]) == ("two", "Year two")
    assert zoe(desk).stage_ends_at == datetime(2026, 7, 31, 9, tzinfo=UTC), "summer time"


def test_stages_are_counted_from_each_other_when_the_bot_was_away(desk: Desk) -> None:
    pass_to(desk, datetime(2026, 8, 5, tzinfo=UTC))
    assert (zoe(desk).stage, zoe(desk).stage_ends_at) == ("three", None)
    told = [it.params["stage"] for it in desk.told(MessageKind.STAGE_REACHED)]
    assert sorted(told) == ["three", "two"]


def test_change_of_details_that_keeps_the_stage_keeps_its_end(desk: Desk) -> None:
    desk.now = datetime(2025, 6, 1, tzinfo=UTC)
    before = zoe(desk).stage_ends_at
    desk.act(enrolment.change_details, "img", ZOE, ANSWERS | {"stage": "Year one", "place": "York"})
    assert zoe(desk).stage_ends_at == before
    desk.act(enrolment.change_details, "img", ZOE, ANSWERS | {"stage": "Year two"})
    assert zoe(desk).stage_ends_at == datetime(2025, 12, 1, 10, tzinfo=UTC)


def test_who_leaves_is_in_no_stage_and_begins_anew(desk: Desk) -> None:
    desk.act(enrolment.leave, "img", ZOE)
    assert (zoe(desk).stage, zoe(desk).stage_ends_at) == (None, None)
    desk.now = datetime(2025, 3, 1, tzinfo=UTC)
    take_role(desk, stage="Year one")
    assert zoe(desk).stage_ends_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_who_is_erased_is_in_no_stage(desk: Desk) -> None:
    participant_id = zoe(desk).participant_id
    desk.act(erasing.erase, ZOE)
    with desk.store.read(TEAM) as tx:
        found = tx.get(Participant, participant_id)
    assert found is not None
    assert (found.slack_user_id != ZOE, found.stage, found.stage_ends_at) == (True, None, None)


def test_mentor_is_in_no_stage(desk: Desk) -> None:
    take_role(desk, Role.MENTOR)
    assert (zoe(desk).stage, zoe(desk).stage_ends_at) == (None, None)


def test_stage_that_is_gone_from_the_file_leads_nowhere(desk: Desk) -> None:
    others = ({**YEARS[1], "then": None}, YEARS[2])
    with desk.store.begin(TEAM) as tx:
        programme = tx.get(Programme, "img")
        assert programme is not None
        programme.definition = file_with(*others).model_dump_json()
    pass_to(desk, datetime(2026, 2, 1, tzinfo=UTC))
    assert zoe(desk).stage_ends_at is None
    assert desk.told(MessageKind.STAGE_REACHED) == []


def test_advancing_twice_says_one_thing(desk: Desk) -> None:
    now = datetime(2026, 2, 1, tzinfo=UTC)
    for _replica in range(2):
        with desk.store.begin(TEAM) as tx:
            found = tx.get(Participant, zoe(desk).participant_id)
            assert found is not None
            stages.advance(tx, found, now)
    assert zoe(desk).stage == "two"
    assert len(desk.told(MessageKind.STAGE_REACHED)) == 1
