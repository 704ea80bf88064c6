"""Applying: from the first question to a place, and where one stands on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.domain.model import ListedAddress, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.slack import ids
from mentorbot.slack.manifest import scopes
from mentorbot.usecases import admin
from tests import crafted
from tests.applications import (
    ANSWERS,
    FORM,
    GOALS,
    apply,
    fill,
    fill_pages,
    programme_file,
    run,
    send,
)
from tests.journeys.telling import assert_nobody_was_told_twice, modal_words
from tests.world import (
    AMARA,
    HANNAH,
    LINA,
    OMAR,
    RAJESH,
    ZOE,
    Actor,
    World,
    action_ids,
    words,
    world_at,
)

JANUARY = datetime(2025, 1, 6, 10, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Monday in January 2025, no programme yet."""
    with world_at(tmp_path, JANUARY, is_set_up=False) as made:
        yield made
        assert_nobody_was_told_twice(made)


def filled_in(who: Actor) -> dict[str, Any]:
    """The answers that the open modal holds, by question."""
    assert who.hands.modal is not None
    values = who.hands.modal["state"]["values"].items()
    return {name: next(iter(held.values())) for name, held in values}


def update(world: World, file: ProgrammeFile) -> None:
    """Hannah brings the programme up to date."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, file, HANNAH, world.clock())
    world.settle()


LONG = [
    *(
        {"id": f"t{n}", "kind": "text", "label": f"Thing {n}", "required": n % 2 == 0}
        for n in range(13)
    ),
    *FORM,
]
LONG_ANSWERS = ANSWERS[Role.MENTEE] | {f"t{n}": f"Answer {n}" for n in range(13)}


@pytest.mark.phrase("IMS-13")
def test_application_is_kept_page_by_page_and_gone_on_with_where_one_stopped(world: World) -> None:
    run(world, programme_file(form=LONG))
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    assert "Page 1 of 5" in modal_words(zoe)
    zoe.hands.fill_in({f"t{n}": f"Answer {n}" for n in range(6)})
    assert zoe.hands.submit() == {}
    assert "Page 2 of 5" in modal_words(zoe)
    zoe.hands.fill_in({"t6": "Half a page"})
    zoe.hands.close_modal()
    assert "is not sent yet" in zoe.command("status")
    assert "Thing 6" in (zoe.command("apply") or modal_words(zoe))
    assert "Page 2 of 5" in modal_words(zoe)

    zoe.hands.fill_in({"t6": "Written, then left by the button back"})
    zoe.hands.click("modal", ids.APPLICATION_BACK)
    assert "Page 1 of 5" in modal_words(zoe)
    assert filled_in(zoe)["t3"]["value"] == "Answer 3"
    assert zoe.hands.submit() == {}
    assert filled_in(zoe)["t6"]["value"] == "Written, then left by the button back"
    zoe.hands.close_modal()
    zoe.home()
    zoe.hands.click("home", ids.GO_ON)
    fill_pages(zoe, LONG_ANSWERS)
    shown = modal_words(zoe)
    assert all(f"Answer {n}" in shown for n in range(13))
    assert GOALS in shown
    said = send(zoe)
    assert "is with the programme's team" in said
    assert "is with the programme's team" in zoe.home()
    assert "is with the programme's team" in zoe.command("apply")
    assert "is with the programme's team" in zoe.command("apply mentee")


def test_invitation_tells_how_long_this_programme_lasts(world: World) -> None:
    run(world, programme_file(cycle={"days": 56, "join_until_day": 14}))
    shown = words(world.person(ZOE).channel_card())
    assert "56 days" in shown
    assert "four weeks" not in shown
    assert "Choose the role that you would like to apply for" in shown


@pytest.mark.phrase("IMS-04", "IMS-05")
def test_statement_and_commitment_are_asked_for_and_named_when_missing(world: World) -> None:
    run(world, programme_file())
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    given = ANSWERS[Role.MENTEE]
    zoe.hands.fill_in({it: given[it] for it in ("degree", "year", "field")})
    zoe.hands.fill_in({"goals": "No idea."})
    assert set(zoe.hands.submit()) == {"goals", "committed.1"}
    zoe.hands.fill_in({"goals": GOALS, "committed.1": ["agreed"]})
    assert zoe.hands.submit() == {}
    assert "*I will take part in all of it*\nyes" in modal_words(zoe)
    assert "is with the programme's team" in send(zoe)


@pytest.mark.phrase("IMS-02")
def test_who_is_not_eligible_reads_why_at_once_and_a_near_miss_is_looked_at(world: World) -> None:
    run(world, programme_file())
    zoe, omar = world.person(ZOE), world.person(OMAR)
    said = apply(zoe, degree="PhD", year="1")
    assert "You cannot take part this time" in said
    assert "“Your year” has to be 3 or more." in said
    assert "you can correct it" in said
    assert "“Your year” has to be 3 or more." in zoe.command("status")
    near = apply(omar, degree="Master's", year="1")
    assert "somebody in the team will look at it" in near
    assert "“Your year” has to be 2 or more." in omar.home()
    assert "is with the programme's team" in apply(zoe, degree="PhD", year="3")


@pytest.mark.phrase("MICCAI-01", "MILA-08")
def test_members_lists_and_domains_let_people_in(world: World) -> None:
    rule = {"any": [{"listed_in": "members"}, {"email_domain": ["mila.quebec"]}]}
    run(
        world,
        programme_file(
            eligibility={"mentor": rule}, lists={"members": "The members"}, validation="none"
        ),
    )
    with world.bot.store.begin(world.running.workspace_id) as tx:
        tx.add(ListedAddress(tx.workspace_id, "img", "members", "amara@example.org"))
    amara, zoe, omar = (world.person(who) for who in (AMARA, ZOE, OMAR))
    amara.hands.change_profile(email="amara@example.org")
    zoe.hands.change_profile(email="zoe@lab.mila.quebec")
    assert "You have a place" in apply(amara, Role.MENTOR, email="Amara@Example.org")
    assert "You have a place" in apply(zoe, Role.MENTOR)
    said = apply(omar, Role.MENTOR, email="omar@elsewhere.example")
    assert "has to end in mila.\u2060quebec" in said or "on the list" in said


@pytest.mark.phrase("MICCAI-01")
def test_members_are_known_by_their_address_in_slack_where_the_form_asks_for_none(
    world: World,
) -> None:
    form = [question for question in FORM if question["id"] != "email"]
    rule = {"listed_in": "members"}
    lists = {"members": "The members"}
    file = programme_file(form=form, eligibility={"mentee": rule}, lists=lists, validation="none")
    run(world, file)
    zoe, omar = world.person(ZOE), world.person(OMAR)
    zoe.hands.change_profile(email="Zoe@Miccai.example")
    with world.bot.store.begin(world.running.workspace_id) as tx:
        tx.add(ListedAddress(tx.workspace_id, "img", "members", "zoe@miccai.example"))
    assert "You have a place" in apply(zoe)
    assert "has to be on the list “The members”" in apply(omar)


MEMBERS: dict[str, Any] = {
    "eligibility": {"mentee": {"listed_in": "members"}},
    "lists": {"members": "The members"},
    "validation": "none",
}


def list_as_members(world: World, *addresses: str) -> None:
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for address in addresses:
            tx.add(ListedAddress(tx.workspace_id, "img", "members", address))


@pytest.mark.phrase("MICCAI-01")
def test_members_address_that_somebody_else_types_opens_no_door_and_shuts_none(
    world: World,
) -> None:
    run(world, programme_file(**MEMBERS))
    list_as_members(world, "lina@example.org")
    omar, lina, hannah = (world.person(it) for it in (OMAR, LINA, HANNAH))
    said = apply(omar, email="Lina@Example.org")
    assert "somebody in the team will look at it" in said
    assert "is not one that Slack has confirmed" in said
    assert "You have a place" in apply(lina, email="lina@example.org")
    hannah.command("review")
    shown = modal_words(hannah)
    assert "lina@example.\u2060org is *not confirmed*" in shown
    assert f"Another application names the same e-mail address: <@{LINA}>." in shown


def test_who_is_refused_for_an_unconfirmed_address_reads_what_helps_and_it_does(
    world: World,
) -> None:
    run(world, programme_file(**MEMBERS, near_misses="refuse"))
    list_as_members(world, "zoe@miccai.example")
    zoe = world.person(ZOE)
    said = apply(zoe, email="zoe@miccai.example")
    assert "is not one that Slack has confirmed" in said
    assert (
        "apply again with the e-mail address of your Slack account, or ask the coordinators" in said
    )
    zoe.hands.change_profile(email="zoe@miccai.example")
    assert "You have a place" in apply(zoe, email="zoe@miccai.example")


def test_without_the_scope_for_addresses_a_person_looks(world: World) -> None:
    run(world, programme_file(**MEMBERS))
    list_as_members(world, "zoe@example.org")
    world.sandbox.state.grants.grant(",".join(it for it in scopes() if it != "users:read.email"))
    said = apply(world.person(ZOE), email="zoe@example.org")
    assert "somebody in the team will look at it" in said


@pytest.mark.phrase("MICCAI-16")
def test_disclaimer_is_acknowledged_in_the_words_that_hold_now(world: World) -> None:
    disclaimer = {
        "id": "disclaimer",
        "kind": "attestation",
        "label": "The society is not responsible for the information that is exchanged",
    }
    run(world, programme_file(form=[*FORM, disclaimer]))
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    answers = ANSWERS[Role.MENTEE] | {"disclaimer": ["agreed"]}
    fill_pages(zoe, answers)
    newer = disclaimer | {"version": 2, "label": "Nor for what comes of it"}
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, programme_file(form=[*FORM, newer]), HANNAH, world.clock())
    assert zoe.hands.submit() == {}
    assert "The programme has changed its questions meanwhile" in modal_words(zoe)
    assert "Nor for what comes of it" in modal_words(zoe)
    assert filled_in(zoe)["disclaimer.2"]["selected_options"] == []
    assert set(zoe.hands.submit()) == {"disclaimer.2"}
    fill_pages(zoe, answers)
    assert "is with the programme's team" in send(zoe)


def test_words_that_changed_under_a_tick_are_not_agreed_to(world: World) -> None:
    run(world, programme_file())
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    given = ANSWERS[Role.MENTEE]
    zoe.hands.fill_in({it: given[it] for it in ("degree", "year", "field", "goals")})
    zoe.hands.fill_in({"committed.1": ["agreed"]})
    newer = [q | {"version": 2} if q["id"] == "committed" else q for q in FORM]
    with world.bot.store.begin(world.running.workspace_id) as tx:
        admin.update(tx, programme_file(form=newer), HANNAH, world.clock())
    assert zoe.hands.submit() == {}
    assert "changed its questions meanwhile" in modal_words(zoe)
    assert filled_in(zoe)["goals"]["value"] == GOALS
    assert filled_in(zoe)["committed.2"]["selected_options"] == []


def test_two_windows_lose_nothing_and_send_only_what_was_shown(world: World) -> None:
    run(world, programme_file(form=LONG))
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    zoe.hands.fill_in({f"t{n}": f"First {n}" for n in range(6)})
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    zoe.hands.fill_in({f"t{n}": f"Second {n}" for n in range(6)})
    fill_pages(zoe, {f"t{n}": f"Second {n}" for n in range(13)} | ANSWERS[Role.MENTEE])
    assert "Second 7" in modal_words(zoe)
    zoe.hands.close_modal()
    fill_pages(zoe, {})
    shown = modal_words(zoe)
    assert "First 3" in shown
    assert "Second 7" in shown
    said = send(zoe)
    assert "is with the programme's team" in said


def test_draft_that_changed_elsewhere_is_shown_again_before_it_is_sent(world: World) -> None:
    run(world, programme_file())
    zoe = world.person(ZOE)
    fill(zoe)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    zoe.hands.click("modal", ids.APPLICATION_BACK)
    zoe.hands.fill_in({"field": "Academia"})
    assert zoe.hands.submit() == {}
    zoe.hands.close_modal()
    assert "Industry" in modal_words(zoe)
    assert zoe.hands.submit() == {}
    assert "changed in another window meanwhile" in modal_words(zoe)
    assert "Academia" in modal_words(zoe)
    assert "is with the programme's team" in send(zoe)


@pytest.mark.phrase("IMS-01")
def test_early_and_late_applicants_read_when(world: World) -> None:
    run(world, programme_file(opens_on="2025-01-08", closes_on="2025-01-23"))
    zoe, omar = world.person(ZOE), world.person(OMAR)
    assert zoe.command("apply mentee") == ""
    assert "Applications open on 8 January 2025" in modal_words(zoe)
    zoe.hands.close_modal()
    for who in (zoe, omar):
        who.hands.click(who.channel_card(), ids.JOIN_AS_MENTEE)
        assert "Applications open on 8 January 2025" in modal_words(who)
    for _twice in range(2):
        zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
        zoe.hands.click("modal", ids.TELL_ME)
        assert "I will write to you on 8 January 2025" in modal_words(zoe)
        zoe.hands.close_modal(all=True)
    omar.hands.close_modal()
    world.move_to(datetime(2025, 1, 8, 9, 59, tzinfo=UTC))
    assert zoe.dm_texts() == []
    world.move_to(datetime(2025, 1, 8, 10, 0, tzinfo=UTC))
    assert "are open, until 23 January 2025!" in zoe.last_dm()["text"]
    assert omar.dm_texts() == []
    world.move_to(datetime(2025, 1, 23, 23, 59, tzinfo=UTC))
    fill(omar)
    assert "is with the programme's team" in apply(zoe)
    world.move_to(datetime(2025, 1, 24, 0, 0, tzinfo=UTC))
    assert omar.hands.submit() == {}
    assert "Applications closed on 23 January 2025" in modal_words(omar)


@pytest.mark.phrase("IMS-13")
def test_everybody_hears_on_the_day_of_results_and_reads_nothing_before(world: World) -> None:
    run(
        world,
        programme_file(
            validation="none",
            closes_on="2025-01-23",
            results_on="2025-02-28",
            selection={"mentee": {"mode": "first_come", "places": 1}},
        ),
    )
    zoe, omar = world.person(ZOE), world.person(OMAR)
    for who in (zoe, omar):
        assert "Everybody hears on 28 February 2025" in apply(who)
    world.move_to(datetime(2025, 2, 28, 9, 59, tzinfo=UTC))
    for who in (zoe, omar):
        assert "Everybody hears on 28 February 2025" in who.home()
        assert "guidelines" not in who.command("status")
        assert who.dm_texts() == []
    world.move_to(datetime(2025, 2, 28, 12, tzinfo=UTC))
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]
    assert "You are first on the waiting list" in omar.dm_texts()[-1]
    assert "You are first on the waiting list" in omar.home()
    zoe.home()
    zoe.press("home", ids.WITHDRAW)
    assert "You have a place as a mentee" in omar.dm_texts()[-1]
    omar.press(omar.last_dm(), ids.READ_GUIDELINES)
    omar.agree()
    assert "You are a *mentee*" in omar.home()


def test_day_of_results_that_moves_takes_what_is_to_be_told_along(world: World) -> None:
    rules: dict[str, Any] = {
        "validation": "none",
        "closes_on": "2025-01-23",
        "selection": {"mentee": {"mode": "first_come", "places": 1}},
    }
    run(world, programme_file(results_on="2025-02-28", **rules))
    zoe, omar = world.person(ZOE), world.person(OMAR)
    for who in (zoe, omar):
        apply(who)
    update(world, programme_file(results_on="2025-03-10", **rules))
    world.move_to(datetime(2025, 3, 3, 12, tzinfo=UTC))
    for who in (zoe, omar):
        assert "Everybody hears on 10 March 2025" in who.home()
        assert who.dm_texts() == []
    update(world, programme_file(**rules))
    assert "You have a place as a mentee" in zoe.dm_texts()[-1]
    assert "You are first on the waiting list" in omar.dm_texts()[-1]


def test_draft_that_was_not_sent_in_time_is_said_to_be_too_late(world: World) -> None:
    run(world, programme_file(closes_on="2025-01-23"))
    zoe = world.person(ZOE)
    zoe.hands.click(zoe.channel_card(), ids.JOIN_AS_MENTEE)
    fill_pages(zoe, ANSWERS[Role.MENTEE])
    zoe.hands.close_modal()
    assert "Applications close on 23 January 2025" in zoe.home()
    world.move_to(datetime(2025, 1, 24, 12, tzinfo=UTC))
    assert "was not sent before applications closed on 23 January 2025" in zoe.home()
    assert "was not sent before applications closed on 23 January 2025" in zoe.command("apply")
    view = zoe.hands.open_home()
    assert view is not None
    assert ids.GO_ON not in action_ids(view)
    zoe.press("home", ids.WITHDRAW)
    assert "applications closed on 23 January 2025" in zoe.home()
    view = zoe.hands.open_home()
    assert view is not None
    assert action_ids(view) == {ids.SHOW_CALENDAR, ids.REPORT_CONCERN}


def test_mentee_with_a_place_applies_as_a_mentor_and_gives_the_place_back(world: World) -> None:
    one = {"mode": "first_come", "places": 1}
    run(world, programme_file(validation="none", selection={"mentee": one}))
    zoe, omar = world.person(ZOE), world.person(OMAR)
    for who in (zoe, omar):
        apply(who)
    zoe.press(zoe.last_dm(), ids.READ_GUIDELINES)
    zoe.agree()
    assert "You are a mentee already" in zoe.command("apply mentee")
    assert "You have a place as a mentor" in apply(zoe, Role.MENTOR)
    assert "You are first on the waiting list" in omar.home()
    assert "You are a *mentee*" in zoe.home()
    zoe.hands.click("home", ids.READ_GUIDELINES)
    zoe.agree()
    assert "You are a *mentor*" in zoe.home()
    assert "You have a place as a mentee" in omar.dm_texts()[-1]


@pytest.mark.phrase("IMS-06")
def test_alumni_and_faculty_apply_and_are_met_in_the_desired_career_path(world: World) -> None:
    kinds = {
        "id": "mentor_type",
        "kind": "choice",
        "label": "You are",
        "options": ["Alumnus or alumna", "Faculty"],
        "roles": ["mentor"],
    }
    path = [{"question": "field", "weight": 10}]
    run(world, programme_file(form=[*FORM, kinds], criteria=path, validation="none"))
    amara, rajesh, zoe = (world.person(who) for who in (AMARA, RAJESH, ZOE))
    for who, role, given in (
        (amara, Role.MENTOR, {"mentor_type": "Faculty", "field": "Academia"}),
        (rajesh, Role.MENTOR, {"mentor_type": "Alumnus or alumna", "field": "Industry"}),
        (zoe, Role.MENTEE, {"field": "Industry"}),
    ):
        fill(who, role, **given)
        assert who.hands.submit() == {}
        who.world.settle()
        who.hands.click("modal", ids.READ_GUIDELINES)
        who.agree()
    assert zoe.partners() == {RAJESH}


def test_withdrawn_application_is_over_and_can_be_begun_again(world: World) -> None:
    run(world, programme_file())
    lina = world.person(LINA)
    apply(lina)
    lina.home()
    lina.press("home", ids.WITHDRAW)
    assert "You have not applied yet" in lina.home()
    fill(lina, field="Academia")
    assert "Academia" in modal_words(lina)
    send(lina)


def test_somebody_elses_application_is_out_of_reach(world: World) -> None:
    run(world, programme_file())
    zoe, omar = world.person(ZOE), world.person(OMAR)
    apply(zoe)
    view = zoe.hands.open_home()
    assert view is not None
    (button,) = [
        element
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == ids.WITHDRAW
    ]
    assert "nothing was changed" in crafted.click(omar, ids.WITHDRAW, button["value"])
    assert "nothing was changed" in crafted.click(omar, ids.ANSWER_REVIEWER, button["value"])
    assert "is with the programme's team" in zoe.home()
