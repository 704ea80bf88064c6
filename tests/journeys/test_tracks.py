"""Tracks, and mentors of every standing: MICCAI's peers and experts, in the path one asks for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import ListedAddress, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.programmes import preset
from tests.applications import apply
from tests.journeys.telling import accept, group_texts, programme, send_pairs, times_told
from tests.world import AMARA, CLAIRE, HANNAH, LUKASZ, OMAR, PRIYA, ZOE, World

JULY = datetime(2023, 7, 3, 15, tzinfo=UTC)
MATCHED_AT = datetime(2023, 10, 2, 12, tzinfo=UTC)
STUDENT, POSTDOC, FOUNDER = "Student", "Postdoctoral or early-career researcher", "Founder"


def enrol(
    world: World,
    who: str,
    role: Role,
    standing: str,
    *paths: str,
    begins: bool = True,
    **changes: Any,
) -> None:
    """Somebody on the members' list joins, by the programme's own form."""
    actor, address = world.person(who), f"{who.lower()}@example.org"
    actor.hands.change_profile(email=address)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        tx.add(ListedAddress(tx.workspace_id, "miccai", "members", address))
    given: dict[str, Any] = {
        "address": address,
        "standing": standing,
        "expertise": ["Neuroimaging"],
        "path": list(paths),
        "meeting": "By teleconference",
        "goals": "To write my first grant application.",
        "offer": "What I learnt from my own first steps.",
        "hours": ["agreed"],
        "disclaimer": ["agreed"],
        "capacity": "1",
    }
    assert "You have a place" in apply(actor, role, **(given | changes))
    if begins:
        accept(actor)


@pytest.mark.phrase("MICCAI-02")
def test_mentees_meet_peers_and_experts_of_the_path_they_ask_for(tmp_path: Path) -> None:
    """A student's mentor is a student: a peer. Nobody is told of a path they did not ask for."""
    with programme(tmp_path, JULY, preset("miccai")) as world:
        enrol(world, AMARA, Role.MENTOR, STUDENT, "Academia")
        enrol(world, LUKASZ, Role.MENTOR, FOUNDER, "Industry", "Entrepreneurship")
        enrol(world, ZOE, Role.MENTEE, STUDENT, "Academia")
        enrol(world, OMAR, Role.MENTEE, POSTDOC, "Entrepreneurship")
        world.move_to(MATCHED_AT)
        send_pairs(world, CLAIRE, HANNAH)
        zoe, omar, amara = world.person(ZOE), world.person(OMAR), world.person(AMARA)
        assert zoe.partners() == {AMARA}
        assert omar.partners() == {LUKASZ}
        introduction = "\n".join(group_texts(zoe, amara))
        assert "Academia" in introduction
        assert "Entrepreneurship" not in introduction


@pytest.mark.phrase("MICCAI-02")
def test_nobody_is_matched_across_tracks_on_the_day_or_later(tmp_path: Path) -> None:
    """The founder has waited longest; Priya, who begins late, is on the student's path."""
    data = preset("miccai").model_dump(mode="json")
    data["matching"] |= {"review": None, "late": "instant"}
    with programme(tmp_path, JULY, ProgrammeFile.model_validate(data)) as world:
        enrol(world, LUKASZ, Role.MENTOR, FOUNDER, "Entrepreneurship")
        enrol(world, ZOE, Role.MENTEE, STUDENT, "Academia")
        enrol(world, PRIYA, Role.MENTOR, POSTDOC, "Academia", "Industry", begins=False)
        world.move_to(MATCHED_AT)
        zoe, priya, lukasz = map(world.person, (ZOE, PRIYA, LUKASZ))
        assert zoe.partners() == lukasz.partners() == set()
        assert times_told(zoe, "as soon as somebody is free") == 1, zoe.dm_texts()
        accept(priya)
        assert zoe.partners() == {PRIYA}
        assert lukasz.partners() == set()
