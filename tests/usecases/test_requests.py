"""A place is given once, however many are accepted for it at the same instant."""

import threading
from datetime import UTC, datetime, timedelta

from mentorbot.domain.errors import NoPlaceLeft, Refusal
from mentorbot.domain.model import Participant, ParticipantState, Person, Role
from mentorbot.domain.requests import MentorRequest
from mentorbot.storage import pairings
from mentorbot.storage.store import Store
from mentorbot.usecases import admin, requests
from tests.journeys.test_requests import asking
from tests.storage.conftest import any_store, migrated

__all__ = ["any_store", "migrated"]
TEAM, NOW = "T0SANDBOX0", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
MANY = 100


def participant(name: str, role: Role) -> Participant:
    """Somebody who takes part."""
    found = Participant(TEAM, name, "img", f"U{name}", role, ParticipantState.ACTIVE)
    found.joined_at = NOW
    return found


def test_of_a_hundred_accepts_at_once_for_one_place_one_succeeds(any_store: Store) -> None:
    with any_store.begin(TEAM) as tx:
        admin.know_workspace(tx, "Deanery", "UBOT", NOW)
        admin.set_up(tx, asking(), "C0IMG", "UHANNAH", NOW)
        for name, role in (("MENTOR", Role.MENTOR), *((f"M{n}", Role.MENTEE) for n in range(MANY))):
            tx.add(Person(TEAM, f"U{name}", name, seen_at=NOW))
            tx.add(participant(name, role))
        tx.session.flush()
        for number in range(MANY):
            who = ("img", f"M{number}", "MENTOR", "", NOW, NOW + timedelta(days=7))
            tx.add(MentorRequest(TEAM, f"r{number}", *who))
    refused: list[Refusal] = []
    ready = threading.Barrier(MANY)

    def accept(number: int) -> None:
        ready.wait(30)
        try:
            with any_store.begin(TEAM) as tx:
                requests.accept(tx, f"r{number}", "UMENTOR", NOW)
        except Refusal as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(it) for it in refused] == [NoPlaceLeft] * (MANY - 1)
    with any_store.read(TEAM) as tx:
        assert pairings.partners_now(tx, ["MENTOR"]) == {"MENTOR": 1}
