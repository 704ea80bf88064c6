"""Whole processes: how one settles down."""

import gc
from collections.abc import Iterator

import pytest

from mentorbot.running import settle


@pytest.fixture
def thawed() -> Iterator[None]:
    """Whatever a test sets apart is looked through again after it."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_a_process_holds_is_not_looked_through_again() -> None:
    held = [[number] for number in range(1000)]
    settle()
    looked_through = {id(it) for it in gc.get_objects()}
    assert not looked_through & {id(it) for it in held}
