"""Coming back, coming late, being declined: everybody reads where they stand and what is next."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import applications
from mentorbot.usecases import reviewing
from tests.applications import apply, programme_file, run
from tests.journeys.telling import accept, assert_nobody_was_told_twice, modal_words
from tests.world import AMARA, HANNAH, NGUYEN, OMAR, ZOE, Actor, World, action_ids, words, world_at

JANUARY = datetime(2025, 1, 6, 10, tzinfo=UTC)
AFTER = datetime(2025, 1, 25, 12, tzinfo=UTC)
ADA = {"name": "Dr Ada Lewis", "title": "CMP Manager", "email": "ada@example.org"}
ROLES = {ids.JOIN_AS_MENTOR, ids.JOIN_AS_MENTEE}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in January 2025, no programme yet."""
    with world_at(tmp_path, JANUARY, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def asked_by(*contacts: dict[str, str], **rules: Any) -> ProgrammeFile:
    """A programme in which whoever is eligible has a place, with these contacts."""
    rules = {"validation": "none", "closes_on": "2025-01-23"} | rules
    told = programme_file(**rules).model_dump(mode="json") | {"contacts": contacts}
    return ProgrammeFile.model_validate(told)


def pair(world: World) -> Actor:
    """Amara and Zoe apply, are placed, agree and are introduced; the mentee of the two."""
    amara, zoe = world.person(AMARA), world.person(ZOE)
    apply(amara, Role.MENTOR)
    apply(zoe)
    accept(amara)
    accept(zoe)
    assert zoe.partners() == {AMARA}
    return zoe


def leave(who: Actor) -> tuple[str, str]:
    """Leave by the command: what is asked before, and what is said after it."""
    asked = who.command("leave")
    who.press(who.hands.messages(CHANNEL)[-1], ids.LEAVE)
    return asked, words(who.hands.messages(CHANNEL)[-1])


def test_who_leaves_after_a_pairing_applies_again_in_the_round_and_is_matched_again(
    world: World,
) -> None:
    run(world, asked_by())
    zoe = pair(world)
    for said in leave(zoe):
        assert "You can apply again until 23 January 2025." in said
    world.pass_days(1)
    apply(zoe)
    accept(zoe)
    assert "You are paired with" in zoe.home()
    with world.bot.store.read(world.running.workspace_id) as tx:
        (mine,) = applications.everywhere(tx, ZOE)
        record = applications.history(tx, mine.application_id)
    begun = ["submit", "approve", "selected"]
    done = [it.action.removeprefix("application.") for it in record]
    assert done == [*begun, "withdraw", *begun]


def test_who_leaves_after_the_window_reads_when_or_whom_to_ask(world: World) -> None:
    run(world, asked_by(ADA))
    zoe = pair(world)
    world.move_to(AFTER)
    closed = "Applications closed on 23 January 2025."
    asked, said = leave(zoe)
    assert f"{closed} The coordinators can tell you about the next round." in asked
    assert f"{closed} Dr Ada Lewis (CMP Manager) <mailto:ada@example.org|" in said
    home = zoe.home()
    assert "Dr Ada Lewis (CMP Manager)" in home
    assert not ROLES & action_ids(zoe.hands.open_home() or {})


def test_late_applicant_reads_the_next_opening_by_their_own_clock(world: World) -> None:
    """Sydney is eleven hours ahead of London then, and ten when the next round opens."""
    run(world, asked_by(ADA, next_opens_on="2025-09-01"))
    world.move_to(AFTER)
    omar, nguyen = world.person(OMAR), world.person(NGUYEN)
    late = "Applications closed on 23 January 2025. The next round opens on 1 September 2025."
    assert late in omar.command("apply mentee")
    assert "closed on 23 January 2025. The next round opens on 1 September" in omar.home()
    assert "closed on 24 January 2025 at 11:00" in nguyen.home()
    there = nguyen.command("apply mentee")
    assert "The next round opens on 1 September 2025 at 09:00" in there


def test_late_applicant_is_sent_to_the_contact_where_no_next_opening_is_known(
    world: World,
) -> None:
    run(world, asked_by(ADA, next_opens_on="2025-02-10"))
    world.move_to(datetime(2025, 2, 10, 12, tzinfo=UTC))
    omar = world.person(OMAR)
    omar.hands.click(omar.channel_card(), ids.JOIN_AS_MENTEE)
    world.settle()
    said = words(omar.hands.messages(CHANNEL)[-1])
    assert "Dr Ada Lewis (CMP Manager) <mailto:ada@example.org|ada@example.org> can tell" in said
    assert "opens" not in said


def test_early_ones_read_the_opening_by_their_own_clock(world: World) -> None:
    run(world, asked_by(opens_on="2025-01-08"))
    omar, nguyen = world.person(OMAR), world.person(NGUYEN)
    assert "Applications open on 8 January 2025." in omar.home()
    assert "Applications open on 8 January 2025 at 11:00." in nguyen.home()
    nguyen.hands.click(nguyen.channel_card(), ids.JOIN_AS_MENTEE)
    assert "open on 8 January 2025 at 11:00" in modal_words(nguyen)
    nguyen.hands.click("modal", ids.TELL_ME)
    assert "I will write to you on 9 January 2025" in modal_words(nguyen)


def test_declined_person_sees_where_they_stand_and_only_what_they_can_still_do(
    world: World,
) -> None:
    run(world, programme_file(closes_on="2025-01-23", next_opens_on="2025-09-01"))
    zoe = world.person(ZOE)
    apply(zoe)
    with world.bot.store.begin(world.running.workspace_id) as tx:
        (mine,) = applications.everywhere(tx, ZOE)
        one = (HANNAH, mine.application_id, mine.version)
        reviewing.decline(tx, *one, "Your goals are those of another programme.", world.clock())
    world.settle()
    assert "The next round opens on 1 September 2025." in zoe.dm_texts()[-1]
    said = zoe.home()
    assert "cannot offer you a place this time" in said
    assert "The next round opens on 1 September 2025." in said
    assert ROLES & action_ids(zoe.hands.open_home() or {}) == {ids.JOIN_AS_MENTOR}
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    assert "cannot offer you a place this time" in modal_words(zoe)
    assert ROLES & action_ids(zoe.hands.modal or {}) == {ids.JOIN_AS_MENTOR}
    zoe.hands.click("modal", ids.JOIN_AS_MENTOR)
    assert "Page 1" in modal_words(zoe)


def test_who_holds_a_role_is_not_offered_the_other_that_they_were_declined_for(
    world: World,
) -> None:
    run(world, programme_file())
    zoe = world.person(ZOE)
    for role, decide in ((Role.MENTEE, reviewing.approve), (Role.MENTOR, reviewing.decline)):
        if role is Role.MENTOR:
            accept(zoe)
            assert ids.JOIN_AS_MENTOR in action_ids(zoe.hands.open_home() or {})
        apply(zoe, role)
        with world.bot.store.begin(world.running.workspace_id) as tx:
            mine = applications.everywhere(tx, ZOE)[-1]
            said = ("Not this time.",) if role is Role.MENTOR else ()
            decide(tx, HANNAH, mine.application_id, mine.version, *said, world.clock())
        world.settle()
    assert "You are a *mentee*" in zoe.home()
    assert not ROLES & action_ids(zoe.hands.open_home() or {})


def test_who_has_applied_sees_where_they_stand_by_the_channels_button_and_takes_it_back_there(
    world: World,
) -> None:
    run(world, programme_file(closes_on="2025-01-23"))
    zoe = world.person(ZOE)
    apply(zoe)
    for action in sorted(ROLES):
        zoe.hands.click(zoe.channel_card(), action)
        assert "is with the programme's team" in modal_words(zoe)
        assert not ROLES & action_ids(zoe.hands.modal or {})
    zoe.hands.click("modal", ids.WITHDRAW)
    assert "is withdrawn. You can apply again until 23 January 2025." in modal_words(zoe)


def test_nobody_applies_to_a_programme_that_is_over(world: World) -> None:
    cycle = {"weeks": 4, "repeats": "once", "join_until_day": 7}
    run(world, programme_file(validation="none", cycle=cycle))
    pair(world)
    omar = world.person(OMAR)
    omar.hands.click(omar.channel_card(), ids.JOIN_AS_MENTEE)
    assert "Page 1" in modal_words(omar)
    omar.hands.close_modal(all=True)
    world.move_to(datetime(2025, 3, 6, 12, tzinfo=UTC))
    said = omar.home()
    assert "is over. The coordinators can tell you about the next round." in said
    assert not ROLES & action_ids(omar.hands.open_home() or {})
    assert "has ended" in omar.command("apply mentee")


def test_coordinators_are_reminded_of_the_file_of_the_next_round_that_late_ones_are_told_of(
    world: World,
) -> None:
    run(world, asked_by(next_opens_on="2025-03-20"))
    world.move_to(datetime(2025, 3, 7, 12, tzinfo=UTC))
    hannah = world.person(HANNAH)
    (said,) = [it for it in hannah.dm_texts() if "The next round of the" in it]
    assert "opens on 20 March 2025" in said
