"""Reviewing: one decision on each application, by somebody whom it does not concern."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mentorbot.domain.errors import (
    DecidedMeanwhile,
    FactsMissing,
    InvalidAnswers,
    NotPermitted,
    NotTheirsToReview,
    Refusal,
    Stale,
)
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Application, ApplicationState, Person, Role
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.storage import applications, appointments, tables
from mentorbot.storage.store import Store
from mentorbot.usecases import applying, reviewing
from tests.applications import ANSWERS, BEN, OWNER, ROSA, TEAM, Desk, programme_file
from tests.storage.conftest import any_store, migrated
from tests.storage.told import has_team

__all__ = ["any_store", "migrated"]

At = Callable[..., Desk]
STANDING = {"facts": [{"id": "standing", "label": "In good academic standing"}]}


def waiting(it: Desk, *who: str) -> list[Application]:
    """These people apply, a minute apart."""
    found = []
    for each in who:
        found.append(it.apply(each))
        it.now += timedelta(minutes=1)
    return found


def approve(it: Desk, reviewer: str, found: Application) -> Application:
    after: Application = it.act(reviewing.approve, reviewer, found.application_id, found.version)
    return after


def first_for(it: Desk, reviewer: str, after: Application | None = None) -> str | None:
    """Whose application is the next for a reviewer."""
    with it.store.read(TEAM) as tx:
        cursor = reviewing.cursor_of(after, reviewer) if after else None
        found = reviewing.next_case(tx, reviewer, cursor)
    return found.application.slack_user_id if found else None


def actions(it: Desk, found: Application) -> list[tuple[str, str]]:
    """Who did what with an application."""
    with it.store.read(TEAM) as tx:
        history = applications.history(tx, found.application_id)
    return [(entry.actor, entry.action.removeprefix("application.")) for entry in history]


def test_approval_gives_a_place_and_is_on_record(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    after = approve(it, ROSA, found)
    assert (after.state, after.decided_by) == (ApplicationState.SELECTED, ROSA)
    assert it.has_offer("U1")
    expected = [("U1", "submit"), (ROSA, "approve"), ("system", "selected")]
    assert actions(it, found) == expected


def test_declined_applicant_hears_the_reviewers_reason(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    for nothing in ("", " \n"):
        with pytest.raises(InvalidAnswers):
            it.act(reviewing.decline, ROSA, found.application_id, found.version, nothing)
    it.act(reviewing.decline, ROSA, found.application_id, found.version, " Not this year. ")
    after = it.application(found)
    assert (after.state, after.decision_reason) == (ApplicationState.DECLINED, "Not this year.")
    assert [told.recipients for told in it.told(MessageKind.APPLICATION_DECLINED)] == [["U1"]]
    with pytest.raises(Refusal):
        it.apply("U1")


def test_question_goes_to_the_applicant_and_the_answer_comes_back_to_who_asked(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    it.act(reviewing.ask, ROSA, found.application_id, found.version, "Which lab?")
    assert it.application(found).state is ApplicationState.ASKED
    assert first_for(it, ROSA) is None
    assert [told.recipients for told in it.told(MessageKind.APPLICATION_ASKED)] == [["U1"]]
    with pytest.raises(Stale):
        it.act(applying.reply, "U2", found.application_id, "Mine.")
    it.act(applying.reply, "U1", found.application_id, "Dr Chen's.")
    after = it.application(found)
    assert (after.question, after.reply) == ("Which lab?", "Dr Chen's.")
    assert (after.state, after.assigned_to) == (ApplicationState.IN_REVIEW, ROSA)
    assert [told.recipients for told in it.told(MessageKind.REVIEW_WANTED)] == [[ROSA]]
    with pytest.raises(Stale):
        it.act(applying.reply, "U1", found.application_id, "Once more.")
    assert approve(it, ROSA, after).state is ApplicationState.SELECTED


def test_nothing_is_approved_before_its_facts_are_verified(desk: At) -> None:
    it = desk(**STANDING)
    (found,) = waiting(it, "U1")
    with pytest.raises(FactsMissing) as refused:
        approve(it, ROSA, found)
    assert refused.value.values == {"count": 1}
    verified = it.act(
        reviewing.verify, ROSA, found.application_id, found.version, ["standing", "strange"]
    )
    assert verified.facts == ["standing"]
    assert approve(it, BEN, verified).state is ApplicationState.SELECTED
    assert (ROSA, "verify") in actions(it, found)


def test_who_decides_on_what_has_changed_is_told_who_changed_it(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    approve(it, ROSA, found)
    with pytest.raises(DecidedMeanwhile) as refused:
        it.act(reviewing.decline, BEN, found.application_id, found.version, "No.")
    assert refused.value.values == {"named": ROSA}
    assert it.application(found).decision_reason is None


def test_withdrawn_application_is_not_decided(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    it.act(applying.withdraw, "U1", found.application_id)
    with pytest.raises(DecidedMeanwhile) as refused:
        approve(it, BEN, found)
    assert refused.value.values == {"named": "U1"}


def test_nobody_reviews_their_own_application(desk: At) -> None:
    it = desk()
    own, other = waiting(it, ROSA, "U1")
    assert first_for(it, ROSA) == "U1"
    assert first_for(it, BEN) == ROSA
    arguments = (ROSA, own.application_id, own.version)
    for use_case, more in (
        (reviewing.approve, ()),
        (reviewing.decline, ("No.",)),
        (reviewing.ask, ("Why?",)),
        (reviewing.verify, ((),)),
        (reviewing.assign, (BEN,)),
    ):
        with pytest.raises(NotTheirsToReview):
            it.act(use_case, *arguments, *more)
    with it.store.read(TEAM) as tx, pytest.raises(NotTheirsToReview):
        reviewing.case(tx, ROSA, own.application_id)
    with pytest.raises(NotTheirsToReview):
        it.act(reviewing.assign, BEN, own.application_id, own.version, ROSA)
    with it.store.read(TEAM) as tx:
        clear = reviewing.clear_cases(tx, it.file(), ROSA)
    assert [case.application_id for case in clear] == [other.application_id]


def test_only_those_who_review_see_and_decide(desk: At) -> None:
    it = desk()
    (found,) = waiting(it, "U1")
    it.knows("U2")
    with it.store.begin(TEAM) as tx:
        viewer = Appointment(TEAM, "img", "U2", TeamRole.VIEWER, "", it.now, OWNER)
        appointments.appoint(tx, viewer)
    for stranger in ("U2", "U3"):
        with pytest.raises(NotPermitted):
            approve(it, stranger, found)
        with it.store.read(TEAM) as tx:
            for look in (
                lambda tx, who: reviewing.case(tx, who, found.application_id),
                reviewing.next_case,
            ):
                with pytest.raises(NotPermitted):
                    look(tx, stranger)
        with pytest.raises(NotPermitted):
            it.act(reviewing.approve_clear, stranger, 0, reviewing.fingerprint([]))
    with pytest.raises(NotPermitted):
        it.act(reviewing.assign, ROSA, found.application_id, found.version, "U2")


def test_assigned_applications_come_to_others_last(desk: At) -> None:
    it = desk()
    first, second, third = waiting(it, "U1", "U2", "U3")
    it.act(reviewing.assign, BEN, first.application_id, first.version, ROSA)
    assert [told.recipients for told in it.told(MessageKind.REVIEW_WANTED)] == [[ROSA]]
    assert [first_for(it, who) for who in (ROSA, BEN)] == ["U1", "U2"]
    assert first_for(it, BEN, after=second) == "U3"
    assert first_for(it, BEN, after=third) == "U1"
    assert first_for(it, BEN, after=it.application(first)) is None
    assert first_for(it, ROSA, after=it.application(first)) == "U2"


def approve_all(it: Desk, reviewer: str) -> list[str | None]:
    """Look at the clear cases, and approve them as they were shown."""
    with it.store.read(TEAM) as tx:
        shown = reviewing.clear_cases(tx, it.file(), reviewer)
    done = it.act(reviewing.approve_clear, reviewer, len(shown), reviewing.fingerprint(shown))
    return [found.slack_user_id for found in done]


def test_clear_cases_are_approved_together(desk: At) -> None:
    it = desk(near_misses="review")
    waiting(it, "U1", "U2", "U3", "U4")
    near = it.apply("U5", year="2")
    asked, of_ben, *_rest = (it.application(each) for each in applied(it))
    it.act(reviewing.ask, BEN, asked.application_id, asked.version, "Really?")
    it.act(applying.reply, asked.slack_user_id, asked.application_id, "Yes.")
    it.act(reviewing.assign, ROSA, of_ben.application_id, of_ben.version, BEN)
    assert approve_all(it, ROSA) == ["U3", "U4"]
    assert it.application(near).state is ApplicationState.IN_REVIEW
    assert approve_all(it, ROSA) == []
    assert approve_all(it, BEN) == ["U2"]


def applied(it: Desk) -> list[Application]:
    """All applications, oldest first."""
    with it.store.read(TEAM) as tx:
        each = (applications.everywhere(tx, f"U{number}") for number in range(1, 6))
        return [found for mine in each for found in mine]


def test_clear_cases_that_changed_meanwhile_are_not_approved(desk: At) -> None:
    it = desk()
    waiting(it, "U1", "U2")
    with it.store.read(TEAM) as tx:
        shown = reviewing.clear_cases(tx, it.file(), ROSA)
    it.apply("U3")
    seen = (len(shown), reviewing.fingerprint(shown))
    approve(it, BEN, shown[0])
    with pytest.raises(Stale):
        it.act(reviewing.approve_clear, ROSA, *seen)
    assert it.states()["U2"] is ApplicationState.IN_REVIEW


def test_facts_to_verify_keep_a_role_from_being_approved_together(desk: At) -> None:
    it = desk(facts=[{"id": "standing", "label": "In good standing", "roles": ["mentee"]}])
    waiting(it, "U1")
    it.apply("U2", Role.MENTOR)
    assert approve_all(it, ROSA) == ["U2"]


def test_two_reviewers_never_decide_the_same_application_twice(any_store: Store) -> None:
    """Both decide at once, on each database, over and over."""
    it = over(any_store)
    refused: list[Refusal] = []

    def decide(reviewer: str, found: Application, ready: threading.Barrier) -> None:
        ready.wait(10)
        arguments: tuple[Any, ...] = (reviewer, found.application_id, found.version)
        try:
            if reviewer == ROSA:
                it.act(reviewing.approve, *arguments)
            else:
                it.act(reviewing.decline, *arguments, "No.")
        except Refusal as refusal:
            refused.append(refusal)

    for number in range(8):
        found, ready = it.apply(f"U{number}"), threading.Barrier(2)
        threads = [threading.Thread(target=decide, args=(who, found, ready)) for who in (ROSA, BEN)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        decided = [(who, what) for who, what in actions(it, found) if who in (ROSA, BEN)]
        assert len(decided) == 1
        assert it.application(found).decided_by == decided[0][0]
    assert [type(refusal) for refusal in refused] == [DecidedMeanwhile] * 8


def over(store: Store) -> Desk:
    """A desk over a database of either kind."""
    has_team(store)
    return Desk(store, programme_file())


def test_five_thousand_in_the_queue_are_reviewed_one_by_one_all_the_same(desk: At) -> None:
    """Opening the queue reads one application, the count, and at most a hundred clear ones."""
    it = desk()
    with it.store.begin(TEAM) as tx:
        tx.add(Person(TEAM, "U1", "Name"))
        rows: list[dict[str, Any]] = [
            {
                "application_id": f"a{number:05d}",
                "programme_id": "img",
                "cohort": 1,
                "role": "mentee",
                "source": "import",
                "state": "in_review",
                "started_at": it.now,
                "name": f"Applicant {number}",
                "answers": ANSWERS[Role.MENTEE],
                "verdict": "eligible",
                "reasons": [],
                "facts": [],
                "version": 1,
                "submitted_at": it.now + timedelta(seconds=number),
            }
            for number in range(5000)
        ]
        tx.add_new(tables.applications, rows)
    with it.store.read(TEAM) as tx:
        found = reviewing.next_case(tx, ROSA)
        assert found is not None
        assert (found.application.application_id, found.left, found.clear) == ("a00000", 5000, 100)
        cursor = reviewing.cursor_of(found.application, ROSA)
        after = reviewing.next_case(tx, ROSA, cursor)
        assert after is not None
        assert after.application.application_id == "a00001"
