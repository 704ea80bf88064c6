"""A payload has its effect once, however often Slack delivers it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.storage import inbox, migration
from mentorbot.storage.store import Store, open_engine
from tests.world import MONDAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database on disk."""
    engine = open_engine(f"sqlite:///{tmp_path / 'inbox.db'}")
    migration.upgrade(engine)
    opened = Store(engine, iter("abc").__next__)
    yield opened
    opened.close()


def seen(store: Store, workspace_id: str, payload_key: str) -> bool:
    with store.begin(workspace_id) as tx:
        return inbox.take(tx, payload_key, "U1", MONDAY) is not None


def handle_and_fail(store: Store, workspace_id: str, payload_key: str) -> None:
    with store.begin(workspace_id) as tx:
        assert inbox.take(tx, payload_key, "U1", MONDAY)
        raise RuntimeError("the listener failed")


def test_payload_is_first_only_once_in_its_workspace(store: Store) -> None:
    assert [seen(store, "T1", "Ev1"), seen(store, "T1", "Ev1"), seen(store, "T1", "Ev2")] == [
        True,
        False,
        True,
    ]
    assert seen(store, "T2", "Ev1")


def test_payload_whose_effect_was_rolled_back_is_first_again(store: Store) -> None:
    with pytest.raises(RuntimeError):
        handle_and_fail(store, "T1", "Ev1")
    assert seen(store, "T1", "Ev1")


def test_payload_is_forgotten_after_slack_has_given_up(store: Store) -> None:
    assert seen(store, "T1", "Ev1")
    with store.begin("T1") as tx:
        inbox.forget_before(tx, MONDAY)
    assert not seen(store, "T1", "Ev1")
    with store.begin("T1") as tx:
        inbox.forget_before(tx, MONDAY + timedelta(days=7))
    assert seen(store, "T1", "Ev1")
