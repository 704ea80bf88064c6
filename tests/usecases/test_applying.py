"""Applying: what is decided at once, and by what; who gets a place; taking it back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentorbot.domain.eligibility import Verdict
from mentorbot.domain.errors import (
    AddressTaken,
    AlreadyApplied,
    AlreadyInRole,
    ApplicationsClosed,
    InvalidAnswers,
    NotOpenYet,
    NotTakingApplications,
    Refusal,
    Stale,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, ListedAddress, Role
from mentorbot.programmes import preset
from mentorbot.storage import applications
from mentorbot.storage.applications import Round
from mentorbot.usecases import admin, applying, enrolment, membership, placing, reviewing
from tests.applications import (
    ANSWERS,
    FORM,
    GOALS,
    OWNER,
    ROSA,
    TEAM,
    Desk,
    programme_file,
)

At = Callable[..., Desk]


@pytest.mark.parametrize(
    ("changes", "verdict", "state"),
    [
        ({"degree": "PhD", "year": "3"}, Verdict.ELIGIBLE, ApplicationState.IN_REVIEW),
        ({"degree": "Master's", "year": "2"}, Verdict.ELIGIBLE, ApplicationState.IN_REVIEW),
        ({"degree": "PhD", "year": "2"}, Verdict.NEAR_MISS, ApplicationState.IN_REVIEW),
        ({"degree": "PhD", "year": "1"}, Verdict.INELIGIBLE, ApplicationState.DECLINED),
    ],
)
def test_eligibility_is_decided_at_once(
    desk: At, changes: dict[str, str], verdict: Verdict, state: ApplicationState
) -> None:
    found = desk().apply("U1", **changes)
    assert (found.verdict, found.state) == (verdict, state)
    assert bool(found.reasons) == (verdict is not Verdict.ELIGIBLE)
    by_rule = state is ApplicationState.DECLINED
    assert found.decided_by == ("system" if by_rule else None)


def test_near_miss_is_refused_where_the_programme_says_so(desk: At) -> None:
    found = desk(near_misses="refuse").apply("U1", year="2")
    assert found.state is ApplicationState.DECLINED
    assert found.verdict == Verdict.NEAR_MISS


def test_without_validation_whoever_is_eligible_has_a_place_at_once(desk: At) -> None:
    it = desk(validation="none")
    assert it.apply("U1").state is ApplicationState.SELECTED
    assert it.has_offer("U1")
    (told,) = it.told(MessageKind.PLACE_GIVEN)
    assert (told.recipients, told.not_before_at) == (["U1"], it.now)
    it.agree("U1")
    near = it.apply("U2", year="2")
    assert near.state is ApplicationState.IN_REVIEW


def test_place_makes_a_participant_of_the_applications_answers(desk: At) -> None:
    it = desk(validation="none")
    it.apply("U1", Role.MENTOR)
    it.agree("U1", Role.MENTOR)
    with it.store.read(TEAM) as tx:
        held = enrolment.enrolled_or_refuse(tx, "img", "U1")
    assert (held.role, held.capacity, held.answers) == (Role.MENTOR, 2, {"field": "Industry"})


MEMBERS_OR_MILA = {"any": [{"listed_in": "members"}, {"email_domain": ["mila.quebec"]}]}
BY_ADDRESS: dict[str, Any] = {
    "eligibility": {"mentee": MEMBERS_OR_MILA},
    "lists": {"members": "The society's members"},
    "validation": "none",
}


def test_lists_and_domains_are_asked_with_the_address_that_slack_has_confirmed(desk: At) -> None:
    it = desk(**BY_ADDRESS)
    with it.store.begin(TEAM) as tx:
        tx.add(ListedAddress(TEAM, "img", "members", "ada@example.org"))
        tx.add(ListedAddress(TEAM, "img", "others", "eve@example.org"))
    ada = it.apply("U1", email="Ada@Example.org", confirmed="ada@example.org")
    bo = it.apply("U2", email="bo@home.example", confirmed="bo@lab.mila.quebec")
    eve = it.apply("U3", email="eve@example.org", confirmed="eve@example.org")
    assert ada.state is bo.state is ApplicationState.SELECTED
    assert eve.state is it.apply("U4").state is ApplicationState.DECLINED
    assert (ada.email, ada.unconfirmed_email) == ("ada@example.org", None)
    assert (bo.email, bo.unconfirmed_email) == ("bo@lab.mila.quebec", "bo@home.example")


@pytest.mark.parametrize("confirmed", [None, "eve@elsewhere.example"])
@pytest.mark.parametrize("typed", ["ada@example.org", "eve@mila.quebec"])
def test_typed_address_alone_is_looked_at_by_a_person(
    desk: At, typed: str, confirmed: str | None
) -> None:
    it = desk(**BY_ADDRESS)
    with it.store.begin(TEAM) as tx:
        tx.add(ListedAddress(TEAM, "img", "members", "ada@example.org"))
    eve = it.apply("U3", email=typed, confirmed=confirmed)
    assert (eve.state, eve.verdict) == (ApplicationState.IN_REVIEW, Verdict.NEAR_MISS)
    assert eve.reasons == [["eligibility.unconfirmed", {}]]
    assert (eve.email, eve.unconfirmed_email) == (confirmed, typed)


def test_typed_address_is_refused_where_near_misses_are(desk: At) -> None:
    it = desk(**BY_ADDRESS, near_misses="refuse")
    eve = it.apply("U3", email="eve@mila.quebec", confirmed="eve@elsewhere.example")
    assert eve.state is ApplicationState.DECLINED
    again = it.apply("U3", email="eve@mila.quebec", confirmed="eve@mila.quebec")
    assert again.state is ApplicationState.SELECTED
    assert again.application_id == eve.application_id


def test_typed_address_blocks_nobody_and_reviewers_are_shown_both(desk: At) -> None:
    it = desk()
    eve = it.apply("U1", email="ada@example.org")
    ada = it.apply("U2", email="ADA@example.org", confirmed="ada@example.org")
    other = it.apply("U3", Role.MENTOR, email="ada@example.org")
    assert (eve.email, ada.email, other.email) == (None, "ada@example.org", None)
    with it.store.read(TEAM) as tx:
        beside = {
            one.slack_user_id: [
                same.slack_user_id
                for same in reviewing.case(tx, ROSA, one.application_id).same_address
            ]
            for one in (eve, ada, other)
        }
    assert beside == {"U1": ["U2"], "U2": ["U1"], "U3": []}


def test_confirmed_address_serves_one_applicant_for_a_role(desk: At) -> None:
    it, ada = desk(), "ada@example.org"
    it.apply("U1", email=ada, confirmed=ada)
    with pytest.raises(AddressTaken):
        it.apply("U2", email="ADA@example.org", confirmed=ada)
    assert it.apply("U3", Role.MENTOR, email=ada, confirmed=ada).email == ada


def test_what_was_sent_elsewhere_under_a_confirmed_address_is_theirs(desk: At) -> None:
    """Their draft in Slack gives way to it, and what was decided on it stays."""
    it, ada = desk(through=["slack", "import"]), "ada@example.org"
    with it.store.begin(TEAM) as tx:
        sent = Application(
            TEAM, "elsewhere", "img", 1, Role.MENTEE, "import", ApplicationState.DECLINED, it.now
        )
        sent.email, sent.submitted_at, sent.decision_reason = ada, it.now, "Too far away."
        tx.add(sent)
    found = it.apply("U1", email=ada, confirmed=ada)
    assert (found.application_id, found.state) == ("elsewhere", ApplicationState.DECLINED)
    assert it.states() == {"U1": ApplicationState.DECLINED}


def test_draft_is_kept_page_by_page_and_checked_as_a_whole(desk: At) -> None:
    it = desk()
    it.knows("U1")
    given = ANSWERS[Role.MENTEE]

    def save(**some: Any) -> Application:
        with it.store.begin(TEAM) as tx:
            programme = enrolment.programme_or_refuse(tx)
            return applying.save(tx, programme, "U1", Role.MENTEE, some, it.now)

    def send() -> Application:
        with it.store.begin(TEAM) as tx:
            programme = enrolment.programme_or_refuse(tx)
            return applying.send(tx, programme, "U1", Role.MENTEE, it.now)

    first = save(degree=given["degree"], strange="x")
    second = save(goals="Too short.", email=None)
    assert second.application_id == first.application_id
    assert second.answers == {"degree": "PhD", "goals": "Too short.", "email": None}
    with pytest.raises(InvalidAnswers) as refused:
        send()
    assert set(refused.value.problems) == {"year", "goals", "committed", "field"}
    save(**{name: given[name] for name in ("year", "goals", "committed", "field")})
    assert send().answers == {
        "degree": "PhD",
        "year": 3,
        "goals": GOALS,
        "committed": 1,
        "field": "Industry",
    }
    with pytest.raises(AlreadyApplied):
        send()


def test_attestation_of_an_older_version_is_asked_again(desk: At) -> None:
    it = desk()
    it.knows("U1")
    with it.store.begin(TEAM) as tx:
        programme = enrolment.programme_or_refuse(tx)
        applying.save(tx, programme, "U1", Role.MENTEE, ANSWERS[Role.MENTEE], it.now)
        newer = [q | {"version": 2} if q["id"] == "committed" else q for q in FORM]
        admin.update(tx, programme_file(form=newer), OWNER, it.now)
    with it.store.begin(TEAM) as tx, pytest.raises(InvalidAnswers) as refused:
        applying.send(tx, enrolment.programme_or_refuse(tx), "U1", Role.MENTEE, it.now)
    assert set(refused.value.problems) == {"committed"}


def test_nobody_applies_before_or_after_the_window(desk: At) -> None:
    """The days are those of the programme's own zone, London."""
    it = desk(opens_on="2025-06-09", closes_on="2025-06-23")
    for minute, why in (
        (datetime(2025, 6, 8, 22, 59, tzinfo=UTC), NotOpenYet),
        (datetime(2025, 6, 8, 23, 0, tzinfo=UTC), None),
        (datetime(2025, 6, 23, 22, 59, tzinfo=UTC), None),
        (datetime(2025, 6, 23, 23, 0, tzinfo=UTC), ApplicationsClosed),
    ):
        it.now = minute
        if why is None:
            it.apply(f"U{minute:%d%H}")
        else:
            with pytest.raises(why):
                it.apply("U1")


def test_second_application_waits_for_the_end_of_the_first(desk: At) -> None:
    it = desk()
    it.apply("U1")
    for role in Role:
        with pytest.raises(AlreadyApplied):
            it.apply("U1", role)
    it.apply("U2", year="1")
    again = it.apply("U2", year="3")
    assert (again.state, again.reasons) == (ApplicationState.IN_REVIEW, [])
    with it.store.read(TEAM) as tx:
        said = [entry.action for entry in applications.history(tx, again.application_id)]
    assert said == ["application.submit", "application.decline", "application.submit"]


def test_new_cohort_lets_everybody_apply_again(desk: At) -> None:
    it = desk()
    found = it.apply("U1")
    it.act(reviewing.decline, ROSA, found.application_id, found.version, "Not this year.")
    with it.store.begin(TEAM) as tx:
        admin.update(tx, programme_file(cohort=2), OWNER, it.now)
    assert it.apply("U1").cohort == 2


def test_who_holds_the_role_does_not_apply_for_it(desk: At) -> None:
    it = desk(validation="none")
    it.apply("U1")
    it.agree("U1")
    with it.store.begin(TEAM) as tx:
        admin.update(tx, programme_file(cohort=2), OWNER, it.now)
    with pytest.raises(AlreadyInRole):
        it.apply("U1")


def test_role_is_not_taken_past_the_application(desk: At) -> None:
    it = desk()
    it.knows("U1")
    with it.store.begin(TEAM) as tx, pytest.raises(Stale):
        enrolment.save_form(tx, "img", "U1", Role.MENTEE, ANSWERS[Role.MENTEE])


def test_programme_that_only_imports_gives_roles_as_before(desk: At) -> None:
    it = desk(through=["import"])
    it.knows("U1")
    with it.store.begin(TEAM) as tx:
        enrolment.save_form(tx, "img", "U1", Role.MENTEE, ANSWERS[Role.MENTEE])
    it.agree("U1")


def test_programme_without_applications_takes_none(desk: At) -> None:
    it = desk()
    it.knows("U1")
    with it.store.begin(TEAM) as tx:
        admin.update(tx, preset("img").model_copy(update={"application": None}), OWNER, it.now)
    with pytest.raises(NotTakingApplications):
        it.apply("U1")


FIRST_TWO = {
    "validation": "none",
    "selection": {"mentee": {"mode": "first_come", "places": 2}},
}


def test_places_go_to_the_first_and_then_there_is_a_list(desk: At) -> None:
    it = desk(**FIRST_TWO)
    for who in ("U1", "U2", "U3", "U4"):
        it.apply(who)
        it.now += timedelta(minutes=1)
    assert it.apply("U5", Role.MENTOR).state is ApplicationState.SELECTED
    taken, waits = ApplicationState.SELECTED, ApplicationState.WAITING_LIST
    states = it.states()
    assert [states[f"U{n}"] for n in range(1, 6)] == [taken, taken, waits, waits, taken]
    with it.store.read(TEAM) as tx:
        fourth = applications.of_person(tx, Round("img", 1), "U4")
        assert applications.place_in_line(tx, fourth[0]) == 2
    assert [it.has_offer(f"U{n}") for n in range(1, 5)] == [True, True, False, False]


def withdraw(it: Desk, who: str) -> Application:
    with it.store.read(TEAM) as tx:
        (mine,) = applications.of_person(tx, Round("img", 1), who)
    found: Application = it.act(applying.withdraw, who, mine.application_id)
    return found


def leave(it: Desk, who: str) -> None:
    it.agree(who)
    it.act(enrolment.leave, "img", who)


def go_away(it: Desk, who: str) -> None:
    it.act(membership.deactivated, who)


@pytest.mark.parametrize("go", [withdraw, leave, go_away])
def test_first_of_the_waiting_list_moves_up_when_a_place_comes_free(
    desk: At, go: Callable[[Desk, str], Any]
) -> None:
    it = desk(**FIRST_TWO)
    for who in ("U1", "U2", "U3", "U4"):
        it.apply(who)
        it.now += timedelta(minutes=1)
    go(it, "U1")
    states = it.states()
    assert states["U1"] is ApplicationState.WITHDRAWN
    assert states["U3"] is ApplicationState.SELECTED
    assert states["U4"] is ApplicationState.WAITING_LIST
    assert [it.has_offer(who) for who in ("U1", "U3", "U4")] == [False, True, False]
    assert [told.recipients for told in it.told(MessageKind.PLACE_GIVEN)][-1] == ["U3"]


EVERGREEN = {"days": 28, "repeats": "evergreen"}
ONCE = {"days": 28, "join_until_day": 14, "repeats": "once"}


@pytest.mark.parametrize(
    ("cycle", "after_days", "moves_up"),
    [(ONCE, 14, True), (ONCE, 15, False), (None, 20, True), (EVERGREEN, 20, True)],
)
def test_place_that_comes_free_after_a_matching_is_given_again_while_people_can_join(
    desk: At, cycle: dict[str, Any] | None, after_days: int, moves_up: bool
) -> None:
    it = desk(**FIRST_TWO, cycle=cycle)
    it.apply("U5", Role.MENTOR)
    it.agree("U5", Role.MENTOR)
    for who in ("U1", "U2", "U3"):
        it.apply(who)
        it.now += timedelta(minutes=1)
    it.agree("U1")
    it.now += timedelta(days=after_days)
    it.act(enrolment.leave, "img", "U1")
    assert it.states()["U1"] is ApplicationState.WITHDRAWN
    third = ApplicationState.SELECTED if moves_up else ApplicationState.WAITING_LIST
    assert it.states()["U3"] is third
    assert (["U3"] in [told.recipients for told in it.told(MessageKind.PLACE_GIVEN)]) == moves_up


def test_place_that_comes_free_waits_for_nobody_once_all_were_matched_on_the_day(desk: At) -> None:
    on_day = {"mode": "best", "on": "2025-01-20", "criteria": []}
    it = desk(**FIRST_TWO, matching=on_day)
    it.apply("U5", Role.MENTOR)
    it.agree("U5", Role.MENTOR)
    for who in ("U1", "U2", "U3", "U4"):
        it.apply(who)
        it.now += timedelta(minutes=1)
    withdraw(it, "U1")
    assert it.states()["U3"] is ApplicationState.SELECTED
    it.agree("U2")
    it.now = datetime(2025, 1, 21, 15, tzinfo=UTC)
    it.beat()
    it.act(enrolment.leave, "img", "U2")
    assert it.states()["U4"] is ApplicationState.WAITING_LIST


def test_more_places_in_the_file_let_the_waiting_list_move_up(desk: At) -> None:
    it = desk(**FIRST_TWO)
    for who in ("U1", "U2", "U3", "U4"):
        it.apply(who)
        it.now += timedelta(minutes=1)
    more = FIRST_TWO | {"selection": {"mentee": {"mode": "first_come", "places": 3}}}
    with it.store.begin(TEAM) as tx:
        admin.update(tx, programme_file(**more), OWNER, it.now)
    assert it.states()["U3"] is ApplicationState.SELECTED
    assert it.states()["U4"] is ApplicationState.WAITING_LIST


def test_who_waits_by_the_old_rules_of_selection_is_placed_by_the_new_ones(desk: At) -> None:
    lottery = {"mode": "lottery", "places": 1, "seed_source": "a die"}
    it = desk(validation="none", closes_on="2025-01-31", selection={"mentee": lottery})
    it.apply("U1")
    it.now += timedelta(minutes=1)
    it.apply("U2")
    rules: dict[str, Any] = {"validation": "none", "closes_on": "2025-01-31"}
    first = programme_file(selection={"mentee": {"mode": "first_come", "places": 1}}, **rules)
    for newer, second in (
        (first, ApplicationState.WAITING_LIST),
        (programme_file(**rules), ApplicationState.SELECTED),
    ):
        with it.store.begin(TEAM) as tx:
            admin.update(tx, newer, OWNER, it.now)
        assert it.states() == {"U1": ApplicationState.SELECTED, "U2": second}


def test_results_wait_for_their_date_and_nothing_begins_before(desk: At) -> None:
    """Ten o'clock in London, in summer."""
    it = desk(**FIRST_TWO, closes_on="2025-06-20", results_on="2025-06-30")
    for who in ("U1", "U2", "U3"):
        it.apply(who)
    at = datetime(2025, 6, 30, 9, tzinfo=UTC)
    for kind in (MessageKind.PLACE_GIVEN, MessageKind.PLACE_WAITED_FOR):
        assert {told.not_before_at for told in it.told(kind)} == {at}
    it.now = at - timedelta(seconds=1)
    with pytest.raises(Stale):
        it.agree("U1")
    with it.store.read(TEAM) as tx:
        assert not placing.is_told(tx, it.file(), "U1", it.now)
    it.now = at
    it.agree("U1")
    withdraw(it, "U2")
    assert it.told(MessageKind.PLACE_GIVEN)[-1].not_before_at == at


def test_draw_is_waited_for_by_those_approved(desk: At) -> None:
    lottery = {"mode": "lottery", "places": 1, "seed_source": "The lottery of 1 March"}
    it = desk(validation="none", closes_on="2025-02-01", selection={"mentee": lottery})
    assert it.apply("U1").state is ApplicationState.APPROVED
    assert not it.has_offer("U1")
    assert [told.recipients for told in it.told(MessageKind.APPLICATION_APPROVED)] == [["U1"]]


def test_nobody_touches_the_application_of_another(desk: At) -> None:
    it = desk()
    mine = it.apply("U1")
    for use_case in (applying.withdraw, applying.own):
        arguments = ("U2", mine.application_id)
        with pytest.raises(Refusal), it.store.begin(TEAM) as tx:
            use_case(tx, *arguments, *([it.now] if use_case is applying.withdraw else []))
    assert it.application(mine).state is ApplicationState.IN_REVIEW


def test_what_is_over_or_has_become_a_role_is_not_withdrawn(desk: At) -> None:
    it = desk(**FIRST_TWO)
    it.apply("U1")
    it.agree("U1")
    declined = it.apply("U2", year="1")
    with pytest.raises(Stale):
        withdraw(it, "U1")
    with pytest.raises(Stale):
        it.act(applying.withdraw, "U2", declined.application_id)
