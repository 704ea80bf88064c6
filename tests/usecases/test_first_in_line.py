"""Where few wait in one role, a matching reads only the first in line of the other.

What it finds is what it would find if it read everybody.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from mentorbot.domain.model import (
    Acknowledgement,
    Cycle,
    Membership,
    Pairing,
    Participant,
    ParticipantState,
    Person,
    Role,
)
from mentorbot.programmes import preset
from mentorbot.storage import migration, partings
from mentorbot.storage.store import Store, Transaction, open_engine
from mentorbot.usecases import admin, matching
from tests.world import MONDAY

SPECIALTIES = ("Paediatrics", "Psychiatry", "Not decided yet")
MIDNIGHT = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
"""An hour before London's clocks go forward."""


class _Undone(Exception):
    """Ends an example's transaction, so that the next one begins with an empty programme."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database with the IMG programme, in which nobody is enrolled."""
    folder: Path = tmp_path_factory.mktemp("in_line")
    engine = open_engine(f"sqlite:///{folder / 'in_line.db'}")
    migration.upgrade(engine)
    numbers = count()
    opened = Store(engine, lambda: f"id{next(numbers)}")
    with opened.begin("T1") as tx:
        admin.know_workspace(tx, "T1", "UBOT", MONDAY)
        admin.set_up(tx, preset("img"), "C1", "U1", MONDAY)
        ends_at = MONDAY + timedelta(days=28)
        tx.add(Cycle("T1", "img", 1, MONDAY.date(), ends_at.date(), ends_at))
    yield opened
    opened.close()


def enrol(tx: Transaction, chance: Random, name: str, role: Role) -> Participant:
    """Somebody who waits, mostly with all that it takes to be matched."""
    tx.add(Person("T1", f"U{name}", name, is_deactivated=chance.random() < 0.1))
    made = tx.add(
        Participant(
            "T1",
            name,
            "img",
            f"U{name}",
            role=role,
            state=ParticipantState.ACTIVE,
            answers={"specialty": chance.choice(SPECIALTIES)},
            capacity=chance.choice((1, 1, 3)) if role is Role.MENTOR else 1,
            waiting_since_at=MIDNIGHT + timedelta(hours=chance.randrange(-60, 60)),
            is_front_of_queue=chance.random() < 0.1,
        )
    )
    if chance.random() < 0.9:
        tx.add(Acknowledgement("T1", name, role, 9, MONDAY))
    return made


def pair(tx: Transaction, mentor: Participant, mentee: Participant, *, is_over: bool) -> None:
    ends_on = MONDAY.date() + timedelta(days=28)
    made = Pairing("T1", tx.new_id(), "img", 1, MONDAY.date(), ends_on, MONDAY)
    tx.add(replace(made, ended_at=MONDAY if is_over else None))
    tx.add(Membership("T1", made.pairing_id, mentor.participant_id, Role.MENTOR))
    tx.add(Membership("T1", made.pairing_id, mentee.participant_id, Role.MENTEE))


def fill(tx: Transaction, chance: Random) -> None:
    """A few who wait in one role and many in the other; some know each other."""
    few, many = chance.sample(list(Role), 2)
    crowd = {
        few: [enrol(tx, chance, f"few{it}", few) for it in range(chance.randint(1, 3))],
        many: [enrol(tx, chance, f"many{it}", many) for it in range(40)],
    }
    tx.session.flush()
    for mentor in crowd[Role.MENTOR]:
        for mentee in crowd[Role.MENTEE]:
            if chance.random() < 0.3:
                is_free = mentor.capacity > 1 and chance.random() < 0.1
                pair(tx, mentor, mentee, is_over=not is_free)
                mentor.capacity += is_free
                mentee.capacity += is_free
            if chance.random() < 0.1:
                others = [mentee.slack_user_id]
                partings.keep_apart(tx, mentor.slack_user_id, others, MONDAY)


@pytest.mark.parametrize("seed", range(40))
def test_first_in_line_are_matched_as_if_everybody_had_been_looked_at(
    store: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(_Undone), store.begin("T1") as tx:  # noqa: PT012 - the example is undone
        fill(tx, Random(seed))
        found = matching.proposals(tx, "img", MONDAY)
        monkeypatch.setattr(matching, "FEW", -1)
        assert found == matching.proposals(tx, "img", MONDAY)
        assert found
        raise _Undone


def test_a_newcomer_is_matched_without_reading_the_whole_queue(store: Store) -> None:
    rows = count()
    with pytest.raises(_Undone), store.begin("T1") as tx:  # noqa: PT012 - the example is undone
        for day in range(300):
            one = enrol(tx, Random(1), f"mentee{day}", Role.MENTEE)
            one.waiting_since_at = MONDAY - timedelta(days=day)
        newcomer = enrol(tx, Random(1), "mentor", Role.MENTOR)
        newcomer.capacity = 1
        tx.session.flush()
        tx.session.expunge_all()
        event.listen(Participant, "load", lambda *_it: next(rows))
        (found,) = matching.proposals(tx, "img", MONDAY)
        assert found.mentee_id == "mentee299"
        assert next(rows) < 60
        raise _Undone
