"""Many at once: capacity holds, nobody is paired twice, a payload has one effect."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Person, Role
from mentorbot.domain.programme import parse_stored
from mentorbot.programmes import preset
from mentorbot.storage import in_line, inbox, tables
from mentorbot.storage.store import Store
from mentorbot.usecases import admin, enrolment
from tests.world import MONDAY

TEAM, PROGRAMME = "T0TOGETHER", "img"
MENTORS, MENTEES, CAPACITY = 10, 20, 2
ANSWERS = {
    "specialty": "Paediatrics",
    "level": "Registrar or specialty trainee",
    "place": "Leeds",
    "languages": ["English"],
}


def at_once(count: int, act: Callable[[int], None]) -> None:
    """Let threads do something at the same moment; raises what any of them raises."""
    ready = Barrier(count)

    def wait_and_act(number: int) -> None:
        ready.wait(30)
        act(number)

    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(wait_and_act, number) for number in range(count)]:
            done.result()


def set_up(store: Store) -> int:
    """The programme, and thirty people who have filled their forms; the guidelines' version."""
    with store.begin(TEAM) as tx:
        admin.know_workspace(tx, "Together", "U0BOT", MONDAY)
        programme = admin.set_up(tx, preset(PROGRAMME), "C0TOGETHER", "U0HANNAH00", MONDAY)
        for number in range(MENTORS + MENTEES):
            tx.add(Person(TEAM, person(number), f"Person {number}"))
            role = role_of(number)
            mine = {"offer": "Time.", "capacity": str(CAPACITY)}
            given = ANSWERS | (mine if role is Role.MENTOR else {"hopes": "Company."})
            enrolment.save_form(tx, PROGRAMME, person(number), role, given)
        return parse_stored(programme.definition).guidelines[Role.MENTOR].version


def person(number: int) -> str:
    return f"U0PERSON{number:02}"


def role_of(number: int) -> Role:
    return Role.MENTOR if number < MENTORS else Role.MENTEE


def test_thirty_who_enrol_at_once_never_exceed_capacity_or_pair_twice(any_store: Store) -> None:
    version = set_up(any_store)

    def enrol(number: int) -> None:
        with any_store.begin(TEAM) as tx:
            enrolment.acknowledge(tx, PROGRAMME, person(number), role_of(number), version, MONDAY)

    at_once(MENTORS + MENTEES, enrol)
    with any_store.read(TEAM) as tx:
        members = tables.memberships.c
        pairs = tx.session.execute(
            select(members.participant_id, members.role, func.count()).group_by(
                members.participant_id, members.role
            )
        ).all()
        assert {count for _id, role, count in pairs if role is Role.MENTOR} == {CAPACITY}
        assert [count for _id, role, count in pairs if role is Role.MENTEE] == [1] * MENTEES
        assert in_line.everyone(tx, PROGRAMME) == []
        message = tables.outbox.c
        introductions = tx.session.scalars(
            select(message.pairing_id).where(message.kind == MessageKind.INTRODUCTION)
        ).all()
        assert len(introductions) == len(set(introductions)) == MENTEES


def test_a_payload_on_two_replicas_at_once_has_one_effect(any_store: Store) -> None:
    with any_store.begin(TEAM) as tx:
        admin.know_workspace(tx, "Together", "U0BOT", MONDAY)
    effects: list[int] = []

    def deliver(number: int) -> None:
        for payload in range(20):
            with any_store.begin(TEAM) as tx:
                if inbox.take(tx, f"Ev{payload}", "U1", MONDAY):
                    tx.add(Person(TEAM, f"U{payload}", "Somebody"))
                    effects.append(payload)

    at_once(2, deliver)
    assert sorted(effects) == list(range(20))


def test_a_replica_takes_a_payload_over_whose_first_handling_was_rolled_back(
    any_store: Store,
) -> None:
    def deliver(number: int) -> None:
        try:
            with any_store.begin(TEAM) as tx:
                first = inbox.take(tx, "Ev0", "U1", MONDAY) is not None
                outcomes.append(first)
                if len(outcomes) == 1:
                    raise ConnectionError("the first replica dies before its commit")
        except ConnectionError:
            pass

    outcomes: list[bool] = []
    at_once(2, deliver)
    assert outcomes == [True, True]
