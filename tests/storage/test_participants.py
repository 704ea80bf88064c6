"""Who may be matched: asked of the database at once, as if of each person in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.model import (
    Acknowledgement,
    Participant,
    ParticipantState,
    Person,
    Programme,
    Role,
    Workspace,
)
from mentorbot.storage import in_line, migration, participants, people
from mentorbot.storage.store import Store, Transaction, open_engine
from tests.world import MONDAY

VERSIONS = {Role.MENTOR: 2, Role.MENTEE: 3}
ROLES = st.sampled_from(list(Role))
ACCEPTED = st.frozensets(st.tuples(ROLES, st.integers(1, 4)), max_size=3)
SOMEBODY = st.tuples(
    st.none() | ROLES,
    st.sampled_from(list(ParticipantState)),
    st.booleans(),
    st.booleans(),
    ACCEPTED,
)
Somebody = tuple[Role | None, ParticipantState, bool, bool, frozenset[tuple[Role, int]]]


class _Undone(Exception):
    """Ends an example's transaction, so that the next one begins with an empty programme."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database with a programme in which nobody is enrolled."""
    folder: Path = tmp_path_factory.mktemp("participants")
    engine = open_engine(f"sqlite:///{folder / 'participants.db'}")
    migration.upgrade(engine)
    opened = Store(engine, lambda: "unused")
    with opened.begin("T1") as tx:
        tx.add(Workspace("T1", "One", "UBOT", MONDAY))
        tx.add(Programme("T1", "img", "C1", "{}", "U1", MONDAY))
    yield opened
    opened.close()


def enrol(tx: Transaction, number: int, somebody: Somebody) -> None:
    role, state, waits, is_deactivated, accepted = somebody
    user, found = f"U{number}", f"P{number}"
    tx.add(Person("T1", user, user, is_deactivated=is_deactivated))
    since = MONDAY if waits else None
    tx.add(Participant("T1", found, "img", user, role=role, state=state, waiting_since_at=since))
    for its_role, version in accepted:
        tx.add(Acknowledgement("T1", found, its_role, version, MONDAY))


def may_be_matched(tx: Transaction, participant: Participant) -> bool:
    person = people.person(tx, participant.slack_user_id)
    if person is None or person.is_deactivated or participant.role is None:
        return False
    version = VERSIONS[participant.role]
    return participants.has_acknowledged(tx, participant.participant_id, participant.role, version)


@settings(max_examples=40, deadline=None)
@given(everyone=st.lists(SOMEBODY, max_size=6))
def test_only_those_with_an_account_and_the_current_guidelines_may_be_matched(
    store: Store, everyone: list[Somebody]
) -> None:
    with pytest.raises(_Undone), store.begin("T1") as tx:  # noqa: PT012 - the example is undone
        for number, somebody in enumerate(everyone):
            enrol(tx, number, somebody)
        queue = [
            participants.participant(tx, found) for found, _role in in_line.everyone(tx, "img")
        ]
        ready = in_line.ready(tx, "img", VERSIONS)
        assert ready == [found for found in queue if found and may_be_matched(tx, found)]
        raise _Undone
