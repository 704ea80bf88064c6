"""An account that goes with an application under way: nothing waits for it, it may come back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.errors import DecidedMeanwhile
from mentorbot.domain.messages import Message, MessageState
from mentorbot.domain.model import Application, ApplicationState, Person, Role
from mentorbot.storage import people
from mentorbot.usecases import applying, enrolment, membership, reviewing
from tests.applications import ANSWERS, ROSA, TEAM, Desk

GOES = "U0GOES0000"
LOTTERY = {"mode": "lottery", "places": 1, "seed_source": "a die"}
ONE_PLACE = {"validation": "none", "selection": {"mentee": {"mode": "first_come", "places": 1}}}
DRAWN = {"validation": "none", "closes_on": "2025-02-01", "selection": {"mentee": LOTTERY}}
Begun = Callable[[Desk], Application]


def drafted(desk: Desk) -> Application:
    """Some answers are kept, and not sent."""
    desk.knows(GOES)
    with desk.store.begin(TEAM) as tx:
        programme = enrolment.programme_or_refuse(tx)
        given = {"degree": "PhD"}
        return applying.save(tx, programme, GOES, Role.MENTEE, given, desk.now)


def sent(desk: Desk) -> Application:
    """Everything is sent."""
    return desk.apply(GOES)


def asked(desk: Desk) -> Application:
    """A reviewer would like to know something."""
    one = desk.apply(GOES)
    desk.act(reviewing.ask, ROSA, one.application_id, one.version, "Which lab?")
    return one


def behind_another(desk: Desk) -> Application:
    """The one place is taken."""
    desk.apply("U0FIRST000")
    desk.now += timedelta(minutes=1)
    return desk.apply(GOES)


STATES: dict[ApplicationState, tuple[dict[str, Any], Begun]] = {
    ApplicationState.DRAFT: ({}, drafted),
    ApplicationState.IN_REVIEW: ({}, sent),
    ApplicationState.ASKED: ({}, asked),
    ApplicationState.APPROVED: (DRAWN, sent),
    ApplicationState.SELECTED: (ONE_PLACE, sent),
    ApplicationState.WAITING_LIST: (ONE_PLACE, behind_another),
}


@pytest.mark.parametrize("state", STATES)
def test_application_of_an_account_that_goes_is_taken_back_and_can_be_begun_again(
    desk: Callable[..., Desk], state: ApplicationState
) -> None:
    rules, begin = STATES[state]
    it = desk(**rules)
    one = begin(it)
    assert it.states()[GOES] is state
    it.apply("U0NEXT0000")
    it.now += timedelta(minutes=1)
    it.act(membership.deactivated, GOES)

    assert it.states()[GOES] is ApplicationState.WITHDRAWN
    assert not it.has_offer(GOES)
    with it.store.read(TEAM) as tx:
        waiting = [it for it in tx.session.scalars(select(Message)) if GOES in it.recipients]
    assert {it.state for it in waiting} <= {MessageState.CANCELLED}
    if state is ApplicationState.SELECTED:
        assert it.states()["U0NEXT0000"] is ApplicationState.SELECTED
    if state in (ApplicationState.IN_REVIEW, ApplicationState.ASKED):
        version = it.application(one).version
        with pytest.raises(DecidedMeanwhile):
            it.act(reviewing.approve, ROSA, one.application_id, version)

    with it.store.begin(TEAM) as tx:
        membership.changed(tx, Person(TEAM, GOES, "Back again"), it.now)
    with it.store.read(TEAM) as tx:
        back = people.person(tx, GOES)
        assert back is not None
        assert not back.is_deactivated
    assert it.apply(GOES, **ANSWERS[Role.MENTEE]).state is not ApplicationState.WITHDRAWN
